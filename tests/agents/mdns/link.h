// Machines on one link, each with an mDNS agent, in virtual time: what is sent to the group reaches
// all others, what is sent to an address reaches its machine. No delay, no loss unless asked for.
#pragma once

#include "agents/base/rng.h"
#include "agents/mdns/agent.h"
#include "agents/mdns/message.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rtclab::test {

using namespace std::chrono_literals;

struct Sent {
  Instant at;
  Path path;
  mdns::Message message;
};

class Link {
 public:
  struct Machine {
    Machine(const std::vector<Ip>& ips, std::uint64_t seed, const mdns::Agent::Config& config)
        : addresses{ips}, rng{seed}, agent{config, rng} {}
    std::vector<Ip> addresses;
    SeededRng rng;
    mdns::Agent agent;
    std::vector<OpenSocket> asked;
    std::vector<CloseSocket> closed;
    std::vector<Sent> sent;
    std::vector<mdns::AgentEvent> events;
    std::vector<Event> trace;
    bool sockets_fail = false;

    [[nodiscard]] std::vector<mdns::Resolved> resolved() const;
    [[nodiscard]] std::vector<mdns::ResolutionFailed> failed() const;
  };

  // A machine whose interface "eth0" has these addresses.
  Machine& add(const std::vector<std::string>& addresses, mdns::Agent::Config config = {});

  // Each runs what it says at once, with all that follows from it.
  std::string register_address(Machine& machine, const std::string& address);
  void resolve(Machine& machine, const std::string& name);
  // A datagram of a stranger, as `machine` hears it from the group at its first address.
  void inject(Machine& machine, const std::string& from, const mdns::Message& message);
  void run(const std::function<void()>& call);
  // Until nothing is due within `duration`; then the time is so much later.
  void run_for(Duration duration);

  Instant now{};
  std::function<bool(const Sent&)> loses = [](const Sent&) { return false; };

 private:
  void drain();
  void carry(Machine& from, const Transmit& transmit);

  std::deque<std::unique_ptr<Machine>> machines_;
  std::deque<std::pair<Machine*, std::pair<Path, Bytes>>> under_way_;
};

[[nodiscard]] Ip ip(const std::string& text);
// What was sent to a group, or not to one.
[[nodiscard]] std::vector<Sent> multicasts(const std::vector<Sent>& sent);
[[nodiscard]] std::vector<Sent> unicasts(const std::vector<Sent>& sent);
[[nodiscard]] mdns::Message a_query(const std::string& name,
                                    mdns::RecordType type = mdns::RecordType::A);
[[nodiscard]] mdns::Message an_answer(const std::string& name,
                                      const std::vector<std::string>& addresses,
                                      std::uint32_t ttl = 120);

}  // namespace rtclab::test
