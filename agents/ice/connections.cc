#include "agents/ice/connections.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {
namespace {

// What may wait for a connection: a check, an answer, the check that nominates.
constexpr std::size_t kMaxHeld = 8;
// RFC 8445 §19.5.1: more than a peer with a few addresses has use for.
constexpr std::ptrdiff_t kMaxAccepted = 64;

// RFC 7983 §7: STUN begins with 0 to 3.
bool may_be_stun(std::byte first) {
  return std::to_integer<unsigned>(first) <= 3;
}

}  // namespace

void Connections::send(StreamId stream, const Path& path, TcpType type, std::uint32_t request,
                       ByteView datagram) {
  if (datagram.size() > kMaxFrame) return;  // as a datagram too long for UDP is lost
  if (find(path) == nullptr) open(stream, path, type, request);
  auto* const connection = find(path);
  if (connection == nullptr) return;
  if (!connection->request) return transmit(*connection, datagram);
  if (connection->held.size() < kMaxHeld)
    connection->held.emplace_back(datagram.begin(), datagram.end());
}

void Connections::open(StreamId stream, const Path& path, TcpType type, std::uint32_t request) {
  // RFC 6544 §11.1: at a passive candidate the peer's connection has to be awaited.
  if (type == TcpType::Passive) return;
  auto local = path.local;
  // RFC 6544 §7.1: from an unallocated port; so candidates from the port that the peer expects.
  if (type == TcpType::Active) local.port = Port{0};
  connections_.push_back({.stream = stream,
                          .path = path,
                          .actual = {Transport::Tcp, local, path.remote},
                          .request = request,
                          .held = {},
                          .deframer = {}});
  outputs_.emplace_back(OpenStream{request, local, path.remote});
}

bool Connections::is_open(const Path& path) const {
  return std::ranges::any_of(
      connections_, [&](const Connection& each) { return each.path == path && !each.request; });
}

bool Connections::handle_opened(std::uint32_t request, const Path& actual) {
  const auto connection =
      std::ranges::find(connections_, std::optional{request}, &Connection::request);
  if (connection == connections_.end()) return false;
  stand(*connection, actual);
  return true;
}

void Connections::stand(Connection& connection, const Path& actual) {
  connection.actual = actual;
  connection.request.reset();
  for (const auto& datagram : std::exchange(connection.held, {})) transmit(connection, datagram);
}

bool Connections::handle_failed(std::uint32_t request, const std::string& why) {
  const auto connection =
      std::ranges::find(connections_, std::optional{request}, &Connection::request);
  if (connection == connections_.end()) return false;
  lose(*connection, "the TCP connection cannot be made: " + why);
  connections_.erase(connection);
  return true;
}

void Connections::handle_accepted(StreamId stream, const Path& actual) {
  // The peer of two so candidates was quicker: its connection is the one that ours would be.
  if (auto* const opening = find(actual)) {
    if (opening->request) stand(*opening, actual);
    return;
  }
  if (std::ranges::count_if(connections_, [&](const Connection& each) {
        return each.stream == stream && each.is_accepted;
      }) >= kMaxAccepted) {
    outputs_.emplace_back(CloseStream{actual});
    return;
  }
  connections_.push_back({.stream = stream,
                          .path = actual,
                          .actual = actual,
                          .request = std::nullopt,
                          .held = {},
                          .is_accepted = true,
                          .deframer = {}});
}

bool Connections::handle_octets(const Path& actual, ByteView octets) {
  auto* const connection = find_actual(actual);
  if (connection == nullptr) return false;
  connection->deframer.push(octets);
  const auto first = connection->deframer.peek();
  if (!connection->has_proved_itself && first && !may_be_stun(*first)) {
    lose(*connection, "what answers there does not begin with STUN", true);
    outputs_.emplace_back(CloseStream{actual});
    std::erase_if(connections_, [&](const Connection& each) { return each.actual == actual; });
    return true;
  }
  while (auto datagram = connection->deframer.pop()) {
    connection->has_proved_itself = true;
    datagrams_.push_back({connection->stream, connection->path, std::move(*datagram)});
  }
  return true;
}

bool Connections::handle_closed(const Path& actual, const std::string& why) {
  auto* const connection = find_actual(actual);
  if (connection == nullptr) return false;
  lose(*connection, "the TCP connection is lost: " + why);
  std::erase_if(connections_, [&](const Connection& each) { return each.actual == actual; });
  return true;
}

void Connections::close_others(StreamId stream, const std::vector<Path>& kept) {
  std::erase_if(connections_, [&](const Connection& each) {
    const bool stays = each.stream != stream || std::ranges::find(kept, each.path) != kept.end();
    if (!stays) outputs_.emplace_back(CloseStream{each.actual});
    return !stays;
  });
}

void Connections::forget(const Ip& local, const std::string& why) {
  std::erase_if(connections_, [&](const Connection& each) {
    if (each.path.local.ip != local) return false;
    lose(each, why);
    outputs_.emplace_back(CloseStream{each.actual});
    return true;
  });
}

void Connections::transmit(const Connection& connection, ByteView datagram) {
  outputs_.emplace_back(Transmit{
      connection.actual, unframed_ ? Bytes{datagram.begin(), datagram.end()} : frame(datagram)});
}

void Connections::lose(const Connection& connection, const std::string& why, bool is_stranger) {
  lost_.push_back({connection.stream, connection.path, why, is_stranger});
}

Connections::Connection* Connections::find(const Path& path) {
  const auto found = std::ranges::find(connections_, path, &Connection::path);
  return found == connections_.end() ? nullptr : &*found;
}

Connections::Connection* Connections::find_actual(const Path& actual) {
  const auto found = std::ranges::find_if(
      connections_, [&](const Connection& each) { return each.actual == actual && !each.request; });
  return found == connections_.end() ? nullptr : &*found;
}

std::optional<Output> Connections::poll_output() {
  if (outputs_.empty()) return std::nullopt;
  std::optional front{std::move(outputs_.front())};
  outputs_.pop_front();
  return front;
}

std::optional<FramedDatagram> Connections::poll_datagram() {
  if (datagrams_.empty()) return std::nullopt;
  std::optional front{std::move(datagrams_.front())};
  datagrams_.pop_front();
  return front;
}

std::optional<ConnectionLost> Connections::poll_lost() {
  if (lost_.empty()) return std::nullopt;
  std::optional front{std::move(lost_.front())};
  lost_.pop_front();
  return front;
}

}  // namespace rtclab::ice
