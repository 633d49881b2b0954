#include "topologies/link_presets.h"

#include <algorithm>
#include <vector>

namespace rtclab::topology {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kKilobit = 1'000;
constexpr std::uint64_t kMegabit = 1'000'000;

constexpr std::string_view kWebPageTest =
    "WebPageTest's connectivity profile of that kind (rates, round trip halved)";

LinkPreset both_ways(std::string_view name, std::string_view title, std::string_view reason,
                     const LinkQuality& quality) {
  return {name, title, reason, quality, quality};
}

// A line that is described by a delay and two rates.
LinkPreset line(std::string_view name, std::string_view title, Duration delay, std::uint64_t up,
                std::uint64_t down) {
  return {name, title, kWebPageTest, {.delay = delay, .rate = up}, {.delay = delay, .rate = down}};
}

// Two hundred packets wait 2.4 s for 1 Mbit/s.
LinkPreset hotel() {
  const LinkQuality up{
      .delay = 20ms,
      .jitter = {.spread = 10ms, .distribution = JitterDistribution::Exponential},
      .rate = 1 * kMegabit,
      .queue = 200,
      .loss = 0.01,
  };
  auto down = up;
  down.rate = 3 * kMegabit;
  return {"hotel", "a hotel's shared Wi-Fi in the evening",
          "chosen: 1 % loss, delays that scatter, and buffers of two seconds up", up, down};
}

LinkPreset lossy_wifi() {
  return both_ways("lossy-wifi", "Wi-Fi at the edge of its reach",
                   "chosen: a twentieth of the time bad, two packets of five lost then: 2 %",
                   {
                       .delay = 3ms,
                       .jitter = {.spread = 2ms, .distribution = JitterDistribution::Pareto},
                       .rate = 6 * kMegabit,
                       .burst_loss = BurstLoss{0.01, 0.19, 0.4},
                   });
}

LinkPreset train() {
  return both_ways("train", "a phone on a train",
                   "chosen: bursts of 26 packets on average, 1 / 0.038, all lost: 5 %",
                   {
                       .delay = 40ms,
                       .jitter = {.spread = 20ms,
                                  .distribution = JitterDistribution::Normal,
                                  .correlation = 0.9},
                       .rate = 5 * kMegabit,
                       .burst_loss = BurstLoss{0.002, 0.038},
                   });
}

// Handovers between satellites: half of the packets lost in a hundredth of the time.
LinkPreset satellite_leo() {
  const LinkQuality up{
      .delay = 25ms,
      .jitter = {.spread = 5ms, .distribution = JitterDistribution::Normal, .correlation = 0.9},
      .rate = 17 * kMegabit,
      .burst_loss = BurstLoss{0.0002, 0.0198, 0.5},
  };
  auto down = up;
  down.rate = 178 * kMegabit;
  return {"satellite-leo", "a satellite in low orbit",
          "Starlink as measured in 2022: round trip 40 to 60 ms (APNIC blog), up to half of the "
          "packets lost at handovers (IMC 2022)",
          up, down};
}

LinkPreset satellite_geo() {
  return {"satellite-geo",
          "a geostationary satellite",
          "RFC 2488 §2: 279 ms up and down again at the edge of the view",
          {.delay = 279ms, .rate = 10 * kMegabit},
          {.delay = 279ms, .rate = 100 * kMegabit}};
}

LinkPreset very_bad() {
  return both_ways("very-bad", "a network that hardly works",
                   "Apple's Network Link Conditioner, profile Very Bad Network",
                   {.delay = 500ms, .rate = 1 * kMegabit, .loss = 0.1});
}

std::vector<LinkPreset> make() {
  return {
      both_ways("lan", "a wired LAN", "gigabit Ethernet; 0.1 ms for a switch and two hosts",
                {.delay = 100us, .rate = 1'000 * kMegabit, .queue = 1'000}),
      {"wifi",
       "Wi-Fi nearby, as a line (<wifi> has the medium itself)",
       "Apple's Network Link Conditioner, profile Wi-Fi",
       {.delay = 1ms, .rate = 33 * kMegabit},
       {.delay = 1ms, .rate = 40 * kMegabit}},
      line("fibre", "fibre to the home", 2ms, 5 * kMegabit, 20 * kMegabit),
      line("cable", "a cable modem", 14ms, 1 * kMegabit, 5 * kMegabit),
      line("dsl", "a DSL line", 25ms, 384 * kKilobit, 1'500 * kKilobit),
      line("lte", "a phone on LTE", 35ms, 12 * kMegabit, 12 * kMegabit),
      line("4g", "a phone on a slow 4G", 85ms, 9 * kMegabit, 9 * kMegabit),
      line("3g", "a phone on 3G", 150ms, 768 * kKilobit, 1'600 * kKilobit),
      line("edge", "a phone on EDGE", 420ms, 200 * kKilobit, 240 * kKilobit),
      line("dial-up", "a modem on a telephone line", 60ms, 30 * kKilobit, 49 * kKilobit),
      satellite_leo(),
      satellite_geo(),
      hotel(),
      lossy_wifi(),
      train(),
      very_bad(),
  };
}

}  // namespace

std::span<const LinkPreset> link_presets() {
  static const auto kPresets = make();
  return kPresets;
}

const LinkPreset* find_link_preset(std::string_view name) {
  const auto presets = link_presets();
  const auto found = std::ranges::find(presets, name, &LinkPreset::name);
  return found == presets.end() ? nullptr : &*found;
}

}  // namespace rtclab::topology
