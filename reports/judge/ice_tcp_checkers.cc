// RFC 6544 §7 and §8: ICE over TCP connections.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace rtclab::judge {
namespace {

using evidence::Framing;
using evidence::Kind;

// Each direction of a connection between two peers, by its first message.
void check_framing(const Docket& docket, Findings& findings) {
  std::set<std::pair<Endpoint, Endpoint>> judged;
  for (const auto& t : docket.transmissions()) {
    if (!t.framing || t.carried || !docket.is_peer(t.from) || !docket.is_peer(t.to)) continue;
    const bool is_first = judged.emplace(t.source, t.destination).second;
    const bool framed = *t.framing == Framing::Rfc4571 && t.dissection->kind != Kind::Unknown;
    if (framed && !is_first) continue;
    findings.check(framed, t,
                   framed                           ? "STUN in a frame"
                   : *t.framing == Framing::Rfc4571 ? "a frame around neither STUN, DTLS nor RTP"
                                                    : "STUN without a frame");
  }
}

// §7.1: who dials has an active candidate, or a simultaneous-open one; a passive one waits.
void check_who_dials(const Docket& docket, Findings& findings) {
  const auto& evidence = docket.evidence();
  std::map<std::string, std::set<std::string>> types;
  for (const auto& record : docket.candidates()) {
    if (record.candidate && record.candidate->is_tcp())
      types[record.from].insert(record.candidate->tcp_type.value_or(""));
  }
  std::set<std::pair<Endpoint, Endpoint>> ice;
  for (const auto& t : docket.transmissions()) {
    if (t.framing == Framing::Rfc4571) {
      ice.emplace(t.source, t.destination);
      ice.emplace(t.destination, t.source);
    }
  }
  for (const auto& datagram : evidence.datagrams) {
    const auto& first = evidence.first_packet(datagram);
    const auto& tcp = first.dissection.tcp;
    if (!tcp || !tcp->syn || tcp->ack || tcp->again || !docket.is_peer(datagram.from) ||
        !docket.is_peer(datagram.to) || !ice.contains({first.source, first.destination})) {
      continue;
    }
    const auto who = docket.name(datagram.from);
    const auto own = types.find(who);
    if (own == types.end()) continue;
    const bool may = own->second.contains("active") || own->second.contains("so");
    const Transmission shown{.packet = datagram.packets.front(),
                             .dissection = &first.dissection,
                             .sent = first.at,
                             .source = first.source,
                             .destination = first.destination,
                             .from = datagram.from,
                             .to = datagram.to};
    findings.check(may, shown,
                   fmt::format("dials {}, having {} candidate", first.destination.to_string(),
                               may ? "an active or simultaneous-open" : "no active"));
  }
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"icetcp-6544-7.1-frame-4571", "RFC 6544", "7.1", Level::Must,
             "Whatever goes over a TCP candidate's connection stands in RFC 4571 frames."},
            "directions of TCP connections between peers", check_framing},
    Checker{{"icetcp-6544-6.2-who-dials", "RFC 6544", "6.2", Level::Must,
             "Only an agent with an active or a simultaneous-open candidate opens connections."},
            "connections between peers", check_who_dials},
};
// clang-format on

}  // namespace

std::span<const Checker> ice_tcp_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
