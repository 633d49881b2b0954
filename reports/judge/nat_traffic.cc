#include "reports/judge/nat_traffic.h"

#include "agents/base/checksum.h"
#include "reports/judge/words.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;
using evidence::Direction;
using evidence::Kind;
using evidence::Packet;

// RFC 4787 REQ-5: what was used less than that ago must still be there.
constexpr Duration kInUse = 2min;

constexpr std::uint8_t kEchoReply = 0;
constexpr std::uint8_t kEcho = 8;

std::uint8_t octet(ByteView octets, std::size_t at) {
  return static_cast<std::uint8_t>(octets[at]);
}
std::uint16_t two_octets(ByteView octets, std::size_t at) {
  return static_cast<std::uint16_t>(octet(octets, at) << 8u | octet(octets, at + 1));
}
Ip ipv4_at(ByteView octets, std::size_t at) {
  return Ip::v4(static_cast<std::uint32_t>(two_octets(octets, at)) << 16u |
                two_octets(octets, at + 2));
}

// One packet of a flow as it was seen at one place.
struct Flow {
  NatProtocol protocol;
  Endpoint source, destination;
};

// An ICMP query has its identifier in place of both ports.
std::optional<Flow> flow_of(const Packet& packet) {
  const auto kind = packet.dissection.kind;
  if (kind == Kind::Fragment || kind == Kind::Sctp) return std::nullopt;
  if (kind == Kind::Icmp) {
    const ByteView message{packet.payload};
    if (!packet.source.ip.is_v4() || message.size() < 8) return std::nullopt;
    const auto type = octet(message, 0);
    if (type != kEcho && type != kEchoReply) return std::nullopt;
    const Port identifier{two_octets(message, 4)};
    return Flow{NatProtocol::IcmpQuery,
                {packet.source.ip, identifier},
                {packet.destination.ip, identifier}};
  }
  if (packet.source.port == Port{0} && packet.destination.port == Port{0}) return std::nullopt;
  return Flow{packet.transport == Transport::Tcp ? NatProtocol::Tcp : NatProtocol::Udp,
              packet.source, packet.destination};
}

// What of a datagram was seen at the NAT: how it came, and how it left.
struct Crossing {
  const Packet* arrived = nullptr;
  bool from_inside = true;
  const Packet* left = nullptr;
  bool to_inside = false;
};

class Reader {
 public:
  Reader(const evidence::Evidence& evidence, const evidence::NatSides& sides)
      : evidence_{evidence}, sides_{sides} {
    traffic_.name = sides.name;
    for (const auto& event : evidence.trace) {
      if (event.vantage != sides.name) continue;
      if (event.name == "nat:declared") {
        if (!traffic_.declarations.empty()) traffic_.upheavals.push_back(event.at);
        traffic_.declarations.push_back({&event});
        note_addresses(event.text("outside"));
      } else if (event.name == "nat:restarted") {
        traffic_.upheavals.push_back(event.at);
      }
    }
  }

  NatTraffic read() {
    std::vector<Crossing> crossings;
    for (const auto& datagram : evidence_.datagrams) {
      const auto crossing = crossing_of(datagram);
      if (crossing.arrived != nullptr)
        crossings.push_back(crossing);
      else if (crossing.left != nullptr)
        traffic_.own.push_back(crossing.left);
    }
    learn_addresses(crossings);
    std::erase_if(crossings, [&](const Crossing& each) { return take_own(each); });
    std::ranges::stable_sort(crossings, {}, [](const Crossing& each) { return each.arrived->at; });
    join_hairpins(crossings);
    for (const auto& crossing : crossings) take(crossing);
    return std::move(traffic_);
  }

 private:
  [[nodiscard]] Crossing crossing_of(const evidence::Datagram& datagram) const {
    Crossing crossing;
    for (const auto index : datagram.packets) {
      const auto& packet = evidence_.packets[index];
      const bool inside = packet.interface == sides_.inside;
      if (!inside && packet.interface != sides_.outside) continue;
      const bool leaves = packet.direction == Direction::Outbound ||
                          (packet.direction == Direction::Unknown && crossing.arrived != nullptr);
      if (!leaves && crossing.arrived == nullptr) {
        crossing.arrived = &packet;
        crossing.from_inside = inside;
      } else if (leaves && crossing.left == nullptr) {
        crossing.left = &packet;
        crossing.to_inside = inside;
      }
    }
    return crossing;
  }

  // "203.0.113.1 203.0.113.2"
  void note_addresses(std::string_view text) {
    while (!text.empty()) {
      const auto end = std::min(text.find(' '), text.size());
      if (const auto ip = Ip::parse(text.substr(0, end))) add_address(*ip);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  void add_address(const Ip& ip) {
    auto& known = traffic_.outside_addresses;
    if (std::ranges::find(known, ip) == known.end()) known.push_back(ip);
  }
  void learn_addresses(const std::vector<Crossing>& crossings) {
    for (const auto& each : crossings) {
      if (each.left == nullptr || !each.from_inside || each.to_inside) continue;
      if (flow_of(*each.arrived) && each.left->source.ip != each.arrived->source.ip)
        add_address(each.left->source.ip);
    }
  }
  [[nodiscard]] bool is_outside_address(const Ip& ip) const {
    return std::ranges::find(traffic_.outside_addresses, ip) != traffic_.outside_addresses.end();
  }

  // In a recording, what comes back in is two packets on one side, and only their likeness says
  // that they are one.
  void join_hairpins(std::vector<Crossing>& crossings) const {
    constexpr Duration kLongest = 100ms;
    const auto is_lone = [](const Crossing& each) {
      return each.left == nullptr && each.from_inside &&
             each.arrived->direction == Direction::Unknown;
    };
    for (auto first = crossings.begin(); first != crossings.end(); ++first) {
      if (!is_lone(*first) || !is_outside_address(first->arrived->destination.ip)) continue;
      const auto second = std::find_if(first + 1, crossings.end(), [&](const Crossing& other) {
        return is_lone(other) && other.arrived->at - first->arrived->at < kLongest &&
               other.arrived->identification == first->arrived->identification &&
               other.arrived->transport == first->arrived->transport &&
               other.arrived->payload.size() == first->arrived->payload.size() &&
               !is_outside_address(other.arrived->destination.ip);
      });
      if (second == crossings.end()) continue;
      first->left = second->arrived;
      first->to_inside = true;
      crossings.erase(second);
    }
  }

  // In a recording nothing says in which direction a packet passed the interface; what comes from
  // the NAT's own address there, it sent.
  bool take_own(const Crossing& crossing) {
    const auto& packet = *crossing.arrived;
    const bool own = packet.direction == Direction::Unknown && crossing.left == nullptr &&
                     !crossing.from_inside && is_outside_address(packet.source.ip);
    if (own) traffic_.own.push_back(&packet);
    return own;
  }

  [[nodiscard]] NatPassage::Way way_of(const Crossing& crossing) const {
    if (!crossing.from_inside) return NatPassage::Way::In;
    return is_outside_address(crossing.arrived->destination.ip) ? NatPassage::Way::Hairpin
                                                                : NatPassage::Way::Out;
  }

  void take(const Crossing& crossing) {
    if (crossing.arrived->dissection.kind == Kind::Icmp) {
      if (const auto quoted = quoted_in(*crossing.arrived)) return take_error(crossing, *quoted);
    }
    const auto flow = flow_of(*crossing.arrived);
    // What is said on one side only, to the NAT itself or to nobody, is no passage.
    const bool is_v4 = crossing.arrived->source.ip.is_v4();
    if (!flow || (!is_v4 && crossing.left != nullptr && !crossing.left->source.ip.is_v4())) return;
    if (!is_v4 && !crossing.from_inside) return;
    // Behind a NAT64 the address of a mapping has another form, and what comes back in is not read.
    const bool turned = crossing.left != nullptr && crossing.from_inside && crossing.to_inside;
    if (!is_v4 && turned) return;
    if (crossing.arrived->destination.ip.is_multicast()) return;
    NatPassage passage{.way = way_of(crossing),
                       .protocol = flow->protocol,
                       .arrived = crossing.arrived,
                       .left = crossing.left};
    const auto after = crossing.left != nullptr ? flow_of(*crossing.left) : std::nullopt;
    switch (passage.way) {
      case NatPassage::Way::Out:
        passage.inside = flow->source;
        passage.remote = after ? after->destination : flow->destination;
        if (after) passage.outside = after->source;
        take_out(std::move(passage));
        return;
      case NatPassage::Way::In:
        passage.remote = flow->source;
        passage.outside = flow->destination;
        if (after) passage.inside = after->destination;
        take_in(std::move(passage));
        return;
      case NatPassage::Way::Hairpin:
        passage.inside = flow->source;
        passage.outside = flow->destination;
        if (after) passage.remote = after->source;
        take_in(std::move(passage));
        return;
    }
  }

  // An identifier of ICMP is the asker's alone: the remote side has none of its own.
  static Endpoint remote_key(NatProtocol protocol, const Endpoint& remote) {
    return protocol == NatProtocol::IcmpQuery ? Endpoint{remote.ip, Port{0}} : remote;
  }

  void take_out(NatPassage passage) {
    const auto index = traffic_.passages.size();
    const auto protocol = passage.protocol;
    auto& senders = by_inside_[{protocol, passage.inside}];
    const auto remote = remote_key(protocol, passage.remote);
    for (const auto& [other, last] : senders) {
      auto& before = other == remote ? passage.before_here : passage.before_elsewhere;
      if (!before || *before < last) before = last;
    }
    if (passage.before_here) {
      const auto& before = traffic_.passages[*passage.before_here];
      const auto mapping = by_outside_.find({protocol, before.outside});
      if (mapping != by_outside_.end()) {
        passage.mapping_begun = mapping->second.begun;
        passage.last_in = mapping->second.last_in;
      }
    }
    if (passage.passed()) {
      senders[remote] = index;
      auto& mapping = by_outside_[{protocol, passage.outside}];
      const bool goes_on = mapping.last && passage.at() - at(*mapping.last) < kInUse &&
                           traffic_.passages[*mapping.last].inside == passage.inside;
      if (!goes_on) mapping = {.begun = index};
      mapping.last = index;
      mapping.by_remote[remote] = index;
      mapping.by_address[remote.ip] = index;
    }
    traffic_.passages.push_back(std::move(passage));
  }

  void take_in(NatPassage passage) {
    const auto index = traffic_.passages.size();
    const auto found = by_outside_.find({passage.protocol, passage.outside});
    if (found != by_outside_.end()) {
      auto& mapping = found->second;
      const auto remote = remote_key(passage.protocol, passage.remote);
      passage.mapping = mapping.last;
      passage.mapping_begun = mapping.begun;
      passage.last_in = mapping.last_in;
      const auto same = mapping.by_remote.find(remote);
      if (same != mapping.by_remote.end()) passage.to_remote = same->second;
      const auto address = mapping.by_address.find(remote.ip);
      if (address != mapping.by_address.end()) passage.to_address = address->second;
      if (passage.passed()) mapping.last_in = index;
    }
    traffic_.passages.push_back(std::move(passage));
  }

  void take_error(const Crossing& crossing, const Quoted& quoted) {
    NatError error{.way = way_of(crossing),
                   .arrived = crossing.arrived,
                   .left = crossing.left,
                   .before = quoted,
                   .after = {},
                   .about = {}};
    if (crossing.left != nullptr) error.after = quoted_in(*crossing.left);
    if (error.way != NatPassage::Way::Out) {
      const auto found = by_outside_.find({quoted.protocol, quoted.source});
      if (found != by_outside_.end()) error.about = found->second.last;
    }
    traffic_.errors.push_back(error);
  }

  [[nodiscard]] Duration at(std::size_t passage) const { return traffic_.passages[passage].at(); }

  struct Mapping {
    std::size_t begun = 0;
    std::optional<std::size_t> last{};
    std::map<Endpoint, std::size_t> by_remote{};
    std::map<Ip, std::size_t> by_address{};
    std::optional<std::size_t> last_in{};
  };

  const evidence::Evidence& evidence_;
  const evidence::NatSides& sides_;
  NatTraffic traffic_;
  std::map<std::pair<NatProtocol, Endpoint>, std::map<Endpoint, std::size_t>> by_inside_;
  std::map<std::pair<NatProtocol, Endpoint>, Mapping> by_outside_;
};

std::optional<NatProtocol> protocol_of(std::uint8_t number) {
  switch (number) {
    case 1: return NatProtocol::IcmpQuery;
    case 6: return NatProtocol::Tcp;
    case 17: return NatProtocol::Udp;
    default: return std::nullopt;
  }
}

}  // namespace

std::string_view to_string(NatProtocol protocol) {
  switch (protocol) {
    case NatProtocol::Udp: return "UDP";
    case NatProtocol::Tcp: return "TCP";
    case NatProtocol::IcmpQuery: return "ICMP query";
  }
  __builtin_unreachable();
}

std::string NatDeclaration::term(std::string_view name, NatProtocol protocol) const {
  if (protocol == NatProtocol::Tcp) {
    if (auto own = term("tcp_" + std::string{name}); !own.empty()) return own;
  }
  return term(name);
}

Duration NatDeclaration::lifetime(std::string_view name) const {
  const auto seconds = event->number(std::string{name} + "_s");
  return seconds ? std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds))
                 : Duration{};
}

bool NatPassage::is_syn() const {
  const auto& tcp = arrived->dissection.tcp;
  return tcp && tcp->syn && !tcp->ack;
}

bool NatPassage::is_rst() const {
  const auto& tcp = arrived->dissection.tcp;
  return tcp && tcp->rst;
}

std::optional<Quoted> quoted_in(const evidence::Packet& packet) {
  constexpr std::size_t kIcmpHeader = 8, kIpHeader = 20, kPorts = 8;
  const ByteView message{packet.payload};
  if (packet.cut || packet.dissection.kind != Kind::Icmp || !packet.source.ip.is_v4() ||
      message.size() < kIcmpHeader + kIpHeader + kPorts)
    return std::nullopt;
  Quoted quoted{.type = octet(message, 0), .code = octet(message, 1)};
  const bool is_error =
      quoted.type == 3 || quoted.type == 4 || quoted.type == 11 || quoted.type == 12;
  if (!is_error) return std::nullopt;
  quoted.sound = checksum_close(checksum_add(0, message)) == 0;
  const auto inner = message.subspan(kIcmpHeader);
  const std::size_t header = std::size_t{octet(inner, 0) & 0x0fu} * 4;
  const auto protocol = protocol_of(octet(inner, 9));
  if (octet(inner, 0) >> 4u != 4 || header < kIpHeader || inner.size() < header + kPorts ||
      !protocol)
    return std::nullopt;
  quoted.header_sound = checksum_close(checksum_add(0, inner.first(header))) == 0;
  quoted.protocol = *protocol;
  quoted.source.ip = ipv4_at(inner, 12);
  quoted.destination.ip = ipv4_at(inner, 16);
  if (*protocol == NatProtocol::IcmpQuery) {
    const bool asks = octet(inner, header) == kEcho;
    (asks ? quoted.source : quoted.destination).port = Port{two_octets(inner, header + 4)};
  } else {
    quoted.source.port = Port{two_octets(inner, header)};
    quoted.destination.port = Port{two_octets(inner, header + 2)};
  }
  return quoted;
}

const NatDeclaration* NatTraffic::declared_at(Duration at) const {
  const NatDeclaration* latest = nullptr;
  for (const auto& declaration : declarations) {
    if (latest == nullptr || declaration.since() <= at) latest = &declaration;
  }
  return latest;
}

bool NatTraffic::is_steady(Duration from, Duration to) const {
  return std::ranges::none_of(upheavals, [&](Duration at) { return at >= from && at <= to; });
}

std::vector<NatTraffic> nat_traffic(const evidence::Evidence& evidence) {
  std::vector<NatTraffic> traffic;
  for (const auto& sides : evidence.nats) traffic.push_back(Reader{evidence, sides}.read());
  return traffic;
}

}  // namespace rtclab::judge
