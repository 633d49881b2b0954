// Deliberate faults that show over a session: in candidates, over TCP, in consent and patience.
#include "agents/ice/local_preference.h"
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

// Each case runs twice: with the fault, and without.
const auto kBoth = data::make({true, false});

Deviations if_faulty(bool is_faulty, Deviation deviation) {
  return is_faulty ? Deviations{deviation} : Deviations{};
}

CallOptions over_tcp(bool is_faulty, Deviation deviation) {
  CallOptions options{.has_stun = false};
  options.agent_a.tcp = {.active = true};
  options.agent_b.tcp = {.active = true, .passive = true};
  options.agent_a.deviations = if_faulty(is_faulty, deviation);
  return options;
}

bool is_udp(const Datagram& datagram) {
  return datagram.transport == Transport::Udp;
}

const Candidate& tcp_candidate(const Side& side, TcpType type) {
  return *std::ranges::find(side.candidates, std::optional{type}, &Candidate::tcp_type);
}

BOOST_AUTO_TEST_SUITE(ice_session_deviation)

BOOST_DATA_TEST_CASE(a_lite_agent_sends_checks, kBoth, is_faulty) {
  CallOptions options{.has_stun = false};
  options.agent_b.level = Level::Lite;
  options.agent_b.deviations = if_faulty(is_faulty, Deviation::IceLiteSendsChecks);
  Call call{std::move(options)};
  call.world.keeps_record = true;
  call.start();
  call.world.run_for(3s);
  BOOST_TEST(sent_checks(call.world, *call.b->machine).empty() != is_faulty);
}

BOOST_DATA_TEST_CASE(more_than_100_pairs_are_checked, kBoth, is_faulty) {
  CallOptions options{.a = {std::nullopt, {"203.0.113.50", "203.0.113.51"}}, .has_stun = false};
  options.agent_a.deviations = if_faulty(is_faulty, Deviation::IceNoPairLimit);
  Call call{std::move(options)};
  call.trickles = false;
  call.world.keeps_record = true;
  call.gather(*call.a);
  call.a->agent.set_remote_credentials(call.world.now(), call.a->stream,
                                       {"peer", "0123456789012345678901"});
  for (std::uint16_t i = 0; i < 60; ++i) {
    Candidate remote;
    remote.address = {*Ip::parse("192.0.2.1"), Port{static_cast<std::uint16_t>(2000 + i)}};
    remote.priority = Priority{1000u + i};
    remote.foundation = std::to_string(i);
    call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, remote);
  }
  call.world.drain(*call.a->machine);
  call.world.run_for(20s);
  std::set<Path> checked;
  for (const auto& check : sent_checks(call.world, *call.a->machine)) checked.insert(check.path);
  BOOST_TEST((checked.size() > 100u) == is_faulty);
  BOOST_TEST(checked.size() >= 100u);
  // RFC 8445 §6.1.2.5: the lowest priority goes, and the diagram says so.
  if (is_faulty) return;
  const auto pruned = call.a->traced("ice:pair_pruned");
  BOOST_REQUIRE(!pruned.empty());
  BOOST_TEST(text_of(pruned.back().event, "reason") ==
             "the lowest priority, dropped to stay within 100 pairs");
}

BOOST_DATA_TEST_CASE(candidates_are_freed_at_the_moment_of_nomination, kBoth, is_faulty) {
  CallOptions options{.has_turn = true};
  options.agent_a.deviations = if_faulty(is_faulty, Deviation::IceFreeAtOnce);
  Call call{std::move(options)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  call.world.run_for(1s);
  BOOST_TEST(call.allocations() == (is_faulty ? 1u : 2u));
  call.world.run_for(3s);
  BOOST_TEST(call.allocations() == 0u);
}

BOOST_DATA_TEST_CASE(one_family_goes_before_the_other, kBoth, is_faulty) {
  const std::vector addresses{*Ip::parse("192.0.2.1"),   *Ip::parse("192.0.2.2"),
                              *Ip::parse("2001:db8::1"), *Ip::parse("2001:db8::2"),
                              *Ip::parse("2001:db8::3"), *Ip::parse("2001:db8::4")};
  const auto ordered =
      by_preference(addresses, if_faulty(is_faulty, Deviation::DualstackOneFamilyFirst));
  const auto is_v6 = [](const Ip& ip) { return !ip.is_v4(); };
  BOOST_TEST(std::ranges::is_partitioned(ordered, is_v6) == is_faulty);
}

BOOST_DATA_TEST_CASE(the_agent_fails_before_its_patience_ends, kBoth, is_faulty) {
  Call call{over_tcp(is_faulty, Deviation::PacFailEarly)};
  call.trickles = false;
  call.gather(*call.a);
  call.a->agent.set_remote_credentials(call.world.now(), call.a->stream,
                                       {"peer", "0123456789012345678901"});
  call.a->agent.end_of_remote_candidates(call.world.now(), call.a->stream);
  call.world.drain(*call.a->machine);
  call.world.run_for(20s);
  BOOST_TEST((call.a->state() == State::Failed) == is_faulty);
}

BOOST_DATA_TEST_CASE(messages_over_tcp_have_no_length, kBoth, is_faulty) {
  Call call{over_tcp(is_faulty, Deviation::IceTcpUnframed)};
  call.world.keeps_record = true;
  call.world.drops = is_udp;
  call.start();
  call.world.run_for(3s);
  const auto sent = std::ranges::find_if(call.world.sent, [](const test::Sent& each) {
    return each.path.transport == Transport::Tcp;
  });
  BOOST_REQUIRE(sent != call.world.sent.end());
  BOOST_TEST(stun::looks_like_stun(sent->bytes) == is_faulty);
}

BOOST_DATA_TEST_CASE(passive_candidates_rank_above_active_ones, kBoth, is_faulty) {
  CallOptions options{.has_stun = false};
  options.agent_a.tcp = {.active = true, .passive = true};
  options.agent_a.deviations = if_faulty(is_faulty, Deviation::IceTcpPassiveFirst);
  Call call{std::move(options)};
  call.gather(*call.a);
  const auto active = tcp_candidate(*call.a, TcpType::Active).priority;
  const auto passive = tcp_candidate(*call.a, TcpType::Passive).priority;
  BOOST_TEST((passive > active) == is_faulty);
}

BOOST_DATA_TEST_CASE(tcp_ranks_above_udp, kBoth, is_faulty) {
  Call call{over_tcp(is_faulty, Deviation::IceTcpAboveUdp)};
  call.gather(*call.a);
  const auto tcp = tcp_candidate(*call.a, TcpType::Active).priority;
  BOOST_TEST((tcp > call.a->candidates.front().priority) == is_faulty);
}

BOOST_DATA_TEST_CASE(an_active_candidate_shows_a_port, kBoth, is_faulty) {
  Call call{over_tcp(is_faulty, Deviation::IceTcpActivePort)};
  call.gather(*call.a);
  BOOST_TEST((tcp_candidate(*call.a, TcpType::Active).address.port != kDiscardPort) == is_faulty);
}

BOOST_DATA_TEST_CASE(unused_connections_stay_open, kBoth, is_faulty) {
  auto options = over_tcp(is_faulty, Deviation::IceTcpKeepsConnections);
  options.agent_b.deviations = options.agent_a.deviations;
  Call call{std::move(options)};
  call.world.drops = [&](const Datagram& datagram) {
    return is_udp(datagram) && call.world.now() < Instant{} + 400ms;
  };
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  call.world.run_for(5s);
  BOOST_TEST((call.world.connections_of(*call.a->machine) == 1u) == is_faulty);
}

BOOST_DATA_TEST_CASE(consent_is_not_checked_over_tcp, kBoth, is_faulty) {
  Call call{over_tcp(is_faulty, Deviation::ConsentNotOverTcp)};
  call.world.keeps_record = true;
  call.world.drops = is_udp;
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  call.world.sent.clear();
  call.world.run_for(60s);
  BOOST_TEST(sent_checks(call.world, *call.a->machine).empty() == is_faulty);
}

BOOST_DATA_TEST_CASE(data_goes_on_when_consent_has_expired, kBoth, is_faulty) {
  CallOptions options;
  options.agent_a.deviations = if_faulty(is_faulty, Deviation::ConsentSendAfterExpiry);
  Call call{std::move(options)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  call.world.drops = [](const Datagram&) { return true; };
  call.world.run_for(45s);
  BOOST_TEST(call.a->agent.send(call.world.now(), call.a->stream, to_octets("\x16")) == is_faulty);
}

BOOST_DATA_TEST_CASE(late_candidates_are_used, kBoth, is_faulty) {
  CallOptions options;
  options.agent_a.deviations = if_faulty(is_faulty, Deviation::TrickleUseLateCandidates);
  Call call{std::move(options)};
  call.trickles = false;
  call.gather(*call.a);
  call.a->agent.set_remote_credentials(call.world.now(), call.a->stream,
                                       {"peer", "0123456789012345678901"});
  call.a->agent.end_of_remote_candidates(call.world.now(), call.a->stream);
  Candidate late;
  late.address = endpoint("203.0.113.77:7777");
  late.priority = Priority{1000};
  late.foundation = "1";
  call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, late);
  BOOST_TEST(call.a->agent.pairs(call.a->stream).empty() != is_faulty);
}

BOOST_DATA_TEST_CASE(a_hidden_address_shows_as_related, kBoth, is_faulty) {
  CallOptions options{.a = {kPortRestricted}};
  options.agent_a.hides_host_addresses = true;
  options.agent_a.deviations = if_faulty(is_faulty, Deviation::MdnsShowsRelatedAddress);
  Call call{std::move(options)};
  call.gather(*call.a);
  call.world.run_for(1s);
  const auto reflexive =
      std::ranges::find(call.a->candidates, CandidateType::ServerReflexive, &Candidate::type);
  BOOST_REQUIRE(reflexive != call.a->candidates.end());
  BOOST_TEST((reflexive->related->ip == *Ip::parse("192.168.1.10")) == is_faulty);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
