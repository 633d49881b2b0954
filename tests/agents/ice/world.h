// Machines, NATs and a core that delays and loses, in virtual time: enough network to try two ICE
// agents on. TCP is as good as it can be: a connection that stands loses nothing, and cuts what it
// carries anywhere. Multicast reaches the machines behind one NAT.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "tests/agents/ice/nat.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice::test {

using namespace std::chrono_literals;

// An agent of any kind, behind one face.
class Actor {
 public:
  virtual ~Actor() = default;
  virtual void handle_input(Instant now, const Input& input) = 0;
  virtual void handle_timeout(Instant now) = 0;
  virtual std::optional<Output> poll_output() = 0;
  [[nodiscard]] virtual std::optional<Wakeup> next_wakeup() const = 0;
  virtual void note_event(Instant, const Event&) {}
  // Called once the outputs are drained.
  virtual void after_drain(Instant) {}
};

struct Machine {
  std::string name;
  std::vector<Ip> addresses;
  Nat* nat = nullptr;
  Actor* actor = nullptr;
  std::uint16_t next_port = 5000;
  std::vector<Endpoint> sockets;
  std::vector<Endpoint> listeners;
  std::vector<std::pair<Endpoint, Endpoint>> groups;  // a socket and the group it has joined
  std::vector<Ip> open;  // those of the addresses that no NAT stands before
  // IPv6 is routed, also where IPv4 is translated.
  [[nodiscard]] Nat* nat_of(const Ip& address) const {
    const bool is_open = std::find(open.begin(), open.end(), address) != open.end();
    return is_open || !address.is_v4() ? nullptr : nat;
  }
};

struct Datagram {
  Endpoint source;       // as the receiver sees it
  Endpoint destination;  // as the sender wrote it
  const Machine* sender;
  Endpoint sender_socket;
  ByteView bytes;
  Transport transport = Transport::Udp;  // Tcp: a SYN
};

struct Sent {
  Instant at;
  const Machine* sender;
  Path path;
  Bytes bytes;
};

class World {
 public:
  explicit World(std::uint64_t seed) : rng_{seed} {}

  Machine& add_machine(std::string name, std::vector<Ip> addresses, Nat* nat = nullptr);
  Nat& add_nat(const NatKind& kind, const Ip& outside);
  // Announces the machine's addresses, then drains.
  void boot(Machine& machine, Actor& actor);
  void drain(Machine& machine);
  void at(Instant when, std::function<void()> what);
  void after(Duration wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }

  [[nodiscard]] Instant now() const { return now_; }
  // Until `done`, or `limit` has passed; whether it was done.
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration span) {
    run_until([] { return false; }, span);
  }
  // All TCP connections of the machine end as by a reset in the middle.
  void reset_connections(Machine& machine);
  [[nodiscard]] std::size_t connections_of(const Machine& machine) const;
  // An interface comes or goes while the machine runs.
  // A new one has no NAT before it.
  void bring_up(Machine& machine, const Ip& address, const std::string& name = "eth1");
  void bring_down(Machine& machine, const Ip& address, const std::string& name = "eth0");
  void inject(const Endpoint& from, const Endpoint& to, Bytes bytes) {
    deliver(from, to, std::move(bytes));
  }

  Duration one_way = 25ms;  // between any two machines that are not on one LAN
  double loss = 0;
  std::function<bool(const Datagram&)> drops;  // true: lost
  bool keeps_record = false;
  std::vector<Sent> sent;  // if keeps_record
  SeededRng fork(std::string_view name) const { return rng_.fork(name); }

 private:
  struct Appointment {
    Instant at;
    std::uint64_t order;
    std::function<void()> what;
  };
  struct TcpEnd {
    Machine* machine;
    Path path;  // as the machine sees it
  };
  struct Connection {
    TcpEnd from;  // who connected
    TcpEnd to;
    std::uint32_t request;
    bool stands = false;
    bool is_over = false;
  };
  void open_stream(Machine& machine, const OpenStream& open);
  void send_syn(const std::shared_ptr<Connection>& connection, const Endpoint& remote,
                Duration retry);
  void handle_syn(const std::shared_ptr<Connection>& connection, const Endpoint& source,
                  const Endpoint& remote);
  void establish(const std::shared_ptr<Connection>& connection,
                 std::optional<std::uint32_t> theirs);
  void refuse(const std::shared_ptr<Connection>& connection, const std::string& why);
  void send_segment(Machine& machine, const Transmit& transmit);
  void close_stream(Machine& machine, const Path& path);
  void tell(Machine& machine, const Input& input);
  [[nodiscard]] std::shared_ptr<Connection> find_connection(const Machine& machine,
                                                            const Path& path) const;
  [[nodiscard]] static const TcpEnd& other_end(const Connection& connection,
                                               const Machine& machine);
  void multicast(Machine& machine, const Transmit& transmit);
  void transmit(Machine& machine, const Transmit& transmit);
  void deliver(const Endpoint& from, const Endpoint& to, Bytes bytes);
  void hand_over(Machine& machine, const Endpoint& from, const Endpoint& to, const Bytes& bytes);
  [[nodiscard]] Machine* owner(const Endpoint& socket, const Nat* inside);

  SeededRng rng_;
  SeededRng loss_rng_{rng_.fork("loss")};
  Instant now_{};
  std::uint64_t order_ = 0;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<Nat>> nats_;
  std::vector<Appointment> appointments_;
  std::vector<std::shared_ptr<Connection>> connections_;
  SeededRng cut_rng_{rng_.fork("cut")};
};

}  // namespace rtclab::ice::test
