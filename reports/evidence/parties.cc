#include "reports/evidence/parties.h"

#include "agents/base/text.h"
#include "agents/sdp/candidate.h"
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"

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
    for (const auto& message : evidence_.signalling) read_signalling(message);
    for_each_message(&PartyFinder::read_server);
    for_each_message(&PartyFinder::read_allocation);
    for_each_message(&PartyFinder::read_check);
    read_relays();
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
    if (ip && candidate->type == "host") peer.own.insert(*ip);
    if (ip && candidate->type == "srflx") peer.mapped.insert(*ip);
    if (ip && candidate->type == "relay") peer.relayed.insert({*ip, candidate->port});
    // RFC 8839 §5.1: of a server-reflexive candidate, the base; browsers may hide it as 0.0.0.0.
    if (candidate->type == "srflx" && candidate->related_address) {
      const auto base = Ip::parse(*candidate->related_address);
      if (base && !base->is_unspecified()) peer.own.insert(*base);
    }
  }

  void read_server(const Packet& packet, const stun::Message& message) {
    if (!is_server_request(message)) return;
    const bool turn = message.method != stun::Method::Binding;
    servers_[packet.destination.ip] = servers_[packet.destination.ip] || turn;
  }

  // The client of an allocation whose relayed address a peer signalled is that peer, or its NAT.
  void read_allocation(const Packet& packet, const stun::Message& message) {
    if (message.cls != stun::Class::Success) return;
    const auto mapped = message.find<stun::XorMappedAddress>();
    if (!mapped || !servers_.contains(packet.source.ip)) return;
    const auto relayed = message.find<stun::XorRelayedAddress>();
    for (auto& [name, peer] : peers_) {
      const bool its = peer.own.contains(packet.destination.ip) ||
                       (relayed && peer.relayed.contains(relayed->endpoint));
      if (!its) continue;
      peer.mapped.insert(mapped->endpoint.ip);
      // Seen behind the NAT, the client's address is its own; in front of it, it is the mapped one.
      if (packet.destination.ip != mapped->endpoint.ip) peer.own.insert(packet.destination.ip);
      unclaimed_.try_emplace(name, packet.destination.ip);
    }
  }

  void read_check(const Packet& packet, const stun::Message& message) {
    const auto ufrags = check_ufrags(message);
    if (!ufrags || servers_.contains(packet.source.ip)) return;
    const auto sender = peer_of_ufrag_.find(ufrags->second);
    if (sender == peer_of_ufrag_.end()) return;
    auto& peer = peers_[sender->second];
    if (is_somebodys(packet.source.ip)) return;
    (peer.own.empty() ? peer.own : peer.mapped).insert(packet.source.ip);
  }

  // Behind TLS no request shows who is the server; that its address relays does.
  void read_relays() {
    for (const auto& [name, peer] : peers_) {
      for (const auto& relayed : peer.relayed) {
        if (!is_somebodys(relayed.ip)) servers_.try_emplace(relayed.ip, true);
      }
    }
  }

  [[nodiscard]] bool is_somebodys(const Ip& ip) const {
    return std::ranges::any_of(peers_, [&](const auto& entry) {
      return entry.second.own.contains(ip) || entry.second.mapped.contains(ip);
    });
  }

  void add_servers() {
    std::size_t turns = 0;
    std::size_t stuns = 0;
    for (const auto& [ip, is_turn] : servers_) {
      const bool peers_own = std::ranges::any_of(peers_, [&, address = ip](const auto& entry) {
        return entry.second.own.contains(address);
      });
      if (peers_own || evidence_.party_at(ip)) continue;
      auto& count = is_turn ? turns : stuns;
      const std::string name = is_turn ? "turn" : "stun";
      add(count++ == 0 ? name : name + " " + std::to_string(count),
          is_turn ? PartyKind::TurnServer : PartyKind::StunServer, {ip});
    }
  }

  void add_peers_and_nats() {
    std::map<Ip, std::set<std::string>> nats;
    for (auto& [name, peer] : peers_) {
      // Only ever seen as the mapped address: there is no NAT, or no capture behind it.
      if (peer.own.empty() && unclaimed_.contains(name)) peer.own.insert(unclaimed_.at(name));
      const auto index = evidence_.party_named(name);
      if (!index) continue;
      // A trace knows its own peer's addresses better; and two on one machine share theirs.
      auto& addresses = evidence_.parties[*index].addresses;
      if (addresses.empty()) {
        for (const auto& ip : peer.own) {
          if (!evidence_.party_at(ip)) addresses.push_back({"", ip});
        }
      }
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
};

// The capture's own hint: capture.pcap was taken at "a", capture_b.pcap at "b".
bool is_hinted(const Party& party, const std::string& interface, bool first_peer) {
  const auto underscore = interface.rfind('_');
  if (underscore == std::string::npos) return first_peer;
  const auto hint = interface.substr(underscore + 1);
  return party.name == hint;
}

// Where an interface stands: at the party that all of its packets come from or go to.
void place_interfaces(Evidence& evidence) {
  const auto peers = evidence.peers();
  for (std::size_t i = 0; i < evidence.interfaces.size(); ++i) {
    std::vector<std::size_t> seen(evidence.parties.size());
    std::size_t total = 0;
    for (const auto& packet : evidence.packets) {
      if (packet.interface != i || is_group(packet.destination.ip)) continue;
      ++total;
      const auto from = evidence.party_at(packet.source.ip);
      const auto to = evidence.party_at(packet.destination.ip);
      if (from) ++seen[*from];
      if (to && to != from) ++seen[*to];
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
    if (evidence.parties[*place].has(packet.source.ip)) packet.direction = Direction::Outbound;
    if (evidence.parties[*place].has(packet.destination.ip)) packet.direction = Direction::Inbound;
  }
}

}  // namespace

void complete_parties(Evidence& evidence) {
  const auto knows_all = std::ranges::none_of(evidence.parties, [](const Party& party) {
    return party.kind == PartyKind::Peer && party.addresses.empty();
  });
  if (!knows_all) PartyFinder{evidence}.find();
}

void deduce_parties(Evidence& evidence) {
  PartyFinder{evidence}.find();
  place_interfaces(evidence);
  find_directions(evidence);
}

}  // namespace rtclab::evidence
