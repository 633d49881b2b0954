#include "agents/peer/signaling.h"

#include "tests/support/peer_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using test::Party;
using test::PeerPair;

// alice in each of the states that can be reached, with an offer, a pranswer and an answer of bob's
// at hand.
void bring_to(PeerPair& pair, SignalingState state) {
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "a"));
  static_cast<void>(pair.bob.connection.create_data_channel(pair.now, "b"));
  auto& alice = pair.alice;
  auto& bob = pair.bob;
  switch (state) {
    case SignalingState::Stable: break;
    case SignalingState::HaveLocalOffer: pair.set_local(alice); break;
    case SignalingState::HaveRemoteOffer: pair.set_remote(alice, pair.offer(bob)); break;
    case SignalingState::HaveLocalPranswer:
      pair.set_remote(alice, pair.offer(bob));
      pair.set_local(alice, Description{SdpType::Pranswer, ""});
      break;
    case SignalingState::HaveRemotePranswer:
      pair.set_local(alice);
      pair.set_remote(bob, *alice.connection.local_description());
      pair.set_remote(alice, {SdpType::Pranswer, pair.answer(bob).sdp});
      break;
    case SignalingState::Closed: alice.connection.close(pair.now); break;
  }
  pair.drain();
}

// The same calls with the answer that bob would give.
Description answer_of_bob(PeerPair& pair, SdpType type) {
  auto& bob = pair.bob.connection;
  const auto offer = pair.alice.connection.pending_local_description();
  if (offer && offer->type == SdpType::Offer) pair.set_remote(pair.bob, *offer);
  if (bob.signaling_state() == SignalingState::HaveRemoteOffer)
    return {type, pair.answer(pair.bob).sdp};
  return {type, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"};
}

enum class Call {
  CreateOffer,
  CreateAnswer,
  LocalOffer,
  LocalAnswer,
  LocalPranswer,
  LocalRollback,
  RemoteOffer,
  RemoteAnswer,
  RemotePranswer,
  RemoteRollback,
  LocalDefault
};

OperationId perform(PeerPair& pair, Call call) {
  auto& alice = pair.alice.connection;
  const auto now = pair.now;
  switch (call) {
    case Call::CreateOffer: return alice.create_offer(now);
    case Call::CreateAnswer: return alice.create_answer(now);
    case Call::LocalOffer: return alice.set_local_description(now, Description{SdpType::Offer, ""});
    case Call::LocalAnswer:
      return alice.set_local_description(now, Description{SdpType::Answer, ""});
    case Call::LocalPranswer:
      return alice.set_local_description(now, Description{SdpType::Pranswer, ""});
    case Call::LocalRollback:
      return alice.set_local_description(now, Description{SdpType::Rollback, ""});
    case Call::LocalDefault: return alice.set_local_description(now);
    case Call::RemoteOffer: {
      PeerPair elsewhere;
      static_cast<void>(elsewhere.bob.connection.create_data_channel(elsewhere.now, "x"));
      return alice.set_remote_description(now, elsewhere.offer(elsewhere.bob));
    }
    case Call::RemoteAnswer:
      return alice.set_remote_description(now, answer_of_bob(pair, SdpType::Answer));
    case Call::RemotePranswer:
      return alice.set_remote_description(now, answer_of_bob(pair, SdpType::Pranswer));
    case Call::RemoteRollback: return alice.set_remote_description(now, {SdpType::Rollback, ""});
  }
  __builtin_unreachable();
}

struct Row {
  SignalingState state;
  Call call;
  const char* result;
  SignalingState after;
  friend std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << to_string(row.state) << " call " << static_cast<int>(row.call);
  }
};

using enum SignalingState;
constexpr const char* kDone = "fulfilled";
constexpr const char* kState = "InvalidStateError";

// clang-format off
const std::vector<Row> kTable{
    {Stable,             Call::CreateOffer,    kDone,  Stable},
    {Stable,             Call::CreateAnswer,   kState, Stable},
    {Stable,             Call::LocalDefault,   kDone,  HaveLocalOffer},
    {Stable,             Call::LocalOffer,     kDone,  HaveLocalOffer},
    {Stable,             Call::LocalAnswer,    kState, Stable},
    {Stable,             Call::LocalPranswer,  kState, Stable},
    {Stable,             Call::LocalRollback,  kState, Stable},
    {Stable,             Call::RemoteOffer,    kDone,  HaveRemoteOffer},
    {Stable,             Call::RemoteAnswer,   kState, Stable},
    {Stable,             Call::RemotePranswer, kState, Stable},
    {Stable,             Call::RemoteRollback, kState, Stable},
    {HaveLocalOffer,     Call::CreateOffer,    kDone,  HaveLocalOffer},
    {HaveLocalOffer,     Call::CreateAnswer,   kState, HaveLocalOffer},
    {HaveLocalOffer,     Call::LocalDefault,   kDone,  HaveLocalOffer},
    {HaveLocalOffer,     Call::LocalOffer,     kDone,  HaveLocalOffer},
    {HaveLocalOffer,     Call::LocalAnswer,    kState, HaveLocalOffer},
    {HaveLocalOffer,     Call::LocalPranswer,  kState, HaveLocalOffer},
    {HaveLocalOffer,     Call::LocalRollback,  kDone,  Stable},
    {HaveLocalOffer,     Call::RemoteOffer,    kDone,  HaveRemoteOffer},
    {HaveLocalOffer,     Call::RemoteAnswer,   kDone,  Stable},
    {HaveLocalOffer,     Call::RemotePranswer, kDone,  HaveRemotePranswer},
    {HaveLocalOffer,     Call::RemoteRollback, kDone,  Stable},
    {HaveRemoteOffer,    Call::CreateOffer,    kState, HaveRemoteOffer},
    {HaveRemoteOffer,    Call::CreateAnswer,   kDone,  HaveRemoteOffer},
    {HaveRemoteOffer,    Call::LocalDefault,   kDone,  Stable},
    {HaveRemoteOffer,    Call::LocalOffer,     kState, HaveRemoteOffer},
    {HaveRemoteOffer,    Call::LocalAnswer,    kDone,  Stable},
    {HaveRemoteOffer,    Call::LocalPranswer,  kDone,  HaveLocalPranswer},
    {HaveRemoteOffer,    Call::LocalRollback,  kDone,  Stable},
    {HaveRemoteOffer,    Call::RemoteOffer,    kDone,  HaveRemoteOffer},
    {HaveRemoteOffer,    Call::RemoteAnswer,   kState, HaveRemoteOffer},
    {HaveRemoteOffer,    Call::RemotePranswer, kState, HaveRemoteOffer},
    {HaveRemoteOffer,    Call::RemoteRollback, kDone,  Stable},
    {HaveLocalPranswer,  Call::CreateOffer,    kState, HaveLocalPranswer},
    {HaveLocalPranswer,  Call::CreateAnswer,   kDone,  HaveLocalPranswer},
    {HaveLocalPranswer,  Call::LocalDefault,   kDone,  Stable},
    {HaveLocalPranswer,  Call::LocalOffer,     kState, HaveLocalPranswer},
    {HaveLocalPranswer,  Call::LocalAnswer,    kDone,  Stable},
    {HaveLocalPranswer,  Call::LocalPranswer,  kDone,  HaveLocalPranswer},
    {HaveLocalPranswer,  Call::LocalRollback,  kState, HaveLocalPranswer},
    {HaveLocalPranswer,  Call::RemoteOffer,    kState, HaveLocalPranswer},
    {HaveLocalPranswer,  Call::RemoteAnswer,   kState, HaveLocalPranswer},
    {HaveLocalPranswer,  Call::RemoteRollback, kState, HaveLocalPranswer},
    {HaveRemotePranswer, Call::CreateOffer,    kState, HaveRemotePranswer},
    {HaveRemotePranswer, Call::CreateAnswer,   kState, HaveRemotePranswer},
    {HaveRemotePranswer, Call::LocalDefault,   kState, HaveRemotePranswer},
    {HaveRemotePranswer, Call::LocalAnswer,    kState, HaveRemotePranswer},
    {HaveRemotePranswer, Call::LocalRollback,  kState, HaveRemotePranswer},
    {HaveRemotePranswer, Call::RemoteOffer,    kState, HaveRemotePranswer},
    {HaveRemotePranswer, Call::RemoteAnswer,   kDone,  Stable},
    {HaveRemotePranswer, Call::RemotePranswer, kDone,  HaveRemotePranswer},
    {HaveRemotePranswer, Call::RemoteRollback, kState, HaveRemotePranswer},
    {Closed,             Call::CreateOffer,    kState, Closed},
    {Closed,             Call::CreateAnswer,   kState, Closed},
    {Closed,             Call::LocalDefault,   kState, Closed},
    {Closed,             Call::RemoteOffer,    kState, Closed},
    {Closed,             Call::RemoteRollback, kState, Closed},
};
// clang-format on

BOOST_AUTO_TEST_SUITE(peer_signaling)

BOOST_DATA_TEST_CASE(each_call_in_each_state_does_what_the_specification_says, data::make(kTable),
                     row) {
  PeerPair pair;
  bring_to(pair, row.state);
  BOOST_REQUIRE(pair.alice.connection.signaling_state() == row.state);

  const auto id = perform(pair, row.call);
  pair.drain();

  BOOST_TEST(pair.alice.result(id) == row.result);
  BOOST_TEST(to_string(pair.alice.connection.signaling_state()) == to_string(row.after));
}

BOOST_AUTO_TEST_CASE(calls_settle_in_the_order_in_which_they_were_made) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  static_cast<void>(alice.create_data_channel(pair.now, "a"));

  const auto first = alice.create_offer(pair.now);
  const auto second = alice.set_local_description(pair.now);
  const auto third = alice.create_answer(pair.now);
  BOOST_TEST((alice.signaling_state() == Stable));  // nothing runs before the event loop turns
  pair.drain();

  std::vector<OperationId> order;
  for (const auto& settled : pair.alice.all<OperationSettled>()) order.push_back(settled.id);
  BOOST_TEST((order == std::vector{first, second, third}));
}

BOOST_AUTO_TEST_CASE(a_close_leaves_waiting_calls_unsettled_for_ever) {
  PeerPair pair;
  auto& alice = pair.alice.connection;

  const auto id = alice.create_offer(pair.now);
  alice.close(pair.now);
  pair.drain();

  BOOST_TEST(pair.alice.result(id) == "pending");
  BOOST_TEST(pair.alice.events.empty());
}

BOOST_AUTO_TEST_CASE(the_state_changes_before_the_promise_settles) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "a"));
  pair.drain();
  pair.alice.events.clear();

  pair.set_local(pair.alice);

  BOOST_REQUIRE(pair.alice.events.size() >= 3u);
  BOOST_TEST(std::holds_alternative<SignalingStateChange>(pair.alice.events[0].second));
  BOOST_TEST(std::holds_alternative<OperationSettled>(pair.alice.events[1].second));
  BOOST_TEST(std::holds_alternative<IceGatheringStateChange>(pair.alice.events[2].second));
}

BOOST_AUTO_TEST_CASE(
    negotiation_is_needed_once_for_the_first_channel_and_not_after_it_was_negotiated) {
  PeerPair pair;

  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "a"));
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "b"));
  pair.drain();
  BOOST_TEST(pair.alice.all<NegotiationNeeded>().size() == 1u);
  pair.call(pair.alice);
  pair.run_until([&] { return pair.alice.connection.current_local_description().has_value(); });
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "c"));
  pair.drain();

  BOOST_TEST(pair.alice.all<NegotiationNeeded>().size() == 1u);
  BOOST_TEST(pair.bob.all<NegotiationNeeded>().empty());
}

BOOST_AUTO_TEST_CASE(a_rollback_makes_negotiation_needed_again) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "a"));
  pair.drain();
  pair.set_local(pair.alice);

  pair.set_local(pair.alice, Description{SdpType::Rollback, ""});

  BOOST_TEST(pair.alice.all<NegotiationNeeded>().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
