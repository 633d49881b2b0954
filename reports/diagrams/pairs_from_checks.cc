// Without a trace the checks themselves tell: who sent one from where to where, whether it was
// answered, and whether it carried USE-CANDIDATE. Which pairs were formed and never checked follows
// from the candidates that both sides signalled (RFC 8445 §6.1.2.2); what the agent thought in
// between does not show. The fragments in USERNAME say which generation a check belongs to.
#include "agents/base/text.h"
#include "agents/sdp/candidate.h"
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"
#include "reports/diagrams/candidate_cards.h"
#include "reports/diagrams/generations.h"
#include "reports/diagrams/pair_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace rtclab::diagrams {

using evidence::Direction;
using evidence::Evidence;
using evidence::Packet;
using evidence::SignallingMessage;

namespace {

class CheckReader {
 public:
  CheckReader(const Evidence& evidence, PairHistory& history)
      : evidence_{evidence},
        history_{history},
        locals_{history.locals},
        remotes_{history.remotes},
        self_{evidence.party_named(history.peer)} {}

  void read() {
    for (const auto& message : evidence_.signalling) read_signalling(message);
    signalled_locals_ = history_.locals.size();
    signalled_remotes_ = history_.remotes.size();
    for (const auto& datagram : evidence_.datagrams) read_datagram(datagram);
    conclude();
    add_unchecked();
    for (auto& pair : history_.pairs) pair.priority = priority_of(pair);
  }

 private:
  struct Route {
    Transport transport;
    Endpoint local, remote;
    [[nodiscard]] Route turned() const { return {transport, remote, local}; }
    friend auto operator<=>(const Route&, const Route&) = default;
  };
  // A pair in one generation: the groups of both sides, which a restart changes one by one.
  struct Place {
    Route route;
    Group local, remote;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  struct Sent {
    std::size_t pair;
    Duration at;
    bool nominating;
    bool at_home;  // seen at the peer's own interface, so that the time until the answer is a round
                   // trip
  };

  void read_signalling(const SignallingMessage& message) {
    const bool own = message.from == history_.peer;
    auto& cards = own ? locals_ : remotes_;
    auto& generations = own ? own_ : theirs_;
    const auto add = [&](std::string_view text, const Group& group) {
      auto card = CandidateCards::parse(std::string{text}, own ? "gathered" : "signalled", group);
      if (card) cards.add(std::move(*card));
    };
    if (!message.sdp.empty()) generations.read_description(message.sdp);
    // In a description each candidate stands behind the fragment of its section.
    auto group = generations.latest();
    for (auto line : split(message.sdp, '\n')) {
      while (line.ends_with('\r')) line.remove_suffix(1);
      constexpr std::string_view kUfrag = "a=ice-ufrag:";
      if (line.starts_with(kUfrag)) group = generations.of(std::string{line.substr(kUfrag.size())});
      if (line.starts_with("a=candidate:")) add(line, group);
    }
    if (message.candidate.empty()) return;
    const auto ufrag = ufrag_of(message);
    add(message.candidate, ufrag.empty() ? generations.latest() : generations.of(ufrag));
  }

  static std::string ufrag_of(const SignallingMessage& message) {
    if (message.username_fragment && !message.username_fragment->empty())
      return *message.username_fragment;
    const auto candidate = sdp::Candidate::parse(message.candidate);
    const auto* const extension = candidate ? candidate->find_extension("ufrag") : nullptr;
    return extension != nullptr ? *extension : std::string{};
  }

  // Only the leg at the peer itself: there addresses are those its agent sees.
  void read_datagram(const evidence::Datagram& datagram) {
    if (!self_ || (datagram.from != self_ && datagram.to != self_)) return;
    const bool outward = datagram.from == self_;
    const bool died =
        datagram.fate == evidence::Fate::Lost || datagram.fate == evidence::Fate::Filtered;
    if (died && !outward) return;  // its agent never knew
    const auto& packet =
        outward ? evidence_.first_packet(datagram) : evidence_.last_packet(datagram);
    read_dissection(packet.dissection, packet, outward);
    for (const auto& message : packet.dissection.framed)
      read_dissection(message.dissection, packet, outward);
  }

  void read_dissection(const evidence::Dissection& dissection, const Packet& packet, bool outward) {
    if (dissection.carried && dissection.carried->relayed && dissection.carried->peer) {
      const auto& carried = *dissection.carried;
      if (carried.dissection.stun) {
        read_check(*carried.dissection.stun, {Transport::Udp, *carried.relayed, *carried.peer},
                   outward, packet);
      }
    } else if (dissection.stun) {
      const Route there{packet.transport, packet.source, packet.destination};
      read_check(*dissection.stun, outward ? there : there.turned(), outward, packet);
    }
  }

  // Of a check: the receiver's fragment stands first (RFC 8445 §7.2.2).
  Place place_of(const stun::Message& check, const Route& route, bool outward) {
    const auto username = check.find<stun::Username>()->value;
    const auto colon = std::min(username.find(':'), username.size());
    const auto first = username.substr(0, colon);
    const auto second = username.substr(std::min(colon + 1, username.size()));
    return {route, own_.of(outward ? second : first), theirs_.of(outward ? first : second)};
  }

  void read_check(const stun::Message& message, const Route& route, bool outward,
                  const Packet& packet) {
    if (message.method != stun::Method::Binding) return;
    const auto transaction = message.transaction.to_hex();
    if (message.cls == stun::Class::Request) {
      if (!message.has<stun::Username>()) return;
      if (outward) note_role(message);
      const auto index = pair_of(place_of(message, route, outward), message, outward);
      auto& pair = history_.pairs[index];
      if (!outward) {
        ++pair.checks_received;
        if (message.has<stun::UseCandidate>()) nominated_by_peer_[transaction] = index;
        return;
      }
      if (pair.steps.empty()) {
        pair.steps.push_back({packet.at, "In-Progress", "first check sent"});
      }
      ++pair.checks_sent;
      sent_.try_emplace(transaction, Sent{index, packet.at, message.has<stun::UseCandidate>(),
                                          evidence_.party_of(packet) == self_});
      return;
    }
    if (message.cls == stun::Class::Indication) return;
    if (outward) {
      const auto request = nominated_by_peer_.find(transaction);
      if (request != nominated_by_peer_.end() && message.cls == stun::Class::Success) {
        nominate(history_.pairs[request->second], packet.at);
      }
      return;
    }
    if (const auto request = sent_.find(transaction); request != sent_.end()) {
      read_answer(message, request->second, packet);
    }
  }

  void note_role(const stun::Message& message) {
    if (message.has<stun::IceControlling>()) history_.role = "controlling";
    if (message.has<stun::IceControlled>()) history_.role = "controlled";
  }

  void read_answer(const stun::Message& message, const Sent& request, const Packet& packet) {
    auto& pair = history_.pairs[request.pair];
    const bool success = message.cls == stun::Class::Success;
    if (success) {
      ++pair.checks_answered;
      const auto round_trip = static_cast<double>((packet.at - request.at).count()) / 1e6;
      if (!pair.round_trip && request.at_home) pair.round_trip = round_trip;
    }
    const auto* const state = success ? "Succeeded" : "Failed";
    if (pair.steps.empty() || pair.steps.back().state != state) {
      const auto error = message.find<stun::ErrorCode>();
      pair.steps.push_back(
          {packet.at, state, error ? fmt::format("error {}", error->code) : "answered"});
    }
    if (success && request.nominating) nominate(pair, packet.at);
  }

  void nominate(PairCard& pair, Duration at) {
    if (!pair.nominated) pair.nominated = at;
    nominations_.push_back(static_cast<std::size_t>(&pair - history_.pairs.data()));
  }

  std::size_t pair_of(const Place& place, const stun::Message& message, bool outward) {
    const auto found = index_.find(place);
    if (found != index_.end()) return found->second;
    PairCard pair;
    pair.group = place.local;
    const auto transport = place.route.transport;
    pair.local =
        candidate(locals_, place.local, transport, place.route.local, "base of a gathered one");
    // RFC 8445 §7.3.1.3: a candidate that only a check made known is peer-reflexive.
    pair.remote =
        candidate(remotes_, place.remote, transport, place.route.remote, "learned from a check");
    const auto priority = message.find<stun::Priority>();
    auto& remote = history_.remotes[pair.remote];
    if (!outward && priority && remote.priority.empty())
      remote.priority = fmt::format("{}", priority->value);
    index_[place] = history_.pairs.size();
    history_.pairs.push_back(std::move(pair));
    return history_.pairs.size() - 1;
  }

  static std::size_t candidate(CandidateCards& cards, const Group& group, Transport transport,
                               const Endpoint& endpoint, std::string origin) {
    if (const auto known = cards.find(group, transport, endpoint)) return *known;
    if (const auto named = cards.find_named(group, endpoint.port)) return *named;
    const bool tcp = transport == Transport::Tcp;
    if (const auto active = cards.find_active(group, endpoint.ip); tcp && active) return *active;
    const bool local = origin.starts_with("base");
    return cards.add({local ? "host" : "prflx", endpoint.to_string() + (tcp ? "/tcp" : ""), "", "",
                      std::move(origin), group});
  }

  void conclude() {
    // With aggressive nomination many are nominated: of those, the best one that works is used,
    // and the last to be nominated is it unless a check says otherwise.
    std::map<Group, std::vector<std::size_t>> nominated;
    for (const auto index : nominations_) nominated[history_.pairs[index].group].push_back(index);
    for (const auto& [group, indices] : nominated) {
      auto& chosen = history_.pairs[most_used(indices)];
      chosen.selected = chosen.nominated;
    }
    for (auto& pair : history_.pairs) {
      if (pair.selected) {
        pair.reason =
            fmt::format("nominated {}, and the pair that carried the most checks afterwards",
                        history_.role == "controlled" ? "by the peer" : "by USE-CANDIDATE");
      } else if (pair.nominated) {
        pair.reason = "nominated too, but used less than the selected pair";
      } else if (pair.checks_answered > 0) {
        pair.reason = "worked, but was not nominated";
      } else if (pair.checks_sent > 0) {
        pair.reason = checks_text(pair.checks_sent) + " sent, none was answered";
      } else {
        pair.reason = fmt::format("{} came in; {} sent none itself",
                                  checks_text(pair.checks_received), history_.peer);
      }
    }
  }

  // RFC 8445 §6.1.2.3; empty when the role or one of the candidates' priorities is not known.
  std::string priority_of(const PairCard& pair) const {
    const auto local = parse_unsigned(history_.locals[pair.local].priority);
    const auto remote = parse_unsigned(history_.remotes[pair.remote].priority);
    if (!local || !remote || history_.role.empty()) return {};
    const bool controlling = history_.role == "controlling";
    const auto g = controlling ? *local : *remote;
    const auto d = controlling ? *remote : *local;
    return fmt::format("{}", (std::min(g, d) << 32u) + 2 * std::max(g, d) + (g > d ? 1 : 0));
  }

  // Consent checks go on over the selected pair only (RFC 7675 §5.1).
  std::size_t most_used(const std::vector<std::size_t>& nominated) const {
    std::size_t best = nominated.back();
    for (const auto index : nominated) {
      const auto uses = [&](std::size_t i) {
        return history_.pairs[i].checks_answered + history_.pairs[i].checks_received;
      };
      if (uses(index) > uses(best)) best = index;
    }
    return best;
  }

  // RFC 8445 §6.1.2.2 and §6.1.2.4: which could have been paired at all. Server-reflexive locals
  // are replaced by their base, so those make no pairs; RFC 6544 §6.2 has the table for TCP.
  static bool can_pair(const CandidateCard& local, const CandidateCard& remote) {
    const auto tcp_type = [](const CandidateCard& card) {
      const auto slash = card.address.find("/tcp");
      return slash == std::string::npos ? std::string{} : card.address.substr(slash);
    };
    const auto family = [](const CandidateCard& card) { return card.address.starts_with('['); };
    const auto mine = tcp_type(local), other = tcp_type(remote);
    const bool fits = (mine.empty() && other.empty()) ||
                      (mine == "/tcp active" && other == "/tcp passive") ||
                      (mine == "/tcp so" && other == "/tcp so");
    return local.type != "srflx" && fits && local.group == remote.group &&
           family(local) == family(remote);
  }

  void add_unchecked() {
    constexpr std::size_t kMostUnchecked = 24;
    std::set<std::pair<std::size_t, std::size_t>> known;
    for (const auto& pair : history_.pairs) known.insert({pair.local, pair.remote});
    std::size_t added = 0;
    for (std::size_t local = 0; local < signalled_locals_; ++local) {
      for (std::size_t remote = 0; remote < signalled_remotes_; ++remote) {
        const auto& mine = history_.locals[local];
        const bool possible = can_pair(mine, history_.remotes[remote]);
        if (!possible || known.contains({local, remote}) || ++added > kMostUnchecked) continue;
        PairCard pair;
        pair.group = mine.group;
        pair.local = local;
        pair.remote = remote;
        pair.outcome = PairOutcome::NotChecked;
        pair.reason = "no check of it is in the capture";
        history_.pairs.push_back(std::move(pair));
      }
    }
  }

  const Evidence& evidence_;
  PairHistory& history_;
  CandidateCards locals_;
  CandidateCards remotes_;
  std::optional<evidence::PartyIndex> self_;
  std::size_t signalled_locals_ = 0;
  std::size_t signalled_remotes_ = 0;
  Generations own_;
  Generations theirs_;
  std::map<Place, std::size_t> index_;
  std::map<std::string, Sent> sent_;                      // by transaction
  std::map<std::string, std::size_t> nominated_by_peer_;  // by transaction
  std::vector<std::size_t> nominations_;
};

}  // namespace

PairHistory history_from_checks(const Evidence& evidence, std::string_view peer) {
  PairHistory history;
  history.peer = peer;
  history.reconstructed = true;
  CheckReader{evidence, history}.read();
  return history;
}

}  // namespace rtclab::diagrams
