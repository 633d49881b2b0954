// Losses in bursts: what a link with two states loses, and how long its bursts are.
#include "scenarios/validate/bench.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/loss.h"
#include "scenarios/validate/sections.h"
#include "sim/host/host.h"
#include "sim/world.h"
#include "topologies/link_presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;

// 128 octets each time are half a megabit in a second, which no link here is too slow for.
constexpr auto kSpacing = 2ms;

constexpr std::array kChains{
    topology::BurstLoss{.good_to_bad = 0.01, .bad_to_good = 0.25},
    topology::BurstLoss{.good_to_bad = 0.05, .bad_to_good = 0.5},
    topology::BurstLoss{.good_to_bad = 0.02, .bad_to_good = 0.1},
    topology::BurstLoss{.good_to_bad = 0.1, .bad_to_good = 0.9},
};

// What became of each packet at the link, in the order of sending, as the capture has it.
std::vector<bool> losses_of(const topology::LinkQuality& quality, std::size_t packets,
                            std::uint64_t seed) {
  std::vector<bool> lost;
  Watch watch{[&](const capture::Sighting& sighting, bool is_dropped) {
    if (sighting.direction == capture::Direction::Outbound) lost.push_back(is_dropped);
  }};
  const auto topology = two_machines(quality, losing(0));
  sim::World world{topology, {.seed = seed, .sink = &watch}};
  auto& client = world.host(kClient);
  const auto silent = [](const Input&) {};
  const auto local = *client.udp().bind({*Ip::parse(kClientAddress), Port{0}}, silent);
  // Somebody has to be there: a refusal would be a packet of its own.
  const auto remote =
      *world.host(kServer).udp().bind({*Ip::parse(kServerAddress), Port{0}}, silent);
  const Bytes payload(100);
  std::function<void(std::size_t)> send = [&](std::size_t n) {
    (void)client.udp().send({Transport::Udp, local, remote}, payload);
    if (n + 1 < packets) world.schedule(world.now() + kSpacing, [&, n] { send(n + 1); });
  };
  world.schedule(Instant{}, [&] { send(0); });
  world.run_until(Instant{packets * kSpacing + 10s});
  return lost;
}

struct Bursts {
  std::size_t bursts = 0;  // that ended before the last packet
  std::size_t in_bursts = 0;
};
Bursts bursts_of(const std::vector<bool>& lost) {
  Bursts found;
  std::size_t length = 0;
  for (const bool is_lost : lost) {
    if (is_lost) {
      ++length;
    } else if (length > 0) {
      ++found.bursts;
      found.in_bursts += length;
      length = 0;
    }
  }
  return found;
}

// Of the mean loss over many packets, times √packets. Losses that depend on each other say less
// than as many draws: the covariance of two that are k apart is c · l^k with l = 1-P-R, and the sum
// over all k is c · l / (1-l).
double deviation_of_loss(const topology::LinkQuality& link) {
  const double mean = link.mean_loss();
  const double alone = mean * (1 - mean);
  if (!link.burst_loss) return std::sqrt(alone);
  const auto& chain = *link.burst_loss;
  const double l = 1 - chain.good_to_bad - chain.bad_to_good;
  const double bad = chain.good_to_bad / (chain.good_to_bad + chain.bad_to_good);
  const double step = (1 - link.loss) * (chain.loss_in_bad - chain.loss_in_good);
  const double c = step * step * bad * (1 - bad);
  return std::sqrt(alone + 2 * c * l / (1 - l));
}

Check check_mean_loss(std::string what, const topology::LinkQuality& expected,
                      const std::vector<bool>& lost) {
  const auto count = static_cast<double>(std::ranges::count(lost, true));
  return check_mean(std::move(what), 100 * expected.mean_loss(), 100 * deviation_of_loss(expected),
                    100 * count / static_cast<double>(lost.size()), lost.size(), "%");
}

Checks checks_of_presets(std::size_t packets, std::uint64_t seed) {
  Checks checks{.caption = "Presets of links that lose something (`rtclab list links`)",
                .rows = {}};
  for (const auto& preset : topology::link_presets()) {
    for (const auto& [link, way] : {std::pair{&preset.up, "up"}, std::pair{&preset.down, "down"}}) {
      if (link->mean_loss() == 0) continue;
      checks.rows.push_back(
          check_mean_loss(fmt::format("mean loss of preset {}, {}", preset.name, way), *link,
                          losses_of(*link, packets, seed)));
    }
  }
  return checks;
}

}  // namespace

std::vector<Check> burst_checks(const topology::BurstLoss& chain, const topology::LinkQuality& link,
                                std::size_t packets, std::uint64_t seed) {
  const auto lost = losses_of(link, packets, seed);
  const auto seen = bursts_of(lost);
  const auto with = fmt::format(" with P = {}, R = {}", chain.good_to_bad, chain.bad_to_good);
  const double r = chain.bad_to_good;
  const auto bursts = static_cast<double>(std::max<std::size_t>(seen.bursts, 1));
  auto length = check_mean("mean burst" + with, 1 / r, std::sqrt(1 - r) / r,
                           static_cast<double>(seen.in_bursts) / bursts, seen.bursts, "packets");
  length.agrees = length.agrees && seen.bursts > 0;  // of nothing there is no mean
  auto said = link;
  said.burst_loss = chain;
  said.loss = 0;
  return {check_mean_loss("mean loss" + with, said, lost), std::move(length)};
}

Section burst_loss(const Effort& effort) {
  const auto packets = 25 * effort.samples;
  Section section{.name = "burst-loss",
                  .title = "Losses in bursts",
                  .source = "Gilbert (1960) and Elliott (1963): a chain of two states"};
  section.blocks.emplace_back(Prose{fmt::format(
      "A link is in a good or a bad state, which is drawn anew before each packet: P from good to "
      "bad, R from bad to good; in bad all is lost. Mean loss P/(P+R), mean burst 1/R. {} packets "
      "go over the link, and the capture says of each whether it was lost. The deviation of a "
      "burst's length is √(1-R)/R; that of the mean loss counts that neighbours depend on each "
      "other: √(m (1-m) (1+l)/(1-l)) with m = P/(P+R) and l = 1-P-R, and likewise where not all is "
      "lost in bad.",
      packets)});
  Checks checks{.caption = "Measured in the capture", .rows = {}};
  for (const auto& chain : kChains) {
    auto quality = losing(0);
    quality.burst_loss = chain;
    std::ranges::move(burst_checks(chain, quality, packets, effort.seed),
                      std::back_inserter(checks.rows));
  }
  section.blocks.emplace_back(std::move(checks));
  section.blocks.emplace_back(checks_of_presets(packets, effort.seed));
  return section;
}

}  // namespace rtclab::validate
