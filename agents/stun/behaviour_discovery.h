// Finds out how the NATs on the way to a STUN server map, filter and hairpin, and how long their
// mappings last.
//
// Spec: RFC 5780 §4 (the tests), §5 (the client), §3.4 (hairpinning). The filtering tests come
// before those of mapping, which would open the filter (§4.5). One transaction at a time, ten in a
// second at most (§5). A test that gets no answer takes as long as its schedule.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/message.h"
#include "agents/stun/nat_behaviour.h"
#include "agents/stun/transaction.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>

namespace rtclab::stun {

class BehaviourDiscovery {
 public:
  // A binary search for the life of a mapping: many minutes, in which nothing else is sent.
  struct LifetimeSearch {
    Duration longest = std::chrono::minutes{10};
    Duration precision = std::chrono::seconds{10};
    // For how long the mapping is used before it is left alone: a NAT may keep what was in use for
    // a while longer than what it has just seen, as Linux does.
    Duration settling{0};
  };
  struct Config {
    Endpoint server;  // its primary address and port
    Ip local;         // of the two sockets, whose ports the machine chooses
    Schedule schedule;
    std::size_t padding = 0;  // octets of PADDING, to see what becomes of fragments (§3.5)
    std::optional<LifetimeSearch> lifetime;
    Deviations deviations;
    // Behind a NAT64: the address by which an IPv4 address that the server tells of is reached from
    // here (RFC 6052 §2.2, RFC 7050). Empty elsewhere.
    std::function<Ip(const Ip&)> reaches;
  };

  BehaviourDiscovery(Config config, Rng& rng);

  // Once: asks for two sockets, and goes on by itself.
  void start(Instant now);
  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  [[nodiscard]] bool is_done() const { return step_ == Step::Done; }
  // What is known by now.
  [[nodiscard]] const NatBehaviour& behaviour() const { return behaviour_; }

 private:
  enum class Step : std::uint8_t {
    Sockets,
    Connectivity,  // test I
    FilteringII,
    FilteringIII,
    MappingII,
    MappingIII,
    SecondPort,  // how the second socket looks from outside
    HairpinOpen,
    Hairpin,
    LifetimeBegin,    // makes or renews the mapping that is watched
    LifetimeSettle,   // it is in use
    LifetimeRefresh,  // for the last time
    LifetimeWait,
    LifetimeProbe,
    Done,
  };
  enum SocketIndex : std::size_t { kMain = 0, kSecond = 1 };

  void enter(Instant now, Step step);
  // The request of a step, and what follows it.
  void ask(Instant now, SocketIndex from, const Endpoint& to, Message message,
           const Schedule& schedule);
  void conclude(Instant now, const Observation& seen);
  void conclude_connectivity(Instant now, const Observation& seen);
  void conclude_filtering(Instant now, const Observation& seen);
  void conclude_mapping(Instant now, const Observation& seen);
  void conclude_lifetime(Instant now, bool is_alive);
  void look_for_hairpinning(Instant now);
  void open_hairpin(Instant now);
  void begin_lifetime(Instant now);
  void next_lifetime(Instant now);
  void watch_for(Instant now, Duration time, Step then);

  void handle_received(Instant now, const Received& received);
  [[nodiscard]] bool is_own_request(const Message& message) const;
  void poll_transaction(Instant now);
  [[nodiscard]] Endpoint from_here(const Endpoint& told) const;
  void transmit(SocketIndex from, const Endpoint& to, ByteView octets);
  [[nodiscard]] Message request();
  template <class T>
  void tell(std::string_view what, const Finding<T>& finding, std::string_view value);

  Config config_;
  Rng* rng_;
  Step step_ = Step::Sockets;
  std::array<std::optional<Endpoint>, 2> sockets_;
  NatBehaviour behaviour_;
  std::optional<Endpoint> other_;  // OTHER-ADDRESS
  std::optional<FilteringTest> filtering_second_;
  std::optional<Observation> mapping_second_;
  std::optional<Endpoint> second_mapped_;
  std::optional<LifetimeBounds> bounds_;
  Duration watched_{};  // the wait that is being tried

  struct Pending {
    Transaction transaction;
    SocketIndex from;
    Endpoint to;
  };
  std::optional<Pending> pending_;
  std::optional<Instant> wait_until_;
  std::optional<Step> next_step_;  // after the wait
  Instant last_start_{};
  bool has_started_any_ = false;
  std::deque<Output> outbox_;
};

}  // namespace rtclab::stun
