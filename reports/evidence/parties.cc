#include "reports/evidence/parties.h"

#include "agents/base/text.h"
#include "agents/sdp/candidate.h"
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"
#include "reports/evidence/port_claims.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace rtclab::evidence {
namespace {

constexpr std::string_view kUfragLine = "a=ice-ufrag:";
constexpr std::string_view kCandidateLine = "a=candidate:";

bool is_group(const Ip& ip) {
  if (!ip.is_v4()) return ip.octets[0] == 0xff;
  return ip.v4_number() >= 0xe0000000u;  // multicast, and the broadcast address
}

// A request that ICE did not make: to a STUN or TURN server.
bool is_server_request(const stun::Message& message) {
  if (message.cls != stun::Class::Request) return false;
  return message.method != stun::Method::Binding || !message.has<stun::Username>();
}

// "receiver:sender" of a connectivity check (RFC 8445 §7.2.2).
std::optional<std::pair<std::string, std::string>> check_ufrags(const stun::Message& message) {
  if (message.cls != stun::Class::Request || message.method != stun::Method::Binding) {
    return std::nullopt;
  }
  const auto username = message.find<stun::Username>();
  const auto colon = username ? username->value.find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return std::pair{username->value.substr(0, colon), username->value.substr(colon + 1)};
}

class PartyFinder {
 public:
  explicit PartyFinder(Evidence& evidence) : evidence_{evidence} {}

  void find() {
    if (evidence_.peers().empty()) name_peers_by_checks();
    read_trace();
    for (const auto& message : evidence_.signalling) read_signalling(message);
    for_each_message(&PartyFinder::read_server);
    for_each_message(&PartyFinder::read_allocation);
    for_each_message(&PartyFinder::read_check);
    read_relays();
    find_shared();
    add_servers();
    add_peers_and_nats();
    add_strangers();
  }

 private:
  struct Peer {
    std::set<Ip> own;
    std::set<Ip> mapped;  // by a NAT, or its own when there is none
    std::set<Endpoint> relayed;
  };

  void for_each_message(void (PartyFinder::*read)(const Packet&, const stun::Message&)) {
    for (const auto& packet : evidence_.packets) {
      for (const auto* message : packet.dissection.messages()) (this->*read)(packet, *message);
    }
  }

  // Without signalling, the first check tells the ufrags of both: its sender becomes "a".
  void name_peers_by_checks() {
    for (const auto* const name : {"a", "b"}) {
      evidence_.parties.push_back({name, PartyKind::Peer, name, {}, {}});
    }
    for (const auto& packet : evidence_.packets) {
      for (const auto* message : packet.dissection.messages()) {
        const auto ufrags = check_ufrags(*message);
        if (!ufrags) continue;
        peer_of_ufrag_[ufrags->second] = "a";
        peer_of_ufrag_[ufrags->first] = "b";
        return;
      }
    }
  }

  // What a trace tells of addresses, it knows.
  void read_trace() {
    for (const auto& party : evidence_.parties) {
      if (party.kind != PartyKind::Peer) continue;
      for (const auto& address : party.addresses) peers_[party.name].own.insert(address.ip);
    }
  }

  void read_signalling(const SignallingMessage& message) {
    if (message.username_fragment)
      peer_of_ufrag_.try_emplace(*message.username_fragment, message.from);
    for (auto line : split(message.sdp, '\n')) {
      while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.starts_with(kUfragLine)) {
        peer_of_ufrag_.try_emplace(std::string{line.substr(kUfragLine.size())}, message.from);
      }
      if (line.starts_with(kCandidateLine)) read_candidate(message.from, line);
    }
    if (!message.candidate.empty()) read_candidate(message.from, message.candidate);
  }

  void read_candidate(const std::string& from, std::string_view text) {
    const auto candidate = sdp::Candidate::parse(text);
    if (!candidate) return;
    auto& peer = peers_[from];
    const auto ip = candidate->ip();
    if (ip && candidate->type == "host") {
      peer.own.insert(*ip);
      if (candidate->tcp_type != "active") claims_.claim(from, {*ip, candidate->port});
    }
    if (ip && candidate->type == "srflx") peer.mapped.insert(*ip);
    if (ip && candidate->type == "relay") peer.relayed.insert({*ip, candidate->port});
    // RFC 8839 §5.1: of a server-reflexive candidate, the base; browsers may hide it as 0.0.0.0.
    if (candidate->type == "srflx" && candidate->related_address) {
      const auto base = Ip::parse(*candidate->related_address);
      if (base && !base->is_unspecified()) {
        peer.own.insert(*base);
        if (candidate->related_port) claims_.claim(from, {*base, *candidate->related_port});
      }
    }
  }

  void read_server(const Packet& packet, const stun::Message& message) {
    // A check without its USERNAME is none of a server's.
    if (!is_server_request(message) || claims_.is_claimed(packet.destination)) return;
    const bool turn = message.method != stun::Method::Binding;
    servers_[packet.destination.ip] = servers_[packet.destination.ip] || turn;
    listening_.insert(packet.destination);
  }

  // The client of an allocation whose relayed address a peer signalled is that peer, or its NAT.
  void read_allocation(const Packet& packet, const stun::Message& message) {
    if (message.cls != stun::Class::Success) return;
    const auto mapped = message.find<stun::XorMappedAddress>();
    if (!mapped || !is_server(packet.source)) return;
    const auto relayed = message.find<stun::XorRelayedAddress>();
    if (relayed) listening_.insert(relayed->endpoint);
    for (auto& [name, peer] : peers_) {
      const bool got_it = relayed && peer.relayed.contains(relayed->endpoint);
      if (got_it) claims_.claim(name, packet.destination);
      const auto owner = claims_.owner_of(packet.destination);
      const bool its = owner.empty() ? peer.own.contains(packet.destination.ip) : owner == name;
      if (!its && !got_it) continue;
      peer.mapped.insert(mapped->endpoint.ip);
      // Seen behind the NAT, the client's address is its own; in front of it, it is the mapped one.
      if (packet.destination.ip != mapped->endpoint.ip) peer.own.insert(packet.destination.ip);
      unclaimed_.try_emplace(name, packet.destination.ip);
    }
  }

  void read_check(const Packet& packet, const stun::Message& message) {
    const auto ufrags = check_ufrags(message);
    if (!ufrags || is_server(packet.source)) return;
    const auto receiver = peer_of_ufrag_.find(ufrags->first);
    if (receiver != peer_of_ufrag_.end() && !is_server(packet.destination))
      claims_.claim(receiver->second, packet.destination);
    const auto sender = peer_of_ufrag_.find(ufrags->second);
    if (sender == peer_of_ufrag_.end()) return;
    claims_.claim(sender->second, packet.source);
    auto& peer = peers_[sender->second];
    // Whose own address is hidden and is that of another is on the same machine.
    if (peer.own.empty() && is_own(packet.source.ip)) peer.own.insert(packet.source.ip);
    if (is_somebodys(packet.source.ip)) return;
    (peer.own.empty() ? peer.own : peer.mapped).insert(packet.source.ip);
  }

  // Behind TLS no request shows who is the server; that its address relays does.
  void read_relays() {
    for (const auto& [name, peer] : peers_) {
      for (const auto& relayed : peer.relayed) {
        listening_.insert(relayed);
        if (!is_somebodys(relayed.ip)) servers_.try_emplace(relayed.ip, true);
      }
    }
  }

  [[nodiscard]] bool is_somebodys(const Ip& ip) const {
    return std::ranges::any_of(peers_, [&](const auto& entry) {
      return entry.second.own.contains(ip) || entry.second.mapped.contains(ip);
    });
  }

  [[nodiscard]] bool is_own(const Ip& ip) const {
    return std::ranges::any_of(peers_,
                               [&](const auto& entry) { return entry.second.own.contains(ip); });
  }

  // Of a server on a peer's machine only the ports are known to be its.
  [[nodiscard]] bool is_server(const Endpoint& endpoint) const {
    return listening_.contains(endpoint) ||
           (servers_.contains(endpoint.ip) && !is_own(endpoint.ip));
  }

  void find_shared() {
    for (const auto& [name, peer] : peers_) {
      for (const auto& ip : peer.own) claims_.own(name, ip);
    }
    for (const auto& endpoint : listening_) {
      if (is_own(endpoint.ip) && !claims_.is_claimed(endpoint)) claims_.own({}, endpoint.ip);
    }
  }

  void add_servers() {
    std::size_t turns = 0;
    std::size_t stuns = 0;
    for (const auto& [ip, is_turn] : servers_) {
      std::vector<Endpoint> endpoints;
      if (is_own(ip)) endpoints = listening_at(ip);
      if (is_own(ip) && endpoints.empty()) continue;
      if (auto* const known = server_at(ip)) {
        known->endpoints = endpoints;
        continue;
      }
      if (endpoints.empty() && evidence_.party_at(ip)) continue;
      auto& count = is_turn ? turns : stuns;
      const std::string name = is_turn ? "turn" : "stun";
      add(count++ == 0 ? name : name + " " + std::to_string(count),
          is_turn ? PartyKind::TurnServer : PartyKind::StunServer, {ip});
      evidence_.parties.back().endpoints = endpoints;
    }
  }

  // The ports of a server on a peer's machine.
  [[nodiscard]] std::vector<Endpoint> listening_at(const Ip& ip) const {
    std::vector<Endpoint> found;
    for (const auto& endpoint : listening_) {
      if (endpoint.ip == ip && !claims_.is_claimed(endpoint)) found.push_back(endpoint);
    }
    return found;
  }

  // The server that a trace names.
  [[nodiscard]] Party* server_at(const Ip& ip) const {
    const auto found = std::ranges::find_if(evidence_.parties, [&](const Party& party) {
      return (party.kind == PartyKind::TurnServer || party.kind == PartyKind::StunServer) &&
             party.has(ip);
    });
    return found == evidence_.parties.end() ? nullptr : &*found;
  }

  void add_peers_and_nats() {
    std::map<Ip, std::set<std::string>> nats;
    for (auto& [name, peer] : peers_) {
      // Only ever seen as the mapped address: there is no NAT, or no capture behind it.
      if (peer.own.empty() && unclaimed_.contains(name)) peer.own.insert(unclaimed_.at(name));
      const auto index = evidence_.party_named(name);
      if (!index) continue;
      // A trace knows its own peer's addresses better.
      auto& addresses = evidence_.parties[*index].addresses;
      if (addresses.empty()) {
        for (const auto& ip : peer.own) {
          if (claims_.is_shared(ip) || !evidence_.party_at(ip)) addresses.push_back({"", ip});
        }
      }
      evidence_.parties[*index].endpoints = claims_.shared_by(name);
      for (const auto& ip : peer.mapped) {
        if (!evidence_.party_at(ip) && !peer.own.contains(ip)) nats[ip].insert(name);
      }
    }
    std::map<std::string, std::vector<Ip>> by_name;
    for (const auto& [ip, insiders] : nats) {
      if (evidence_.party_at(ip)) continue;
      by_name[insiders.size() == 1 ? "nat " + *insiders.begin() : "nat"].push_back(ip);
    }
    for (const auto& [name, ips] : by_name) {
      const auto& insiders = nats.at(ips.front());
      add(name, PartyKind::Nat, ips);
      if (insiders.size() == 1) {
        evidence_.parties.back().inside = evidence_.party_named(*insiders.begin());
      }
    }
  }

  // Addresses that nothing explained. The first two are the peers when these have none yet.
  void add_strangers() {
    constexpr std::size_t kMostStrangers = 8;
    std::size_t strangers = 0;
    for (const auto& packet : evidence_.packets) {
      for (const auto& ip : {packet.source.ip, packet.destination.ip}) {
        if (packet.dissection.kind == Kind::Icmp || packet.dissection.kind == Kind::Mdns) continue;
        if (is_group(ip) || evidence_.party_at(ip)) continue;
        const auto bare = std::ranges::find_if(evidence_.parties, [](const auto& party) {
          return party.kind == PartyKind::Peer && party.addresses.empty();
        });
        if (bare != evidence_.parties.end()) {
          bare->addresses.push_back({"", ip});
        } else if (strangers++ < kMostStrangers) {
          add(ip.to_string(), PartyKind::Unknown, {ip});
        }
      }
    }
  }

  void add(std::string name, PartyKind kind, const std::vector<Ip>& ips) {
    Party party{name, kind, name, {}, {}};
    for (const auto& ip : ips) party.addresses.push_back({"", ip});
    evidence_.parties.push_back(std::move(party));
  }

  Evidence& evidence_;
  std::map<std::string, std::string> peer_of_ufrag_;
  std::map<std::string, Peer> peers_;
  std::map<std::string, Ip> unclaimed_;  // a client of a server, by the peer it must be
  std::map<Ip, bool> servers_;           // whether it was asked for more than Binding
  std::set<Endpoint> listening_;         // where servers were asked, and where they relay
  PortClaims claims_;
};

// The capture's own hint: capture.pcap was taken at "a", capture_b.pcap at "b".
bool is_hinted(const Party& party, const std::string& interface, bool first_peer) {
  const auto underscore = interface.rfind('_');
  if (underscore == std::string::npos) return first_peer;
  const auto hint = interface.substr(underscore + 1);
  return party.name == hint;
}

// At an address that several have, a port that nobody claims may be any one's.
class Whereabouts {
 public:
  Whereabouts(const Evidence& evidence, const Endpoint& endpoint)
      : evidence_{evidence}, ip_{endpoint.ip}, found_{evidence.party_at(endpoint)} {}

  [[nodiscard]] bool may_be(PartyIndex party) const {
    return found_ ? *found_ == party : evidence_.parties[party].has(ip_);
  }

 private:
  const Evidence& evidence_;
  const Ip& ip_;
  std::optional<PartyIndex> found_;
};

// Where an interface stands: at the party that all of its packets come from or go to.
void place_interfaces(Evidence& evidence) {
  const auto peers = evidence.peers();
  for (std::size_t i = 0; i < evidence.interfaces.size(); ++i) {
    std::vector<std::size_t> seen(evidence.parties.size());
    std::size_t total = 0;
    for (const auto& packet : evidence.packets) {
      if (packet.interface != i || is_group(packet.destination.ip)) continue;
      ++total;
      const Whereabouts from{evidence, packet.source};
      const Whereabouts to{evidence, packet.destination};
      for (PartyIndex party = 0; party < seen.size(); ++party)
        if (from.may_be(party) || to.may_be(party)) ++seen[party];
    }
    std::vector<PartyIndex> fitting;
    for (PartyIndex party = 0; party < seen.size(); ++party) {
      if (total > 0 && seen[party] == total) fitting.push_back(party);
    }
    auto& interface = evidence.interfaces[i];
    const auto hinted = std::ranges::find_if(fitting, [&](PartyIndex party) {
      return is_hinted(evidence.parties[party], interface.name,
                       !peers.empty() && party == peers.front());
    });
    if (hinted != fitting.end())
      interface.party = *hinted;
    else if (fitting.size() == 1)
      interface.party = fitting.front();
  }
}

void find_directions(Evidence& evidence) {
  for (auto& packet : evidence.packets) {
    const auto place = evidence.party_of(packet);
    if (!place || packet.direction != Direction::Unknown) continue;
    if (Whereabouts{evidence, packet.source}.may_be(*place)) packet.direction = Direction::Outbound;
    if (Whereabouts{evidence, packet.destination}.may_be(*place))
      packet.direction = Direction::Inbound;
  }
}

// Several peers on one machine: who is meant, only ports tell.
bool share_an_address(const Evidence& evidence) {
  std::set<std::pair<std::string, Ip>> known;
  for (const auto& party : evidence.parties) {
    if (party.kind != PartyKind::Peer) continue;
    for (const auto& address : party.addresses) {
      if (!known.insert({party.machine, address.ip}).second) return true;
    }
  }
  return false;
}

}  // namespace

void complete_parties(Evidence& evidence) {
  const auto knows_all = std::ranges::none_of(evidence.parties, [](const Party& party) {
    return party.kind == PartyKind::Peer && party.addresses.empty();
  });
  if (!knows_all || share_an_address(evidence)) PartyFinder{evidence}.find();
}

void deduce_parties(Evidence& evidence) {
  PartyFinder{evidence}.find();
  place_interfaces(evidence);
  find_directions(evidence);
}

}  // namespace rtclab::evidence
