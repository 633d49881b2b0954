// Lite agents (RFC 8445 §2.5): they answer, and believe the full peer.
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

struct LiteAnswers : Call {
  explicit LiteAnswers(CallOptions options = with_lite({.a = {kPortRestricted}}))
      : Call{std::move(options)} {
    world.keeps_record = true;
  }
  static CallOptions with_lite(CallOptions options) {
    options.agent_b.level = Level::Lite;
    return options;
  }
};

BOOST_FIXTURE_TEST_SUITE(ice_lite, LiteAnswers)

BOOST_AUTO_TEST_CASE(a_full_agent_and_a_lite_one_connect_and_data_passes_both_ways) {
  start();
  BOOST_REQUIRE(run_until_completed());
  const auto of_a = *a->agent.selected_pair(a->stream);
  const auto of_b = *b->agent.selected_pair(b->stream);
  BOOST_TEST((of_a.remote.address == of_b.local.address));
  BOOST_TEST((of_b.remote.type == CandidateType::PeerReflexive ||
              of_b.remote.type == CandidateType::ServerReflexive));
  BOOST_TEST(of_b.nominated);
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
}

BOOST_AUTO_TEST_CASE(a_lite_agent_sends_no_request_in_an_hour_and_keeps_alive_by_indications) {
  start();
  BOOST_REQUIRE(run_until_completed());
  world.run_for(1h);
  BOOST_TEST(sent_messages(world, *b->machine, stun::Class::Request).empty());
  const auto keepalives = sent_messages(world, *b->machine, stun::Class::Indication).size();
  BOOST_TEST(keepalives >= 235u);
  BOOST_TEST(keepalives <= 241u);
  BOOST_TEST(both(State::Completed));
}

// RFC 8445 §6.1.1: whoever offered.
BOOST_AUTO_TEST_CASE(a_lite_agent_that_offers_leaves_control_to_the_full_one) {
  CallOptions options{.b = {kPortRestricted}};
  options.agent_a.level = Level::Lite;
  LiteAnswers call{std::move(options)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST((call.a->agent.role() == Role::Controlled));
  BOOST_TEST((call.b->agent.role() == Role::Controlling));
  BOOST_TEST(call.passes(*call.a, *call.b));
}

// RFC 8445 §5.2.
BOOST_AUTO_TEST_CASE(a_lite_agent_has_host_candidates_only_one_for_each_address) {
  auto options = with_lite({.b = {std::nullopt, {"2001:db8::b"}}, .has_turn = true});
  options.agent_b.tcp.active = true;
  LiteAnswers call{std::move(options)};
  call.gather(*call.b);
  call.world.run_for(1s);
  BOOST_REQUIRE(call.b->candidates.size() == 2u);
  for (const auto& candidate : call.b->candidates) {
    BOOST_TEST((candidate.type == CandidateType::Host));
    BOOST_TEST((candidate.transport == Transport::Udp));
  }
  BOOST_TEST((call.b->agent.gathering_state() == GatheringState::Complete));
}

BOOST_AUTO_TEST_CASE(a_lite_agent_answers_checks_before_the_nomination_but_sends_no_data) {
  start();
  BOOST_REQUIRE(world.run_until([&] { return a->state() == State::Connected; }, 5s));
  BOOST_TEST(!b->agent.send(world.now(), b->stream, to_octets("\x16")));
  BOOST_TEST((b->state() == State::Checking || b->state() == State::New));
}

// RFC 6544 §4.4.
BOOST_AUTO_TEST_CASE(a_lite_agent_may_be_reached_over_tcp) {
  auto options = with_lite({.a = {kSymmetric}});
  options.agent_a.tcp.active = true;
  options.agent_b.tcp.passive = true;
  LiteAnswers call{std::move(options)};
  call.world.drops = [](const Datagram& datagram) { return datagram.transport == Transport::Udp; };
  call.start();
  BOOST_REQUIRE(call.run_until_completed(90s));
  BOOST_TEST((call.b->agent.selected_pair(call.b->stream)->local.tcp_type == TcpType::Passive));
  BOOST_TEST(call.passes(*call.b, *call.a));
  call.world.reset_connections(*call.a->machine);
  call.world.run_for(2s);
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(call.passes(*call.b, *call.a));
}

BOOST_AUTO_TEST_CASE(a_lite_agent_restarts) {
  start();
  BOOST_REQUIRE(run_until_completed());
  for (auto* side : {a.get(), b.get()}) {
    side->agent.restart(world.now(), side->stream);
    world.drain(*side->machine);
  }
  BOOST_TEST(passes(*b, *a));
  start();
  BOOST_REQUIRE(run_until_completed());
  BOOST_TEST((a->agent.role() == Role::Controlling));
  BOOST_TEST(passes(*b, *a));
}

// RFC 8445 §8.2: no check is ever sent; each chooses the pair by itself.
BOOST_AUTO_TEST_CASE(two_lite_agents_pair_what_they_have) {
  auto options = with_lite({.has_stun = false});
  options.agent_a.level = Level::Lite;
  LiteAnswers call{std::move(options)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST(sent_messages(call.world, *call.a->machine, stun::Class::Request).empty());
  BOOST_TEST(sent_messages(call.world, *call.b->machine, stun::Class::Request).empty());
  BOOST_TEST((call.a->agent.role() == Role::Controlling));
  BOOST_TEST(call.passes(*call.a, *call.b));
  BOOST_TEST(call.passes(*call.b, *call.a));
}

BOOST_AUTO_TEST_CASE(a_lite_agent_that_nobody_checks_fails_after_the_patience) {
  world.drops = [](const Datagram&) { return true; };
  start();
  world.run_for(45s);
  BOOST_TEST((b->state() == State::Failed));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
