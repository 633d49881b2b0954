// Two TCP stacks joined in memory by a wire that loses, doubles and delays as it is told. Time
// moves from one wakeup or arrival to the next.
#pragma once

#include "sim/host/tcp_stack.h"

#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace rtclab::tcp {

using namespace std::chrono_literals;

inline const Ip kAliceIp = Ip::v4(0x0a000001);
inline const Ip kBobIp = Ip::v4(0x0a000002);
inline const Endpoint kAlice{kAliceIp, Port{5000}};
inline const Endpoint kBob{kBobIp, Port{80}};

// A program on top of a stack: notes what happens, reads everything unless told not to.
struct Program {
  Program(Ip ip, const Options& options, std::uint64_t seed)
      : address{ip}, rng{seed}, stack{options, rng} {}

  Ip address;
  SeededRng rng;
  Stack stack;
  bool reads = true;
  bool closes_after_peer = true;
  std::vector<std::string> events;
  std::vector<ConnectionId> accepted;
  std::string received;

  void drain_events(Instant now) {
    while (const auto event = stack.poll_event()) {
      if (std::holds_alternative<Connected>(event->event)) {
        events.emplace_back(event->accepted_by ? "accepted" : "connected");
        if (event->accepted_by) accepted.push_back(event->connection);
      } else if (std::holds_alternative<Readable>(event->event)) {
        if (reads) read(now, event->connection);
      } else if (std::holds_alternative<Finished>(event->event)) {
        events.emplace_back("finished");
        if (closes_after_peer) stack.close(now, event->connection);
      } else {
        events.emplace_back(std::get<Ended>(event->event).why);
      }
    }
  }
  void read(Instant now, ConnectionId id,
            std::size_t most = std::numeric_limits<std::size_t>::max()) {
    received += as_text(stack.read(now, id, most));
  }
};

struct OnWire {
  Instant at;
  char from;
  Segment segment;
  bool lost;
};

struct Pair {
  using Fate =
      std::function<std::vector<Duration>(char from, const Segment&)>;  // delays of its copies

  explicit Pair(const Options& options = {}, std::uint64_t seed = 1)
      : a{kAliceIp, options, 2 * seed}, b{kBobIp, options, 2 * seed + 1} {}

  Program a;
  Program b;
  Instant now{};
  Duration delay = 10ms;
  Fate fate = [this](char, const Segment&) { return std::vector{delay}; };
  std::vector<OnWire> wire;
  std::multimap<Instant, OutgoingSegment> in_flight;  // of one instant: in the order of sending

  void settle() {
    for (auto* side : {&a, &b}) {
      side->drain_events(now);
      while (auto out = side->stack.poll_output()) {
        const char from = side == &a ? 'a' : 'b';
        const auto segment = Segment::parse(out->source, out->destination, out->octets);
        if (!segment) throw std::logic_error{"a stack sent a malformed segment"};
        const auto delays = fate(from, *segment);
        wire.push_back({now, from, *segment, delays.empty()});
        for (const auto late : delays) in_flight.emplace(now + late, *out);
      }
    }
  }
  // Until nothing is left to happen, or `limit`.
  void run_until(Instant limit) {
    settle();
    for (;;) {
      auto next = limit + 1ns;
      if (!in_flight.empty()) next = std::min(next, in_flight.begin()->first);
      for (auto* side : {&a, &b}) {
        if (const auto wakeup = side->stack.next_wakeup()) {
          if (wakeup->at <= now) throw std::logic_error{"a stack asks to be woken in the past"};
          next = std::min(next, wakeup->at);
        }
      }
      if (next > limit) break;
      now = next;
      while (!in_flight.empty() && in_flight.begin()->first == now) {
        const auto arriving = std::move(in_flight.begin()->second);
        in_flight.erase(in_flight.begin());
        auto& side = arriving.destination == a.address ? a : b;
        side.stack.handle_segment(now, arriving.source, arriving.destination, arriving.octets);
        settle();
      }
      for (auto* side : {&a, &b}) {
        const auto wakeup = side->stack.next_wakeup();
        if (wakeup && wakeup->at <= now) side->stack.handle_timeout(now);
      }
      settle();
    }
    now = limit;
  }

  // alice connects to bob, who listens.
  ConnectionId connect() {
    if (!b.stack.listen(kBob)) throw std::logic_error{"taken"};
    return *a.stack.connect(now, kAlice, kBob);
  }
  void send(Program& side, ConnectionId id, std::string_view text) {
    side.stack.send(now, id, as_octets(text));
    settle();
  }

  // "a 0.010 SYN,ACK seq 0 ack 1 len 0": sequence numbers relative to each side's first.
  [[nodiscard]] std::vector<std::string> ladder() const {
    std::map<char, std::uint32_t> first;
    for (const auto& one : wire) first.try_emplace(one.from, one.segment.seq.value());
    std::vector<std::string> lines;
    for (const auto& [at, from, segment, lost] : wire) {
      std::string flags;
      for (const auto& [set, name] : {std::pair{segment.syn, "SYN"},
                                      {segment.fin, "FIN"},
                                      {segment.rst, "RST"},
                                      {segment.ack, "ACK"}}) {
        if (set) flags += (flags.empty() ? "" : ",") + std::string{name};
      }
      char text[120];
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch());
      std::snprintf(text, sizeof text, "%c %lld %s seq %u", from,
                    static_cast<long long>(ms.count()), flags.c_str(),
                    segment.seq.value() - first[from]);
      std::string line = text;
      const char peer = from == 'a' ? 'b' : 'a';
      if (segment.ack && first.contains(peer)) {
        line += " ack " + std::to_string(segment.ack_number.value() - first[peer]);
      }
      if (!segment.payload.empty()) line += " len " + std::to_string(segment.payload.size());
      lines.push_back(line + (lost ? " lost" : ""));
    }
    return lines;
  }
};

}  // namespace rtclab::tcp
