#include "sim/link/impairments.h"

#include "tests/sim/link/statistics.h"
#include "topologies/link_presets.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>

namespace rtclab::sim {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using topology::BurstLoss;
using topology::LinkQuality;

constexpr std::size_t kPackets = 100'000;

std::vector<Impairments::Verdict> verdicts(const LinkQuality& quality, std::uint64_t seed = 1,
                                           std::size_t packets = kPackets) {
  const SeededRng root{seed};
  Impairments impairments{[&](std::string_view name) { return root.fork(name); }, "a > b", quality};
  const Bytes packet(100);
  std::vector<Impairments::Verdict> all;
  for (std::size_t i = 0; i < packets; ++i) {
    all.push_back(impairments.judge(Instant{}, packet, {}, {}));
  }
  return all;
}

std::size_t count(const std::vector<Impairments::Verdict>& all,
                  const std::function<bool(const Treatment&)>& is) {
  return static_cast<std::size_t>(std::ranges::count_if(
      all, [&](const Impairments::Verdict& verdict) { return is(verdict.treatment); }));
}

std::vector<bool> losses(const std::vector<Impairments::Verdict>& all) {
  std::vector<bool> lost;
  for (const auto& verdict : all) lost.push_back(verdict.treatment.lost);
  return lost;
}

BOOST_AUTO_TEST_SUITE(impairments)

BOOST_AUTO_TEST_CASE(a_link_without_faults_has_none) {
  for (const auto& verdict : verdicts({})) {
    BOOST_REQUIRE(!verdict.treatment.lost);
    BOOST_REQUIRE(!verdict.treatment.twice);
    BOOST_REQUIRE(!verdict.treatment.turned_bit);
    BOOST_REQUIRE((verdict.treatment.jitter == Duration{0}));
    BOOST_REQUIRE((verdict.treatment.held_back == Duration{0}));
  }
}

struct Share {
  std::string_view what;
  double probability;
  LinkQuality quality;
  bool (*is)(const Treatment&);
};
std::ostream& operator<<(std::ostream& out, const Share& row) {
  return out << row.probability * 100 << " % " << row.what;
}
const std::vector<Share> kShares{
    {"loss", 0.02, {.loss = 0.02}, [](const Treatment& t) { return t.lost; }},
    {"duplication", 0.05, {.duplication = 0.05}, [](const Treatment& t) { return t.twice; }},
    {"corruption",
     0.01,
     {.corruption = 0.01},
     [](const Treatment& t) { return bool(t.turned_bit); }},
    {"reordering",
     0.25,
     {.reordering = 0.25, .reordering_delay = 5ms},
     [](const Treatment& t) { return t.held_back == 5ms; }},
};
BOOST_DATA_TEST_CASE(each_effect_is_as_frequent_as_it_should_be,
                     data::make(kShares) * data::make({1, 2, 3}), row, seed) {
  const auto found =
      static_cast<double>(count(verdicts(row.quality, static_cast<std::uint64_t>(seed)), row.is));

  // n p ± 3 sqrt(n p (1 - p)): 2000 ± 133 of 100000 at 2 %.
  BOOST_TEST(std::abs(found - kPackets * row.probability) <
             three_deviations(kPackets, row.probability));
}

struct Chain {
  BurstLoss loss;
  double mean;   // of all packets: bad / (good + bad) of the time in the bad state
  double burst;  // packets lost in a row
};
std::ostream& operator<<(std::ostream& out, const Chain& row) {
  return out << "good to bad " << row.loss.good_to_bad << ", back " << row.loss.bad_to_good;
}
const std::vector<Chain> kChains{
    {{.good_to_bad = 0.01, .bad_to_good = 0.25}, 0.01 / 0.26, 1 / 0.25},
    {{.good_to_bad = 0.05, .bad_to_good = 0.5}, 0.05 / 0.55, 1 / 0.5},
    {{.good_to_bad = 0.002, .bad_to_good = 0.038}, 0.05, 1 / 0.038},
};
// The state after each packet is a chain with the correlation r = 1 - p - q from one to the next,
// so that the variance of the mean of n is m (1 - m) / n * (1 + r) / (1 - r).
BOOST_DATA_TEST_CASE(bursts_have_their_mean_loss_and_their_mean_length,
                     data::make(kChains) * data::make({1, 2, 3}), row, seed) {
  BOOST_TEST(row.loss.mean_loss() == row.mean, boost::test_tools::tolerance(1e-12));
  const auto lost = losses(verdicts({.burst_loss = row.loss}, static_cast<std::uint64_t>(seed)));

  double total = 0;
  double bursts = 0;
  for (std::size_t i = 0; i < lost.size(); ++i) {
    total += lost[i] ? 1 : 0;
    bursts += lost[i] && (i == 0 || !lost[i - 1]) ? 1 : 0;
  }
  const auto r = 1 - row.loss.good_to_bad - row.loss.bad_to_good;
  const auto deviation = std::sqrt(row.mean * (1 - row.mean) / kPackets * (1 + r) / (1 - r));
  BOOST_TEST(std::abs(total / kPackets - row.mean) < 3 * deviation);
  // Lengths are geometric: their deviation is sqrt(1 - q) / q.
  const auto of_lengths = std::sqrt(1 - row.loss.bad_to_good) / row.loss.bad_to_good;
  BOOST_TEST(std::abs(total / bursts - row.burst) < 3 * of_lengths / std::sqrt(bursts));
}

BOOST_AUTO_TEST_CASE(each_state_has_a_loss_of_its_own) {
  const BurstLoss half{
      .good_to_bad = 0.1, .bad_to_good = 0.1, .loss_in_bad = 0.6, .loss_in_good = 0.2};
  BOOST_TEST(half.mean_loss() == 0.4, boost::test_tools::tolerance(1e-12));

  const auto lost = static_cast<double>(
      count(verdicts({.burst_loss = half}), [](const Treatment& t) { return t.lost; }));

  // The state's share of the variance is 0.25 * 0.4² with r = 0.8, a factor of 9; the rest is at
  // most 0.25: sqrt((0.36 + 0.25) / n).
  BOOST_TEST(std::abs(lost / kPackets - 0.4) < 3 * std::sqrt(0.61 / kPackets));
}

BOOST_AUTO_TEST_CASE(uniform_and_burst_loss_together_lose_what_their_mean_says) {
  const LinkQuality quality{.loss = 0.1, .burst_loss = BurstLoss{0.05, 0.5}};
  BOOST_TEST(quality.mean_loss() == 1 - 0.9 * (1 - 0.05 / 0.55),
             boost::test_tools::tolerance(1e-12));

  const auto lost =
      static_cast<double>(count(verdicts(quality), [](const Treatment& t) { return t.lost; }));

  BOOST_TEST(lost / kPackets == quality.mean_loss(), boost::test_tools::tolerance(0.03));
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names;
  for (const auto& preset : topology::link_presets()) names.push_back(preset.name);
  return names;
}
// As for the bursts above, with the chain's share of the variance at its most: all lost in bad.
BOOST_DATA_TEST_CASE(each_preset_loses_what_its_mean_says, data::make(preset_names()), name) {
  const auto& preset = *topology::find_link_preset(name);
  for (const auto* const quality : {&preset.up, &preset.down}) {
    const auto mean = quality->mean_loss();
    const auto lost = static_cast<double>(
        count(verdicts(*quality, 1, 100'000), [](const Treatment& t) { return t.lost; }));

    const auto& bursts = quality->burst_loss;
    const auto r = bursts ? 1 - bursts->good_to_bad - bursts->bad_to_good : 0;
    const auto deviation = std::sqrt(mean * (1 - mean) / 100'000 * (1 + r) / (1 - r));
    BOOST_TEST(std::abs(lost / 100'000 - mean) <= 3 * deviation);
  }
}

struct Addition {
  std::string_view what;
  LinkQuality quality;
};
std::ostream& operator<<(std::ostream& out, const Addition& row) {
  return out << row.what;
}
const LinkQuality kAll{.jitter = {.spread = 5ms},
                       .loss = 0.1,
                       .burst_loss = BurstLoss{0.05, 0.5},
                       .duplication = 0.1,
                       .corruption = 0.1,
                       .reordering = 0.1,
                       .reordering_delay = 7ms};
LinkQuality but(void (*change)(LinkQuality&)) {
  auto quality = kAll;
  change(quality);
  return quality;
}
const std::vector<Addition> kWithoutOne{
    {"jitter", but([](LinkQuality& q) { q.jitter = {}; })},
    {"loss", but([](LinkQuality& q) { q.loss = 0; })},
    {"burst loss", but([](LinkQuality& q) { q.burst_loss.reset(); })},
    {"duplication", but([](LinkQuality& q) { q.duplication = 0; })},
    {"corruption", but([](LinkQuality& q) { q.corruption = 0; })},
    {"reordering", but([](LinkQuality& q) { q.reordering = 0; })},
    {"an outage", but([](LinkQuality& q) {
       q.outages = {{0s, 1h}};
     })},
    {"a drop", but([](LinkQuality& q) {
       q.drops = {{topology::Drop::What::Packet, 1}};
     })},
};
BOOST_DATA_TEST_CASE(switching_one_effect_moves_no_draw_of_another, data::make(kWithoutOne), row) {
  const auto with = verdicts(kAll, 1, 2000);
  const auto without = verdicts(row.quality, 1, 2000);

  for (std::size_t i = 0; i < with.size(); ++i) {
    const auto& a = with[i].treatment;
    const auto& b = without[i].treatment;
    if (row.quality.jitter == kAll.jitter) BOOST_REQUIRE((a.jitter == b.jitter));
    if (row.quality.duplication > 0) BOOST_REQUIRE(a.twice == b.twice);
    if (row.quality.corruption > 0) BOOST_REQUIRE((a.turned_bit == b.turned_bit));
    if (row.quality.reordering > 0) BOOST_REQUIRE((a.held_back == b.held_back));
    // Of the two kinds of loss either may have been named first; what the one loses without the
    // other is lost with it, too.
    if (b.lost && row.what.find("loss") != std::string_view::npos) BOOST_REQUIRE(a.lost);
  }
}

BOOST_AUTO_TEST_CASE(a_turned_bit_lies_anywhere_in_the_packet) {
  std::vector<double> places;
  for (const auto& verdict : verdicts({.corruption = 1})) {
    places.push_back(static_cast<double>(*verdict.treatment.turned_bit));
  }

  BOOST_TEST(*std::ranges::min_element(places) == 0);
  BOOST_TEST(*std::ranges::max_element(places) == 799);
  // Uniform over 800 bits: 399.5 ± 3 * 231 / sqrt(100000).
  BOOST_TEST(std::abs(mean_of(places) - 399.5) < 2.2);
}

BOOST_AUTO_TEST_CASE(an_outage_begins_with_its_first_instant_and_ends_before_its_last) {
  const SeededRng root{1};
  Impairments impairments{[&](std::string_view name) { return root.fork(name); },
                          "a > b",
                          {.outages = {{1s, 2s}, {5s, 6s}}}};
  const auto lost_by = [&](Duration at) {
    return impairments.judge(Instant{at}, Bytes(20), {}, {}).lost_by;
  };

  BOOST_TEST(lost_by(1s - 1ns).empty());
  BOOST_TEST(lost_by(1s) == "an outage from 1 s to 2 s");
  BOOST_TEST(lost_by(2s - 1ns) == "an outage from 1 s to 2 s");
  BOOST_TEST(lost_by(2s).empty());
  BOOST_TEST(lost_by(5500ms) == "an outage from 5 s to 6 s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
