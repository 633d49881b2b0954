// The ServerHellos of a capture, and the lines of its key log: what keys are derived from. Private
// to this folder.
#pragma once

#include "reports/evidence/dtls_keys.h"
#include "reports/evidence/evidence.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::evidence {

struct ServerHello {
  DtlsRandom random{};
  std::uint16_t cipher_suite = 0;
  std::optional<std::uint16_t> srtp_profile;  // of use_srtp (RFC 5764 §4.1.1)
  friend bool operator==(const ServerHello&, const ServerHello&) = default;
};

// Each once, and no more than a call can have: a hostile capture gets no further.
[[nodiscard]] std::vector<ServerHello> server_hellos(const Evidence& evidence);
[[nodiscard]] std::vector<KeyLogEntry> key_log(const Evidence& evidence);

}  // namespace rtclab::evidence
