// Several encodings of one source: which are offered, which are answered, which may be sent.
//
// Spec: RFC 9429 §3.7 (JSEP sends simulcast and receives one encoding), RFC 8853 §5.3, RFC 8851 §6.
#pragma once

#include "agents/peer/codec.h"
#include "agents/sdp/simulcast_values.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rtclab::peer {

// RFC 9429 §3.7: an answer of JSEP does not accept simulcast; a media server would.
enum class SimulcastReceipt : std::uint8_t { Refuse, Accept };

struct Encodings {
  std::vector<sdp::Rid> rids{};
  std::optional<sdp::Simulcast> simulcast{};
  friend bool operator==(const Encodings&, const Encodings&) = default;
};

// RFC 9429 §5.2.1: an a=rid for each encoding that has one, and a=simulcast when there are several.
[[nodiscard]] Encodings offer_encodings(std::span<const std::string> rids);

// `own` are the rids of our sender, empty when we do not send; `formats` those of the answer.
// RFC 8853 §5.3.2: of the streams that the offer would receive, the first alternative that we have;
// of those it would send all, if we accept any.
[[nodiscard]] Encodings answer_encodings(const Encodings& offered, std::span<const std::string> own,
                                         SimulcastReceipt receipt, std::span<const Format> formats);

// Which rids the side that described itself by `sender` may send to the one that described itself
// by `receiver`, best first and without those that begin paused. RFC 8853 §5.3.3: empty where the
// two have no simulcast, nor a single rid, in common; then one encoding goes without a rid.
[[nodiscard]] std::vector<std::string> agreed_rids(const Encodings& sender,
                                                   const Encodings& receiver);

}  // namespace rtclab::peer
