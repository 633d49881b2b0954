// The sections of the validation report, one file each.
#pragma once

#include "scenarios/validate/section.h"

#include <span>
#include <string_view>

namespace rtclab::validate {

// The table of eleven by eleven kinds of access: who reaches whom without a relay.
[[nodiscard]] Section nat_table(const Effort& effort);
// Shared ports, drawn addresses, hairpinning: which cells they change.
[[nodiscard]] Section nat_variants(const Effort& effort);
// Loss: a STUN transaction of seven tries, a DTLS handshake of four flights, bursts.
[[nodiscard]] Section stun_loss(const Effort& effort);
[[nodiscard]] Section dtls_loss(const Effort& effort);
[[nodiscard]] Section burst_loss(const Effort& effort);
// The timers of the standards.
[[nodiscard]] Section timers(const Effort& effort);
// Round trips until media can flow and a channel is open.
[[nodiscard]] Section set_up(const Effort& effort);
// Shares of whole populations, and ports that are guessed.
[[nodiscard]] Section population(const Effort& effort);
[[nodiscard]] Section birthday(const Effort& effort);

struct Entry {
  std::string_view name;
  std::string_view about;  // one line for --help
  Section (*measure)(const Effort&);
};
// In the order of the report.
[[nodiscard]] std::span<const Entry> entries();

}  // namespace rtclab::validate
