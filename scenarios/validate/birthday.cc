// Birthday probing: a symmetric NAT's ports are guessed, many at once.
#include "agents/base/ip_packet.h"
#include "scenarios/validate/access.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/sections.h"
#include "sim/nat/translator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace rtclab::validate {
namespace {

constexpr std::size_t kSockets = 256;
constexpr std::uint16_t kFirstPort = 1024;
constexpr std::size_t kPorts = 65536 - kFirstPort;

struct Probing {
  std::size_t probes;
  double printed;    // by the source
  double last_unit;  // of the figure as printed
};
constexpr std::array kProbings{Probing{174, 0.50, 0.01}, Probing{256, 0.639, 0.001},
                               Probing{1024, 0.9835, 0.0001}, Probing{2048, 0.9998, 0.0001}};

// That one of so many different ports is one of 256.
double chance_of_hit(std::size_t probes) {
  double miss = 1;
  for (std::size_t n = 0; n < probes; ++n)
    miss *= 1 - static_cast<double>(kSockets) / static_cast<double>(kPorts - n);
  return 1 - miss;
}

nat::Translator a_hard_nat(SeededRng rng) {
  topology::Nat nat;
  nat.name = "hard";
  nat.inside = {"inside", {*Prefix::parse("192.168.1.1/24")}};
  nat.outside = {"outside", {*Prefix::parse("203.0.113.1/24")}};
  nat.behaviour = nat_of(topology::Mapping::AddressAndPortDependent,
                         topology::Filtering::AddressAndPortDependent);
  nat.behaviour.ports = {Port{kFirstPort}, Port{65535}};
  return nat::Translator{nat, rng, [](Instant, const Event&) {}};
}

// Which probe was the first to come through; nullopt: none of `most`.
std::optional<std::size_t> first_hit(std::size_t most, SeededRng rng) {
  const auto easy = *Endpoint::parse("198.51.100.7:4000");
  const auto inside = *Ip::parse("192.168.1.10");
  const auto outside = *Ip::parse("203.0.113.1");
  auto hard = a_hard_nat(rng.fork("nat"));
  for (std::uint16_t socket = 0; socket < kSockets; ++socket) {
    auto packet = ip::build_udp({inside, Port{static_cast<std::uint16_t>(10'000 + socket)}}, easy,
                                as_octets("open"), 0);
    std::ignore = hard.from_inside(Instant{}, packet);
  }
  std::vector<std::uint16_t> ports(kPorts);
  std::iota(ports.begin(), ports.end(), kFirstPort);
  auto draws = rng.fork("probes");
  for (std::size_t probe = 0; probe < most; ++probe) {
    std::swap(ports[probe], ports[probe + draws.below(kPorts - probe)]);
    auto packet = ip::build_udp(easy, {outside, Port{ports[probe]}}, as_octets("probe"), 0);
    const auto verdict = hard.from_outside(Instant{}, packet);
    if (verdict.outcome == nat::Verdict::Outcome::ToInside) return probe + 1;
  }
  return std::nullopt;
}

}  // namespace

Section birthday(const Effort& effort) {
  const auto trials = effort.samples / 2;
  std::array<Counted, kProbings.size()> hits{};
  for (std::size_t n = 0; n < trials; ++n) {
    const auto first = first_hit(kProbings.back().probes,
                                 SeededRng{effort.seed}.fork(fmt::format("birthday {}", n)));
    for (std::size_t row = 0; row < kProbings.size(); ++row) {
      ++hits[row].of;
      if (first && *first <= kProbings[row].probes) ++hits[row].hits;
    }
  }

  Section section{.name = "birthday",
                  .title = "Birthday probing of a symmetric NAT",
                  .source =
                      "the published figures for 256 sockets: 174 probes 50 %, 256 63.9 %, "
                      "1024 98.35 %, 2048 99.98 %"};
  section.blocks.emplace_back(Prose{fmt::format(
      "A host behind a symmetric NAT (APDM/APDF, random ports) sends from {} sockets to a peer "
      "that "
      "keeps one endpoint. The peer then probes different ports of the NAT's address, drawn at "
      "random from the {} that the NAT chooses from, until one gets in. The chance that one of k "
      "does is 1 - Π (1 - {}/({}-i)) over i = 0 … k-1. {} trials on the NAT's translation core.",
      kSockets, kPorts, kSockets, kPorts, trials)});
  Checks formulas{.caption = "The arithmetic against the published figures", .rows = {}};
  Checks measured{.caption = "Measured", .rows = {}};
  for (std::size_t row = 0; row < kProbings.size(); ++row) {
    const auto& [probes, printed, last_unit] = kProbings[row];
    const auto expected = chance_of_hit(probes);
    const auto what = fmt::format("{} probes", probes);
    formulas.rows.push_back(
        {.what = what,
         .expected = fmt::format("{:.4g} %", 100 * printed),
         .measured = fmt::format("{:.2f} %", 100 * expected),
         .within = fmt::format("one unit of its last digit: ± {:.2g} %", 100 * last_unit),
         .agrees = std::abs(expected - printed) <= last_unit});
    measured.rows.push_back(check_share(what, expected, hits[row]));
  }
  section.blocks.emplace_back(std::move(formulas));
  section.blocks.emplace_back(std::move(measured));
  return section;
}

}  // namespace rtclab::validate
