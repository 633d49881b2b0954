// What an agent must survive or must not believe.
#include "tests/agents/ice/imagined_peer.h"
#include "tests/agents/ice/wire.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

using namespace test;

struct Waiting : ImaginedPeer {
  using ImaginedPeer::ImaginedPeer;
  // The answer that the imagined peer would give to a's last check.
  [[nodiscard]] stun::Message answer() const {
    const auto check = sent_checks(world, *a->machine).back();
    auto response = stun::Message::response_to(check.message, stun::Class::Success);
    response.add(stun::XorMappedAddress{check.path.local});
    return response;
  }
  [[nodiscard]] Bytes sealed(const stun::Message& message, std::string_view password) const {
    return stun::seal(message, {.key = stun::short_term_key(password), .fingerprint = true});
  }
  [[nodiscard]] std::vector<int> error_codes() const {
    std::vector<int> codes;
    for (const auto& each : sent_messages(world, *a->machine, stun::Class::Error)) {
      codes.push_back(each.message.find<stun::ErrorCode>()->code);
    }
    return codes;
  }
  SeededRng rng{9};
};

BOOST_FIXTURE_TEST_SUITE(ice_robustness, Waiting)

BOOST_AUTO_TEST_CASE(the_true_answer_connects) {
  receive(sealed(answer(), peer.pwd));
  BOOST_TEST((a->state() == State::Connected));
}

// RFC 8489 §9.1.4.
BOOST_AUTO_TEST_CASE(a_forged_answer_is_as_if_it_never_came) {
  receive(sealed(answer(), "another password......"));
  receive(stun::seal(answer(), {.key = {}, .fingerprint = true}));
  BOOST_TEST((a->state() == State::Checking));

  receive(sealed(answer(), peer.pwd));
  BOOST_TEST((a->state() == State::Connected));
}

// RFC 8445 §7.2.5.2.1.
BOOST_AUTO_TEST_CASE(an_answer_from_another_address_fails_the_pair) {
  receive(sealed(answer(), peer.pwd), endpoint("192.0.2.10:9999"));
  BOOST_TEST((a->agent.pairs(a->stream).front().state == PairState::Failed));
}

BOOST_AUTO_TEST_CASE(a_second_answer_changes_nothing) {
  const auto bytes = sealed(answer(), peer.pwd);
  receive(bytes);
  const auto moves = a->traced("ice:pair_state_changed").size();
  receive(bytes);
  BOOST_TEST(a->traced("ice:pair_state_changed").size() == moves);
  BOOST_TEST(a->agent.pairs(a->stream).size() == 1u);
}

// RFC 8445 §7.2.5.3.1.
BOOST_AUTO_TEST_CASE(an_unknown_mapped_address_becomes_a_peer_reflexive_candidate) {
  const auto check = sent_checks(world, *a->machine).back();
  auto response = stun::Message::response_to(check.message, stun::Class::Success);
  response.add(stun::XorMappedAddress{endpoint("198.51.100.99:4444")});

  receive(sealed(response, peer.pwd));

  const auto pair = a->agent.selected_pair(a->stream);
  BOOST_REQUIRE(pair.has_value());
  BOOST_TEST((pair->local.type == CandidateType::PeerReflexive));
  BOOST_TEST((pair->local.base == check.path.local));
  BOOST_TEST(pair->local.priority.value() == check.message.find<stun::Priority>()->value);
}

// RFC 8489 §9.1.3.
BOOST_AUTO_TEST_CASE(checks_with_wrong_credentials_are_refused_and_change_nothing) {
  const auto ours = a->agent.local_credentials(a->stream);
  auto wrong_password = ours;
  wrong_password.pwd.front() ^= 1;
  auto wrong_ufrag = ours;
  wrong_ufrag.ufrag += "x";
  stun::Message bare{.cls = stun::Class::Request,
                     .method = stun::Method::Binding,
                     .transaction = stun::TransactionId::draw(rng),
                     .attributes = {}};

  receive(ForgedCheck{.to = wrong_password, .from = peer}.seal(rng), endpoint("192.0.2.66:6666"));
  receive(ForgedCheck{.to = wrong_ufrag, .from = peer}.seal(rng), endpoint("192.0.2.66:6666"));
  receive(stun::seal(bare, {.key = {}, .fingerprint = true}), endpoint("192.0.2.66:6666"));

  BOOST_TEST((error_codes() == std::vector{401, 401, 400}));
  BOOST_TEST(a->agent.pairs(a->stream).size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_unknown_mandatory_attribute_is_answered_with_420) {
  const auto ours = a->agent.local_credentials(a->stream);
  stun::Message check{.cls = stun::Class::Request,
                      .method = stun::Method::Binding,
                      .transaction = stun::TransactionId::draw(rng),
                      .attributes = {}};
  check.add(stun::Username{ours.ufrag + ":peer"});
  check.attributes.push_back({static_cast<stun::AttributeType>(0x7abc), {}});
  receive(sealed(check, ours.pwd));
  BOOST_TEST((error_codes() == std::vector{420}));
}

// Liberal: some peers send no PRIORITY, no role, no FINGERPRINT, or attributes that we do not know.
BOOST_AUTO_TEST_CASE(a_check_that_says_little_is_answered_and_checked_back) {
  const auto ours = a->agent.local_credentials(a->stream);
  stun::Message check{.cls = stun::Class::Request,
                      .method = stun::Method::Binding,
                      .transaction = stun::TransactionId::draw(rng),
                      .attributes = {}};
  check.add(stun::Username{ours.ufrag + ":peer"});
  check.attributes.push_back({stun::AttributeType::GoogNetworkInfo, from_hex("000103e7")});
  receive(stun::seal(check, {.key = stun::short_term_key(ours.pwd)}), endpoint("192.0.2.66:6666"));
  world.run_for(100ms);

  BOOST_TEST(sent_messages(world, *a->machine, stun::Class::Success).size() == 1u);
  BOOST_TEST((sent_checks(world, *a->machine).back().path.remote == endpoint("192.0.2.66:6666")));
}

BOOST_AUTO_TEST_CASE(data_from_strangers_is_not_delivered) {
  receive(to_octets("\x16hello"), endpoint("192.0.2.66:6666"));
  BOOST_TEST(a->data.empty());
  receive(to_octets("\x16hello"));
  BOOST_TEST(a->data.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_unreachable_host_fails_its_pair_at_once_and_its_own_check_revives_it) {
  const auto local = a->candidates.front().address;
  a->handle_input(world.now(), Unreachable{{Transport::Udp, local, address}});
  world.drain(*a->machine);
  BOOST_TEST((a->agent.pairs(a->stream).front().state == PairState::Failed));

  receive(ForgedCheck{
      .to = a->agent.local_credentials(a->stream), .from = peer, .role = Role::Controlled}
              .seal(rng));
  world.run_for(100ms);

  BOOST_TEST((a->agent.pairs(a->stream).front().state == PairState::InProgress));
}

// RFC 8445 §7.3.1.4.
BOOST_AUTO_TEST_CASE(a_check_of_the_peer_cancels_ours_and_sends_a_new_one) {
  receive(ForgedCheck{
      .to = a->agent.local_credentials(a->stream), .from = peer, .role = Role::Controlled}
              .seal(rng));
  world.run_for(600ms);
  const auto checks = sent_checks(world, *a->machine);
  // The new one at the next Ta, resent after its RTO; the old one never again.
  BOOST_REQUIRE(checks.size() == 3u);
  BOOST_TEST((checks[1].at - checks[0].at == 50ms));
  BOOST_TEST((checks[1].message.transaction != checks[0].message.transaction));
  BOOST_TEST((checks[2].message.transaction == checks[1].message.transaction));
}

BOOST_AUTO_TEST_CASE(an_answer_to_the_cancelled_check_still_counts) {
  const auto late = sealed(answer(), peer.pwd);
  receive(ForgedCheck{
      .to = a->agent.local_credentials(a->stream), .from = peer, .role = Role::Controlled}
              .seal(rng));
  receive(late);
  BOOST_TEST((a->agent.pairs(a->stream).front().state == PairState::Succeeded));
}

// RFC 8445 §7.3.1.5 and §8.1.1: USE-CANDIDATE in every check, and several pairs nominated.
BOOST_AUTO_TEST_CASE(aggressive_nomination_ends_on_the_best_nominated_pair) {
  a->agent.set_role(world.now(), Role::Controlled);
  world.drain(*a->machine);
  const auto ours = a->agent.local_credentials(a->stream);
  const auto lower = endpoint("192.0.2.66:6666");
  const auto nominate = [&](const Endpoint& from) {
    receive(ForgedCheck{.to = ours, .from = peer, .use_candidate = true}.seal(rng), from);
    world.run_for(100ms);
    receive(sealed(answer(), peer.pwd), from);
  };

  nominate(lower);
  BOOST_TEST((a->agent.selected_pair(a->stream)->remote.address == lower));
  nominate(address);

  BOOST_TEST((a->agent.selected_pair(a->stream)->remote.address == address));
  BOOST_TEST((a->state() == State::Completed));
}

BOOST_AUTO_TEST_CASE(ever_new_addresses_of_a_peer_do_not_grow_without_bound) {
  const auto ours = a->agent.local_credentials(a->stream);
  for (std::uint16_t port = 1000; port < 3000; ++port) {
    receive(ForgedCheck{.to = ours, .from = peer, .role = Role::Controlled}.seal(rng),
            Endpoint{*Ip::parse("192.0.2.66"), Port{port}});
  }
  BOOST_TEST(a->agent.pairs(a->stream).size() <= 210u);
}

// RFC 8445 §7.3.1.3: the signalling tells later what a check had shown.
BOOST_AUTO_TEST_CASE(a_signalled_candidate_takes_the_place_of_the_learned_one) {
  const auto seen = endpoint("192.0.2.66:6666");
  receive(
      ForgedCheck{
          .to = a->agent.local_credentials(a->stream), .from = peer, .role = Role::Controlled}
          .seal(rng),
      seen);
  BOOST_TEST((a->agent.pairs(a->stream).back().remote.type == CandidateType::PeerReflexive));
  Candidate signalled;
  signalled.type = CandidateType::ServerReflexive;
  signalled.address = seen;
  signalled.foundation = "7";
  signalled.priority = Priority{1694498815};
  // The fixture said end-of-candidates; a new generation of the same peer did not.
  peer.pwd.back() = 'x';
  a->agent.set_remote_credentials(world.now(), a->stream, peer);
  receive(
      ForgedCheck{
          .to = a->agent.local_credentials(a->stream), .from = peer, .role = Role::Controlled}
          .seal(rng),
      seen);

  a->agent.add_remote_candidate(world.now(), a->stream, signalled);
  world.drain(*a->machine);

  const auto pairs = a->agent.pairs(a->stream);
  BOOST_REQUIRE(pairs.size() == 1u);
  BOOST_TEST((pairs.front().remote.type == CandidateType::ServerReflexive));
  BOOST_TEST(pairs.front().remote.foundation == "7");
}

// Random octets, and true messages with one octet changed: no crash, no state, no answer to what
// cannot be read.
BOOST_AUTO_TEST_CASE(garbage_changes_nothing) {
  const auto check =
      ForgedCheck{
          .to = a->agent.local_credentials(a->stream), .from = peer, .role = Role::Controlled}
          .seal(rng);
  const auto response = sealed(answer(), peer.pwd);
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes(rng.below(120));
    rng.fill(bytes);
    if (round % 3 == 1) bytes = check;
    if (round % 3 == 2) bytes = response;
    if (round % 3 != 0) {
      bytes[rng.below(bytes.size() - 8)] ^= static_cast<std::byte>(1 + rng.below(255));
      if (rng.below(4) == 0) bytes.resize(rng.below(bytes.size()));
    }
    receive(bytes);
  }
  BOOST_TEST((a->state() == State::Checking));
  BOOST_TEST(a->agent.pairs(a->stream).size() == 1u);
  receive(response);
  BOOST_TEST((a->state() == State::Connected));
}

// RFC 8489 §6.2.1. A fuzzer ended the process so.
BOOST_AUTO_TEST_CASE(a_server_that_answers_when_it_was_given_up_is_passed_over) {
  Call call;
  call.world.keeps_record = true;
  call.trickles = false;
  call.world.drops = [](const Datagram& datagram) {
    return datagram.destination.port == Port{3478};
  };
  call.a->agent.gather(call.world.now());
  call.world.drain(*call.a->machine);
  call.world.run_for(50s);
  const auto request = sent_messages(call.world, *call.a->machine, stun::Class::Request).front();
  const auto found = call.a->candidates.size();

  auto response = stun::Message::response_to(request.message, stun::Class::Success);
  response.add(stun::XorMappedAddress{endpoint("203.0.113.99:4000")});
  call.world.inject(request.path.remote, request.path.local,
                    stun::seal(response, {.key = {}, .fingerprint = true}));
  call.world.drain(*call.a->machine);

  BOOST_TEST(call.a->candidates.size() == found);
}

// RFC 8445 §19.5.1: behind a NAT that answers from another port each check of ours fails, and the
// peer's check in return lets us check again. Two such agents would never come to an end.
BOOST_AUTO_TEST_CASE(a_peer_that_checks_a_failed_pair_again_and_again_is_answered_and_fails) {
  const auto ours = a->agent.local_credentials(a->stream);
  const auto checks = [&] { return sent_checks(world, *a->machine).size(); };
  const auto answers = [&] {
    return sent_messages(world, *a->machine, stun::Class::Success).size();
  };
  constexpr unsigned kRounds = 150;
  for (unsigned i = 0; i < kRounds; ++i) {
    receive(sealed(answer(), peer.pwd), endpoint("192.0.2.10:9999"));
    receive(ForgedCheck{.to = ours, .from = peer, .role = Role::Controlled}.seal(rng));
    world.run_for(100ms);
  }
  BOOST_TEST(answers() == kRounds);
  BOOST_TEST(checks() == 101u);  // the first, and those that the peer's called for

  world.run_for(30s);
  BOOST_TEST((a->state() == State::Failed));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
