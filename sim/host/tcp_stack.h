// All TCP connections of one machine, sans-I/O: finds the connection of a segment, opens new ones
// for listeners, and answers RST to what belongs to nobody.
//
// Spec: RFC 9293 §3.10.7.1 (CLOSED), §3.10.7.2 (LISTEN), §3.4.1 (initial sequence numbers: drawn,
// not clocked). A connection is known by its whole path, so one local port can have many, listen
// and connect at once (RFC 6544 needs that). Contract as in agents/base/io.h; drain poll_event()
// before poll_output().
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/base/strong.h"
#include "sim/host/tcp_connection.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace rtclab::tcp {

using ConnectionId = Strong<struct ConnectionIdTag, std::uint64_t>;

// A listener's new connection is told by Connected, with `accepted_by`.
struct StackEvent {
  ConnectionId connection;
  Path path;
  std::optional<Endpoint> accepted_by;  // the listener, when the other side opened the connection
  ConnectionEvent event;
};

// A segment for the wire, its checksum right.
struct OutgoingSegment {
  Ip source;
  Ip destination;
  Bytes octets;
};

class Stack {
 public:
  // `rng` outlives this object.
  Stack(const Options& options, Rng& rng) : options_{options}, rng_{rng} {}

  // The largest payload that a segment of an IPv4 connection opened from now on may have.
  void limit_mss(std::uint16_t mss) { options_.mss = std::min(options_.mss, mss); }

  // An unspecified address listens on all. False when somebody listens there already.
  [[nodiscard]] bool listen(const Endpoint& local) { return listeners_.insert(local).second; }
  void stop_listening(const Endpoint& local) { listeners_.erase(local); }
  // nullopt when there is a connection on this path already.
  [[nodiscard]] std::optional<ConnectionId> connect(Instant now, const Endpoint& local,
                                                    const Endpoint& remote);
  // Calls for a connection that has ended are ignored: the end may not have been polled yet.
  void send(Instant now, ConnectionId id, ByteView data);
  [[nodiscard]] Bytes read(Instant now, ConnectionId id, std::size_t most);
  void close(Instant now, ConnectionId id);
  void abort(Instant now, ConnectionId id);

  // `segment` as it stood in an IP packet; a damaged one is dropped.
  void handle_segment(Instant now, const Ip& source, const Ip& destination, ByteView segment);
  void handle_refusal(Instant now, const Path& path);
  // Packets on this path must not exceed `mtu`; what was sent and is not acknowledged goes again.
  void handle_path_mtu(Instant now, const Path& path, std::size_t mtu);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<OutgoingSegment> poll_output();
  [[nodiscard]] std::optional<StackEvent> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  // nullptr once it has ended.
  [[nodiscard]] const Connection* find(ConnectionId id) const;
  [[nodiscard]] bool uses_port(const Endpoint& local) const;
  [[nodiscard]] std::size_t size() const { return connections_.size(); }

 private:
  struct Entry {
    Connection connection;
    std::optional<Endpoint> listener;
    bool announced = false;
  };

  ConnectionId add(const Path& path, std::optional<Endpoint> listener);
  [[nodiscard]] Connection* find_mutable(ConnectionId id);
  [[nodiscard]] std::optional<Endpoint> listener_for(const Endpoint& local) const;
  void refuse(const Path& path, const Segment& segment);
  void forget_ended();

  Options options_;
  Rng& rng_;
  std::set<Endpoint> listeners_;
  std::map<ConnectionId, Entry> connections_;
  std::map<Path, ConnectionId> by_path_;
  std::deque<OutgoingSegment> refusals_;
  std::uint64_t last_id_ = 0;
};

}  // namespace rtclab::tcp
