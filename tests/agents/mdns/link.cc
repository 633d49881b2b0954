#include "tests/agents/mdns/link.h"

#include <algorithm>
#include <utility>

namespace rtclab::test {
namespace {

bool is_group(const Ip& address) {
  return address == mdns::group(Family::V4).ip || address == mdns::group(Family::V6).ip;
}

std::vector<Sent> filtered(const std::vector<Sent>& sent, bool to_group) {
  std::vector<Sent> found;
  std::ranges::copy_if(sent, std::back_inserter(found),
                       [&](const Sent& each) { return is_group(each.path.remote.ip) == to_group; });
  return found;
}

template <class E>
std::vector<E> all(const std::vector<mdns::AgentEvent>& events) {
  std::vector<E> found;
  for (const auto& event : events) {
    if (const auto* const typed = std::get_if<E>(&event)) found.push_back(*typed);
  }
  return found;
}

}  // namespace

std::vector<mdns::Resolved> Link::Machine::resolved() const {
  return all<mdns::Resolved>(events);
}

std::vector<mdns::ResolutionFailed> Link::Machine::failed() const {
  return all<mdns::ResolutionFailed>(events);
}

Link::Machine& Link::add(const std::vector<std::string>& addresses, mdns::Agent::Config config) {
  std::vector<Ip> ips;
  std::ranges::transform(addresses, std::back_inserter(ips), ip);
  machines_.push_back(std::make_unique<Machine>(ips, machines_.size() + 1, config));
  auto& machine = *machines_.back();
  for (const auto& address : ips) machine.agent.handle_input(now, InterfaceUp{"eth0", address});
  drain();
  return machine;
}

std::string Link::register_address(Machine& machine, const std::string& address) {
  std::string name;
  run([&] { name = machine.agent.register_address(now, ip(address)); });
  return name;
}

void Link::resolve(Machine& machine, const std::string& name) {
  run([&] { machine.agent.resolve(now, name); });
}

void Link::inject(Machine& machine, const std::string& from, const mdns::Message& message) {
  const auto octets = message.serialize();
  const Path path{Transport::Udp, {machine.addresses.front(), mdns::kPort}, *Endpoint::parse(from)};
  run([&] { machine.agent.handle_input(now, Received{path, octets}); });
}

void Link::run(const std::function<void()>& call) {
  call();
  drain();
}

void Link::run_for(Duration duration) {
  const auto end = now + duration;
  while (true) {
    std::optional<Wakeup> next;
    for (const auto& machine : machines_) {
      next = Wakeup::earliest(next, machine->agent.next_wakeup());
    }
    if (!next || next->at > end) break;
    now = next->at;
    for (const auto& machine : machines_) machine->agent.handle_timeout(now);
    drain();
  }
  now = end;
}

void Link::drain() {
  do {
    for (const auto& machine : machines_) {
      while (const auto output = machine->agent.poll_output()) {
        if (const auto* const open = std::get_if<OpenSocket>(&*output)) {
          machine->asked.push_back(*open);
          if (machine->sockets_fail) {
            machine->agent.handle_input(now, SocketFailed{open->request, "no multicast here"});
          } else {
            machine->agent.handle_input(now, SocketOpened{open->request, open->local});
          }
        } else if (const auto* const transmit = std::get_if<Transmit>(&*output)) {
          carry(*machine, *transmit);
        } else if (const auto* const close = std::get_if<CloseSocket>(&*output)) {
          machine->closed.push_back(*close);
        } else if (const auto* const event = std::get_if<Event>(&*output)) {
          machine->trace.push_back(*event);
        }
      }
      while (auto event = machine->agent.poll_event()) machine->events.push_back(std::move(*event));
    }
    if (under_way_.empty()) return;
    const auto [machine, datagram] = std::move(under_way_.front());
    under_way_.pop_front();
    machine->agent.handle_input(now, Received{datagram.first, datagram.second});
  } while (true);
}

void Link::carry(Machine& from, const Transmit& transmit) {
  from.sent.push_back({now, transmit.path, mdns::Message::parse(transmit.bytes).value()});
  if (loses(from.sent.back())) return;
  const auto& to = transmit.path.remote.ip;
  for (const auto& machine : machines_) {
    if (machine.get() == &from) continue;
    for (const auto& address : machine->addresses) {
      const bool heard = is_group(to) ? address.family() == to.family() : address == to;
      if (!heard) continue;
      under_way_.push_back(
          {machine.get(),
           {Path{Transport::Udp, {address, mdns::kPort}, transmit.path.local}, transmit.bytes}});
      break;
    }
  }
}

Ip ip(const std::string& text) {
  return Ip::parse(text).value();
}

std::vector<Sent> multicasts(const std::vector<Sent>& sent) {
  return filtered(sent, true);
}
std::vector<Sent> unicasts(const std::vector<Sent>& sent) {
  return filtered(sent, false);
}

mdns::Message a_query(const std::string& name, mdns::RecordType type) {
  mdns::Message message;
  message.questions.push_back({.name = *mdns::Name::parse(name), .type = type});
  return message;
}

mdns::Message an_answer(const std::string& name, const std::vector<std::string>& addresses,
                        std::uint32_t ttl) {
  mdns::Message message{.response = true, .authoritative = true};
  for (const auto& address : addresses) {
    message.answers.push_back(mdns::Record::address(*mdns::Name::parse(name), ip(address), ttl));
  }
  return message;
}

}  // namespace rtclab::test
