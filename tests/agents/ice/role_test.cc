// Role conflicts: RFC 8445 §7.3.1.1 (who yields) and §7.2.5.1 (what the one that receives 487
// does).
#include "tests/agents/ice/call.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

// a, gathered and knowing an imagined peer at an address that the test speaks from.
struct Imagined : Call {
  explicit Imagined(Role role) : Call{{.has_stun = false}} {
    trickles = false;
    world.keeps_record = true;
    gather(*a);
    a->agent.set_role(world.now(), role);
    a->agent.set_remote_credentials(world.now(), a->stream, peer);
    world.drain(*a->machine);
  }
  // The code of the answer to a check with this tie-breaker; 0 for a success.
  int check(Role role, std::uint64_t tie_breaker) {
    ForgedCheck forged{.to = a->agent.local_credentials(a->stream),
                       .from = peer,
                       .role = role,
                       .tie_breaker = tie_breaker};
    world.inject(address, a->candidates.front().address, forged.seal(rng));
    const auto errors = sent_messages(world, *a->machine, stun::Class::Error);
    return errors.empty() ? 0 : errors.back().message.find<stun::ErrorCode>()->code;
  }
  SeededRng rng{77};
  Credentials peer{"peer", "0123456789012345678901"};
  Endpoint address = endpoint("192.0.2.9:9999");
};

constexpr std::uint64_t kMost = ~std::uint64_t{0};

BOOST_AUTO_TEST_SUITE(ice_role)

BOOST_AUTO_TEST_CASE(a_controlling_agent_with_the_larger_tie_breaker_answers_487) {
  Imagined call{Role::Controlling};
  BOOST_TEST(call.check(Role::Controlling, 0) == 487);
  BOOST_TEST((call.a->agent.role() == Role::Controlling));
}

BOOST_AUTO_TEST_CASE(a_controlling_agent_with_the_smaller_one_yields) {
  Imagined call{Role::Controlling};
  BOOST_TEST(call.check(Role::Controlling, kMost) == 0);
  BOOST_TEST((call.a->agent.role() == Role::Controlled));
}

BOOST_AUTO_TEST_CASE(a_controlled_agent_with_the_larger_tie_breaker_takes_control) {
  Imagined call{Role::Controlled};
  BOOST_TEST(call.check(Role::Controlled, 0) == 0);
  BOOST_TEST((call.a->agent.role() == Role::Controlling));
}

BOOST_AUTO_TEST_CASE(a_controlled_agent_with_the_smaller_one_answers_487) {
  Imagined call{Role::Controlled};
  BOOST_TEST(call.check(Role::Controlled, kMost) == 487);
  BOOST_TEST((call.a->agent.role() == Role::Controlled));
}

BOOST_AUTO_TEST_CASE(an_equal_tie_breaker_lets_the_controlling_agent_keep_its_role) {
  Imagined call{Role::Controlling};
  call.a->agent.set_remote_credentials(call.world.now(), call.a->stream, call.peer);
  BOOST_TEST(call.check(Role::Controlled, 1) == 0);
  // Our own tie-breaker is in the triggered check that followed.
  call.world.run_for(100ms);
  const auto own =
      sent_checks(call.world, *call.a->machine).back().message.find<stun::IceControlling>()->value;
  BOOST_TEST(call.check(Role::Controlling, own) == 487);
  BOOST_TEST((call.a->agent.role() == Role::Controlling));
}

// Both start in the same role: they must agree in the end, whichever it is and however the
// tie-breakers fall.
BOOST_DATA_TEST_CASE(two_agents_of_one_role_agree_and_connect,
                     data::xrange(1, 9) * data::make({0, 1}), seed, both_controlling) {
  const auto role = both_controlling == 1 ? Role::Controlling : Role::Controlled;
  Call call{
      {.seed = static_cast<std::uint64_t>(seed), .a = {kPortRestricted}, .b = {kPortRestricted}}};
  call.a->agent.set_role(call.world.now(), role);
  call.b->agent.set_role(call.world.now(), role);
  call.world.drain(*call.a->machine);
  call.world.drain(*call.b->machine);
  call.start();

  BOOST_REQUIRE(call.run_until_completed());

  BOOST_TEST((call.a->agent.role() != call.b->agent.role()));
}

// RFC 8445 §7.2.5.1: MUST change the tie-breaker.
BOOST_AUTO_TEST_CASE(who_receives_487_switches_and_changes_its_tie_breaker) {
  Imagined call{Role::Controlling};
  Candidate remote;
  remote.address = call.address;
  remote.priority = Priority{2130706431};
  remote.foundation = "1";
  call.a->agent.add_remote_candidate(call.world.now(), call.a->stream, remote);
  call.world.drain(*call.a->machine);
  const auto first = sent_checks(call.world, *call.a->machine).front();
  auto refusal = stun::Message::response_to(first.message, stun::Class::Error);
  refusal.add(stun::ErrorCode::standard(487));

  call.world.inject(
      call.address, first.path.local,
      stun::seal(refusal, {.key = stun::short_term_key(call.peer.pwd), .fingerprint = true}));
  call.world.run_for(100ms);

  const auto next = sent_checks(call.world, *call.a->machine).back();
  BOOST_TEST((call.a->agent.role() == Role::Controlled));
  BOOST_REQUIRE(next.message.has<stun::IceControlled>());
  BOOST_TEST(next.message.find<stun::IceControlled>()->value !=
             first.message.find<stun::IceControlling>()->value);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
