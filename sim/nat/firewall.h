// A firewall that remembers who has spoken to whom: what goes out opens the way for its answers.
// Plain C++: packets and the time come in, verdicts and events come out. It changes no packet.
//
// Spec: RFC 6092 §2.2 and §3 (simple security for IPv6), RFC 4787 §5 (the words for what it
// admits), RFC 5382 §5 (how long TCP is remembered), RFC 4890 §4.3 (which ICMPv6 passes: errors
// about what it remembers, and echoes that were asked for from inside). It serves both families.
#pragma once

#include "agents/base/event.h"
#include "agents/base/time.h"
#include "sim/nat/flow.h"
#include "sim/nat/verdict.h"
#include "topologies/topology.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::nat {

class Firewall {
 public:
  struct Rules {
    std::string name;
    topology::Filtering filtering = topology::Filtering::AddressAndPortDependent;
    Duration udp_lifetime = std::chrono::minutes{5};  // RFC 6092 REC-14: 2 minutes at least
    std::vector<Transport> blocks{};
  };
  // What a <firewall> is, and what a <nat> is to IPv6.
  [[nodiscard]] static Rules rules_of(const topology::Firewall& firewall);
  [[nodiscard]] static Rules rules_of(const topology::Nat& nat);

  using Record = std::function<void(Instant, const Event&)>;
  // Reports firewall:packet_filtered.
  Firewall(Rules rules, Record record) : rules_{std::move(rules)}, record_{std::move(record)} {}

  [[nodiscard]] Verdict from_inside(Instant now, ByteView packet);
  [[nodiscard]] Verdict from_outside(Instant now, ByteView packet);

 private:
  struct Session {
    Instant seen{};
    TcpSession tcp;
  };
  struct Key {
    ip::Protocol protocol;
    Endpoint inside;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  [[nodiscard]] Verdict drop(std::string why) const;
  [[nodiscard]] std::string_view refusal_of(ByteView packet) const;
  [[nodiscard]] Verdict icmp_error_from_outside(Instant now, ByteView packet);
  [[nodiscard]] Instant end_of(ip::Protocol protocol, const Session& session) const;
  [[nodiscard]] bool is_same(const Endpoint& known, const Endpoint& remote) const;
  [[nodiscard]] bool admits(const Key& key, const Endpoint& remote, Instant now) const;
  void note(const Key& key, const Endpoint& remote, const Flow& flow, TcpSession::From from,
            Instant now);
  void forget_old(Instant now);

  Rules rules_;
  Record record_;
  std::map<Key, std::map<Endpoint, Session>> sessions_;  // by the remote endpoint
  Instant cleaned_{};
};

}  // namespace rtclab::nat
