// IPv4 and IPv6 together (RFC 8421, RFC 8445 §6.1.2.2).
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iterator>

namespace rtclab::ice {
namespace {

using namespace test;

struct DualStack : Call {
  explicit DualStack(CallOptions options = {.a = {kPortRestricted, {"2001:db8:a::1", "fe80::a"}},
                                            .b = {kPortRestricted, {"2001:db8:b::1", "fe80::b"}}})
      : Call{std::move(options)} {
    world.keeps_record = true;
  }
};

BOOST_FIXTURE_TEST_SUITE(ice_dual_stack, DualStack)

BOOST_AUTO_TEST_CASE(ipv6_is_preferred_where_both_work) {
  start();
  BOOST_REQUIRE(run_until_completed());
  const auto pair = *a->agent.selected_pair(a->stream);
  BOOST_TEST(!pair.local.address.ip.is_v4());
  BOOST_TEST((pair.local.type == CandidateType::Host));
}

// RFC 8421 §5.
BOOST_AUTO_TEST_CASE(a_black_hole_of_ipv6_delays_ipv4_by_a_few_ta_only) {
  world.drops = [](const Datagram& datagram) { return !datagram.destination.ip.is_v4(); };
  start();
  const auto connected = [&] { return a->state() == State::Connected; };
  BOOST_REQUIRE(world.run_until(connected, 5s));
  const auto checks = sent_checks(world, *a->machine);
  const auto first_v4 = std::ranges::find_if(
      checks, [](const SentMessage& each) { return each.path.local.ip.is_v4(); });
  BOOST_REQUIRE(first_v4 != checks.end());
  BOOST_TEST((first_v4->at - checks.front().at <= 150ms));
}

BOOST_AUTO_TEST_CASE(pairs_are_of_one_family_and_link_local_addresses_stay_away) {
  start();
  BOOST_REQUIRE(run_until_completed());
  for (const auto* side : {a.get(), b.get()}) {
    for (const auto& pair : side->agent.pairs(side->stream)) {
      BOOST_TEST((pair.local.address.ip.family() == pair.remote.address.ip.family()));
      BOOST_TEST(!pair.local.address.ip.is_link_local());
    }
  }
}

BOOST_AUTO_TEST_CASE(priorities_differ_over_families_and_interfaces) {
  CallOptions options{.a = {kPortRestricted, {"2001:db8:a::1", "192.168.7.1", "2001:db8:a::2"}}};
  options.agent_a.tcp = {.active = true, .passive = true, .so = true};
  DualStack call{std::move(options)};
  call.gather(*call.a);
  call.world.run_for(2s);
  std::vector<std::uint32_t> priorities;
  for (const auto& candidate : call.a->candidates) priorities.push_back(candidate.priority.value());
  BOOST_TEST(priorities.size() >= 16u);
  std::ranges::sort(priorities);
  BOOST_TEST((std::ranges::adjacent_find(priorities) == priorities.end()));
}

// RFC 8656 §7.1: one allocation for both families.
BOOST_AUTO_TEST_CASE(a_dual_stack_host_gets_a_relay_of_each_family_from_one_server) {
  DualStack call{{.a = {kPortRestricted, {"2001:db8:a::1"}}, .has_turn = true}};
  call.world.bring_up(call.turn_machine(), *Ip::parse("2001:db8:99::1"));
  call.gather(*call.a);
  call.world.run_for(3s);
  std::vector<Candidate> relayed;
  std::ranges::copy_if(call.a->candidates, std::back_inserter(relayed),
                       [](const Candidate& each) { return each.type == CandidateType::Relayed; });
  BOOST_REQUIRE(relayed.size() == 2u);
  BOOST_TEST((relayed[0].address.ip.family() != relayed[1].address.ip.family()));
  BOOST_TEST((relayed[0].priority != relayed[1].priority));
  BOOST_TEST(call.allocations() == 1u);
}

BOOST_AUTO_TEST_CASE(a_host_with_link_local_addresses_only_still_has_candidates) {
  CallOptions options{.has_stun = false};
  DualStack call{std::move(options)};
  call.a->machine->addresses.clear();
  SeededRng rng{3};
  Side alone{Configuration{}, rng};
  auto& machine =
      call.world.add_machine("alone", {*Ip::parse("fe80::1"), *Ip::parse("169.254.1.1")});
  alone.machine = &machine;
  call.world.boot(machine, alone);
  call.gather(alone);
  BOOST_TEST(alone.candidates.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
