// The TCP connections of an agent: opened for a pair, or accepted at a candidate that waits for the
// peer.
//
// Spec: RFC 6544 §7.1 (opened when a check needs them), §7.2 (accepted), §8 and §11 (how long they
// live); RFC 4571 by framing.h.
// ICE knows a connection by its pair's path: base and remote candidate. The base of an active
// candidate has the port kDiscardPort, while the connection itself leaves from a port of its own;
// this class is where the one becomes the other.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/ice/candidate.h"
#include "agents/ice/framing.h"
#include "agents/ice/state.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice {

// A datagram that came whole.
struct FramedDatagram {
  StreamId stream;
  Path path;  // the pair's
  Bytes bytes;
};
// There is no connection on this path (any more).
struct ConnectionLost {
  StreamId stream;
  Path path;
  std::string why;
  bool is_stranger = false;  // what answers there speaks something else (RFC 6544 §7.1)
};

class Connections {
 public:
  // Deviations: IceTcpUnframed.
  explicit Connections(const Deviations& deviations)
      : unframed_{deviations.has(Deviation::IceTcpUnframed)} {}

  // Frames and sends. Where no connection stands yet it is opened first, if the candidate may, and
  // what was sent follows once it stands. `request` names the connection, if it is opened.
  void send(StreamId stream, const Path& path, TcpType type, std::uint32_t request,
            ByteView datagram);
  [[nodiscard]] bool is_open(const Path& path) const;

  // False: the request is not one of ours.
  bool handle_opened(std::uint32_t request, const Path& actual);
  bool handle_failed(std::uint32_t request, const std::string& why);
  // A connection came to the listening socket of a candidate. Turned down when the peer has too
  // many.
  void handle_accepted(StreamId stream, const Path& actual);
  // False: not a connection of ours.
  bool handle_octets(const Path& actual, ByteView octets);
  bool handle_closed(const Path& actual, const std::string& why);

  // Closes those of a stream save `kept`.
  void close_others(StreamId stream, const std::vector<Path>& kept);
  // Forgets those from an address that is gone, and reports them lost.
  void forget(const Ip& local, const std::string& why);

  // OpenStream, Transmit and CloseStream: for the network, or for the relay that `local` is at.
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<FramedDatagram> poll_datagram();
  [[nodiscard]] std::optional<ConnectionLost> poll_lost();

 private:
  struct Connection {
    StreamId stream;
    Path path;                             // as ICE knows it
    Path actual;                           // as the network does
    std::optional<std::uint32_t> request;  // while it opens
    std::vector<Bytes> held;               // sent before it stood
    bool is_accepted = false;
    bool has_proved_itself = false;  // the first thing that came was STUN
    Deframer deframer;
  };
  [[nodiscard]] Connection* find(const Path& path);
  [[nodiscard]] Connection* find_actual(const Path& actual);
  void open(StreamId stream, const Path& path, TcpType type, std::uint32_t request);
  void stand(Connection& connection, const Path& actual);
  void transmit(const Connection& connection, ByteView datagram);
  void lose(const Connection& connection, const std::string& why, bool is_stranger = false);

  bool unframed_;
  std::deque<Connection> connections_;
  std::deque<Output> outputs_;
  std::deque<FramedDatagram> datagrams_;
  std::deque<ConnectionLost> lost_;
};

}  // namespace rtclab::ice
