// Resends of DTLS and SCTP towards a peer that is silent.
#include "reports/evidence/dissection.h"
#include "scenarios/validate/bench.h"
#include "scenarios/validate/dtls_side.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/recording.h"
#include "scenarios/validate/sctp_side.h"
#include "scenarios/validate/timers.h"
#include "sim/host/agent_host.h"

#include <algorithm>
#include <chrono>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;
using evidence::Direction;

constexpr std::string_view kAtClient = "client.eth0";
constexpr Port kSessionPort{6000};
constexpr std::size_t kLooked = 9;  // sends: the cap of 60 s shows in the last ones

// One second, doubled each time, at most sixty.
constexpr std::string_view kDoubling = "0, 1, 3, 7, 15, 31, 63, 123, 183 s";

Endpoint session_endpoint(std::string_view address) {
  return {*Ip::parse(address), kSessionPort};
}

// The sends of what was sent at `first`, up to kLooked.
std::vector<Duration> first_times(Packets packets) {
  packets.resize(std::min(packets.size(), kLooked));
  return times_of(packets);
}

void bind_silently(sim::World& world) {
  (void)world.host(kServer).udp().bind(session_endpoint(kServerAddress), [](const Input&) {});
}

bool is_sctp(const evidence::Packet& packet, std::string_view chunk) {
  const auto read = evidence::dissect_sctp(packet.payload);
  return std::ranges::any_of(read.sctp, [&](const auto& each) { return each.name == chunk; });
}

Packets sctp_packets(const evidence::Evidence& evidence, std::string_view chunk) {
  auto packets = packets_at(evidence, kAtClient, Direction::Outbound);
  std::erase_if(packets, [&](const auto* packet) { return !is_sctp(*packet, chunk); });
  return packets;
}

evidence::Evidence unanswered_init(std::uint64_t seed) {
  const auto topology = two_machines(losing(0), losing(0));
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  bind_silently(world);
  auto rng = world.fork("client");
  sim::AgentHost<SctpSide> client{
      world.host(kClient),
      {recording.recorder_of(std::string{kClient})},
      SctpSide::Config{.port = kSessionPort, .remote = session_endpoint(kServerAddress)},
      rng};
  world.run_until(Instant{200s});
  world.end_capture();
  return recording.read();
}

// Established over a round trip of 20 ms; then the line is cut, and a message sent.
evidence::Evidence unanswered_data(std::uint64_t seed) {
  const auto topology = two_machines(losing(0), losing(0));
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  auto client_rng = world.fork("client");
  auto server_rng = world.fork("server");
  sim::AgentHost<SctpSide> server{
      world.host(kServer),
      {recording.recorder_of(std::string{kServer})},
      SctpSide::Config{
          .port = kSessionPort, .remote = session_endpoint(kClientAddress), .connects = false},
      server_rng};
  sim::AgentHost<SctpSide> client{
      world.host(kClient),
      {recording.recorder_of(std::string{kClient})},
      SctpSide::Config{.port = kSessionPort, .remote = session_endpoint(kServerAddress)},
      client_rng};
  world.schedule(Instant{5s}, [&] {
    world.set_quality(kClient, kServer, losing(1));
    client.call([](Instant now, SctpSide& side) { side.send(now, as_octets("hello")); });
  });
  world.run_until(Instant{200s});
  world.end_capture();
  return recording.read();
}

}  // namespace

Checks dtls_timers(std::uint64_t seed) {
  const auto topology = two_machines(losing(0), losing(0));
  Recording recording{topology};
  sim::World world{topology, recording.options(seed)};
  bind_silently(world);
  auto rng = world.fork("client");
  const auto certificate = dtls::Certificate::generate(rng);
  sim::AgentHost<DtlsSide> client{
      world.host(kClient),
      {recording.recorder_of(std::string{kClient})},
      DtlsSide::Config{dtls::Role::Client, kSessionPort, session_endpoint(kServerAddress),
                       certificate, certificate.fingerprint()},
      rng};
  world.run_until(Instant{200s});
  world.end_capture();
  const auto evidence = recording.read();
  Checks checks{.caption = "DTLS", .rows = {}};
  checks.rows.push_back(
      check_text("ClientHello to a silent peer: 1 s, doubled, at most 60 s (RFC 6347 §4.2.4.1)",
                 std::string{kDoubling},
                 text_of(first_times(packets_at(evidence, kAtClient, Direction::Outbound)))));
  return checks;
}

Checks sctp_timers(std::uint64_t seed) {
  Checks checks{.caption = "SCTP", .rows = {}};
  const auto init = unanswered_init(seed);
  checks.rows.push_back(
      check_text("INIT to a silent peer: RTO.Initial 1 s, doubled, RTO.Max 60 s (RFC 9260 §16)",
                 std::string{kDoubling}, text_of(first_times(sctp_packets(init, "INIT")))));
  const auto data = unanswered_data(seed);
  checks.rows.push_back(
      check_text("DATA after a round trip of 20 ms: RTO.Min 1 s, doubled, RTO.Max 60 s",
                 std::string{kDoubling}, text_of(first_times(sctp_packets(data, "DATA")))));
  return checks;
}

}  // namespace rtclab::validate
