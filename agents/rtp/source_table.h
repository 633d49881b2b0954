// Who uses which SSRC: two that draw the same one, and packets that come back, are noticed here.
//
// Spec: RFC 3550 §8.2. Under ICE a source may move to another address, which §8.2 says SHOULD be
// allowed: then a source is what its transport and its CNAME say.
#pragma once

#include "agents/base/address.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::rtp {

enum class Channel : std::uint8_t { Data, Control };
enum class AddressPolicy : std::uint8_t { Fixed, MayMove };

struct Sighting {
  Ssrc ssrc;  // of a packet, a CSRC, or an element of an RTCP packet; not of a report block
  Channel channel = Channel::Data;
  Endpoint from;
  std::optional<std::string> cname;  // of an SDES chunk
};

enum class SourceVerdict : std::uint8_t {
  New,
  Known,
  Moved,                // with AddressPolicy::MayMove
  ThirdPartyCollision,  // ignore the packet
  ThirdPartyLoop,       // ignore the packet
  OwnLoop,              // our own packets again: ignore
  OwnCollision,         // send BYE for this SSRC and draw another
};
[[nodiscard]] std::string_view to_string(SourceVerdict verdict);

class SourceTable {
 public:
  explicit SourceTable(AddressPolicy policy) : policy_{policy} {}

  // A random SSRC that nobody uses, which is ours from now on (§8.1).
  [[nodiscard]] Ssrc draw_own(Rng& rng);
  void add_own(Ssrc ssrc);

  // After OwnCollision the SSRC is the other side's.
  SourceVerdict note(Instant now, const Sighting& sighting);
  // A BYE, or silence.
  void forget(Ssrc ssrc) { sources_.erase(ssrc); }
  // Conflicting addresses are kept for about ten report intervals.
  void forget_conflicts_before(Instant instant);

 private:
  struct Source {
    bool own = false;
    std::map<Channel, Endpoint> from;  // of the first packet of each
    std::optional<std::string> cname;
  };
  SourceVerdict note_own(Instant now, const Sighting& sighting);
  SourceVerdict note_other(Source& source, const Sighting& sighting);

  AddressPolicy policy_;
  std::map<Ssrc, Source> sources_;
  std::map<std::pair<Channel, Endpoint>, Instant> conflicts_;  // and when seen last
};

}  // namespace rtclab::rtp
