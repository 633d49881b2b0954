// A firewall that remembers who has spoken to whom: what goes out opens the way for its answers.
// Plain C++: packets and the time come in, verdicts, answers and events come out. It changes no
// packet.
//
// Spec: RFC 6092 §2.2 and §3 (simple security for IPv6), RFC 4787 §5 (the words for what it
// admits), RFC 5382 §5 and RFC 7857 §2 (how long TCP is remembered), RFC 4890 §4.3 (which ICMPv6
// passes: errors about what it remembers, and echoes that were asked for from inside). It serves
// both families. Of a packet in fragments the first one is judged here (fragment_tracker.h).
#pragma once

#include "agents/base/event.h"
#include "agents/base/time.h"
#include "sim/nat/flow.h"
#include "sim/nat/unsolicited_syn.h"
#include "sim/nat/verdict.h"
#include "topologies/topology.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::nat {

class Firewall {
 public:
  struct Rules {
    std::string name;
    topology::FirewallRules what{};
    // What it answers unsolicited SYNs from; without one of the family the answer comes from where
    // the SYN went.
    std::vector<Prefix> own_addresses{};
  };
  // What a <firewall> is, and what a <nat> or a <nat64> is to the IPv6 that it does not translate.
  [[nodiscard]] static Rules rules_of(const topology::Firewall& firewall);
  [[nodiscard]] static Rules rules_of(const topology::Nat& nat);
  [[nodiscard]] static Rules rules_of(const topology::Nat64& nat);

  using Record = std::function<void(Instant, const Event&)>;
  // Reports firewall:packet_filtered and firewall:packet_refused.
  Firewall(Rules rules, Record record)
      : rules_{std::move(rules)}, record_{std::move(record)}, syns_{rules_.what.unsolicited_syn} {}

  [[nodiscard]] Verdict from_inside(Instant now, ByteView packet);
  [[nodiscard]] Verdict from_outside(Instant now, ByteView packet);

  // Answers the SYNs that have waited for it.
  void handle_timeout(Instant now) { syns_.handle_timeout(now); }
  [[nodiscard]] std::optional<Instant> next_wakeup() const { return syns_.next_wakeup(); }
  // A packet of its own, for the outside. To be drained after each call.
  [[nodiscard]] std::optional<Bytes> poll_output() { return syns_.poll_output(); }

 private:
  struct Session {
    Instant begun{};
    Instant ends{};  // of UDP and ICMP
    bool answered = false;
    TcpSession tcp;
  };
  struct Key {
    ip::Protocol protocol;
    Endpoint inside;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  [[nodiscard]] Verdict drop(std::string why, std::optional<IcmpError> error = {}) const;
  [[nodiscard]] std::string refusal_of(ByteView packet) const;
  [[nodiscard]] Verdict filtered(Instant now, ByteView packet, const Flow& flow);
  [[nodiscard]] Verdict icmp_error_from_outside(Instant now, ByteView packet);
  [[nodiscard]] static Instant end_of(ip::Protocol protocol, const Session& session);
  [[nodiscard]] bool is_same(ip::Protocol protocol, const Endpoint& known,
                             const Endpoint& remote) const;
  [[nodiscard]] bool admits(const Key& key, const Endpoint& remote, Instant now) const;
  [[nodiscard]] bool knows(const Key& key, const Endpoint& remote, Instant now) const;
  [[nodiscard]] Duration lifetime(ip::Protocol protocol, const Session& session, Instant now) const;
  void note(const Key& key, const Endpoint& remote, const Flow& flow, TcpSession::From from,
            Instant now);
  void forget_old(Instant now);

  Rules rules_;
  Record record_;
  UnsolicitedSyns syns_;
  std::map<Key, std::map<Endpoint, Session>> sessions_;  // by the remote endpoint
  Instant cleaned_{};
};

}  // namespace rtclab::nat
