#include "agents/mdns/agent.h"

#include "agents/mdns/candidate_name.h"

#include <algorithm>
#include <utility>

namespace rtclab::mdns {
namespace {

// What may wait for the rate: a minute's worth is of no use to anybody.
constexpr std::size_t kMostWaiting = 200;

}  // namespace

Agent::Agent(Config config, Rng& rng)
    : config_{config},
      rng_{&rng},
      interfaces_{config.first_request},
      responder_{interfaces_, config.deviations},
      resolver_{interfaces_, config.deviations} {}

std::string Agent::register_address(Instant now, const Ip& address) {
  if (const auto known = names_.find(address); known != names_.end()) return known->second;
  const auto name = draw_candidate_name(*rng_);
  names_.emplace(address, name);
  outbox_.emplace_back(NameRegistered{name, address}.describe());
  responder_.add(now, *Name::parse(name), address);
  join();
  settle(now);
  return name;
}

void Agent::remove_address(Instant now, const Ip& address) {
  const auto known = names_.find(address);
  if (known == names_.end()) return;
  outbox_.emplace_back(NameRemoved{known->second}.describe());
  names_.erase(known);
  responder_.remove(address);
  settle(now);
}

void Agent::resolve(Instant now, const std::string& name) {
  join();
  resolver_.resolve(now, name);
  settle(now);
}

void Agent::close(Instant now) {
  if (closed_) return;
  waiting_.clear();
  while (!names_.empty()) remove_address(now, Ip{names_.begin()->first});
  // A handful of goodbyes; held back they would never leave.
  for (auto& departure : std::exchange(waiting_, {})) transmit(departure);
  for (const auto& local : interfaces_.sockets()) {
    outbox_.emplace_back(CloseSocket{Transport::Udp, {local, kPort}});
  }
  closed_ = true;
}

bool Agent::concerns(const Input& input) const {
  if (const auto* const received = std::get_if<Received>(&input)) {
    return received->path.transport == Transport::Udp && received->path.local.port == kPort &&
           interfaces_.is_open(received->path.local.ip);
  }
  if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    return interfaces_.asked_for(opened->request);
  }
  if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    return interfaces_.asked_for(failed->request);
  }
  return std::holds_alternative<InterfaceUp>(input) || std::holds_alternative<InterfaceDown>(input);
}

void Agent::handle_input(Instant now, const Input& input) {
  if (closed_ || !concerns(input)) return;
  if (const auto* const received = std::get_if<Received>(&input)) {
    handle_datagram(now, *received);
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    if (const auto local = interfaces_.handle_opened(opened->request)) {
      responder_.handle_socket_opened(now, *local);
      resolver_.handle_socket_opened(now);
    }
  } else if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    interfaces_.handle_failed(failed->request);
    if (in_use_) join();
  } else if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    interfaces_.add(up->name, up->address);
    if (in_use_) join();
  } else if (const auto* const down = std::get_if<InterfaceDown>(&input)) {
    handle_interface_down(now, down->address);
  }
  settle(now);
}

// There is no saying goodbye from an address that is gone: caches expire.
void Agent::handle_interface_down(Instant now, const Ip& address) {
  responder_.handle_socket_closed(address);
  remove_address(now, address);
  if (const auto socket = interfaces_.remove(address)) outbox_.emplace_back(*socket);
  if (in_use_) join();
}

void Agent::handle_datagram(Instant now, const Received& received) {
  const auto message = Message::parse(received.bytes);
  if (!message) {
    outbox_.emplace_back(PacketDiscarded{message.error()}.describe());
    return;
  }
  const auto& [transport, local, remote] = received.path;
  if (message->response) {
    resolver_.handle_response(now, local.ip, remote, *message);
  } else {
    responder_.handle_query(now, local.ip, remote, *message);
  }
}

void Agent::handle_timeout(Instant now) {
  if (closed_) return;
  responder_.handle_timeout(now);
  resolver_.handle_timeout(now);
  settle(now);
}

void Agent::join() {
  in_use_ = true;
  for (auto& socket : interfaces_.open_missing()) outbox_.emplace_back(std::move(socket));
}

void Agent::settle(Instant now) {
  while (auto departure = responder_.poll()) waiting_.push_back(std::move(*departure));
  while (auto departure = resolver_.poll()) waiting_.push_back(std::move(*departure));
  while (auto event = resolver_.poll_event()) {
    outbox_.emplace_back(std::visit([](const auto& typed) { return typed.describe(); }, *event));
    events_.push_back(std::move(*event));
  }
  while (!waiting_.empty() && limit_.take(now)) {
    transmit(waiting_.front());
    waiting_.pop_front();
  }
  if (waiting_.size() > kMostWaiting) {
    waiting_.resize(kMostWaiting);
    outbox_.emplace_back(MessageDropped{"too many messages wait for the rate limit"}.describe());
  }
}

void Agent::transmit(const Departure& departure) {
  // The socket may have closed while the message waited.
  if (!interfaces_.is_open(departure.from)) return;
  outbox_.emplace_back(Transmit{{Transport::Udp, {departure.from, kPort}, departure.to},
                                departure.message.serialize()});
}

std::optional<Output> Agent::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

std::optional<AgentEvent> Agent::poll_event() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<Wakeup> Agent::next_wakeup() const {
  if (closed_) return std::nullopt;
  const auto as_wakeup = [](std::optional<Instant> at, std::string_view reason) {
    return at ? std::optional{Wakeup{*at, reason}} : std::nullopt;
  };
  std::optional<Instant> turn;
  if (!waiting_.empty()) turn = limit_.next();
  return Wakeup::earliest(
      as_wakeup(turn, "mdns: rate limit"),
      Wakeup::earliest(as_wakeup(resolver_.next_wakeup(), "mdns: question"),
                       as_wakeup(responder_.next_wakeup(), "mdns: announcement")));
}

}  // namespace rtclab::mdns
