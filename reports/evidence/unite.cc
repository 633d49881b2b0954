#include "reports/evidence/unite.h"

#include "reports/evidence/comments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace rtclab::evidence {
namespace {

using namespace std::chrono_literals;

// No packet is longer on its way than this; a retransmission can follow sooner, but is then seen
// again at an interface that has already seen the first.
constexpr Duration kLongestWay = 1500ms;

class Uniter {
 public:
  explicit Uniter(Evidence& evidence) : evidence_{evidence} {}

  void unite() {
    for (std::size_t i = 0; i < evidence_.packets.size(); ++i) {
      auto& packet = evidence_.packets[i];
      packet.datagram = packet.id ? by_id(*packet.id) : by_likeness(packet);
      evidence_.datagrams[packet.datagram].packets.push_back(i);
    }
  }

 private:
  std::size_t fresh() {
    evidence_.datagrams.emplace_back();
    return evidence_.datagrams.size() - 1;
  }

  std::size_t by_id(std::uint64_t id) {
    const auto found = ids_.find(id);
    if (found != ids_.end()) return found->second;
    return ids_[id] = fresh();
  }

  std::size_t by_likeness(const Packet& packet) {
    if (evidence_.interfaces.size() < 2) return fresh();
    auto& candidates = alike_[likeness(packet)];
    for (const auto index : candidates) {
      const auto& datagram = evidence_.datagrams[index];
      const bool seen_here = std::ranges::any_of(datagram.packets, [&](std::size_t other) {
        return evidence_.packets[other].interface == packet.interface;
      });
      if (!seen_here && packet.at - evidence_.last_packet(datagram).at <= kLongestWay) return index;
    }
    candidates.push_back(fresh());
    // Only recent ones can match; keeps a long capture of equal packets from taking quadratic time.
    constexpr std::size_t kMostAlike = 16;
    if (candidates.size() > kMostAlike) candidates.erase(candidates.begin());
    return evidence_.datagrams.size() - 1;
  }

  // A NAT rewrites the checksum, the identifier of a query and the addresses that an error quotes.
  static std::string icmp_likeness(ByteView message) {
    constexpr std::size_t kHeader = 8;
    constexpr std::size_t kQuotedIdentification = kHeader + 4;
    if (message.size() < kHeader) return std::string{as_text(message)};
    const auto type = static_cast<unsigned>(message[0]);
    std::string key{as_text(message.first(2))};
    if (type == 0 || type == 8) return key + std::string{as_text(message.subspan(6))};
    if (message.size() < kQuotedIdentification + 2) return std::string{as_text(message)};
    return key + std::string{as_text(message.subspan(kQuotedIdentification, 2))};
  }

  static std::string likeness(const Packet& packet) {
    std::string key{packet.dissection.kind == Kind::Icmp ? icmp_likeness(packet.payload)
                                                         : std::string{as_text(packet.payload)}};
    const auto& tcp = packet.dissection.tcp;
    key += fmt::format("/{}/{}/{}/{}", packet.identification, static_cast<int>(packet.transport),
                       tcp ? tcp->sequence : 0, tcp ? tcp->acknowledgement : 0);
    return key;
  }

  Evidence& evidence_;
  std::map<std::uint64_t, std::size_t> ids_;
  std::map<std::string, std::vector<std::size_t>> alike_;
};

bool forwards(const Party& party) {
  return party.kind == PartyKind::Nat || party.kind == PartyKind::Router;
}

// A drop's reason stands before the notes of the same packet.
std::string without_notes(const std::string& comment) {
  return comment.substr(0, comment.find("; link "));
}

// Reads "dropped by home-a: filtering (APDF): …", "lost on link a-b: 10 % loss", "dropped on link
// …".
void read_comment(const Evidence& evidence, const std::string& comment, Datagram& datagram) {
  struct Form {
    std::string_view prefix;
    Fate fate;
  };
  static constexpr std::array kForms{Form{"dropped by ", Fate::Filtered},
                                     Form{"dropped on ", Fate::Lost}, Form{"lost on ", Fate::Lost},
                                     Form{"lost at ", Fate::Lost}};
  datagram.fate = Fate::Lost;
  datagram.reason = comment;
  for (const auto& form : kForms) {
    if (!comment.starts_with(form.prefix)) continue;
    const auto colon = comment.find(": ", form.prefix.size());
    datagram.fate = form.fate;
    datagram.dropped_at =
        comment.substr(form.prefix.size(),
                       colon == std::string::npos ? std::string::npos : colon - form.prefix.size());
    if (colon != std::string::npos) datagram.reason = comment.substr(colon + 2);
    break;
  }
  for (PartyIndex party = 0; party < evidence.parties.size(); ++party) {
    const auto& candidate = evidence.parties[party];
    if (candidate.name == datagram.dropped_at || candidate.machine == datagram.dropped_at) {
      datagram.dropped_by = party;
    }
  }
}

// Behind a NAT with one peer, that peer is meant.
std::optional<PartyIndex> behind(const Evidence& evidence, std::optional<PartyIndex> party) {
  if (!party || !evidence.parties[*party].inside) return party;
  return evidence.parties[*party].inside;
}

void find_ends(const Evidence& evidence, Datagram& datagram) {
  const auto& first = evidence.first_packet(datagram);
  const auto& last = evidence.last_packet(datagram);
  const auto start = evidence.party_of(first);
  datagram.from = evidence.party_at(first.source);
  if (start && first.direction == Direction::Outbound && !forwards(evidence.parties[*start])) {
    datagram.from = start;
  }
  const auto end = evidence.party_of(last);
  datagram.to = evidence.party_at(last.destination);
  if (end && last.direction == Direction::Inbound && !forwards(evidence.parties[*end])) {
    datagram.to = end;
  }
  // ICMP errors come from routers and NATs themselves; all else they only pass on.
  if (first.dissection.kind != Kind::Icmp) datagram.from = behind(evidence, datagram.from);
  datagram.to = behind(evidence, datagram.to);
}

// The time in which an interface saw packets at all.
struct Watch {
  Duration from = Duration::max();
  Duration to = Duration::min();
};

std::map<PartyIndex, Watch> watches(const Evidence& evidence) {
  std::map<PartyIndex, Watch> found;
  for (const auto& packet : evidence.packets) {
    if (const auto place = evidence.party_of(packet)) {
      auto& watch = found[*place];
      watch.from = std::min(watch.from, packet.at);
      watch.to = std::max(watch.to, packet.at);
    }
  }
  return found;
}

void find_fate(const Evidence& evidence, const std::map<PartyIndex, Watch>& watched,
               Datagram& datagram) {
  // Of several copies one is enough.
  for (const auto index : datagram.packets) {
    const auto& packet = evidence.packets[index];
    const auto place = evidence.party_of(packet);
    if (!place || place != datagram.to || packet.direction != Direction::Inbound) continue;
    if (is_dropped(packet)) continue;
    datagram.fate = Fate::Delivered;
    return;
  }
  for (const auto index : datagram.packets) {
    const auto& packet = evidence.packets[index];
    if (!is_dropped(packet)) continue;
    read_comment(evidence, without_notes(packet.comment), datagram);
    return;
  }
  const auto& last = evidence.last_packet(datagram);
  // Somebody watched at the receiver, before and long enough after, and it never came.
  const auto watch = datagram.to ? watched.find(*datagram.to) : watched.end();
  if (watch == watched.end() || datagram.from == datagram.to) return;
  const bool would_be_seen =
      watch->second.from <= last.at && watch->second.to >= last.at + kLongestWay;
  // TCP is often rewritten on its way (offloads), so that likeness says nothing.
  if (!would_be_seen || last.transport == Transport::Tcp) return;
  datagram.fate = Fate::Lost;
  datagram.reason = fmt::format("never seen at {}", evidence.parties[*datagram.to].name);
}

// Each NAT's peer in a run of ours: the one whose packets it passes on.
void find_insiders(Evidence& evidence) {
  std::map<PartyIndex, std::set<PartyIndex>> insiders;
  for (const auto& datagram : evidence.datagrams) {
    const auto& first = evidence.first_packet(datagram);
    const auto start = evidence.party_of(first);
    if (!start || evidence.parties[*start].kind != PartyKind::Peer ||
        first.direction != Direction::Outbound) {
      continue;
    }
    for (const auto index : datagram.packets) {
      const auto& packet = evidence.packets[index];
      const auto place = evidence.party_of(packet);
      if (place && evidence.parties[*place].kind == PartyKind::Nat) {
        // Only the first NAT on its way is the sender's own.
        insiders[*place].insert(*start);
        break;
      }
    }
  }
  for (const auto& [nat, peers] : insiders) {
    if (peers.size() == 1 && !evidence.parties[nat].inside) {
      evidence.parties[nat].inside = *peers.begin();
    }
  }
}

}  // namespace

void unite_sightings(Evidence& evidence) {
  Uniter{evidence}.unite();
  find_insiders(evidence);
  const auto watched = watches(evidence);
  for (auto& datagram : evidence.datagrams) {
    find_ends(evidence, datagram);
    find_fate(evidence, watched, datagram);
  }
}

}  // namespace rtclab::evidence
