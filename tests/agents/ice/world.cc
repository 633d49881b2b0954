#include "tests/agents/ice/world.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace rtclab::ice::test {

Machine& World::add_machine(std::string name, std::vector<Ip> addresses, Nat* nat) {
  machines_.push_back(
      std::make_unique<Machine>(Machine{std::move(name), std::move(addresses), nat}));
  return *machines_.back();
}

Nat& World::add_nat(const NatKind& kind, const Ip& outside) {
  nats_.push_back(std::make_unique<Nat>(kind, outside, rng_.fork("nat " + outside.to_string())));
  return *nats_.back();
}

void World::boot(Machine& machine, Actor& actor) {
  machine.actor = &actor;
  for (const auto& ip : machine.addresses) actor.handle_input(now_, InterfaceUp{"eth0", ip});
  drain(machine);
}

void World::drain(Machine& machine) {
  std::vector<OpenSocket> opens;
  do {
    opens.clear();
    while (const auto output = machine.actor->poll_output()) {
      if (const auto* const datagram = std::get_if<Transmit>(&*output))
        transmit(machine, *datagram);
      if (const auto* const open = std::get_if<OpenSocket>(&*output)) opens.push_back(*open);
      if (const auto* const open = std::get_if<OpenStream>(&*output)) open_stream(machine, *open);
      if (const auto* const close = std::get_if<CloseStream>(&*output))
        close_stream(machine, close->path);
      if (const auto* const close = std::get_if<CloseSocket>(&*output)) {
        std::erase(close->transport == Transport::Udp ? machine.sockets : machine.listeners,
                   close->local);
        std::erase_if(machine.groups, [&](const auto& each) { return each.first == close->local; });
      }
      if (const auto* const event = std::get_if<Event>(&*output))
        machine.actor->note_event(now_, *event);
    }
    for (const auto& open : opens) {
      auto local = open.local;
      if (local.port == Port{0}) local.port = Port{machine.next_port++};
      (open.transport == Transport::Udp ? machine.sockets : machine.listeners).push_back(local);
      if (open.group) machine.groups.emplace_back(local, Endpoint{*open.group, local.port});
      machine.actor->handle_input(now_, SocketOpened{open.request, local});
    }
  } while (!opens.empty());
  machine.actor->after_drain(now_);
  const auto wakeup = machine.actor->next_wakeup();
  if (wakeup && wakeup->at <= now_) {
    throw std::logic_error{machine.name + " wants to wake at once: " + std::string{wakeup->reason}};
  }
}

void World::at(Instant when, std::function<void()> what) {
  appointments_.push_back({when, order_++, std::move(what)});
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const auto end = now_ + limit;
  while (!done()) {
    const auto next = std::ranges::min_element(appointments_, {}, [](const Appointment& each) {
      return std::pair{each.at, each.order};
    });
    Machine* sleeper = nullptr;
    Instant wake{};
    for (const auto& machine : machines_) {
      if (machine->actor == nullptr) continue;
      const auto wakeup = machine->actor->next_wakeup();
      if (wakeup && (sleeper == nullptr || wakeup->at < wake)) {
        sleeper = machine.get();
        wake = wakeup->at;
      }
    }
    const bool is_appointment =
        next != appointments_.end() && (sleeper == nullptr || next->at <= wake);
    if (!is_appointment && sleeper == nullptr) break;
    const auto when = is_appointment ? next->at : wake;
    if (when > end) break;
    now_ = std::max(now_, when);
    if (is_appointment) {
      const auto what = std::move(next->what);
      appointments_.erase(next);
      what();
    } else {
      sleeper->actor->handle_timeout(now_);
      drain(*sleeper);
    }
  }
  if (done()) return true;
  now_ = std::max(now_, end);
  return false;
}

void World::transmit(Machine& machine, const Transmit& transmit) {
  const auto& [transport, local, remote] = transmit.path;
  if (transport == Transport::Tcp) return send_segment(machine, transmit);
  if (std::ranges::find(machine.sockets, local) == machine.sockets.end()) {
    throw std::logic_error{machine.name + " sends from " + local.to_string() +
                           ", which is not open"};
  }
  if (keeps_record) sent.push_back({now_, &machine, transmit.path, transmit.bytes});

  if (remote.ip == *Ip::parse("224.0.0.251") || remote.ip == *Ip::parse("ff02::fb"))
    return multicast(machine, transmit);
  // On one LAN: no NAT, hardly any delay.
  auto* const nat = machine.nat_of(local.ip);
  if (nat != nullptr) {
    if (auto* const neighbour = owner(remote, nat)) {
      after(1ms, [this, neighbour, from = local, to = remote, bytes = transmit.bytes] {
        hand_over(*neighbour, from, to, bytes);
      });
      return;
    }
  }
  const auto source = nat != nullptr ? nat->outbound(local, remote) : local;
  const bool is_hairpin = nat != nullptr && remote.ip == nat->outside();
  const Datagram datagram{source, remote, &machine, local, transmit.bytes};
  if (is_hairpin || (drops && drops(datagram))) return;
  if (loss > 0 && loss_rng_.uniform() < loss) return;
  after(one_way,
        [this, source, to = remote, bytes = transmit.bytes] { deliver(source, to, bytes); });
}

void World::multicast(Machine& machine, const Transmit& transmit) {
  for (const auto& neighbour : machines_) {
    if (neighbour->nat != machine.nat || neighbour.get() == &machine) continue;
    for (const auto& [local, group] : neighbour->groups) {
      if (group != transmit.path.remote) continue;
      after(1ms, [this, to = neighbour.get(), local, transmit] {
        hand_over(*to, transmit.path.local, local, transmit.bytes);
      });
    }
  }
}

void World::bring_up(Machine& machine, const Ip& address, const std::string& name) {
  machine.addresses.push_back(address);
  machine.open.push_back(address);
  tell(machine, InterfaceUp{name, address});
}

void World::bring_down(Machine& machine, const Ip& address, const std::string& name) {
  std::erase(machine.addresses, address);
  std::erase_if(machine.sockets, [&](const Endpoint& each) { return each.ip == address; });
  std::erase_if(machine.listeners, [&](const Endpoint& each) { return each.ip == address; });
  tell(machine, InterfaceDown{name, address});
}

void World::deliver(const Endpoint& from, const Endpoint& to, Bytes bytes) {
  auto destination = to;
  const Nat* inside = nullptr;
  for (const auto& nat : nats_) {
    if (nat->outside() != to.ip) continue;
    const auto translated = nat->inbound(to, from);
    if (!translated) return;
    destination = *translated;
    inside = nat.get();
  }
  if (auto* const machine = owner(destination, inside))
    hand_over(*machine, from, destination, bytes);
}

void World::hand_over(Machine& machine, const Endpoint& from, const Endpoint& to,
                      const Bytes& bytes) {
  if (std::ranges::find(machine.sockets, to) == machine.sockets.end()) return;
  machine.actor->handle_input(now_, Received{{Transport::Udp, to, from}, bytes});
  drain(machine);
}

Machine* World::owner(const Endpoint& socket, const Nat* inside) {
  for (const auto& machine : machines_) {
    if (machine->nat_of(socket.ip) != inside) continue;
    if (std::ranges::find(machine->addresses, socket.ip) != machine->addresses.end())
      return machine.get();
  }
  return nullptr;
}

}  // namespace rtclab::ice::test
