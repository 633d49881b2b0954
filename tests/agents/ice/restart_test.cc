// ICE restart (RFC 8445 §9), lost interfaces, and several streams.
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/imagined_peer.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::ice {
namespace {

using namespace test;

struct Connected : Call {
  explicit Connected(CallOptions options = {.a = {kPortRestricted}, .b = {kPortRestricted}})
      : Call{std::move(options)} {
    start();
    BOOST_REQUIRE(run_until_completed());
  }
  void restart(Side& side) {
    side.agent.restart(world.now(), side.stream);
    world.drain(*side.machine);
  }
};

BOOST_FIXTURE_TEST_SUITE(ice_restart, Connected)

BOOST_AUTO_TEST_CASE(changes_the_credentials) {
  const auto before = a->agent.local_credentials(a->stream);
  restart(*a);
  BOOST_TEST(a->agent.local_credentials(a->stream).ufrag != before.ufrag);
  BOOST_TEST(a->agent.local_credentials(a->stream).pwd != before.pwd);
}

BOOST_AUTO_TEST_CASE(data_flows_on_the_old_pair_until_a_new_one_is_nominated) {
  const auto old_pair = a->agent.selected_pair(a->stream)->id;
  restart(*a);
  BOOST_TEST((a->state() == State::Connected));
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
  world.run_for(60s);  // the peer takes its time; consent is kept meanwhile
  BOOST_TEST(passes(*a, *b));

  restart(*b);
  start();
  BOOST_REQUIRE(run_until_completed());

  BOOST_TEST((a->agent.selected_pair(a->stream)->id != old_pair));
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
}

BOOST_AUTO_TEST_CASE(gathers_the_candidates_again_for_the_new_generation) {
  const auto before = a->candidates.size();
  restart(*a);
  BOOST_TEST(a->agent.local_candidates(a->stream).empty());
  gather(*a);
  world.run_for(1s);
  BOOST_TEST(a->candidates.size() == 2 * before);
}

BOOST_AUTO_TEST_CASE(in_the_middle_of_gathering_finds_everything_for_the_new_generation) {
  Call call{{.a = {kPortRestricted}, .has_turn = true}};
  call.gather(*call.a);
  call.a->agent.restart(call.world.now(), call.a->stream);
  call.gather(*call.a);
  call.world.run_for(1s);

  const auto found = call.a->agent.local_candidates(call.a->stream);
  BOOST_TEST(found.size() == 3u);
  BOOST_TEST(call.a->traced("turn:allocated").size() == 1u);
  BOOST_TEST((call.a->agent.gathering_state() == GatheringState::Complete));
}

BOOST_AUTO_TEST_CASE(helps_after_a_failure) {
  world.drops = [](const Datagram&) { return true; };
  world.run_for(40s);
  BOOST_REQUIRE(both(State::Failed));
  world.drops = nullptr;

  restart(*a);
  restart(*b);
  start();

  BOOST_TEST(run_until_completed());
}

BOOST_AUTO_TEST_CASE(both_sides_at_once_meet_again) {
  restart(*a);
  restart(*b);
  start();
  BOOST_REQUIRE(run_until_completed());
  BOOST_TEST(passes(*a, *b));
}

BOOST_AUTO_TEST_CASE(in_the_middle_of_the_checks_begins_anew) {
  Call call{{.a = {kPortRestricted}, .b = {kPortRestricted}}};
  call.start();
  BOOST_REQUIRE(call.world.run_until([&] { return call.a->state() == State::Checking; }, 5s));
  for (auto* side : {call.a.get(), call.b.get()}) {
    side->agent.restart(call.world.now(), side->stream);
    call.world.drain(*side->machine);
  }
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST(call.passes(*call.b, *call.a));
}

BOOST_AUTO_TEST_CASE(many_in_a_row_leave_nothing_behind) {
  for (int i = 0; i < 5; ++i) {
    restart(*a);
    restart(*b);
    start();
    BOOST_REQUIRE(run_until_completed());
    BOOST_TEST(passes(*a, *b));
  }
  BOOST_TEST(a->machine->sockets.size() == 1u);
}

// RFC 8445 §9: the roles are kept.
BOOST_AUTO_TEST_CASE(keeps_the_roles_whoever_begins) {
  restart(*b);
  restart(*a);
  start();
  BOOST_REQUIRE(run_until_completed());
  BOOST_TEST((a->agent.role() == Role::Controlling));
  BOOST_TEST((b->agent.role() == Role::Controlled));
  BOOST_TEST(a->traced("ice:role_changed").empty());
}

// RFC 7675 §5.1: silence of less than 30 s is survived, and what comes after is told.
BOOST_AUTO_TEST_CASE(is_not_needed_when_consent_comes_back_in_time) {
  world.drops = [](const Datagram&) { return true; };
  BOOST_REQUIRE(world.run_until([&] { return a->state() == State::Disconnected; }, 20s));
  world.run_for(10s);
  BOOST_TEST((a->state() == State::Disconnected));
  world.drops = nullptr;
  world.run_for(7s);
  BOOST_TEST(both(State::Completed));
  BOOST_TEST(passes(*a, *b));
}

BOOST_AUTO_TEST_CASE(alone_revives_a_session_whose_consent_expired) {
  world.drops = [](const Datagram&) { return true; };
  world.run_for(40s);
  world.drops = nullptr;
  world.run_for(60s);
  BOOST_TEST(both(State::Failed));
  BOOST_TEST(!passes(*a, *b));
}

// RFC 9429 §3.5.3 and §4.1.18: the policy counts from the next gathering on.
BOOST_AUTO_TEST_CASE(applies_a_policy_that_was_changed) {
  CallOptions options{.a = {kPortRestricted}, .has_turn = true};
  Connected call{std::move(options)};
  const auto before = call.a->candidates.size();
  call.a->agent.set_policy(CandidatePolicy::Relay);
  BOOST_TEST(call.passes(*call.a, *call.b));
  call.restart(*call.a);
  call.restart(*call.b);
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  for (std::size_t i = before; i < call.a->candidates.size(); ++i)
    BOOST_TEST((call.a->candidates[i].type == CandidateType::Relayed));
  BOOST_TEST((call.a->agent.selected_pair(call.a->stream)->local.type == CandidateType::Relayed));
}

BOOST_AUTO_TEST_CASE(a_lost_interface_ends_the_connection_with_a_reason) {
  a->handle_input(world.now(), InterfaceDown{"eth0", *Ip::parse("192.168.1.10")});
  world.drain(*a->machine);
  BOOST_TEST((a->state() == State::Failed));
  BOOST_TEST(!a->agent.send(world.now(), a->stream, to_octets("\x16")));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ice_streams)

// RFC 8445 §6.1.2.6: of pairs with one foundation over all check lists only one is checked first;
// its success thaws the others.
BOOST_AUTO_TEST_CASE(a_second_stream_waits_for_the_first_and_then_follows) {
  Call call{{.has_stun = false}};
  call.trickles = false;
  auto& agent_a = call.a->agent;
  auto& agent_b = call.b->agent;
  const auto second_a = agent_a.add_stream(call.world.now());
  const auto second_b = agent_b.add_stream(call.world.now());
  call.gather(*call.a);
  call.gather(*call.b);
  const auto introduce = [&](Agent& to, StreamId to_stream, const Agent& from,
                             StreamId from_stream) {
    to.set_remote_credentials(call.world.now(), to_stream, from.local_credentials(from_stream));
    for (const auto& candidate : from.local_candidates(from_stream)) {
      to.add_remote_candidate(call.world.now(), to_stream, candidate);
    }
    to.end_of_remote_candidates(call.world.now(), to_stream);
  };
  introduce(agent_a, call.a->stream, agent_b, call.b->stream);
  introduce(agent_a, second_a, agent_b, second_b);
  introduce(agent_b, call.b->stream, agent_a, call.a->stream);
  introduce(agent_b, second_b, agent_a, second_a);
  BOOST_TEST((agent_a.pairs(second_a).front().state == PairState::Frozen));
  call.world.drain(*call.a->machine);
  call.world.drain(*call.b->machine);

  call.world.run_for(2s);

  BOOST_TEST((agent_a.state(call.a->stream) == State::Completed));
  BOOST_TEST((agent_a.state(second_a) == State::Completed));
  BOOST_TEST((agent_b.state(second_b) == State::Completed));
}

// RFC 8445 §9: a restart flushes. A check that nobody answers is repeated for 32 s; the first pair
// of the next session has the same foundation, and would wait for it.
BOOST_AUTO_TEST_CASE(a_check_of_a_superseded_stream_holds_back_none_of_the_next) {
  ImaginedPeer call;
  auto& agent = call.a->agent;
  call.world.run_for(100ms);
  BOOST_TEST((agent.pairs(call.a->stream).front().state == PairState::InProgress));
  const auto second = agent.add_stream(call.world.now());
  call.gather(*call.a);
  Candidate remote;
  remote.address = endpoint("192.0.2.9:8888");
  remote.priority = Priority{2130706431};
  remote.foundation = "1";

  agent.supersede(call.world.now(), call.a->stream);
  agent.set_remote_credentials(call.world.now(), second, {"next", "0123456789012345678901"});
  agent.add_remote_candidate(call.world.now(), second, remote);
  call.world.drain(*call.a->machine);
  const auto before = call.world.sent.size();
  call.world.run_for(5s);

  BOOST_TEST((agent.pairs(second).front().state == PairState::InProgress));
  const auto goes_to = [&](const Endpoint& to) {
    return std::any_of(call.world.sent.begin() + static_cast<std::ptrdiff_t>(before),
                       call.world.sent.end(),
                       [&](const test::Sent& each) { return each.path.remote == to; });
  };
  BOOST_TEST(goes_to(remote.address));
  BOOST_TEST(!goes_to(call.address));
}

BOOST_FIXTURE_TEST_CASE(a_superseded_stream_carries_data_and_answers_until_it_is_removed,
                        Connected) {
  for (auto* side : {a.get(), b.get()}) {
    side->agent.supersede(world.now(), side->stream);
    world.drain(*side->machine);
  }
  world.run_for(60s);  // consent is kept meanwhile
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
}

BOOST_AUTO_TEST_CASE(a_removed_stream_closes_its_socket_and_the_other_lives_on) {
  Call call{{.has_stun = false}};
  const auto second = call.a->agent.add_stream(call.world.now());
  call.gather(*call.a);
  BOOST_TEST(call.a->machine->sockets.size() == 2u);

  call.a->agent.remove_stream(call.world.now(), second);
  call.world.drain(*call.a->machine);

  BOOST_TEST(call.a->machine->sockets.size() == 1u);
  BOOST_TEST((call.a->agent.state(second) == State::Closed));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
