#include "sim/courier/courier.h"

#include "sim/link/simulation.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::signalling {
namespace {

using namespace std::chrono_literals;
using sim::Simulation;

struct Received {
  Duration at;
  std::string id;
  std::string text;
  friend bool operator==(const Received&, const Received&) = default;
};

// Alice and Bob, and what the courier told of them: "bob signalling:arrived".
struct Call {
  explicit Call(CourierTerms terms)
      : courier{std::move(terms), SeededRng{1},
                [this](Instant, std::string_view vantage, const Event& event) {
                  told.push_back(std::string{vantage} + " " + std::string{event.name});
                }} {
    bob->on_message([this](const Message& message) {
      received.push_back({Simulation::now().time_since_epoch(), message.id, message.text});
    });
    alice->on_message([](const Message&) {});
  }

  Simulation simulation;
  std::vector<std::string> told;
  std::vector<Received> received;
  Courier courier;
  std::unique_ptr<Channel> alice = courier.channel("alice");
  std::unique_ptr<Channel> bob = courier.channel("bob");
};

BOOST_AUTO_TEST_SUITE(courier)

BOOST_AUTO_TEST_CASE(a_message_arrives_days_later_and_the_courier_tells_of_its_way) {
  Call call{{.delay = 48h, .mailbox = 36h}};
  Simulation::schedule(Instant{1h}, [&] { call.alice->send("bob", "Greetings"); });
  call.simulation.run_until(Instant{100h});

  BOOST_TEST((call.received == std::vector<Received>{{72h, "alice-1", "Greetings"}}));
  BOOST_TEST(call.told ==
             (std::vector<std::string>{"alice signalling:dispatched", "bob signalling:arrived"}));
}

BOOST_AUTO_TEST_CASE(what_was_sent_before_the_terms_change_goes_by_those_of_before) {
  Call call{{.delay = 3s, .jitter = {.reorders = true}}};
  call.simulation.run_until(Instant{1s});
  call.alice->send("bob", "slowly");
  call.courier.set({.delay = 1s, .jitter = {.reorders = true}});
  call.alice->send("bob", "at once");
  call.simulation.run_until(Instant{10s});

  BOOST_REQUIRE(call.received.size() == 2u);
  BOOST_TEST((call.received[0].at == 2s));
  BOOST_TEST(call.received[0].text == "at once");
  BOOST_TEST((call.received[1].at == 4s));
}

BOOST_AUTO_TEST_CASE(who_sends_has_his_say_before_the_courier) {
  Call call{{}};
  call.simulation.run_until(Instant{1s});
  call.alice->send("bob", "now");
  BOOST_TEST(call.told.empty());
  call.simulation.run_until(Instant{2s});
  BOOST_TEST((call.received == std::vector<Received>{{1s, "alice-1", "now"}}));
}

BOOST_AUTO_TEST_CASE(a_lost_message_is_repeated_until_the_acknowledgement_comes) {
  Call call{{.delay = 1h, .loss = 0.5, .resend = Resend{3h, 3h, Duration{0}}}};
  for (int i = 0; i < 20; ++i) call.alice->send("bob", "Hello?");
  call.simulation.run_until(Instant{500h});

  BOOST_TEST(call.received.size() == 20u);
  BOOST_TEST(std::ranges::count(call.told, "alice signalling:acknowledged") == 20);
  BOOST_TEST(std::ranges::count(call.told, "alice signalling:lost") > 0);
}

BOOST_AUTO_TEST_CASE(what_is_sent_to_nobody_is_carried_to_nobody) {
  Call call{{}};
  call.alice->send("carol", "Hello?");
  call.simulation.run_until(Instant{1s});
  BOOST_TEST(call.received.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::signalling
