#include "tests/scenario/nat_exercise.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"
#include "reports/evidence/load.h"
#include "reports/evidence/trace_writer.h"
#include "scenarios/selfcheck/sockets.h"
#include "sim/capture/pcapng_writer.h"
#include "sim/host/host.h"
#include "sim/host/tcp_segment.h"
#include "sim/world.h"
#include "tests/support/scratch_folder.h"

#include <chrono>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace rtclab::test {
namespace {

using namespace std::chrono_literals;
using selfcheck::TcpEnd;
using selfcheck::UdpEnd;

const Ip kAlice = *Ip::parse("192.168.1.10");
const Ip kBob = *Ip::parse("192.168.1.11");
const Ip kNear = *Ip::parse("198.51.100.10");
const Ip kFar = *Ip::parse("198.51.100.20");

topology::Topology town_of(const NatExercise& exercise) {
  const auto interface = [](std::string name, std::initializer_list<std::string_view> texts) {
    topology::Interface made{.name = std::move(name), .addresses = {}};
    for (const auto text : texts) made.addresses.push_back(*Prefix::parse(text));
    return made;
  };
  topology::Topology town;
  town.name = "an exercise";
  town.hosts = {{.name = "alice", .interfaces = {interface("eth0", {"192.168.1.10/24"})}},
                {.name = "bob", .interfaces = {interface("eth0", {"192.168.1.11/24"})}},
                {.name = "near", .interfaces = {interface("eth0", {"198.51.100.10/28"})}},
                {.name = "far", .interfaces = {interface("eth0", {"198.51.100.20/28"})}}};
  town.lans = {{.name = "lan"}};
  town.routers = {{.name = "core"}};
  town.nats = {{.name = "home",
                .inside = interface("inside", {"192.168.1.1/24"}),
                .outside = interface("outside", {"203.0.113.1/24", "203.0.113.2/24"}),
                .behaviour = exercise.behaviour}};
  if (exercise.one_address) town.nats.front().outside.addresses.pop_back();
  town.links = {
      {.a = {"alice", "eth0"}, .b = {"lan", ""}},  {.a = {"bob", "eth0"}, .b = {"lan", ""}},
      {.a = {"lan", ""}, .b = {"home", "inside"}}, {.a = {"home", "outside"}, .b = {"core", ""}},
      {.a = {"near", "eth0"}, .b = {"core", ""}},  {.a = {"far", "eth0"}, .b = {"core", ""}}};
  return town;
}

// A capture file as tcpdump writes it: nanoseconds, raw IP.
class Pcap {
 public:
  Pcap() {
    for (const auto word : {0xa1b23c4du, 0x00040002u, 0u, 0u, 0xffffu, 101u}) add(word);
  }
  void add_packet(Instant at, ByteView packet) {
    const auto ns = std::chrono::nanoseconds{at.time_since_epoch()}.count();
    add(static_cast<std::uint32_t>(ns / 1'000'000'000));
    add(static_cast<std::uint32_t>(ns % 1'000'000'000));
    add(static_cast<std::uint32_t>(packet.size()));
    add(static_cast<std::uint32_t>(packet.size()));
    text_ += as_text(packet);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(std::uint32_t word) {
    for (unsigned shift = 0; shift < 32; shift += 8)
      text_ += static_cast<char>(word >> shift & 0xffu);
  }
  std::string text_;
};

// Writes a capture, and beside it what somebody sees on each side of the NAT. Remembers the last
// ICMP query that left the NAT.
class Tap final : public capture::Sink {
 public:
  explicit Tap(std::ostream& out) : writer_{out, "rtclab tests"} {}

  Pcap inside, outside;

  capture::InterfaceId add_interface(const capture::InterfaceInfo& info) override {
    const auto id = writer_.add_interface(info);
    if (info.name == "home.inside") inside_ = id;
    if (info.name == "home.outside") outside_ = id;
    return id;
  }
  void packet(const capture::Sighting& sighting) override {
    writer_.packet(sighting);
    see(sighting);
    if (sighting.interface != outside_ || sighting.direction != capture::Direction::Outbound)
      return;
    const auto header = ip::Header::parse(sighting.packet);
    if (!header || header->protocol != ip::Protocol::Icmp) return;
    const auto message = header->payload(sighting.packet);
    if (message.front() != std::byte{8}) return;
    ByteReader reader{message.subspan(4)};
    query = {header->source, Port{reader.u16()}};
  }
  void dropped(const capture::Sighting& sighting, std::string_view comment) override {
    writer_.dropped(sighting, comment);
    see(sighting);
  }
  void secrets(Instant at, std::string_view line) override { writer_.secrets(at, line); }

  Endpoint query;  // its source, and its identifier in place of a port

 private:
  // A real NAT takes its time, so that no two sightings are at once.
  void see(const capture::Sighting& sighting) {
    const auto at = sighting.at + Duration{++seen_};
    if (sighting.interface == inside_) inside.add_packet(at, sighting.packet);
    if (sighting.interface == outside_) outside.add_packet(at, sighting.packet);
  }

  capture::PcapngWriter writer_;
  std::optional<capture::InterfaceId> inside_, outside_;
  std::int64_t seen_ = 0;
};

void put(Bytes& octets, std::size_t at, std::uint16_t value) {
  octets[at] = static_cast<std::byte>(value >> 8u);
  octets[at + 1] = static_cast<std::byte>(value);
}

void close_checksum(Bytes& icmp) {
  put(icmp, 2, 0);
  put(icmp, 2, checksum_close(checksum_add(0, icmp)));
}

Bytes echo(std::uint8_t type, Port identifier) {
  Bytes icmp(12);
  icmp[0] = static_cast<std::byte>(type);
  put(icmp, 4, identifier.value());
  put(icmp, 6, 1);
  close_checksum(icmp);
  return icmp;
}

// "Host unreachable" about a packet from `source` to `destination`.
Bytes unreachable(ip::Protocol protocol, const Endpoint& source, const Endpoint& destination) {
  if (source.ip.is_unspecified()) return {};  // there is no such mapping
  Bytes ports(8);
  put(ports, 0, source.port.value());
  put(ports, 2, destination.port.value());
  put(ports, 4, 8);
  const auto quoted = ip::build({source.ip, destination.ip, protocol, 4711}, ports);
  Bytes icmp(8);
  icmp[0] = std::byte{3};
  icmp[1] = std::byte{1};
  icmp.insert(icmp.end(), quoted.begin(), quoted.end());
  close_checksum(icmp);
  return icmp;
}

class Script {
 public:
  Script(sim::World& world, const Tap& tap, const NatExercise& exercise)
      : world_{world}, tap_{tap}, exercise_{exercise} {}

  void run() {
    show_ports();
    knock_on_udp();
    be_silent();
    refresh();
    refuse();
    hairpin();
    send_errors();
    ping();
    open_connections();
    leave_connections_alone();
    reset_a_connection();
  }

 private:
  sim::Host& host(std::string_view name) { return world_.host(name); }
  void wait(Duration time) { world_.run_until(world_.now() + time); }
  // A socket of its own port in each phase, so that no phase meets another's mappings.
  std::unique_ptr<UdpEnd> at(std::string_view name, const Ip& ip, std::uint16_t port) {
    return std::make_unique<UdpEnd>(host(name), Endpoint{ip, Port{port}});
  }
  // Nothing is sent to a mapping that did not come about.
  static void say(UdpEnd& sender, const Endpoint& to) {
    if (!to.ip.is_unspecified()) sender.send(to);
  }
  // Sends and tells as what it arrived.
  Endpoint open(UdpEnd& sender, UdpEnd& sink) {
    const auto before = sink.heard().size();
    sender.send(sink.local());
    wait(100ms);
    return sink.heard().size() > before ? sink.heard().back() : Endpoint{};
  }

  // RFC 4787 §4.1, §4.2: ten ports of one host and two of the other, to three destinations.
  void show_ports() {
    const auto first = at("near", kNear, 7000);
    const auto second = at("far", kFar, 7000);
    const auto third = at("far", kFar, 7001);
    std::vector<std::unique_ptr<UdpEnd>> senders;
    for (std::uint16_t i = 0; i < 10; ++i)
      senders.push_back(at("alice", kAlice, static_cast<std::uint16_t>(20001 + i * 7)));
    senders.push_back(at("bob", kBob, 20001));
    senders.push_back(at("bob", kBob, 20008));
    if (exercise_.privileged_port) senders.push_back(at("alice", kAlice, 500));
    for (auto* const sink : {first.get(), second.get(), third.get(), first.get()}) {
      for (const auto& sender : senders) (void)open(*sender, *sink);
    }
    // To where alice sends nothing, a NAT may let bob have her port.
    const auto elsewhere = at("far", kFar, 7002);
    const auto bob = at("bob", kBob, 20015);
    (void)open(*bob, *elsewhere);
  }

  // RFC 4787 §5; and RFC 7857 §5 with a SYN.
  void knock_on_udp() {
    const auto known = at("near", kNear, 7010);
    const auto other_port = at("near", kNear, 7011);
    const auto stranger = at("far", kFar, 7012);
    const auto alice = at("alice", kAlice, 21000);
    const auto outside = open(*alice, *known);
    for (auto* const each : {known.get(), other_port.get(), stranger.get()}) {
      say(*each, outside);
      wait(100ms);
    }
    TcpEnd syn{host("near")};
    if (!outside.ip.is_unspecified()) (void)syn.connect({kNear, Port{7013}}, outside);
    wait(500ms);
  }

  void be_silent() {
    const auto sink = at("near", kNear, 7020);
    std::uint16_t port = 22000;
    for (const auto silence : {60s, 200s}) {
      const auto alice = at("alice", kAlice, port++);
      const auto outside = open(*alice, *sink);
      wait(silence);
      say(*sink, outside);
      wait(1s);
    }
  }

  void refresh() {
    const auto sink = at("near", kNear, 7030);
    {
      const auto alice = at("alice", kAlice, 23000);
      for (int i = 0; i < 4; ++i) {
        (void)open(*alice, *sink);
        wait(100s);
      }
      const auto outside = open(*alice, *sink);
      wait(60s);
      say(*sink, outside);
      wait(1s);
    }
    const auto alice = at("alice", kAlice, 24000);
    const auto outside = open(*alice, *sink);
    for (const auto time : {10s, 200s, 200s}) {
      wait(time);
      say(*sink, outside);
    }
    wait(1s);
  }

  // What must not keep a mapping alive.
  void refuse() {
    const auto sink = at("near", kNear, 7040);
    const auto stranger = at("far", kFar, 7041);
    const auto late = [&](std::uint16_t port, auto disturb) {
      auto alice = at("alice", kAlice, port);
      const auto outside = open(*alice, *sink);
      wait(200s);
      disturb(alice, outside);
      wait(200s);
      say(*sink, outside);
      wait(1s);
    };
    late(25000, [&](auto&, const Endpoint& outside) { say(*stranger, outside); });
    late(25001, [&](auto&, const Endpoint& outside) {
      tell("far", kFar, outside.ip, unreachable(ip::Protocol::Udp, outside, sink->local()));
    });
    late(25002, [&](auto& alice, const Endpoint& outside) {
      alice.reset();  // so that its machine answers with an ICMP error
      say(*sink, outside);
    });
  }

  void tell(std::string_view name, const Ip& from, const Ip& to, const Bytes& icmp) {
    if (!to.is_unspecified() && !icmp.empty()) host(name).send(from, to, ip::Protocol::Icmp, icmp);
    wait(100ms);
  }

  void hairpin() {
    const auto sink = at("near", kNear, 7050);
    const auto alice = at("alice", kAlice, 26000);
    auto bob = at("bob", kBob, 26001);
    const auto to_alice = open(*alice, *sink);
    const auto to_bob = open(*bob, *sink);
    for (int i = 0; i < 2; ++i) {
      say(*alice, to_bob);
      wait(100ms);
      say(*bob, to_alice);
      wait(100ms);
    }
    bob.reset();
    say(*alice, to_bob);  // answered by an ICMP error that has to come back in
    wait(100ms);
  }

  void send_errors() {
    const auto sink = at("near", kNear, 7060);
    const auto alice = at("alice", kAlice, 27000);
    const Endpoint closed{kNear, Port{7999}};
    for (int i = 0; i < 2; ++i) {
      alice->send(closed);  // near answers with port unreachable
      wait(2s);
    }
    const auto outside = open(*alice, *sink);
    tell("far", kFar, outside.ip, unreachable(ip::Protocol::Udp, outside, sink->local()));
    (void)open(*alice, *sink);
    auto damaged = unreachable(ip::Protocol::Udp, outside, sink->local());
    if (!damaged.empty()) damaged[2] ^= std::byte{0x55};
    tell("far", kFar, outside.ip, damaged);
    tell("far", kFar, outside.ip,
         unreachable(ip::Protocol::Udp, {outside.ip, Port{9}}, sink->local()));
    auto other = at("alice", kAlice, 27001);
    const auto refused = open(*other, *sink);
    other.reset();
    say(*sink, refused);
    wait(100ms);
  }

  void ping() {
    for (const auto& to : {kNear, kFar}) tell("alice", kAlice, to, echo(8, Port{77}));
    const auto outside = tap_.query;
    wait(40s);
    tell("far", kFar, outside.ip, echo(0, outside.port));
    tell("bob", kBob, kNear, echo(8, Port{78}));
    const auto bobs = tap_.query;
    tell("bob", kBob, bobs.ip, echo(8, Port{78}));  // opens a filter
    tell("alice", kAlice, bobs.ip, echo(8, bobs.port));
  }

  void open_connections() {
    TcpEnd near{host("near")}, far{host("far")}, alice{host("alice")}, bob{host("bob")};
    near.listen({kNear, Port{80}});
    far.listen({kFar, Port{80}});
    far.listen({kFar, Port{81}});
    const Endpoint local{kAlice, Port{30000}};
    alice.listen(local);
    TcpEnd other{host("bob")};
    near.listen({kNear, Port{81}});  // where alice never goes
    (void)other.connect({kBob, Port{30000}}, {kNear, Port{81}});
    wait(1s);
    for (const auto& to :
         {Endpoint{kNear, Port{80}}, Endpoint{kFar, Port{80}}, Endpoint{kFar, Port{81}}}) {
      const auto connection = alice.connect(local, to);
      (void)other.connect({kBob, Port{30000}}, to);
      wait(1s);
      alice.send(*connection, as_octets("hello from inside"));
      wait(1s);
    }
    if (near.accepted().size() < 2) return;
    const auto greeting = near.accepted()[1];  // the first was bob's
    near.send(*greeting, as_octets("hello from outside"));
    wait(1s);
    const auto outside = greeting->path.remote;
    // RFC 5382 §4.2: both sides at once, to a port that alice knows of.
    (void)alice.connect(local, {kNear, Port{9002}});
    (void)near.connect({kNear, Port{9002}}, outside);
    wait(1s);
    (void)near.connect({kNear, Port{9001}}, outside);
    wait(1s);
    (void)far.connect({kFar, Port{9000}}, outside);
    wait(10s);
    // Nobody has ever used that one.
    (void)far.connect({kFar, Port{9003}}, {outside.ip, Port{1999}});
    wait(10s);
    // RFC 5382 §7.3, with a router's error.
    tell("far", kFar, outside.ip, unreachable(ip::Protocol::Tcp, outside, {kNear, Port{80}}));
    alice.send(*alice.made().front(), as_octets("still here"));
    near.send(*greeting, as_octets("here, too"));
    wait(1s);
    (void)bob.connect({kBob, Port{30001}}, outside);  // RFC 5382 §7.2
    wait(1s);
  }

  void leave_connections_alone() {
    TcpEnd near{host("near")}, alice{host("alice")};
    near.listen({kNear, Port{82}});
    (void)alice.connect({kAlice, Port{31000}}, {kNear, Port{82}});
    wait(1s);
    if (near.accepted().empty()) return;
    const auto accepted = near.accepted().front();
    wait(5000s);
    near.send(*accepted, as_octets("good morning"));
    wait(1s);
    // Nobody answers: the SYN is sent again after one second, two, four and eight.
    world_.set_up("far", "eth0", false);
    (void)alice.connect({kAlice, Port{31001}}, {kFar, Port{82}});
    wait(20s);
    world_.set_up("far", "eth0", true);
  }

  // RFC 7857 §2.2: a RST that fits no window is nobody's end.
  void reset_a_connection() {
    TcpEnd near{host("near")}, alice{host("alice")};
    near.listen({kNear, Port{83}});
    (void)alice.connect({kAlice, Port{32000}}, {kNear, Port{83}});
    wait(1s);
    if (near.accepted().empty()) return;
    const auto accepted = near.accepted().front();
    tcp::Segment forged;
    forged.source = Port{83};
    forged.destination = accepted->path.remote.port;
    forged.seq = tcp::Sequence{0x12345678};
    forged.rst = true;
    host("near").send(kNear, accepted->path.remote.ip, ip::Protocol::Tcp,
                      forged.serialize(kNear, accepted->path.remote.ip));
    wait(60s);
    near.send(*accepted, as_octets("that was not me"));
    wait(1s);
  }

  sim::World& world_;
  const Tap& tap_;
  const NatExercise& exercise_;
};

evidence::TraceHeader header_of(const topology::Topology& town) {
  evidence::TraceHeader header{.title = town.name, .description = {}, .vantage_points = {}};
  for (const auto& machine : town.machine_names()) {
    evidence::VantagePoint point{.name = machine,
                                 .type = std::string{to_string(*town.kind_of(machine))},
                                 .machine = machine,
                                 .interfaces = {}};
    for (const auto& interface : town.interfaces_of(machine)) {
      for (const auto& address : interface.addresses)
        point.interfaces.emplace_back(interface.name, address.ip.to_string());
    }
    header.vantage_points.push_back(std::move(point));
  }
  return header;
}

// Plays it into `tap` and `trace`.
void play(const NatExercise& exercise, Tap& tap, std::ostream& trace) {
  const auto town = town_of(exercise);
  evidence::TraceWriter writer{trace, header_of(town)};
  sim::World world{town,
                   {.seed = exercise.seed,
                    .sink = &tap,
                    .record = [&](Instant at, std::string_view machine,
                                  const Event& event) { writer.write(at, machine, event); },
                    .server_deviations = {},
                    .nat_faults = {{"home", exercise.faults}}}};
  Script{world, tap, exercise}.run();
  world.end_capture();
}

evidence::Evidence or_throw(FileResult<evidence::Evidence> evidence) {
  if (!evidence) throw std::runtime_error{evidence.error().to_string()};
  return *std::move(evidence);
}

}  // namespace

evidence::Evidence perform(const NatExercise& exercise) {
  std::ostringstream capture, trace;
  Tap tap{capture};
  play(exercise, tap, trace);
  const ScratchFolder folder;
  folder.write("capture.pcapng", capture.str());
  folder.write("trace.jsonl", trace.str());
  return or_throw(evidence::load(folder.path()));
}

evidence::Evidence record(const NatExercise& exercise) {
  std::ostringstream capture, trace;
  Tap tap{capture};
  play(exercise, tap, trace);
  const ScratchFolder folder;
  folder.write("lan.pcap", tap.inside.text());
  folder.write("wan.pcap", tap.outside.text());
  auto evidence = or_throw(
      evidence::load_recording({folder.path() / "lan.pcap", folder.path() / "wan.pcap"}, {}));
  if (const auto named = evidence::name_nat(evidence, "lan", "wan"); !named)
    throw std::runtime_error{named.error().to_string()};
  return evidence;
}

}  // namespace rtclab::test
