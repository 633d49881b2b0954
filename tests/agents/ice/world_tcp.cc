// TCP in the world: SYNs that are lost, refused or crossed, and streams that are cut anywhere.
#include "tests/agents/ice/world.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace rtclab::ice::test {

void World::tell(Machine& machine, const Input& input) {
  machine.actor->handle_input(now_, input);
  drain(machine);
}

std::shared_ptr<World::Connection> World::find_connection(const Machine& machine,
                                                          const Path& path) const {
  const auto is_it = [&](const TcpEnd& end) { return end.machine == &machine && end.path == path; };
  const auto found = std::ranges::find_if(connections_, [&](const auto& each) {
    return !each->is_over && (is_it(each->from) || is_it(each->to));
  });
  return found == connections_.end() ? nullptr : *found;
}

const World::TcpEnd& World::other_end(const Connection& connection, const Machine& machine) {
  return connection.from.machine == &machine ? connection.to : connection.from;
}

std::size_t World::connections_of(const Machine& machine) const {
  return static_cast<std::size_t>(std::ranges::count_if(connections_, [&](const auto& each) {
    return each->stands && !each->is_over &&
           (each->from.machine == &machine || each->to.machine == &machine);
  }));
}

void World::open_stream(Machine& machine, const OpenStream& open) {
  auto connection = std::make_shared<Connection>();
  auto local = open.local;
  if (local.port == Port{0}) local.port = Port{machine.next_port++};
  connection->from = {&machine, {Transport::Tcp, local, open.remote}};
  connection->to = {nullptr, {}};
  connection->request = open.request;
  connections_.push_back(connection);
  send_syn(connection, open.remote, 1s);
}

// RFC 6298: a SYN is sent again after 1, 2, 4, … s.
void World::send_syn(const std::shared_ptr<Connection>& connection, const Endpoint& remote,
                     Duration retry) {
  if (connection->stands || connection->is_over) return;
  if (retry > 32s) return refuse(connection, "timed out");
  auto& machine = *connection->from.machine;
  const auto& local = connection->from.path.local;
  auto* const nat = machine.nat_of(local.ip);
  const bool is_neighbour = nat != nullptr && owner(remote, nat) != nullptr;
  const auto source = nat != nullptr && !is_neighbour ? nat->outbound(local, remote) : local;
  const Datagram syn{source, remote, &machine, local, {}, Transport::Tcp};
  after(retry, [this, connection, remote, retry] { send_syn(connection, remote, 2 * retry); });
  if (drops && drops(syn)) return;
  after(is_neighbour ? 1ms : one_way,
        [this, connection, source, remote] { handle_syn(connection, source, remote); });
}

void World::handle_syn(const std::shared_ptr<Connection>& connection, const Endpoint& source,
                       const Endpoint& remote) {
  if (connection->stands || connection->is_over) return;
  auto destination = remote;
  const Nat* inside = nullptr;
  auto* const own_nat = connection->from.machine->nat_of(connection->from.path.local.ip);
  if (owner(remote, own_nat) == nullptr) {
    for (const auto& nat : nats_) {
      if (nat->outside() != remote.ip) continue;
      const auto translated = nat->inbound(remote, source);
      if (!translated) return;
      destination = *translated;
      inside = nat.get();
    }
  } else {
    inside = own_nat;
  }
  auto* const machine = owner(destination, inside);
  if (machine == nullptr) return;
  const Path theirs{Transport::Tcp, destination, source};
  connection->to = {machine, theirs};
  // RFC 9293 §3.5: both have sent a SYN, which makes one connection.
  const auto crossed = std::ranges::find_if(connections_, [&](const auto& each) {
    return each != connection && !each->is_over && !each->stands && each->from.machine == machine &&
           each->from.path == theirs;
  });
  if (crossed != connections_.end()) {
    (*crossed)->is_over = true;
    return establish(connection, (*crossed)->request);
  }
  if (std::ranges::find(machine->listeners, destination) == machine->listeners.end())
    return refuse(connection, "connection refused");
  establish(connection, std::nullopt);
}

void World::establish(const std::shared_ptr<Connection>& connection,
                      std::optional<std::uint32_t> theirs) {
  connection->stands = true;
  after(one_way, [this, connection] {
    if (!connection->is_over)
      tell(*connection->from.machine, StreamOpened{connection->request, connection->from.path});
  });
  tell(*connection->to.machine, StreamOpened{theirs, connection->to.path});
}

void World::refuse(const std::shared_ptr<Connection>& connection, const std::string& why) {
  connection->is_over = true;
  after(one_way, [this, connection, why] {
    tell(*connection->from.machine, SocketFailed{connection->request, why});
  });
}

void World::send_segment(Machine& machine, const Transmit& transmit) {
  const auto connection = find_connection(machine, transmit.path);
  if (connection == nullptr || !connection->stands) {
    throw std::logic_error{machine.name + " sends on a TCP connection to " +
                           transmit.path.remote.to_string() + ", which is not open"};
  }
  if (keeps_record) sent.push_back({now_, &machine, transmit.path, transmit.bytes});
  const auto cut = transmit.bytes.empty() ? 0 : cut_rng_.below(transmit.bytes.size());
  const auto end = other_end(*connection, machine);
  after(one_way, [this, connection, end, bytes = transmit.bytes, cut] {
    for (const auto& part : {ByteView{bytes}.first(cut), ByteView{bytes}.subspan(cut)}) {
      if (!connection->is_over && !part.empty()) tell(*end.machine, Received{end.path, part});
    }
  });
}

void World::close_stream(Machine& machine, const Path& path) {
  const auto connection = find_connection(machine, path);
  if (connection == nullptr) return;
  const auto end = other_end(*connection, machine);
  if (!connection->stands) {
    connection->is_over = true;
    return;
  }
  // What was sent before arrives before.
  after(one_way, [this, connection, end] {
    if (std::exchange(connection->is_over, true)) return;
    tell(*end.machine, StreamClosed{end.path, "closed by the other side"});
  });
}

void World::reset_connections(Machine& machine) {
  const auto all = connections_;
  for (const auto& each : all) {
    const bool is_meant = each->from.machine == &machine || each->to.machine == &machine;
    if (!is_meant || !each->stands || each->is_over) continue;
    each->is_over = true;
    for (const auto& end : {each->from, each->to})
      tell(*end.machine, StreamClosed{end.path, "connection reset"});
  }
}

}  // namespace rtclab::ice::test
