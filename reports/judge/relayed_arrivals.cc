#include "reports/judge/relayed_arrivals.h"

#include "agents/base/bytes.h"
#include "reports/judge/docket.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::judge {
namespace {

// No two packets of these have the same octets: each has its own number. A check of ICE may be sent
// twice as it was.
bool has_a_number(const Transmission& t) {
  using enum evidence::Kind;
  const auto kind = t.dissection->kind;
  return kind == Rtp || kind == Rtcp || kind == Dtls;
}

}  // namespace

std::map<const Transmission*, Duration> relayed_arrivals(const Docket& docket) {
  std::map<std::pair<evidence::PartyIndex, std::string_view>, std::vector<Duration>> arrivals;
  for (const auto& t : docket.transmissions()) {
    if (has_a_number(t) && docket.is_peer(t.to) && !docket.is_peer(t.from) && t.received)
      arrivals[{*t.to, as_text(t.payload)}].push_back(*t.received);
  }
  std::map<const Transmission*, Duration> found;
  for (const auto& t : docket.transmissions()) {
    if (!has_a_number(t) || !docket.is_peer(t.from) || docket.is_peer(t.to)) continue;
    const auto peer = docket.peer_behind(t);
    if (!peer) continue;
    const auto came = arrivals.find({*peer, as_text(t.payload)});
    // A link may have copied it.
    if (came != arrivals.end()) found.emplace(&t, std::ranges::min(came->second));
  }
  return found;
}

}  // namespace rtclab::judge
