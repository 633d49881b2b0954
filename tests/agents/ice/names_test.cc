// Host addresses behind mDNS names (draft-ietf-mmusic-mdns-ice-candidates).
#include "agents/mdns/candidate_name.h"
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::ice {
namespace {

using namespace test;

CallOptions hidden(CallOptions options) {
  options.agent_a.hides_host_addresses = true;
  options.agent_b.hides_host_addresses = true;
  return options;
}

// Two machines on one LAN, whose NAT does not hairpin.
struct Neighbours : Call {
  explicit Neighbours(CallOptions options = hidden({.a = {kPortRestricted}, .same_lan = true}))
      : Call{std::move(options)} {}
  // What the description shows of a candidate.
  [[nodiscard]] static bool shows(const Candidate& candidate, std::string_view address) {
    return candidate.to_string().find(address) != std::string::npos;
  }
};

BOOST_FIXTURE_TEST_SUITE(ice_names, Neighbours)

BOOST_AUTO_TEST_CASE(neighbours_find_each_other_by_name) {
  start();
  BOOST_REQUIRE(run_until_completed());
  const auto pair = *a->agent.selected_pair(a->stream);
  BOOST_TEST((pair.local.type == CandidateType::Host));
  BOOST_TEST((pair.remote.type == CandidateType::Host));
  BOOST_TEST(mdns::is_candidate_name(pair.remote.host_name));
  BOOST_TEST(passes(*a, *b));
  BOOST_TEST(passes(*b, *a));
}

// §3.1.1, §3.1.2.2.
BOOST_AUTO_TEST_CASE(no_candidate_shows_an_address_of_the_host) {
  start();
  BOOST_REQUIRE(run_until_completed());
  BOOST_REQUIRE(a->candidates.size() == 2u);
  for (const auto& candidate : a->candidates) BOOST_TEST(!shows(candidate, "192.168.1.10"));
  BOOST_TEST(mdns::is_candidate_name(a->candidates[0].host_name));
  BOOST_TEST((a->candidates[1].type == CandidateType::ServerReflexive));
  BOOST_TEST(a->candidates[1].related->to_string() == "0.0.0.0:9");
}

BOOST_AUTO_TEST_CASE(each_address_has_a_name_of_its_own_and_keeps_it_over_a_restart) {
  Neighbours call{hidden({.a = {kPortRestricted, {"2001:db8::a"}}})};
  call.gather(*call.a);
  call.a->agent.restart(call.world.now(), call.a->stream);
  call.gather(*call.a);
  std::set<std::string> names;
  for (const auto& candidate : call.a->candidates) {
    if (candidate.type == CandidateType::Host) names.insert(candidate.host_name);
  }
  BOOST_TEST(names.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_candidate_with_a_name_may_come_before_the_end_and_be_resolved_after_it) {
  CallOptions options{.a = {kPortRestricted}, .same_lan = true};
  options.agent_b.hides_host_addresses = true;
  Neighbours call{std::move(options)};
  call.trickles = false;
  call.gather(*call.a);
  call.gather(*call.b);
  call.world.run_for(2s);
  auto& agent = call.a->agent;
  const auto stream = call.a->stream;
  agent.set_remote_credentials(call.world.now(), stream,
                               call.b->agent.local_credentials(call.b->stream));
  agent.add_remote_candidate(call.world.now(), stream, call.b->candidates.front());
  agent.end_of_remote_candidates(call.world.now(), stream);
  BOOST_TEST(agent.pairs(stream).empty());
  call.world.drain(*call.a->machine);
  call.world.run_for(1s);
  BOOST_REQUIRE(agent.pairs(stream).size() == 1u);
  BOOST_TEST((agent.pairs(stream).front().remote.address.ip == *Ip::parse("192.168.1.11")));
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_answers_for_is_given_up_and_the_rest_goes_on) {
  Neighbours call{hidden({.a = {kPortRestricted}, .b = {kPortRestricted}})};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST((call.a->agent.selected_pair(call.a->stream)->local.type != CandidateType::Relayed));
  call.world.run_for(20s);
  const auto ignored = call.a->traced("ice:remote_candidate_ignored");
  BOOST_REQUIRE(ignored.size() == 1u);
  BOOST_TEST(text_of(ignored.front().event, "reason").starts_with("its name has no address"));
}

// §3.2.1: a page must not make us look for printers.
BOOST_AUTO_TEST_CASE(a_name_that_is_no_uuid_is_not_asked_for) {
  trickles = false;
  world.keeps_record = true;
  gather(*a);
  world.run_for(5s);
  world.sent.clear();
  Candidate printer;
  printer.address = endpoint("0.0.0.0:631");
  printer.host_name = "printer.local";
  a->agent.add_remote_candidate(world.now(), a->stream, printer);
  world.drain(*a->machine);
  world.run_for(1s);
  BOOST_TEST(a->traced("ice:remote_candidate_ignored").size() == 1u);
  BOOST_TEST(std::ranges::none_of(
      world.sent, [](const test::Sent& sent) { return sent.path.remote.port == Port{5353}; }));
}

// §3.3.2.
BOOST_AUTO_TEST_CASE(no_permission_is_asked_for_an_address_behind_a_name) {
  Neighbours call{hidden({.a = {kPortRestricted}, .same_lan = true, .has_turn = true})};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  for (const auto& pair : call.a->agent.pairs(call.a->stream)) {
    BOOST_TEST((pair.local.type != CandidateType::Relayed || pair.remote.host_name.empty()));
  }
}

BOOST_AUTO_TEST_CASE(a_host_that_hides_nothing_resolves_the_names_of_one_that_does) {
  CallOptions options{.a = {kPortRestricted}, .same_lan = true};
  options.agent_b.hides_host_addresses = true;
  Neighbours call{std::move(options)};
  call.start();
  BOOST_REQUIRE(call.run_until_completed());
  BOOST_TEST((call.a->agent.selected_pair(call.a->stream)->remote.type == CandidateType::Host));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
