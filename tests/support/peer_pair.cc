#include "tests/support/peer_pair.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace rtclab::test {
namespace {

// What the operation was fulfilled with; a test that expects that much stops with the error's own
// words.
template <class T>
T fulfilled(const Party& party, peer::OperationId id) {
  const auto& outcome = party.outcome(id);
  if (const auto* error = std::get_if<peer::Error>(&outcome)) {
    throw std::logic_error{party.name + ": " + error->name + ": " + error->message};
  }
  return std::get<T>(outcome);
}

std::string text_of(const Value& value) {
  return std::visit(
      [](const auto& held) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          return held;
        } else {
          return std::to_string(held);
        }
      },
      value);
}

}  // namespace

std::optional<Instant> Party::traced(std::string_view event_name, std::string_view key,
                                     std::string_view value) const {
  for (const auto& [at, event] : trace) {
    if (event.name != event_name) continue;
    if (key.empty()) return at;
    if (const auto* field = event.find(key); field != nullptr && text_of(*field) == value)
      return at;
  }
  return std::nullopt;
}

std::vector<std::string> Party::texts() const {
  std::vector<std::string> found;
  for (const auto& event : all<peer::ChannelMessage>()) {
    if (const auto* text = std::get_if<std::string>(&event.message)) found.push_back(*text);
  }
  return found;
}

const peer::Settlement& Party::outcome(peer::OperationId id) const {
  for (const auto& [at, event] : events) {
    const auto* settled = std::get_if<peer::OperationSettled>(&event);
    if (settled != nullptr && settled->id == id) return settled->outcome;
  }
  throw std::logic_error{name + ": the operation is not settled"};
}

std::string Party::result(peer::OperationId id) const {
  for (const auto& settled : all<peer::OperationSettled>()) {
    if (settled.id != id) continue;
    const auto* error = std::get_if<peer::Error>(&settled.outcome);
    return error == nullptr ? "fulfilled" : error->name;
  }
  return "pending";
}

PeerPair::PeerPair(PairOptions options)
    : alice{"alice", options.alice, 2 * options.seed, *Ip::parse("192.0.2.1")},
      bob{"bob", options.bob, 2 * options.seed + 1, *Ip::parse("192.0.2.2")},
      options_{std::move(options)},
      dice_{options_.seed} {
  for (auto* party : {&alice, &bob}) {
    party->connection.handle_input(now, InterfaceUp{"eth0", party->address});
    drain(*party);
  }
}

// --- the network ---

void PeerPair::carry(Party& from, Output output) {
  if (auto* event = std::get_if<Event>(&output)) {
    from.trace.emplace_back(now, std::move(*event));
  } else if (const auto* open = std::get_if<OpenSocket>(&output)) {
    const Endpoint local{open->local.ip,
                         open->local.port == Port{0} ? Port{from.next_port++} : open->local.port};
    at(now, [this, &from, request = open->request, local] {
      from.connection.handle_input(now, SocketOpened{request, local});
    });
  } else if (auto* transmit = std::get_if<Transmit>(&output)) {
    from.sent.emplace_back(now, transmit->bytes);
    auto& to = other(from);
    const bool lost = dice_.uniform() < options_.loss || cut_;
    if (transmit->path.remote.ip != to.address || lost) return;
    const Path seen{transmit->path.transport, transmit->path.remote, transmit->path.local};
    at(now + options_.one_way, [this, &to, seen, bytes = std::move(transmit->bytes)] {
      to.connection.handle_input(now, Received{seen, bytes});
    });
  }
}

void PeerPair::drain(Party& party) {
  for (bool busy = true; busy;) {
    busy = false;
    while (auto output = party.connection.poll_output()) carry(party, std::move(*output));
    while (auto event = party.connection.poll_event()) {
      busy = true;
      party.events.emplace_back(now, *event);
      react(party, *event);
    }
  }
}

void PeerPair::drain() {
  drain(alice);
  drain(bob);
}

bool PeerPair::step() {
  drain();
  std::optional<Instant> next;
  const auto consider = [&](Instant at) { next = next ? std::min(*next, at) : at; };
  if (!agenda_.empty()) consider(agenda_.begin()->first);
  for (auto* party : {&alice, &bob}) {
    if (const auto wakeup = party->connection.next_wakeup()) consider(wakeup->at);
  }
  if (!next) return false;
  now = std::max(now, *next);
  while (!agenda_.empty() && agenda_.begin()->first <= now) {
    auto node = agenda_.extract(agenda_.begin());
    node.mapped()();
    drain();
  }
  for (auto* party : {&alice, &bob}) {
    const auto wakeup = party->connection.next_wakeup();
    if (wakeup && wakeup->at <= now) party->connection.handle_timeout(now);
  }
  drain();
  return true;
}

void PeerPair::run_for(Duration duration) {
  const auto end = now + duration;
  bool over = false;
  at(end, [&over] { over = true; });
  run_until([&over] { return over; }, duration + 1s);
}

// --- signalling ---

void PeerPair::react(Party& party, const peer::Event& event) {
  if (on_event) on_event(party, event);
  const auto* ice = std::get_if<peer::IceCandidateEvent>(&event);
  if (ice == nullptr || !ice->candidate || !options_.trickle) return;
  at(now + options_.signalling, [this, &to = other(party), candidate = *ice->candidate] {
    to.connection.add_ice_candidate(now, candidate);
  });
}

peer::Description PeerPair::offer(Party& from) {
  const auto id = from.connection.create_offer(now);
  drain();
  return fulfilled<peer::Description>(from, id);
}

peer::Description PeerPair::answer(Party& from) {
  const auto id = from.connection.create_answer(now);
  drain();
  return fulfilled<peer::Description>(from, id);
}

void PeerPair::set_local(Party& party, std::optional<peer::Description> description) {
  const auto id = party.connection.set_local_description(now, std::move(description));
  drain();
  fulfilled<std::monostate>(party, id);
}

void PeerPair::set_remote(Party& party, peer::Description description) {
  const auto id = party.connection.set_remote_description(now, std::move(description));
  drain();
  fulfilled<std::monostate>(party, id);
}

void PeerPair::signal(Party& from, peer::Description description) {
  at(now + options_.signalling, [this, &to = other(from), description = std::move(description)] {
    set_remote(to, description);
    if (description.type != peer::SdpType::Offer) return;
    set_local(to);
    signal(to, *to.connection.local_description());
  });
}

void PeerPair::call(Party& offerer) {
  set_local(offerer);
  signal(offerer, *offerer.connection.local_description());
}

std::string history(const Party& party) {
  std::string text;
  for (const auto& [at, bytes] : party.sent) {
    text += std::to_string(at.time_since_epoch().count()) + ' ' + to_hex(bytes) + '\n';
  }
  for (const auto& [at, event] : party.trace) {
    text += std::to_string(at.time_since_epoch().count()) + ' ' + std::string{event.name};
    for (const auto& field : event.fields)
      text += ' ' + std::string{field.key} + '=' + text_of(field.value);
    text += '\n';
  }
  return text;
}

}  // namespace rtclab::test
