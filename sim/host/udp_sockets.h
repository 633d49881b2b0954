// The UDP sockets of one machine.
//
// Spec: RFC 768, RFC 1122 §4.1, RFC 6335 §6 (the dynamic ports that "port 0" chooses from).
#pragma once

#include "agents/base/io.h"
#include "agents/base/result.h"
#include "agents/base/rng.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace rtclab::sim {

class Host;

class UdpSockets {
 public:
  // Gets Received and Unreachable, nothing else. May bind and close sockets, its own too.
  using Handler = std::function<void(const Input&)>;

  UdpSockets(Host& host, SeededRng rng) : host_{host}, rng_{rng} {}

  // Port 0 draws a free dynamic port. An unspecified address listens on all of the machine's. The
  // error is a sentence: the address is not the machine's, or the port is taken.
  [[nodiscard]] tl::expected<Endpoint, std::string> bind(Endpoint local, Handler handler);
  void close(const Endpoint& local);
  // A socket that also gets what is sent to `group` on the interface of `local`, and shares its
  // port with others of its kind (RFC 6762 §15.1). What is sent to `local` itself goes to the first
  // of them. Errors as with bind().
  struct Membership {
    std::uint64_t number;
    Endpoint local;
  };
  [[nodiscard]] tl::expected<Membership, std::string> join(const Endpoint& local, const Ip& group,
                                                           Handler handler);
  void leave(std::uint64_t number) { members_.erase(number); }
  // Sends from the socket path.local. False when there is no such socket, or the datagram cannot
  // leave.
  bool send(const Path& path, ByteView payload);

  // Whether a socket took the datagram; if not, the machine answers "port unreachable".
  bool deliver(const Received& received);
  void deliver(const Unreachable& unreachable);
  // To the members of the group `to.ip` that have joined it at `interface`, at the port `to.port`.
  void deliver_to_group(const Endpoint& to, const Ip& interface, const Endpoint& from,
                        ByteView payload);

 private:
  using Socket =
      std::shared_ptr<const Handler>;  // shared, because a handler may close its own socket
  struct Member {
    Endpoint local;
    Ip group;
    Socket socket;
  };
  [[nodiscard]] bool is_free(const Endpoint& local) const;
  [[nodiscard]] Socket find(const Endpoint& local) const;

  Host& host_;
  SeededRng rng_;
  std::map<Endpoint, Socket> sockets_;
  std::map<std::uint64_t, Member> members_;  // in the order in which they joined
  std::uint64_t last_member_ = 0;
};

}  // namespace rtclab::sim
