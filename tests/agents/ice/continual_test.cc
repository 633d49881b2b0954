// Interfaces that come and go in a running session, and more than one nomination.
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

CallOptions continual(bool renomination) {
  CallOptions options{.a = {kSymmetric}, .b = {kSymmetric}, .has_turn = true};
  for (auto* agent : {&options.agent_a, &options.agent_b}) {
    agent->gathering = GatheringPolicy::Continually;
    agent->renomination = renomination;
  }
  return options;
}

// Two agents that stand on a relay, and would like something better.
struct Roaming : Call {
  explicit Roaming(CallOptions options = continual(true)) : Call{std::move(options)} {
    world.keeps_record = true;
    start();
    BOOST_REQUIRE(world.run_until([&] { return is_nominated(*a) && is_nominated(*b); }, 20s));
  }
  [[nodiscard]] static bool is_nominated(const Side& side) {
    const auto pair = side.agent.selected_pair(side.stream);
    return pair && pair->nominated;
  }
  [[nodiscard]] static CandidateType local_type(const Side& side) {
    return side.agent.selected_pair(side.stream)->local.type;
  }
  [[nodiscard]] std::vector<std::uint64_t> nominations_sent(const Side& side) const {
    std::vector<std::uint64_t> values;
    for (const auto& check : sent_checks(world, *side.machine)) {
      for (const auto& attribute : check.message.attributes) {
        if (attribute.type == stun::AttributeType::Nomination)
          values.push_back(ByteReader{attribute.value}.u32());
      }
    }
    return values;
  }
};

BOOST_FIXTURE_TEST_SUITE(ice_continual, Roaming)

BOOST_AUTO_TEST_CASE(gathering_never_ends_and_the_state_stays_connected) {
  world.run_for(120s);
  BOOST_TEST((a->agent.gathering_state() == GatheringState::Gathering));
  BOOST_TEST(a->traced("ice:end_of_candidates").empty());
  BOOST_TEST(both(State::Connected));
}

BOOST_AUTO_TEST_CASE(an_address_that_comes_is_gathered_and_told) {
  const auto before = a->candidates.size();
  world.run_for(10s);
  world.bring_up(*a->machine, *Ip::parse("192.168.1.99"));
  world.run_for(1s);
  BOOST_TEST(a->candidates.size() > before);
  BOOST_TEST(a->candidates[before].address.ip.to_string() == "192.168.1.99");
}

// A wire is plugged in, on either side, that needs no relay. The controlling agent nominates the
// better pair, and the controlled one follows; with renomination and without.
BOOST_DATA_TEST_CASE(a_better_pair_takes_over_on_both_sides, data::make({0, 1, 2, 3}), variant) {
  Roaming call{continual(variant % 2 == 0)};
  BOOST_REQUIRE(
      (local_type(*call.a) == CandidateType::Relayed ||
       call.a->agent.selected_pair(call.a->stream)->remote.type == CandidateType::Relayed));
  auto& mover = variant < 2 ? *call.a : *call.b;
  const auto fresh = *Ip::parse("198.51.100.77");

  call.world.bring_up(*mover.machine, fresh);
  call.world.run_for(3s);

  const auto of_mover = *mover.agent.selected_pair(mover.stream);
  BOOST_TEST(of_mover.local.address.ip.to_string() == fresh.to_string());
  BOOST_TEST(of_mover.nominated);
  const auto of_a = *call.a->agent.selected_pair(call.a->stream);
  const auto of_b = *call.b->agent.selected_pair(call.b->stream);
  BOOST_TEST((of_a.local.address == of_b.remote.address));
  BOOST_TEST((of_b.local.address == of_a.remote.address));
  BOOST_TEST(of_b.nominated);
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(call.passes(*call.b, *call.a));
}

// draft-thatcher-ice-renomination §4: each value is larger than the one before.
BOOST_AUTO_TEST_CASE(renomination_counts_up_and_only_where_both_know_it) {
  world.bring_up(*a->machine, *Ip::parse("198.51.100.77"));
  world.run_for(3s);
  BOOST_TEST((nominations_sent(*a) == std::vector<std::uint64_t>{1, 2}));
  BOOST_TEST(nominations_sent(*b).empty());

  auto options = continual(true);
  options.agent_b.renomination = false;
  Roaming call{std::move(options)};
  BOOST_TEST(call.nominations_sent(*call.a).empty());
}

BOOST_AUTO_TEST_CASE(a_pair_that_took_over_gives_back_when_its_interface_goes) {
  const auto wire = *Ip::parse("198.51.100.77");
  world.bring_up(*a->machine, wire);
  world.run_for(60s);
  BOOST_REQUIRE((a->agent.selected_pair(a->stream)->local.address.ip == wire));

  world.bring_down(*a->machine, wire, "eth1");
  world.run_for(1s);

  // The last nomination wins, so that b does not wait for its consent to expire.
  BOOST_TEST((a->agent.selected_pair(a->stream)->local.address.ip != wire));
  BOOST_TEST(a->agent.selected_pair(a->stream)->nominated);
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
  BOOST_TEST((nominations_sent(*a).back() == 3u));
  BOOST_TEST((a->state() == State::Connected));
}

// Without renomination the controlled side stays with the better nominated pair until it is dead.
BOOST_AUTO_TEST_CASE(without_renomination_the_way_back_takes_until_consent_expires) {
  Roaming call{continual(false)};
  const auto wire = *Ip::parse("198.51.100.77");
  call.world.bring_up(*call.a->machine, wire);
  call.world.run_for(60s);
  call.world.bring_down(*call.a->machine, wire, "eth1");
  call.world.run_for(1s);
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(!call.passes(*call.b, *call.a));
  call.world.run_for(35s);
  BOOST_TEST(call.passes(*call.b, *call.a));
}

// The last interface goes: nothing is left, but a new one may come.
BOOST_AUTO_TEST_CASE(losing_everything_is_survived_when_an_address_comes_in_time) {
  world.bring_down(*a->machine, *Ip::parse("192.168.1.10"));
  BOOST_TEST((a->state() == State::Disconnected));
  world.run_for(8s);
  world.bring_up(*a->machine, *Ip::parse("198.51.100.77"));
  world.run_for(5s);
  BOOST_TEST((a->state() == State::Connected));
  BOOST_TEST(passes(*a, *b));
}

BOOST_AUTO_TEST_CASE(losing_everything_for_good_fails_after_the_patience) {
  world.bring_down(*a->machine, *Ip::parse("192.168.1.10"));
  world.run_for(38s);
  BOOST_TEST((a->state() == State::Disconnected));
  world.run_for(5s);
  BOOST_TEST((a->state() == State::Failed));
}

BOOST_AUTO_TEST_CASE(pairs_that_may_take_over_are_checked_each_15_seconds) {
  world.bring_up(*a->machine, *Ip::parse("198.51.100.77"));
  world.run_for(5s);
  world.sent.clear();
  world.run_for(60s);
  std::size_t backups = 0;
  for (const auto& event : a->traced("ice:check_sent"))
    backups += text_of(event.event, "kind") == "backup" ? 1 : 0;
  BOOST_TEST(backups >= 3u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_gathering_once)

BOOST_AUTO_TEST_CASE(an_address_that_comes_during_the_search_takes_part) {
  Call call{{.has_stun = false}};
  call.a->agent.gather(call.world.now());  // its socket is not open yet
  call.world.bring_up(*call.a->machine, *Ip::parse("198.51.100.77"));
  BOOST_TEST(call.a->candidates.size() == 2u);
  BOOST_TEST((call.a->agent.gathering_state() == GatheringState::Complete));
}

BOOST_AUTO_TEST_CASE(an_address_that_comes_later_waits_for_a_restart) {
  Call call{{.has_stun = false}};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  const auto before = call.a->candidates.size();
  call.world.bring_up(*call.a->machine, *Ip::parse("198.51.100.77"));
  call.world.run_for(5s);
  BOOST_TEST(call.a->candidates.size() == before);
  call.a->agent.restart(call.world.now(), call.a->stream);
  call.gather(*call.a);
  BOOST_TEST(call.a->candidates.size() == 2 * before + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
