// Two agents over a network: what they find, how fast, and over which pair.
#include "tests/agents/ice/call.h"

#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

CallOptions two_homes() {
  return {.a = {kPortRestricted},
          .b = {NatKind{Dependence::EndpointIndependent, Dependence::AddressDependent}}};
}

BOOST_AUTO_TEST_SUITE(ice_call)

BOOST_AUTO_TEST_CASE(two_public_hosts_connect_on_host_candidates) {
  Call call;
  call.start();

  BOOST_REQUIRE(call.run_until_completed());

  const auto pair = call.a->agent.selected_pair(call.a->stream);
  BOOST_REQUIRE(pair.has_value());
  BOOST_TEST((pair->local.type == CandidateType::Host));
  BOOST_TEST((pair->remote.type == CandidateType::Host));
  BOOST_TEST(pair->nominated);
}

BOOST_AUTO_TEST_CASE(neighbours_connect_on_host_candidates_though_their_nat_does_not_hairpin) {
  Call call{{.a = {kSymmetric}, .same_lan = true, .has_turn = true}};
  call.start();

  BOOST_REQUIRE(call.run_until_completed());

  BOOST_TEST((call.a->agent.selected_pair(call.a->stream)->local.type == CandidateType::Host));
}

BOOST_AUTO_TEST_CASE(both_sides_choose_the_same_pair) {
  Call call{two_homes()};
  call.start();

  BOOST_REQUIRE(call.run_until_completed());

  const auto of_a = *call.a->agent.selected_pair(call.a->stream);
  const auto of_b = *call.b->agent.selected_pair(call.b->stream);
  BOOST_TEST((of_a.local.address == of_b.remote.address));
  BOOST_TEST((of_a.remote.address == of_b.local.address));
}

// The peers are 50 ms apart, there and back.
BOOST_AUTO_TEST_CASE(data_can_flow_one_round_trip_after_the_first_check) {
  Call call;
  call.world.keeps_record = true;
  call.start();

  BOOST_REQUIRE(call.run_until_completed());

  const auto checks = sent_checks(call.world, *call.a->machine);
  BOOST_REQUIRE(!checks.empty());
  BOOST_TEST((*call.a->entered(State::Connected) - checks.front().at == 50ms));
}

BOOST_AUTO_TEST_CASE(data_flows_before_the_nomination_and_arrives) {
  Call call{two_homes()};
  call.start();
  const auto is_connected = [&] { return call.a->state() == State::Connected; };
  BOOST_REQUIRE(call.world.run_until(is_connected, 10s));

  BOOST_TEST(!call.a->agent.selected_pair(call.a->stream)->nominated);
  BOOST_TEST(call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16hello")));
  call.world.drain(*call.a->machine);
  call.world.run_for(100ms);

  BOOST_REQUIRE(call.b->data.size() == 1u);
  BOOST_TEST((call.b->data.front() == to_octets("\x16hello")));
}

BOOST_AUTO_TEST_CASE(nothing_can_be_sent_before_a_check_passed) {
  Call call;
  BOOST_TEST(!call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16hello")));
}

BOOST_AUTO_TEST_CASE(symmetric_nats_end_on_a_relay_and_data_passes_both_ways) {
  Call call{{.a = {kSymmetric}, .b = {kSymmetric}, .has_turn = true}};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());

  for (auto* side : {call.a.get(), call.b.get()}) {
    BOOST_TEST(side->agent.send(call.world.now(), side->stream,
                                to_octets("\x17"
                                          "data")));
    call.world.drain(*side->machine);
  }
  call.world.run_for(1s);

  BOOST_TEST(call.a->data.size() == 1u);
  BOOST_TEST(call.b->data.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_relay_policy_shows_and_uses_nothing_but_relays) {
  CallOptions options{.has_turn = true};
  options.agent_a.policy = CandidatePolicy::Relay;
  Call call{std::move(options)};
  call.start();

  BOOST_REQUIRE(call.run_until_completed());

  BOOST_REQUIRE(!call.a->candidates.empty());
  for (const auto& candidate : call.a->candidates) {
    BOOST_TEST((candidate.type == CandidateType::Relayed));
    // RFC 9429 §3.5.3: no address of ours in raddr either.
    BOOST_TEST(candidate.related->to_string() == "0.0.0.0:9");
  }
  BOOST_TEST((call.a->agent.selected_pair(call.a->stream)->local.type == CandidateType::Relayed));
}

// RFC 8445 §5.1.3.
BOOST_AUTO_TEST_CASE(a_public_host_has_no_reflexive_candidate) {
  Call call;
  call.gather(*call.a);
  call.world.run_for(1s);

  BOOST_TEST(call.a->candidates.size() == 1u);
  BOOST_TEST((call.a->agent.gathering_state() == GatheringState::Complete));
}

BOOST_AUTO_TEST_CASE(candidates_of_all_kinds_have_distinct_priorities_and_foundations) {
  Call call{{.a = {kPortRestricted}, .has_turn = true}};
  call.gather(*call.a);
  call.world.run_for(1s);

  const auto& found = call.a->candidates;
  BOOST_REQUIRE(found.size() == 3u);
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t k = i + 1; k < found.size(); ++k) {
      BOOST_TEST((found[i].priority != found[k].priority));
      BOOST_TEST(found[i].foundation != found[k].foundation);
    }
  }
}

// RFC 8838: no candidate has to be signalled by both sides, since checks show the addresses.
BOOST_AUTO_TEST_CASE(one_side_may_signal_no_candidate_at_all) {
  constexpr NatKind kFullCone{Dependence::EndpointIndependent, Dependence::EndpointIndependent};
  Call call{{.a = {kPortRestricted}, .b = {kFullCone}}};
  call.trickles = false;
  call.start();
  call.world.run_for(1s);
  for (const auto& candidate : call.b->candidates) {
    call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, candidate);
  }
  call.world.drain(*call.a->machine);

  call.world.run_until([&] { return call.both(State::Connected); }, 20s);

  BOOST_TEST(call.both(State::Connected));
  BOOST_TEST(
      (call.b->agent.selected_pair(call.b->stream)->remote.type == CandidateType::PeerReflexive));
}

BOOST_AUTO_TEST_CASE(late_candidates_are_checked_when_they_come) {
  Call call;
  call.trickles = false;
  call.start();
  call.world.run_for(20s);
  BOOST_TEST(call.both(State::New));

  for (auto* side : {call.a.get(), call.b.get()}) {
    auto& other = side == call.a.get() ? *call.b : *call.a;
    side->agent.add_remote_candidate(call.world.now(), side->stream, other.candidates.front());
    side->agent.end_of_remote_candidates(call.world.now(), side->stream);
    call.world.drain(*side->machine);
  }
  BOOST_TEST(call.run_until_completed(1s));
}

// RFC 8838 §14.
BOOST_AUTO_TEST_CASE(a_candidate_after_the_end_is_ignored) {
  Call call;
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  const auto before = call.a->agent.pairs(call.a->stream).size();
  auto late = call.b->candidates.front();
  late.address = endpoint("203.0.113.77:7777");

  call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, late);
  call.world.drain(*call.a->machine);

  BOOST_TEST(call.a->agent.pairs(call.a->stream).size() == before);
  BOOST_TEST(call.a->traced("ice:remote_candidate_ignored").size() == 1u);
}

// RFC 8445 §7.3: a check may come before the answer. It is answered at once and acted on later.
BOOST_AUTO_TEST_CASE(a_check_before_the_credentials_is_answered_and_remembered) {
  Call call;
  call.world.keeps_record = true;
  call.trickles = false;
  call.gather(*call.a);
  call.gather(*call.b);
  call.give_credentials(*call.a, *call.b);
  call.world.run_for(200ms);
  call.b->agent.add_remote_candidate(call.world.now(), call.b->stream, call.a->candidates.front());
  call.world.drain(*call.b->machine);
  call.world.run_for(1s);
  BOOST_TEST((call.b->state() == State::Connected));
  BOOST_TEST(sent_checks(call.world, *call.a->machine).empty());

  call.give_credentials(*call.b, *call.a);
  call.world.run_for(1s);

  BOOST_TEST((call.a->state() == State::Connected));
  const auto checks = sent_checks(call.world, *call.a->machine);
  BOOST_TEST((checks.front().path.remote == call.b->candidates.front().address));
}

BOOST_DATA_TEST_CASE(ten_percent_loss_delays_but_does_not_prevent, data::xrange(1, 41), seed) {
  auto options = two_homes();
  options.seed = static_cast<std::uint64_t>(seed);
  options.has_turn = true;
  Call call{std::move(options)};
  call.world.loss = 0.1;
  call.start();

  BOOST_TEST(call.run_until_completed());
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_octets_and_another_does_not) {
  const auto record = [](std::uint64_t seed) {
    CallOptions options{.seed = seed, .a = {kSymmetric}, .b = {kPortRestricted}, .has_turn = true};
    Call call{std::move(options)};
    call.world.keeps_record = true;
    call.world.loss = 0.05;
    call.start();
    call.world.run_for(30s);
    std::string history;
    for (const auto& sent : call.world.sent) {
      history += std::to_string(sent.at.time_since_epoch().count()) + sent.path.local.to_string() +
                 to_hex(sent.bytes);
    }
    return history;
  };

  const auto history = record(5);
  BOOST_TEST((history == record(5)));
  BOOST_TEST((history != record(6)));
}

// RFC 8445 §8.1.1: another nomination takes a restart, though another pair works.
BOOST_AUTO_TEST_CASE(when_the_nominated_pair_is_lost_no_other_is_nominated) {
  Call call{{.a = {std::nullopt, {"198.51.100.77"}}}};
  // Both pairs pass: the better one only when it is tried again.
  call.world.drops = [&](const Datagram& datagram) {
    const auto slow = call.a->candidates.empty() ? Ip{} : call.a->candidates.front().address.ip;
    return datagram.sender_socket.ip == slow && call.world.now() < Instant{400ms};
  };
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  const auto pairs = call.a->agent.pairs(call.a->stream);
  BOOST_REQUIRE(std::ranges::count(pairs, PairState::Succeeded, &PairInfo::state) == 2);
  const auto lost = call.a->agent.selected_pair(call.a->stream)->local.address.ip;

  call.world.bring_down(*call.a->machine, lost, "eth0");
  call.world.run_for(1s);

  BOOST_TEST((call.a->state() == State::Failed));
  BOOST_TEST(call.a->traced("ice:pair_nominated").size() == 1u);
}

BOOST_AUTO_TEST_CASE(closing_frees_relays_and_sockets_and_falls_silent) {
  Call call{{.a = {kSymmetric}, .b = {kSymmetric}, .has_turn = true}};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());

  call.a->agent.close(call.world.now());
  call.world.drain(*call.a->machine);
  call.world.run_for(1s);

  BOOST_TEST((call.a->state() == State::Closed));
  BOOST_TEST(call.a->machine->sockets.empty());
  BOOST_TEST(!call.a->agent.next_wakeup().has_value());
  BOOST_TEST(!call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16")));
}

BOOST_AUTO_TEST_CASE(a_machine_without_addresses_gathers_nothing_and_says_so) {
  SeededRng rng{1};
  Agent agent{Configuration{}, rng};
  static_cast<void>(agent.add_stream(Instant{}));

  agent.gather(Instant{});

  BOOST_TEST((agent.gathering_state() == GatheringState::Complete));
}

// take_data() and handle_input() tell the same tale, but for what only the latter may decide.
BOOST_AUTO_TEST_CASE(the_short_way_is_for_data_on_the_selected_pair_while_nothing_is_due) {
  Call call;
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  auto& agent = call.a->agent;
  const auto pair = *agent.selected_pair(call.a->stream);
  const Path path{Transport::Udp, pair.local.base, pair.remote.address};
  const auto media = to_octets("\x80 media");
  const auto indication = from_hex("001100002112a442000102030405060708090a0b");
  const auto now = call.world.now();
  const auto received = pair.traffic.packets_received;

  BOOST_TEST((agent.take_data(now, Received{path, media}) == call.a->stream));
  BOOST_TEST(agent.selected_pair(call.a->stream)->traffic.packets_received == received + 1);
  BOOST_TEST(!agent.poll_event().has_value());

  const Path stranger{Transport::Udp, path.local, endpoint("192.0.2.66:6666")};
  BOOST_TEST(!agent.take_data(now, Received{stranger, media}).has_value());
  BOOST_TEST(!agent.take_data(now, Received{path, indication}).has_value());
  BOOST_TEST(!agent.take_data(agent.next_wakeup()->at, Received{path, media}).has_value());
  BOOST_TEST(agent.selected_pair(call.a->stream)->traffic.packets_received == received + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
