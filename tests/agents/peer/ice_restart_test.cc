#include "tests/agents/peer/negotiated.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::negotiate;
using test::PairOptions;
using test::parsed;
using test::Party;
using test::PeerPair;

std::string ufrag_of(const Party& party) {
  return parsed(*party.connection.local_description()).section(0).ice_credentials()->ufrag;
}

// A call with an open channel.
struct Call : PeerPair {
  explicit Call(PairOptions options = {}) : PeerPair{std::move(options)} {
    chat = *alice.connection.create_data_channel(now, "chat");
    call(alice);
    run_until([&] { return alice.connection.data_channel_state(chat) == DataChannelState::Open; },
              20s);
    run_for(2s);
  }
  bool carries(const std::string& text) {
    if (!alice.connection.send(now, chat, text)) return false;
    return run_until([&] { return !bob.texts().empty() && bob.texts().back() == text; }, 3s);
  }
  ChannelId chat{0};
};

BOOST_AUTO_TEST_SUITE(peer_ice_restart)

BOOST_DATA_TEST_CASE(a_restart_by_either_side_moves_the_call_and_loses_nothing,
                     data::make({true, false}), alice_restarts) {
  Call call;
  Party& restarting = alice_restarts ? call.alice : call.bob;
  Party& other = call.other(restarting);
  const auto before = ufrag_of(restarting);
  const auto others_before = ufrag_of(other);
  const auto pair_before = *restarting.connection.transports()[0].selected_pair;
  const auto handshakes = restarting.all<Secrets>().size();

  restarting.connection.restart_ice(call.now);
  call.drain();
  BOOST_TEST(restarting.all<NegotiationNeeded>().size() >= 1u);
  call.call(restarting);
  BOOST_TEST(call.carries("while it restarts"));
  call.run_for(10s);

  BOOST_TEST(ufrag_of(restarting) != before);
  BOOST_TEST(ufrag_of(other) != others_before);
  BOOST_TEST((restarting.connection.transports()[0].selected_pair->first.address !=
              pair_before.first.address));
  BOOST_TEST(call.carries("afterwards"));
  BOOST_TEST(restarting.all<Secrets>().size() ==
             handshakes);  // RFC 8842 §3.3: the same association
  BOOST_TEST(test::is_connected(restarting));
  BOOST_TEST(restarting.connection.transports().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_restart_can_be_asked_for_in_the_offer) {
  Call call;
  const auto before = ufrag_of(call.alice);

  const auto id = call.alice.connection.create_offer(call.now, {.ice_restart = true});
  call.drain();

  const auto offer = std::get<Description>(call.alice.outcome(id));
  BOOST_TEST(parsed(offer).section(0).ice_credentials()->ufrag != before);
  BOOST_TEST(parsed(offer).section(0).candidates().empty());
  BOOST_TEST(ufrag_of(call.alice) == before);  // nothing has happened yet
}

BOOST_AUTO_TEST_CASE(an_offer_without_restart_repeats_credentials_and_candidates) {
  Call call;

  const auto offer = parsed(call.offer(call.alice));

  BOOST_TEST(offer.section(0).ice_credentials()->ufrag == ufrag_of(call.alice));
  BOOST_TEST(offer.section(0).candidates().size() == 1u);
  BOOST_TEST(offer.section(0).end_of_candidates());
}

BOOST_DATA_TEST_CASE(a_restart_that_is_rolled_back_leaves_no_trace, data::make({true, false}),
                     locally) {
  Call call;
  auto& alice = call.alice.connection;
  const auto before = *alice.local_description();
  const auto id = alice.create_offer(call.now, {.ice_restart = true});
  call.drain();
  call.set_local(call.alice, std::get<Description>(call.alice.outcome(id)));
  call.run_for(100ms);
  BOOST_TEST(to_string(alice.ice_gathering_state()) == "complete");

  if (locally) {
    call.set_local(call.alice, Description{SdpType::Rollback, ""});
  } else {
    call.set_remote(call.alice, {SdpType::Rollback, ""});
  }
  call.run_for(1s);

  BOOST_TEST(alice.local_description()->sdp == before.sdp);
  BOOST_TEST(ufrag_of(call.alice) ==
             parsed(call.offer(call.alice)).section(0).ice_credentials()->ufrag);
  BOOST_TEST(call.carries("as before"));
  BOOST_TEST(to_string(alice.ice_gathering_state()) == "complete");
}

BOOST_AUTO_TEST_CASE(restartice_stays_wanted_until_both_sides_have_other_credentials) {
  Call call;
  auto& alice = call.alice.connection;
  const auto before = ufrag_of(call.alice);
  const auto needed = [&] { return call.alice.all<NegotiationNeeded>().size(); };
  const auto first = needed();
  alice.restart_ice(call.now);
  call.drain();
  BOOST_TEST(needed() == first + 1);

  call.set_local(call.alice);
  call.set_local(call.alice, Description{SdpType::Rollback, ""});
  BOOST_TEST(needed() == first + 2);
  negotiate(call, call.bob);  // without restart: it does not serve the purpose
  call.drain();
  BOOST_TEST(needed() == first + 3);
  negotiate(call, call.alice);
  call.drain();

  BOOST_TEST(needed() == first + 3);
  BOOST_TEST(ufrag_of(call.alice) != before);
}

BOOST_AUTO_TEST_CASE(a_restart_of_the_peer_serves_ones_own_wish) {
  Call call;
  call.alice.connection.restart_ice(call.now);
  call.bob.connection.restart_ice(call.now);
  call.drain();
  const auto needed = call.alice.all<NegotiationNeeded>().size();

  negotiate(call, call.bob);
  call.drain();

  BOOST_TEST(call.alice.all<NegotiationNeeded>().size() == needed);
}

BOOST_AUTO_TEST_CASE(an_answer_that_does_not_restart_is_refused) {
  Call call;
  auto& alice = call.alice.connection;
  const auto old = *call.bob.connection.local_description();
  const auto id = alice.create_offer(call.now, {.ice_restart = true});
  call.drain();
  call.set_local(call.alice, std::get<Description>(call.alice.outcome(id)));

  const auto answered = alice.set_remote_description(call.now, {SdpType::Answer, old.sdp});
  call.drain();

  BOOST_TEST(call.alice.result(answered) == "InvalidAccessError");
}

BOOST_AUTO_TEST_CASE(a_dead_call_comes_back_by_a_restart) {
  Call call;
  call.cut(true);
  BOOST_REQUIRE(call.run_until([&] {
    return call.alice.connection.connection_state() == ConnectionState::Failed &&
           call.bob.connection.connection_state() == ConnectionState::Failed;
  }));
  call.cut(false);

  call.alice.connection.restart_ice(call.now);
  call.call(call.alice);

  BOOST_TEST(test::run_until_connected(call));
  BOOST_TEST(call.carries("back again"));
}

// --- another DTLS association (RFC 8842 §5) ---

// Another peer takes bob's place: another certificate, another tls-id, the same sections.
void replace_bob(Call& call) {
  SeededRng rng{4711};
  call.bob.connection = PeerConnection{{}, rng};
  call.bob.events.clear();
  call.bob.connection.handle_input(call.now, InterfaceUp{"eth0", call.bob.address});
  static_cast<void>(call.bob.connection.create_data_channel(call.now, "anew"));
  call.drain();
}

BOOST_AUTO_TEST_CASE(an_offer_with_another_certificate_and_a_restart_begins_another_association) {
  Call call;
  const auto local = parsed(*call.alice.connection.local_description());
  const auto before = std::string{*local.sections[0].attribute("tls-id")};
  replace_bob(call);

  negotiate(call, call.bob);
  BOOST_TEST(call.run_until([&] { return call.bob.first<ChannelOpen>().has_value(); }, 10s));

  BOOST_TEST(call.alice.all<ChannelClose>().size() == 1u);  // of the association that ended
  BOOST_TEST(to_string(*call.alice.connection.data_channel_state(call.chat)) == "closed");
  BOOST_TEST(call.alice.all<DataChannelEvent>().back().label == "anew");
  BOOST_TEST(*parsed(*call.alice.connection.local_description()).sections[0].attribute("tls-id") !=
             before);
  const auto fresh = *call.alice.connection.create_data_channel(call.now, "back");
  call.run_for(1s);
  BOOST_TEST(to_string(*call.alice.connection.data_channel_state(fresh)) == "open");
}

BOOST_AUTO_TEST_CASE(another_certificate_without_a_restart_is_refused) {
  Call call;
  auto offer = call.offer(call.bob);
  auto& digit = offer.sdp[offer.sdp.find("a=fingerprint:sha-256 ") + 22];
  digit = digit == 'A' ? 'B' : 'A';

  const auto id = call.alice.connection.set_remote_description(call.now, offer);
  call.drain();

  BOOST_TEST(call.alice.result(id) == "InvalidAccessError");
}

BOOST_AUTO_TEST_CASE(later_answers_keep_the_dtls_roles) {
  Call call;
  const auto setup = [](const Party& party) {
    return *parsed(*party.connection.local_description()).section(0).setup();
  };
  BOOST_TEST((setup(call.bob) == sdp::Setup::Active));

  negotiate(call, call.bob);

  BOOST_TEST((setup(call.bob) == sdp::Setup::ActPass));
  BOOST_TEST((setup(call.alice) == sdp::Setup::Passive));
}

// Both gave way to the other's offer and answered it, so that both said "active", and neither
// answer could be set. The restart settles who is the client, for no association had begun.
BOOST_AUTO_TEST_CASE(a_deadlock_of_two_answers_ends_with_a_restart) {
  PeerPair pair;
  const auto offer_of = [&](Party& party) {
    static_cast<void>(party.connection.create_data_channel(pair.now, "chat"));
    pair.set_local(party);
    return *party.connection.local_description();
  };
  const auto of_alice = offer_of(pair.alice);
  const auto of_bob = offer_of(pair.bob);
  pair.set_remote(pair.alice, of_bob);
  pair.set_remote(pair.bob, of_alice);
  pair.set_local(pair.alice);
  pair.set_local(pair.bob);
  pair.run_for(1s);
  BOOST_TEST(!test::is_connected(pair.alice));

  pair.alice.connection.restart_ice(pair.now);
  pair.call(pair.alice);

  BOOST_TEST(test::run_until_connected(pair));
}

// --- lite ---

BOOST_DATA_TEST_CASE(a_lite_agent_is_controlled_whoever_offers, data::make({true, false}),
                     lite_offers) {
  PairOptions options;
  options.bob.ice_lite = true;
  PeerPair pair{options};
  Party& offerer = lite_offers ? pair.bob : pair.alice;
  static_cast<void>(offerer.connection.create_data_channel(pair.now, "chat"));
  pair.call(offerer);

  BOOST_TEST(test::run_until_connected(pair));

  BOOST_TEST(parsed(*pair.bob.connection.local_description()).ice_lite());
  BOOST_TEST(!parsed(*pair.alice.connection.local_description()).ice_lite());
  BOOST_TEST((pair.bob.connection.transports()[0].ice_role == ice::Role::Controlled));
  BOOST_TEST((pair.alice.connection.transports()[0].ice_role == ice::Role::Controlling));
}

// --- setConfiguration ---

BOOST_AUTO_TEST_CASE(what_may_not_change_is_refused_and_nothing_of_it_is_kept) {
  Call call;
  auto& alice = call.alice.connection;
  auto wanted = alice.configuration();
  wanted.bundle_policy = BundlePolicy::MaxBundle;
  BOOST_TEST(alice.set_configuration(call.now, wanted).error().name == "InvalidModificationError");
  wanted = alice.configuration();
  wanted.ice_candidate_pool_size = 1;
  BOOST_TEST(alice.set_configuration(call.now, wanted).error().name == "InvalidModificationError");
  wanted = alice.configuration();
  SeededRng rng{99};
  wanted.certificates.push_back(dtls::Certificate::generate(rng));
  BOOST_TEST(alice.set_configuration(call.now, wanted).error().name == "InvalidModificationError");
  wanted = alice.configuration();
  wanted.ice_servers.push_back(
      {.kind = IceServerKind::Turn, .server = *Endpoint::parse("192.0.2.9:3478")});
  BOOST_TEST(alice.set_configuration(call.now, wanted).error().name == "InvalidAccessError");

  BOOST_TEST(alice.configuration().ice_servers.empty());
  alice.close(call.now);
  BOOST_TEST(alice.set_configuration(call.now, {}).error().name == "InvalidStateError");
}

BOOST_AUTO_TEST_CASE(another_candidate_policy_restarts_with_the_next_offer) {
  Call call;
  auto& alice = call.alice.connection;
  const auto before = ufrag_of(call.alice);
  auto wanted = alice.configuration();
  wanted.ice_transport_policy = IceTransportPolicy::Relay;

  BOOST_TEST(alice.set_configuration(call.now, wanted).has_value());
  call.run_for(1s);
  BOOST_TEST(call.carries("nothing changes yet"));

  BOOST_TEST(parsed(call.offer(call.alice)).section(0).ice_credentials()->ufrag != before);
}

// Rule 4 of agents/base/io.h. The end of an old session is a deadline like any other, and a
// datagram may come with it.
BOOST_AUTO_TEST_CASE(what_arrives_at_the_very_instant_of_a_deadline_leaves_nothing_due) {
  Call call;
  std::set<std::string> deadlines;
  std::vector<std::string> left;
  const auto disturb = [&](Party& party) {
    const auto wakeup = party.connection.next_wakeup();
    if (!wakeup || wakeup->at <= call.now) return;
    call.after(wakeup->at - call.now, [&, reason = std::string{wakeup->reason}] {
      deadlines.insert(reason);
      party.connection.handle_input(call.now, Received{{}, {}});
      call.drain();
      const auto next = party.connection.next_wakeup();
      if (next && next->at <= call.now) left.emplace_back(next->reason);
    });
  };

  call.alice.connection.restart_ice(call.now);
  call.call(call.alice);
  const auto end = call.now + 8s;
  while (call.now < end && call.step()) {
    disturb(call.alice);
    disturb(call.bob);
  }

  // With them goes the old session.
  BOOST_TEST(deadlines.contains("ice: unused candidates freed"));
  BOOST_TEST(left.empty(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pooled_candidates_are_surfaced_with_the_description) {
  PairOptions options;
  options.alice.ice_candidate_pool_size = 1;
  options.trickle = false;
  PeerPair pair{options};
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "chat"));
  pair.run_for(1s);
  BOOST_TEST(pair.alice.all<IceCandidateEvent>().empty());
  const auto now = pair.now;

  pair.set_local(pair.alice);

  BOOST_TEST((pair.alice.first<IceCandidateEvent>() == now));
  BOOST_TEST(to_string(pair.alice.connection.ice_gathering_state()) == "complete");
  BOOST_TEST(parsed(*pair.alice.connection.local_description()).section(0).candidates().size() ==
             1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
