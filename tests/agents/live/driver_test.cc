#include "tests/agents/live/puppet.h"

namespace rtclab::live {
namespace {

using namespace std::chrono_literals;

struct SendTimes final : Tap {
  std::vector<Instant> sent;

  void datagram(Instant at, Direction direction, const Path& /*path*/, const Ip& /*destination*/,
                ByteView /*octets*/) override {
    if (direction == Direction::Out) sent.push_back(at);
  }
  void stream_opened(Instant, Direction, const Path&) override {}
  void stream_octets(Instant, Direction, const Path&, ByteView) override {}
  void stream_closed(Instant, Direction, const Path&) override {}
};

BOOST_FIXTURE_TEST_SUITE(driver, Stage)

BOOST_AUTO_TEST_CASE(tells_the_addresses_before_anything_else) {
  const auto& inputs = first.agent().inputs;

  BOOST_REQUIRE(!inputs.empty());
  for (const auto& input : inputs) BOOST_TEST(std::holds_alternative<InterfaceUp>(input));
  const auto is_loopback = [](const Input& input) {
    return std::get<InterfaceUp>(input).address == kLoopback;
  };
  BOOST_TEST(std::ranges::any_of(inputs, is_loopback));
}

BOOST_AUTO_TEST_CASE(hides_the_loopback_address_unless_asked_for_it) {
  const Driver<Puppet> usual{{.context = context, .clock = clock}};

  for (const auto& input : usual.agent().inputs)
    BOOST_TEST(!std::get<InterfaceUp>(input).address.is_loopback());
}

BOOST_AUTO_TEST_CASE(wakes_the_agent_when_it_asked_and_not_before) {
  const auto at = clock.now() + 30ms;

  first.call([&](Instant, Puppet& puppet) { puppet.wakeup = Wakeup{at, "test"}; });
  run_until([&] { return !first.agent().woken.empty(); });

  BOOST_TEST((first.agent().woken.front() >= at));
}

BOOST_AUTO_TEST_CASE(forgets_a_wakeup_that_is_no_longer_wanted) {
  first.call([&](Instant now, Puppet& puppet) { puppet.wakeup = Wakeup{now + 5ms, "test"}; });
  first.call([&](Instant, Puppet& puppet) { puppet.wakeup.reset(); });
  second.call([&](Instant now, Puppet& puppet) { puppet.wakeup = Wakeup{now + 40ms, "test"}; });
  run_until([&] { return !second.agent().woken.empty(); });

  BOOST_TEST(first.agent().woken.empty());
}

BOOST_AUTO_TEST_CASE(records_events_with_their_time) {
  std::vector<std::pair<Instant, Event>> recorded;
  Driver<Puppet> driver{
      {.context = context, .clock = clock, .record = [&](Instant at, const Event& event) {
         recorded.emplace_back(at, event);
       }}};

  const auto before = clock.now();
  ask(driver, Event{.name = "test:happened", .fields = {}, .rule = std::nullopt});

  BOOST_REQUIRE(recorded.size() == 1u);
  BOOST_TEST(recorded.front().second.name == "test:happened");
  BOOST_TEST((recorded.front().first >= before));
}

BOOST_AUTO_TEST_CASE(tells_the_tap_the_instant_at_which_the_agent_acted_however_slow_the_machine) {
  SendTimes tap;
  Driver<Puppet> driver{
      {.context = context, .clock = clock, .loopback = Loopback::Shown, .tap = &tap}};
  const OpenSocket anywhere{.request = 1, .local = {kLoopback, Port{0}}};
  const Path path{Transport::Udp, open(driver, anywhere), open(second, anywhere)};

  Instant acted{};
  driver.call([&](Instant now, Puppet& puppet) {
    acted = now;
    puppet.outputs.push_back(Transmit{path, Bytes(4)});
    while (clock.now() < now + 3ms) {
    }
  });

  BOOST_REQUIRE(tap.sent.size() == 1u);
  BOOST_TEST((tap.sent.front() == acted));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(live_clock)

BOOST_AUTO_TEST_CASE(counts_from_the_whole_second_in_which_it_was_made) {
  const Clock clock;

  const auto since_zero = clock.now().time_since_epoch();

  BOOST_TEST((since_zero >= 0s));
  BOOST_TEST((since_zero < 2s));
  const auto calendar = std::chrono::system_clock::now().time_since_epoch();
  const auto difference = clock.epoch() + since_zero - calendar;
  BOOST_TEST((std::chrono::abs(difference) < 1s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::live
