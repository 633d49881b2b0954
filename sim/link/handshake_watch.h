// Follows the DTLS handshakes on a link, in both of its directions, and says which flight a
// datagram belongs to.
//
// Spec: RFC 6347 §4.2.4 (flights and their retransmission), §4.2.2 (the handshake header).
//
// What is counted: a flight of a direction is what it sends of a handshake, handshake messages
// (record type 22) and ChangeCipherSpec (20), from its first datagram after the other direction has
// sent something new, until the other direction sends something new again. Alerts (21) are no
// handshake messages and belong to no flight; nor do application data. What n means: the flights of
// a direction are numbered from 1 in the order in which they begin, over all handshakes of the
// link. A flight that is sent again keeps its number, and this is its second sending: a datagram
// whose first message was seen before (by message_seq and fragment offset, which a retransmission
// keeps) belongs to a retransmission. So "flight 2, sending 1" is the second flight once; its
// retransmission is "flight 2, sending 2".
//
// Messages are told apart while their headers can be read: in epoch 0. Of the encrypted ones there
// is one in a flight of DTLS 1.2, Finished. Of DTLS 1.3 only what is in the clear is seen.
#pragma once

#include "sim/link/packet_kind.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace rtclab::sim {

// Of the two directions of a link.
enum class Way : std::uint8_t { AToB, BToA };

struct FlightPart {
  std::size_t flight = 0;  // from 1
  unsigned sending = 1;    // 1: for the first time
  friend bool operator==(const FlightPart&, const FlightPart&) = default;
};

class HandshakeWatch {
 public:
  // To be told each datagram that either direction is offered, in the order of time. nullopt: no
  // part of a handshake.
  std::optional<FlightPart> note(Way way, const PacketKind& datagram);
  // How many flights have begun in that direction.
  [[nodiscard]] std::size_t flights(Way way) const { return flights_[index(way)]; }

 private:
  // A message, or a fragment of one: where it stands in its handshake. ChangeCipherSpec and what is
  // encrypted have no number and stand above all that can have.
  using Piece = std::uint64_t;
  struct Side {
    std::set<Piece> sent;          // ever
    std::set<Piece> this_sending;  // since the flight was begun or begun again
    FlightPart part{};
    bool answered = true;  // the other side has sent something new since
  };
  struct Handshake {
    std::array<Side, 2> sides;
    Bytes client_random;
  };
  using Pair = std::pair<Endpoint, Endpoint>;  // the smaller first

  static std::size_t index(Way way) { return way == Way::AToB ? 0 : 1; }
  void begin_anew_if_another(Handshake& handshake, ByteView payload);

  std::map<Pair, Handshake> handshakes_;
  std::array<std::size_t, 2> flights_{};
};

}  // namespace rtclab::sim
