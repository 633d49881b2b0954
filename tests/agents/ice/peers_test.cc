// What real implementations do that the texts do not ask for, or only just allow: it must work.
#include "agents/stun/error_code.h"
#include "tests/agents/ice/imagined_peer.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace test;

struct Puppet : ImaginedPeer {
  [[nodiscard]] SentMessage last_check() const { return sent_checks(world, *a->machine).back(); }
  [[nodiscard]] stun::Message answer_to(const SentMessage& check) const {
    auto response = stun::Message::response_to(check.message, stun::Class::Success);
    return response.add(stun::XorMappedAddress{check.path.local});
  }
  [[nodiscard]] Bytes sealed(const stun::Message& message) const {
    return stun::seal(message, {.key = stun::short_term_key(peer.pwd), .fingerprint = true});
  }
  [[nodiscard]] Bytes check_of_peer(bool use_candidate, Role role = Role::Controlling) {
    return ForgedCheck{.to = a->agent.local_credentials(a->stream),
                       .from = peer,
                       .role = role,
                       .use_candidate = use_candidate}
        .seal(rng);
  }
  SeededRng rng{9};
};

BOOST_FIXTURE_TEST_SUITE(ice_real_peers, Puppet)

// libnice.
BOOST_AUTO_TEST_CASE(a_user_name_in_a_success_response_is_no_flaw) {
  auto response = answer_to(last_check());
  response.add(stun::Username{"whoever:that"});
  receive(sealed(response));
  BOOST_TEST((a->state() == State::Connected));
}

// Firefox and libwebrtc sign their 487.
BOOST_AUTO_TEST_CASE(a_signed_487_switches_the_role_and_the_check_is_made_again) {
  const auto check = last_check();
  auto refusal = stun::Message::response_to(check.message, stun::Class::Error);
  refusal.add(stun::ErrorCode::standard(stun::error::kRoleConflict));
  receive(sealed(refusal));
  world.run_for(60ms);
  BOOST_TEST((a->agent.role() == Role::Controlled));
  BOOST_TEST(last_check().message.has<stun::IceControlled>());
  BOOST_TEST((last_check().message.transaction != check.message.transaction));
}

BOOST_AUTO_TEST_CASE(a_487_that_is_not_the_peers_changes_nothing) {
  auto refusal = stun::Message::response_to(last_check().message, stun::Class::Error);
  refusal.add(stun::ErrorCode::standard(stun::error::kRoleConflict));
  receive(stun::seal(refusal, {.key = {}, .fingerprint = true}));
  BOOST_TEST((a->agent.role() == Role::Controlling));
}

// Chromium: USE-CANDIDATE in each check, each with an id of its own, twice a second, for ever.
BOOST_AUTO_TEST_CASE(nominations_without_end_are_one_nomination) {
  a->agent.set_role(world.now(), Role::Controlled);
  world.drain(*a->machine);
  for (int i = 0; i < 100; ++i) {
    receive(check_of_peer(true));
    if (i == 0) world.run_for(60ms);
    if (i == 1) receive(sealed(answer_to(last_check())));
    world.run_for(500ms);
    if (i > 0) receive(sealed(answer_to(last_check())));
  }
  BOOST_TEST((a->state() == State::Completed));
  BOOST_TEST(a->traced("ice:pair_nominated").size() == 1u);
  BOOST_TEST(sent_messages(world, *a->machine, stun::Class::Success).size() == 100u);
}

// Pion and Firefox: type preference 126 in PRIORITY.
BOOST_AUTO_TEST_CASE(a_host_priority_in_a_check_is_taken_as_it_is) {
  const auto stranger = endpoint("192.0.2.66:6666");
  const auto ours = a->agent.local_credentials(a->stream);
  stun::Message check{.cls = stun::Class::Request,
                      .method = stun::Method::Binding,
                      .transaction = stun::TransactionId::draw(rng),
                      .attributes = {}};
  check.add(stun::Username{ours.ufrag + ":peer"}).add(stun::Priority{2130706431});
  check.add(stun::IceControlled{1});
  world.inject(stranger, a->candidates.front().address,
               stun::seal(check, {.key = stun::short_term_key(ours.pwd), .fingerprint = true}));
  world.drain(*a->machine);
  const auto pairs = a->agent.pairs(a->stream);
  BOOST_REQUIRE(pairs.size() == 2u);
  BOOST_TEST(pairs.back().remote.priority.value() == 2130706431u);
}

// libnice in webrtcbin: no consent checks, only indications; and its answers keep ours alive.
BOOST_AUTO_TEST_CASE(a_peer_that_only_sends_indications_stays_connected_as_long_as_it_answers) {
  receive(sealed(answer_to(last_check())));
  for (int i = 0; i < 120; ++i) {
    world.run_for(1s);
    receive(sealed(answer_to(last_check())));
    const stun::Message indication{.cls = stun::Class::Indication,
                                   .method = stun::Method::Binding,
                                   .transaction = stun::TransactionId::draw(rng),
                                   .attributes = {}};
    receive(stun::seal(indication, {.key = {}, .fingerprint = true}));
  }
  BOOST_TEST((a->state() == State::Completed));
}

// libwebrtc's renomination: a value of 32 bits, and no USE-CANDIDATE beside it.
BOOST_AUTO_TEST_CASE(a_nomination_value_alone_nominates) {
  a->agent.set_role(world.now(), Role::Controlled);
  world.drain(*a->machine);
  const auto ours = a->agent.local_credentials(a->stream);
  stun::Message check{.cls = stun::Class::Request,
                      .method = stun::Method::Binding,
                      .transaction = stun::TransactionId::draw(rng),
                      .attributes = {}};
  check.add(stun::Username{ours.ufrag + ":peer"}).add(stun::Priority{1862270975});
  check.add(stun::IceControlling{1});
  check.attributes.push_back({stun::AttributeType::Nomination, from_hex("00000001")});
  receive(stun::seal(check, {.key = stun::short_term_key(ours.pwd), .fingerprint = true}));
  world.run_for(60ms);
  receive(sealed(answer_to(last_check())));
  BOOST_TEST(a->agent.selected_pair(a->stream)->nominated);
}

// Chromium pairs its new candidate with our old one for a while after a restart.
BOOST_AUTO_TEST_CASE(checks_under_the_old_user_name_are_answered_until_the_restart_is_over) {
  receive(sealed(answer_to(last_check())));
  world.run_for(100ms);
  receive(sealed(answer_to(last_check())));
  BOOST_REQUIRE((a->state() == State::Completed));
  const auto old_check = check_of_peer(false, Role::Controlled);
  a->agent.restart(world.now(), a->stream);
  gather(*a);
  world.sent.clear();
  receive(old_check);
  BOOST_TEST(sent_messages(world, *a->machine, stun::Class::Success).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
