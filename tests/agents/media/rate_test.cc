// The rate controller on a model of a bottleneck: one queue of a fixed capacity.
#include "agents/media/aimd.h"
#include "agents/media/overuse_detector.h"
#include "agents/media/rate_controller.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

namespace rtclab::media {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPacket = 1200;

// A sender that obeys, 30 times a second, before a queue; feedback comes each 100 ms, 50 ms later.
class Bottleneck {
 public:
  explicit Bottleneck(RateController& controller) : controller_{controller} {}

  std::uint64_t capacity = 1'000'000;
  Duration greatest_queue{};

  void run_for(Duration length) {
    const auto end = now_ + length;
    for (; now_ < end; now_ += 33ms) {
      debt_ += static_cast<double>(controller_.decision().target) * 0.033 / 8;
      int in_frame = 0;
      for (; debt_ >= kPacket; debt_ -= kPacket) send(now_ + 1ms * in_frame++);
      if (now_ - told_ >= 100ms) tell();
    }
  }

 private:
  void send(Instant at) {
    const auto queue = std::max(free_at_ - at, Duration{});
    greatest_queue = std::max(greatest_queue, queue);
    PacketResult packet{.sent = at, .bytes = kPacket};
    if (queue < 500ms) {
      free_at_ =
          std::max(free_at_, at) +
          Duration{static_cast<Duration::rep>(kPacket * 8e9 / static_cast<double>(capacity))};
      packet.received = free_at_.time_since_epoch() + 50ms;
    }
    packets_.push_back(packet);
  }
  void tell() {
    told_ = now_;
    const auto is_old = [this](const PacketResult& packet) {
      return packet.received.value_or(packet.sent.time_since_epoch()) + 50ms <=
             now_.time_since_epoch();
    };
    const auto end = std::ranges::find_if_not(packets_, is_old);
    const std::vector<PacketResult> known(packets_.begin(), end);
    packets_.erase(packets_.begin(), end);
    if (!known.empty())
      controller_.on_feedback({.now = now_, .packets = known, .round_trip_time = 100ms});
    const auto lost =
        std::ranges::count_if(known, [](const auto& packet) { return !packet.received; });
    lost_ += static_cast<double>(lost);
    all_ += static_cast<double>(known.size());
    if (now_ - reported_ < 1s || all_ == 0) return;
    controller_.on_loss_report({.now = now_, .fraction_lost = lost_ / all_});
    reported_ = now_;
    lost_ = all_ = 0;
  }

  RateController& controller_;
  Instant now_{}, told_{}, reported_{}, free_at_{};
  double debt_ = 0, lost_ = 0, all_ = 0;
  std::vector<PacketResult> packets_;
};

BOOST_AUTO_TEST_SUITE(media_rate)

BOOST_AUTO_TEST_CASE(it_finds_the_capacity_and_keeps_the_queue_short) {
  const auto controller = make_delay_loss_controller({});
  Bottleneck path{*controller};

  path.run_for(30s);
  path.greatest_queue = {};
  std::uint64_t least = UINT64_MAX, most = 0;
  for (int second = 0; second < 60; ++second) {
    path.run_for(1s);
    least = std::min(least, controller->decision().target);
    most = std::max(most, controller->decision().target);
  }

  BOOST_TEST_MESSAGE("1 Mbit/s: " << least << " to " << most << ", queue "
                                  << path.greatest_queue / 1ms << " ms");
  BOOST_TEST(least > 600'000u);
  BOOST_TEST(most < 1'300'000u);
  BOOST_TEST((path.greatest_queue < 300ms));
}

BOOST_AUTO_TEST_CASE(a_step_down_is_followed_within_seconds_and_a_step_up_in_its_time) {
  const auto controller = make_delay_loss_controller({});
  Bottleneck path{*controller};
  path.capacity = 2'000'000;
  path.run_for(30s);
  const auto before = controller->decision().target;
  BOOST_TEST(before > 1'200'000u);

  path.capacity = 500'000;
  path.run_for(5s);
  const auto after = controller->decision().target;
  BOOST_TEST_MESSAGE("2 Mbit/s: " << before << ", 5 s after the step to 500 kbit/s: " << after);
  BOOST_TEST(after < 600'000u);
  BOOST_TEST(after > 200'000u);

  path.capacity = 2'000'000;
  path.run_for(40s);
  BOOST_TEST_MESSAGE("40 s after the step back: " << controller->decision().target);
  BOOST_TEST(controller->decision().target > 1'200'000u);
}

// draft-ietf-rmcat-gcc-02 §6: above 10 % the bound falls by half the loss: 300 kbit/s * (1 - 0.5 *
// 0.2) = 270.
BOOST_AUTO_TEST_CASE(loss_above_a_tenth_takes_half_of_itself) {
  const auto controller =
      make_delay_loss_controller({.min = 30'000, .start = 300'000, .max = 300'000});

  controller->on_loss_report({.now = Instant{1s}, .fraction_lost = 0.2});
  BOOST_TEST(controller->decision().target == 270'000u);
  BOOST_TEST(controller->decision().reason == "loss");

  controller->on_loss_report({.now = Instant{2s}, .fraction_lost = 0.05});
  BOOST_TEST(controller->decision().target == 270'000u);

  // Below 2 % it rises by 5 %, and 1 kbit/s: 284.5.
  controller->on_loss_report({.now = Instant{3s}, .fraction_lost = 0});
  BOOST_TEST(controller->decision().target == 284'500u);
}

BOOST_AUTO_TEST_CASE(the_receivers_estimate_is_a_bound) {
  const auto controller = make_delay_loss_controller({});

  controller->on_remb(Instant{1s}, 123'000);

  BOOST_TEST(controller->decision().target == 123'000u);
  BOOST_TEST(controller->decision().reason == "the receiver's estimate");
}

BOOST_AUTO_TEST_CASE(a_fixed_rate_stays) {
  const auto controller = make_fixed_rate(777'000);

  controller->on_loss_report({.now = Instant{1s}, .fraction_lost = 0.9});
  controller->on_remb(Instant{1s}, 1);

  BOOST_TEST((controller->decision() == RateDecision{777'000, "fixed"}));
}

struct RateMove {
  RateState from;
  PathUse use;
  RateState to;
};
// draft-ietf-rmcat-gcc-02 §5.5, the table.
BOOST_AUTO_TEST_CASE(the_states_follow_the_drafts_table) {
  using enum RateState;
  const std::vector<RateMove> moves{
      {Hold, PathUse::Overuse, Decrease},     {Increase, PathUse::Overuse, Decrease},
      {Decrease, PathUse::Overuse, Decrease}, {Hold, PathUse::Normal, Increase},
      {Increase, PathUse::Normal, Increase},  {Decrease, PathUse::Normal, Hold},
      {Hold, PathUse::Underuse, Hold},        {Increase, PathUse::Underuse, Hold},
      {Decrease, PathUse::Underuse, Hold},
  };
  for (const auto& move : moves) BOOST_TEST((next_rate_state(move.from, move.use) == move.to));
}

BOOST_AUTO_TEST_CASE(overuse_needs_ten_milliseconds_above_the_threshold) {
  OveruseDetector detector;
  // 60 groups * 4 * 0.1 = 24, above 12.5.
  BOOST_TEST((detector.update(0.1, 60, 0ms) == PathUse::Normal));
  BOOST_TEST((detector.update(0.1, 60, 8ms) == PathUse::Normal));
  BOOST_TEST((detector.update(0.1, 60, 16ms) == PathUse::Overuse));
  BOOST_TEST((detector.update(-0.1, 60, 24ms) == PathUse::Underuse));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
