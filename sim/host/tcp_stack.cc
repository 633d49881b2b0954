#include "sim/host/tcp_stack.h"

#include <algorithm>
#include <utility>

namespace rtclab::tcp {

std::optional<ConnectionId> Stack::connect(Instant now, const Endpoint& local,
                                           const Endpoint& remote) {
  const Path path{Transport::Tcp, local, remote};
  if (by_path_.contains(path)) return std::nullopt;
  const auto id = add(path, std::nullopt);
  find_mutable(id)->open(now);
  return id;
}

void Stack::send(Instant now, ConnectionId id, ByteView data) {
  if (auto* connection = find_mutable(id)) connection->send(now, data);
}

Bytes Stack::read(Instant now, ConnectionId id, std::size_t most) {
  auto* connection = find_mutable(id);
  return connection != nullptr ? connection->read(now, most) : Bytes{};
}

void Stack::close(Instant now, ConnectionId id) {
  if (auto* connection = find_mutable(id)) connection->close(now);
}

void Stack::abort(Instant now, ConnectionId id) {
  if (auto* connection = find_mutable(id)) connection->abort(now);
}

void Stack::handle_segment(Instant now, const Ip& source, const Ip& destination, ByteView octets) {
  const auto segment = Segment::parse(source, destination, octets);
  if (!segment) return;
  const Path path{Transport::Tcp, {destination, segment->destination}, {source, segment->source}};
  if (const auto known = by_path_.find(path); known != by_path_.end()) {
    find_mutable(known->second)->handle_segment(now, *segment);
    return;
  }
  const auto listener = listener_for(path.local);
  if (listener && segment->syn && !segment->ack && !segment->rst) {
    find_mutable(add(path, listener))->accept(now, *segment);
    return;
  }
  refuse(path, *segment);
}

// RFC 9293 §3.10.7.1: what belongs to nobody is reset, in numbers that its sender accepts.
void Stack::refuse(const Path& path, const Segment& segment) {
  if (segment.rst) return;
  Segment reset;
  reset.source = path.local.port;
  reset.destination = path.remote.port;
  reset.rst = true;
  if (segment.ack) {
    reset.seq = segment.ack_number;
  } else {
    reset.ack = true;
    reset.ack_number = segment.seq + segment.length();
  }
  refusals_.push_back(
      {path.local.ip, path.remote.ip, reset.serialize(path.local.ip, path.remote.ip)});
}

void Stack::handle_refusal(Instant now, const Path& path) {
  if (const auto known = by_path_.find(path); known != by_path_.end()) {
    find_mutable(known->second)->handle_refusal(now);
  }
}

void Stack::handle_path_mtu(Instant now, const Path& path, std::size_t mtu) {
  const auto known = by_path_.find(path);
  if (known == by_path_.end()) return;
  const std::size_t headers = 20 + (path.local.ip.is_v4() ? 20 : 40);
  const auto mss =
      static_cast<std::uint16_t>(std::clamp<std::size_t>(mtu, headers + 64, 0xffff) - headers);
  find_mutable(known->second)->limit_mss(now, mss);
}

void Stack::handle_timeout(Instant now) {
  for (auto& [id, entry] : connections_) entry.connection.handle_timeout(now);
}

std::optional<OutgoingSegment> Stack::poll_output() {
  if (!refusals_.empty()) {
    auto refusal = std::move(refusals_.front());
    refusals_.pop_front();
    return refusal;
  }
  for (auto& [id, entry] : connections_) {
    auto& connection = entry.connection;
    if (const auto segment = connection.poll_segment()) {
      const auto& path = connection.path();
      return OutgoingSegment{path.local.ip, path.remote.ip,
                             segment->serialize(path.local.ip, path.remote.ip)};
    }
  }
  return std::nullopt;
}

std::optional<StackEvent> Stack::poll_event() {
  for (auto& [id, entry] : connections_) {
    while (const auto event = entry.connection.poll_event()) {
      if (std::holds_alternative<Connected>(*event)) entry.announced = true;
      // A connection that was never accepted ends unseen: its listener goes on listening.
      if (entry.listener && !entry.announced) continue;
      return StackEvent{id, entry.connection.path(), entry.listener, *event};
    }
  }
  forget_ended();
  return std::nullopt;
}

// Only once it has nothing more to say: poll_event() was drained, and a reset may still be waiting.
void Stack::forget_ended() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    auto& connection = at->second.connection;
    if (connection.state() != State::Closed) {
      ++at;
      continue;
    }
    const auto& path = connection.path();
    while (const auto segment = connection.poll_segment()) {
      refusals_.push_back(
          {path.local.ip, path.remote.ip, segment->serialize(path.local.ip, path.remote.ip)});
    }
    by_path_.erase(path);
    at = connections_.erase(at);
  }
}

std::optional<Wakeup> Stack::next_wakeup() const {
  std::optional<Wakeup> earliest;
  for (const auto& [id, entry] : connections_) {
    earliest = Wakeup::earliest(earliest, entry.connection.next_wakeup());
  }
  return earliest;
}

const Connection* Stack::find(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second.connection;
}

Connection* Stack::find_mutable(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second.connection;
}

bool Stack::uses_port(const Endpoint& local) const {
  const auto is_same_port = [&](const Endpoint& other) {
    return other.port == local.port && (other.ip == local.ip || other.ip.is_unspecified());
  };
  for (const auto& listener : listeners_) {
    if (is_same_port(listener)) return true;
  }
  for (const auto& [path, id] : by_path_) {
    if (is_same_port(path.local)) return true;
  }
  return false;
}

ConnectionId Stack::add(const Path& path, std::optional<Endpoint> listener) {
  const ConnectionId id{++last_id_};
  const Sequence first{static_cast<std::uint32_t>(rng_.next())};
  auto options = options_;
  // RFC 9293 §3.7.1: the header of IPv6 is 20 octets longer.
  if (!path.local.ip.is_v4()) options.mss = static_cast<std::uint16_t>(options.mss - 20);
  connections_.emplace(id, Entry{Connection{path, options, first}, listener});
  by_path_.emplace(path, id);
  return id;
}

std::optional<Endpoint> Stack::listener_for(const Endpoint& local) const {
  if (listeners_.contains(local)) return local;
  const Endpoint any{local.ip.is_v4() ? Ip::v4(0) : Ip{}, local.port};
  return listeners_.contains(any) ? std::optional{any} : std::nullopt;
}

}  // namespace rtclab::tcp
