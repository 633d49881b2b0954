#include "scenarios/sweep/faults.h"

#include "reports/evidence/dissection.h"
#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "sim/capture/sink.h"
#include "sim/link/packet_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace rtclab::sweep {
namespace {

using topology::Drop;

// A direction of a link, from a machine that sends datagrams of its own.
struct Way {
  std::string sender;  // as labels have it: "alice", "stun"
  std::string path;    // of the direction's list of drops
  bool over_the_air = false;
};
using Ways = std::map<std::string, Way, std::less<>>;  // by the interface that it begins at

bool sends_its_own(topology::MachineKind kind) {
  using enum topology::MachineKind;
  return kind == Host || kind == StunServer || kind == TurnServer || kind == SignallingServer;
}

// A machine that one peer lives on is called by the peer's name.
std::string name_of(const scenario::Scenario& scenario, const std::string& machine) {
  const auto lives_here = [&](const scenario::Peer& peer) { return peer.machine == machine; };
  if (std::ranges::count_if(scenario.peers, lives_here) != 1) return machine;
  return std::ranges::find_if(scenario.peers, lives_here)->name;
}

Ways ways_of(const scenario::Loaded& loaded) {
  Ways ways;
  const auto& topology = loaded.topology;
  for (std::size_t i = 0; i < topology.links.size(); ++i) {
    const auto& link = topology.links[i];
    const auto add = [&](const topology::LinkEnd& from, std::string_view direction) {
      const auto kind = topology.kind_of(from.machine);
      if (!kind || !sends_its_own(*kind)) return;
      ways.emplace(fmt::format("{}.{}", from.machine, from.interface),
                   Way{name_of(loaded.scenario, from.machine),
                       fmt::format("topology//link[{}]/{}/@drops", i + 1, direction),
                       link.distance.has_value()});
    };
    add(link.a, "aToB");
    add(link.b, "bToA");
  }
  return ways;
}

bool counts_as(const sim::PacketKind& packet, Drop::What what) {
  using Content = sim::PacketKind::Content;
  const bool is_datagram = packet.protocol == ip::Protocol::Udp;
  switch (what) {
    case Drop::What::Packet: return true;
    case Drop::What::Datagram: return is_datagram;
    case Drop::What::Stun: return is_datagram && packet.content == Content::Stun;
    case Drop::What::DtlsRecord: return is_datagram && packet.content == Content::Dtls;
    case Drop::What::Rtp: return is_datagram && packet.content == Content::Rtp;
    case Drop::What::TcpSegment: return packet.protocol == ip::Protocol::Tcp;
    case Drop::What::DtlsFlight: return false;
  }
  __builtin_unreachable();
}

std::string summary_of(const sim::PacketKind& packet) {
  if (packet.protocol != ip::Protocol::Udp) return "packet";
  return evidence::dissect_udp(packet.source, packet.destination, packet.payload).summary();
}

struct Sent {
  const Way* way;
  std::size_t number;
  Instant at;
  std::string summary;
};

// Numbers what everybody sends, as the lists of drops of their links would.
class Census final : public capture::Sink {
 public:
  Census(const Ways& ways, Drop::What what) : ways_{ways}, what_{what} {}

  capture::InterfaceId add_interface(const capture::InterfaceInfo& info) override {
    const auto way = ways_.find(info.name);
    interfaces_.push_back({way == ways_.end() ? nullptr : &way->second, 0});
    return capture::InterfaceId{static_cast<std::uint32_t>(interfaces_.size() - 1)};
  }
  void packet(const capture::Sighting& sighting) override { note(sighting); }
  // What a machine's own interface refuses never comes to the link.
  void dropped(const capture::Sighting& sighting, std::string_view comment) override {
    if (!comment.starts_with("dropped by ")) note(sighting);
  }
  void secrets(Instant /*at*/, std::string_view /*nss_line*/) override {}

  [[nodiscard]] const std::vector<Sent>& sent() const { return sent_; }

 private:
  void note(const capture::Sighting& sighting) {
    auto& [way, count] = interfaces_.at(sighting.interface.value());
    if (way == nullptr || sighting.direction != capture::Direction::Outbound) return;
    const auto kind = sim::kind_of(sighting.packet);
    if (!counts_as(kind, what_)) return;
    sent_.push_back({way, ++count, sighting.at, summary_of(kind)});
  }

  const Ways& ways_;
  Drop::What what_;
  std::vector<std::pair<const Way*, std::size_t>> interfaces_;
  std::vector<Sent> sent_;
};

std::string entry(Drop::What what, const Sent& sent) {
  return fmt::format("{}:{}", to_string(what), sent.number);
}

std::string label_of(const Sent& sent) {
  return fmt::format("{} {}", sent.way->sender, sent.number);
}

Point lose(Drop::What what, const Sent& one) {
  return {fmt::format("{}: {}", label_of(one), one.summary), {{one.way->path, entry(what, one)}}};
}

Point lose_both(Drop::What what, const Sent& one, const Sent& other) {
  Point point{fmt::format("{} + {}", label_of(one), label_of(other)), {}};
  if (one.way == other.way) {
    point.assignments = {{one.way->path, entry(what, one) + " " + entry(what, other)}};
  } else {
    point.assignments = {{one.way->path, entry(what, one)}, {other.way->path, entry(what, other)}};
  }
  return point;
}

Axis axis_of(const DropAxis& drops, const std::vector<Sent>& sent) {
  Axis axis{.name = drops.name, .points = {{"nothing", {}}}, .line = drops.line, .is_drops = true};
  for (std::size_t i = 0; i < sent.size(); ++i) {
    axis.points.push_back(lose(drops.what, sent[i]));
    axis.points.back().lost = {i};
  }
  if (drops.at_once < 2) return axis;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    for (std::size_t k = i + 1; k < sent.size(); ++k) {
      axis.points.push_back(lose_both(drops.what, sent[i], sent[k]));
      axis.points.back().lost = {i, k};
    }
  }
  return axis;
}

FileResult<Axis> resolve(const DropAxis& drops, const Sweep& sweep,
                         const scenario::Loaded& loaded) {
  const auto ways = ways_of(loaded);
  Census census{ways, drops.what};
  const auto result = scenario::run(loaded.scenario, loaded.topology, sweep.seeds.first,
                                    {.capture = &census}, {.simulator_events = sweep.most_events});
  const auto& peer = std::visit(
      [](const auto& condition) -> auto& { return condition.peer; }, drops.until);
  const auto over = result.chronicles.at(peer).reached(drops.until);
  if (!over) {
    return tl::make_unexpected(FileError{
        .file = sweep.file,
        .line = drops.line,
        .message =
            fmt::format("\"{}\" never was so in the run that loses nothing: {}",
                        to_string(drops.until), result.chronicles.at(peer).seen(drops.until))});
  }
  auto sent = census.sent();
  std::erase_if(sent, [&](const Sent& each) { return each.at > *over; });
  const auto aired =
      std::ranges::find_if(sent, [](const Sent& each) { return each.way->over_the_air; });
  if (aired != sent.end()) {
    return tl::make_unexpected(FileError{
        .file = sweep.file,
        .line = drops.line,
        .message = fmt::format("what {} sends goes over the air, where nothing is lost by a list",
                               aired->way->sender)});
  }
  return axis_of(drops, sent);
}

FileResult<void> resolve_all(Axes& axes, const Sweep& sweep, const scenario::Loaded& loaded) {
  for (auto& part : axes.parts) {
    if (auto* const inner = std::get_if<Axes>(&part)) {
      if (auto done = resolve_all(*inner, sweep, loaded); !done) return done;
    } else if (const auto* const drops = std::get_if<DropAxis>(&part)) {
      auto axis = resolve(*drops, sweep, loaded);
      if (!axis) return tl::make_unexpected(axis.error());
      part = *std::move(axis);
    }
  }
  return {};
}

bool has_drops(const Axes& axes) {
  return std::ranges::any_of(axes.parts, [](const Axes::Part& part) {
    const auto* const inner = std::get_if<Axes>(&part);
    return std::holds_alternative<DropAxis>(part) || (inner != nullptr && has_drops(*inner));
  });
}

}  // namespace

FileResult<void> resolve_drops(Sweep& sweep, const std::filesystem::path& topology_library) {
  if (!has_drops(sweep.axes)) return {};
  const auto loaded = scenario::load(sweep.scenario_file, topology_library, sweep.always);
  if (!loaded) return tl::make_unexpected(loaded.error());
  return resolve_all(sweep.axes, sweep, *loaded);
}

}  // namespace rtclab::sweep
