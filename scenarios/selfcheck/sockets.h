// Sockets of simulated machines for tests that stand on both sides of a NAT and write down what
// comes.
//
// For code that lets time pass by itself (World::run_until) and looks afterwards; agents use
// sim/host/agent_host.h.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "sim/host/host.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::selfcheck {

// Open as long as the object lives. Throws std::logic_error when the machine does not have the
// address, or somebody the port.
class UdpEnd {
 public:
  UdpEnd(sim::Host& host, const Endpoint& local);
  UdpEnd(const UdpEnd&) = delete;
  UdpEnd& operator=(const UdpEnd&) = delete;
  ~UdpEnd();

  void send(const Endpoint& to);

  [[nodiscard]] const Endpoint& local() const { return local_; }
  // Who sent what came, in that order.
  [[nodiscard]] const std::vector<Endpoint>& heard() const { return heard_; }
  [[nodiscard]] bool has_heard(const Endpoint& from) const;
  [[nodiscard]] bool refused() const { return refused_; }  // ICMP told so
  void forget() { heard_.clear(); }

 private:
  sim::Host& host_;
  Endpoint local_;
  std::vector<Endpoint> heard_;
  bool refused_ = false;
};

struct TcpConnection {
  tcp::ConnectionId id{0};
  Path path;
  bool open = false;
  std::optional<Instant> closed;
  std::string why;
  Bytes received;
};
using TcpConnections = std::vector<std::shared_ptr<TcpConnection>>;

// The TCP of one machine; what is still open when the object goes is reset.
class TcpEnd {
 public:
  explicit TcpEnd(sim::Host& host) : host_{host} {}
  TcpEnd(const TcpEnd&) = delete;
  TcpEnd& operator=(const TcpEnd&) = delete;
  ~TcpEnd();

  // Accepts from now on. Throws std::logic_error as UdpEnd does.
  Endpoint listen(const Endpoint& local);
  [[nodiscard]] std::shared_ptr<TcpConnection> connect(const Endpoint& local,
                                                       const Endpoint& remote);
  void send(const TcpConnection& connection, ByteView octets);
  void drop(TcpConnection& connection);

  // Those that connect() made, in that order.
  [[nodiscard]] const TcpConnections& made() const { return made_; }
  // In the order in which they were accepted.
  [[nodiscard]] const TcpConnections& accepted() const { return *accepted_; }

 private:
  sim::Host& host_;
  std::vector<Endpoint> listening_;
  std::shared_ptr<TcpConnections> accepted_ = std::make_shared<TcpConnections>();
  TcpConnections made_;
};

}  // namespace rtclab::selfcheck
