// What loss does to a DTLS handshake: how often it needs no resend.
#include "scenarios/validate/bench.h"
#include "scenarios/validate/dtls_side.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/loss.h"
#include "scenarios/validate/sections.h"
#include "sim/host/agent_host.h"
#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;

constexpr std::array kDtlsLosses{0.01, 0.05, 0.10, 0.20, 0.30};
constexpr Port kDtlsPort{5000};
constexpr std::size_t kDatagrams = 4;  // of a handshake: each flight fits into one

struct Handshake {
  std::size_t datagrams = 0;  // that left either machine before both were connected
  bool is_connected = false;
};

struct Identities {
  dtls::Certificate client;
  dtls::Certificate server;
};

Handshake shake_hands(const topology::LinkQuality& link, std::uint64_t seed,
                      const Identities& identities) {
  Handshake handshake;
  Watch watch{[&](const capture::Sighting& sighting, bool) {
    if (sighting.direction == capture::Direction::Outbound) ++handshake.datagrams;
  }};
  const auto topology = two_machines(link, link);
  sim::World world{topology, {.seed = seed, .sink = &watch}};
  auto client_rng = world.fork("client");
  auto server_rng = world.fork("server");
  std::size_t connected = 0;
  const auto record = [&](Instant, const Event& event) {
    if (event.name == dtls::Connected::kName && ++connected == 2) world.stop();
  };
  const auto endpoint = [](std::string_view address) {
    return Endpoint{*Ip::parse(address), kDtlsPort};
  };
  // The server listens before the client speaks.
  sim::AgentHost<DtlsSide> server{
      world.host(kServer),
      {record},
      DtlsSide::Config{dtls::Role::Server, kDtlsPort, endpoint(kClientAddress), identities.server,
                       identities.client.fingerprint()},
      server_rng};
  sim::AgentHost<DtlsSide> client{
      world.host(kClient),
      {record},
      DtlsSide::Config{dtls::Role::Client, kDtlsPort, endpoint(kServerAddress), identities.client,
                       identities.server.fingerprint()},
      client_rng};
  world.run_until(Instant{10min});
  world.end_capture();
  handshake.is_connected = connected == 2;
  return handshake;
}

Identities draw_identities(std::uint64_t seed) {
  SeededRng rng{seed};
  auto client = dtls::Certificate::generate(rng);
  auto server = dtls::Certificate::generate(rng);
  return {std::move(client), std::move(server)};
}

}  // namespace

std::vector<Check> dtls_checks(double loss, const topology::LinkQuality& link, std::size_t count,
                               std::uint64_t seed) {
  const auto identities = draw_identities(seed);
  Counted without_resend{0, count};
  Counted completed{0, count};
  for (std::size_t n = 0; n < count; ++n) {
    const auto handshake = shake_hands(link, seed + n, identities);
    if (handshake.is_connected) ++completed.hits;
    if (handshake.datagrams == kDatagrams) ++without_resend.hits;
  }
  const auto at = fmt::format(" at p = {:.0f} %", 100 * loss);
  return {
      check_share("P(no resend)" + at, std::pow(1 - loss, kDatagrams), without_resend),
      check_text("handshakes that succeed in the end" + at, fmt::format("{} of {}", count, count),
                 fmt::format("{} of {}", completed.hits, completed.of))};
}

Section dtls_loss(const Effort& effort) {
  const auto count = effort.samples / 4;
  Section section{.name = "dtls-loss",
                  .title = "What loss does to a DTLS handshake",
                  .source = "RFC 6347 §4.2.4 (flights) and arithmetic"};
  section.blocks.emplace_back(Prose{fmt::format(
      "Two of our DTLS 1.2 endpoints shake hands {} times for each p over a link that loses each "
      "packet with probability p. The handshake is four flights of one datagram each, and nothing "
      "is sent again exactly when all four arrive: (1-p)⁴. Datagrams are counted where they leave "
      "the two machines.",
      count)});
  Checks checks{.caption = "Measured", .rows = {}};
  const auto quiet = shake_hands(losing(0), effort.seed, draw_identities(effort.seed));
  checks.rows.push_back(check_text("datagrams of a handshake without loss",
                                   std::to_string(kDatagrams), std::to_string(quiet.datagrams)));
  for (const double loss : kDtlsLosses) {
    std::ranges::move(dtls_checks(loss, losing(loss), count, effort.seed),
                      std::back_inserter(checks.rows));
  }
  section.blocks.emplace_back(std::move(checks));
  return section;
}

}  // namespace rtclab::validate
