// usrsctp as a peer in virtual time: the second opinion on our association.
//
// usrsctp is one per process, reads the wall clock by gettimeofday and its randomness by
// read_random; both are taken over by this test binary, so that a run is a function of its seed.
// Its timers tick every 10 ms.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"

#include <cstdint>
#include <deque>
#include <map>
#include <ostream>
#include <utility>
#include <vector>

struct socket;

namespace rtclab::sctp {

class UsrsctpPeer {
 public:
  struct Message {
    std::uint16_t stream;
    std::uint32_t ppid;
    bool unordered;
    Bytes bytes;
  };
  enum class Role { Listens, Connects };
  enum class Limit { None, Retransmissions, Lifetime };

  // RFC 8260 on its side; it speaks I-DATA when the other offers that too.
  enum class Interleaving { Off, On };

  UsrsctpPeer(Instant now, std::uint64_t seed, Role role,
              Interleaving interleaving = Interleaving::Off);
  ~UsrsctpPeer();
  UsrsctpPeer(const UsrsctpPeer&) = delete;
  UsrsctpPeer& operator=(const UsrsctpPeer&) = delete;

  void handle_packet(Instant now, ByteView packet);
  // To be called every kTick.
  void tick(Instant now);
  static constexpr Duration kTick = std::chrono::milliseconds{10};

  [[nodiscard]] bool send(Instant now, std::uint16_t stream, std::uint32_t ppid, ByteView bytes,
                          bool unordered = false, Limit limit = Limit::None,
                          std::uint32_t value = 0);
  void reset_stream(Instant now, std::uint16_t stream);
  void shutdown(Instant now);

  std::deque<Bytes> outbox;
  std::vector<Message> received;
  bool up = false;
  bool closed = false;
  std::vector<std::uint16_t> incoming_reset;
  std::vector<std::uint16_t> outgoing_reset;

  // For the callbacks of the library.
  void note_data(std::uint16_t stream, std::uint32_t ppid, bool unordered, ByteView bytes,
                 bool end);
  void note_notification(const void* notification);

 private:
  void configure(::socket* socket);
  void accept();

  ::socket* listening_ = nullptr;
  ::socket* socket_ = nullptr;
  Interleaving interleaving_;
  std::map<std::pair<std::uint16_t, bool>, Bytes> partial_;  // by stream, and whether unordered
};

// For the names of test cases.
inline std::ostream& operator<<(std::ostream& out, UsrsctpPeer::Interleaving interleaving) {
  return out << (interleaving == UsrsctpPeer::Interleaving::On ? "I-DATA" : "DATA");
}

}  // namespace rtclab::sctp
