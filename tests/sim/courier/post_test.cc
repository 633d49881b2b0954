#include "sim/courier/post.h"

#include "sim/courier/flight_time.h"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace rtclab::signalling {
namespace {

using namespace std::chrono_literals;

const SeededRng kRng{7};

Piece piece(unsigned number) {
  return {.id = "alice-" + std::to_string(number),
          .from = "alice",
          .to = "bob",
          .number = number,
          .text = "x"};
}

struct Delivered {
  Duration at;
  std::string id;
  friend bool operator==(const Delivered&, const Delivered&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Delivered& each) {
    return out << each.id << " at " << each.at.count();
  }
};

// Hands in `count` pieces, one each `interval`, and tells what comes out.
struct Run {
  std::vector<Delivered> delivered;
  std::map<std::string, unsigned> reports;
};
Run run(const CourierTerms& terms, unsigned count, Duration interval = Duration{0},
        const SeededRng& rng = kRng) {
  Post post{terms, rng};
  Run result;
  const auto drain = [&](Instant now) {
    while (const auto each = post.poll_delivery())
      result.delivered.push_back({now.time_since_epoch(), each->id});
    while (const auto report = post.poll_report())
      ++result.reports[std::string{report->event.name}];
  };
  Instant now{};
  for (unsigned i = 1; i <= count; ++i, now += interval) {
    while (post.next_wakeup() && *post.next_wakeup() <= now) {
      const auto at = *post.next_wakeup();
      post.handle_timeout(at);
      drain(at);
    }
    post.hand_in(now, piece(i));
    drain(now);
  }
  while (const auto at = post.next_wakeup()) {
    post.handle_timeout(*at);
    drain(*at);
  }
  return result;
}

BOOST_AUTO_TEST_SUITE(post)

BOOST_AUTO_TEST_CASE(without_any_terms_it_is_there_at_once) {
  BOOST_TEST(run({}, 2).delivered == (std::vector<Delivered>{{0s, "alice-1"}, {0s, "alice-2"}}));
}

BOOST_AUTO_TEST_CASE(a_piece_waits_for_the_collection_flies_and_waits_in_the_mailbox) {
  const CourierTerms terms{.delay = 5h, .collection = 24h, .mailbox = 7h};

  // At noon; collected at midnight, there at five in the morning, found at 35 h.
  Post post{terms, kRng};
  post.hand_in(Instant{12h}, piece(1));
  BOOST_TEST((post.next_wakeup() == Instant{24h}));
  post.handle_timeout(Instant{24h});
  BOOST_TEST((post.next_wakeup() == Instant{29h}));
  post.handle_timeout(Instant{29h});
  BOOST_TEST(!post.poll_delivery().has_value());
  BOOST_TEST((post.next_wakeup() == Instant{35h}));
  post.handle_timeout(Instant{35h});
  BOOST_TEST(post.poll_delivery()->id == "alice-1");
  BOOST_TEST(!post.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(a_trip_takes_as_many_as_it_can_and_the_rest_goes_with_the_next) {
  const auto result = run({.collection = 1h, .capacity = 2}, 5);

  BOOST_TEST(
      result.delivered ==
      (std::vector<Delivered>{
          {0s, "alice-1"}, {0s, "alice-2"}, {1h, "alice-3"}, {1h, "alice-4"}, {2h, "alice-5"}}));
}

BOOST_AUTO_TEST_CASE(without_overtaking_the_order_is_kept_whatever_the_jitter) {
  CourierTerms terms{.delay = 10s, .jitter = {.spread = 10s}};
  const auto is_in_order = [](const Run& result) {
    for (std::size_t i = 0; i < result.delivered.size(); ++i)
      if (result.delivered[i].id != "alice-" + std::to_string(i + 1)) return false;
    return true;
  };

  BOOST_TEST(is_in_order(run(terms, 100, 100ms)));
  terms.jitter.reorders = true;
  BOOST_TEST(!is_in_order(run(terms, 100, 100ms)));
}

// Within four standard deviations of what was asked for.
BOOST_AUTO_TEST_CASE(loss_and_duplication_are_as_often_as_agreed) {
  constexpr unsigned kCount = 20'000;
  auto result = run({.loss = 0.1}, kCount);
  BOOST_TEST(std::abs(result.reports["signalling:lost"] - 2000.0) < 4 * std::sqrt(1800.0));
  BOOST_TEST(result.delivered.size() == kCount - result.reports["signalling:lost"]);

  result = run({.duplication = 0.05}, kCount);
  BOOST_TEST(std::abs(result.reports["signalling:duplicated"] - 1000.0) < 4 * std::sqrt(950.0));
  BOOST_TEST(result.delivered.size() == kCount + result.reports["signalling:duplicated"]);
}

BOOST_AUTO_TEST_CASE(one_piece_more_changes_nothing_for_the_others) {
  const CourierTerms terms{.delay = 1h, .jitter = {.spread = 1h, .reorders = true}, .loss = 0.3};
  const auto fifty = run(terms, 50).delivered;
  auto more = run(terms, 51).delivered;

  std::erase_if(more, [](const Delivered& each) { return each.id == "alice-51"; });
  BOOST_TEST(more == fifty);
  BOOST_TEST(run(terms, 50, Duration{0}, SeededRng{8}).delivered != fifty);
}

BOOST_AUTO_TEST_CASE(flight_times_have_the_mean_of_their_distribution) {
  using topology::JitterDistribution;
  const auto mean_of = [](JitterDistribution distribution) {
    const CourierTerms terms{.delay = 100s,
                             .jitter = {.spread = 10s, .distribution = distribution}};
    double sum = 0;
    for (std::uint64_t i = 0; i < 50'000; ++i)
      sum += std::chrono::duration<double>(draw_flight_time(terms, SeededRng{i})).count();
    return sum / 50'000;
  };

  BOOST_TEST(std::abs(mean_of(JitterDistribution::Uniform) - 100) < 0.2);
  BOOST_TEST(std::abs(mean_of(JitterDistribution::Normal) - 100) < 0.2);
  BOOST_TEST(std::abs(mean_of(JitterDistribution::Exponential) - 110) < 0.2);
  BOOST_TEST(std::abs(mean_of(JitterDistribution::Pareto) - 110) < 0.2);
}

BOOST_AUTO_TEST_CASE(nothing_arrives_before_it_leaves) {
  const CourierTerms terms{.delay = 1s, .jitter = {.spread = 1h}};
  for (std::uint64_t i = 0; i < 1000; ++i)
    BOOST_TEST((draw_flight_time(terms, SeededRng{i}) >= 0s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::signalling
