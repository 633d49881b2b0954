#include "sim/host/agent_streams.h"

#include "sim/host/host.h"

#include <algorithm>
#include <utility>

namespace rtclab::sim {

AgentStreams::~AgentStreams() {
  for (const auto& local : listening_) host_.tcp().stop_listening(local);
  for (const auto& [id, stream] : streams_) host_.tcp().drop(id);
}

tl::expected<Endpoint, std::string> AgentStreams::listen(const Endpoint& local) {
  auto listening = host_.tcp().listen(
      local, [this](tcp::ConnectionId id, const Path& path) { return accept(id, path); });
  if (listening) listening_.insert(*listening);
  return listening;
}

void AgentStreams::stop_listening(const Endpoint& local) {
  if (listening_.erase(local) != 0) host_.tcp().stop_listening(local);
}

std::optional<std::string> AgentStreams::open(const OpenStream& asked) {
  const auto id = host_.tcp().connect(asked.local, asked.remote,
                                      [&](tcp::ConnectionId number, const Path& path) {
                                        streams_.emplace(number, Stream{path, asked});
                                        return handlers_of(number);
                                      });
  return id ? std::nullopt : std::optional{id.error()};
}

void AgentStreams::close(const Path& path) {
  const auto id = find(path);
  if (!id) return;
  streams_.erase(*id);
  host_.tcp().close(*id);
}

void AgentStreams::send(const Path& path, ByteView octets) {
  const auto id = find(path);
  if (id && !streams_.at(*id).asked) host_.tcp().send(*id, octets);
}

TcpHandlers AgentStreams::handlers_of(tcp::ConnectionId id) {
  return {.connected = [this, id] { note_connected(id); },
          .received = [this, id](ByteView octets) { note_received(id, octets); },
          .finished = [this, id] { note_finished(id); },
          .closed = [this, id](std::string_view why) { note_end(id, why); }};
}

TcpHandlers AgentStreams::accept(tcp::ConnectionId id, const Path& path) {
  streams_.emplace(id, Stream{path, std::nullopt});
  tell_(StreamOpened{std::nullopt, path});
  return handlers_of(id);
}

void AgentStreams::note_connected(tcp::ConnectionId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const auto request = found->second.asked->request;
  found->second.asked.reset();
  tell_(StreamOpened{request, found->second.path});
}

void AgentStreams::note_received(tcp::ConnectionId id, ByteView octets) {
  const auto found = streams_.find(id);
  if (found != streams_.end()) tell_(Received{found->second.path, octets});
}

void AgentStreams::note_finished(tcp::ConnectionId id) {
  if (!streams_.contains(id)) return;
  host_.tcp().close(id);
  note_end(id, "closed by the peer");
}

void AgentStreams::note_end(tcp::ConnectionId id, std::string_view why) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const auto stream = found->second;
  streams_.erase(found);
  if (stream.asked) {
    tell_(SocketFailed{stream.asked->request, std::string{why}});
  } else {
    tell_(StreamClosed{stream.path, std::string{why}});
  }
}

// One that is opening is also known by the endpoints that were asked for, where the port may be 0.
std::optional<tcp::ConnectionId> AgentStreams::find(const Path& path) const {
  const auto is_it = [&](const auto& entry) {
    const auto& [id, stream] = entry;
    return stream.path == path || (stream.asked && stream.asked->local == path.local &&
                                   stream.asked->remote == path.remote);
  };
  const auto found = std::ranges::find_if(streams_, is_it);
  return found == streams_.end() ? std::nullopt : std::optional{found->first};
}

}  // namespace rtclab::sim
