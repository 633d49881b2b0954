#include "tests/agents/peer/negotiated.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <ostream>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::negotiate;
using test::Party;
using test::PeerPair;

std::size_t count(const Party& party) {
  return party.all<NegotiationNeeded>().size();
}

// alice and bob have negotiated one audio section, both ways, and a channel.
struct Negotiated : PeerPair {
  Negotiated() {
    audio = *alice.connection.add_track(now, {"a", MediaKind::Audio}, {"s1"});
    static_cast<void>(bob.connection.add_track(now, {"b", MediaKind::Audio}));
    static_cast<void>(alice.connection.create_data_channel(now, "first"));
    negotiate(*this, alice);
    drain();
  }
  TransceiverId audio{0};
};

struct Change {
  const char* what;
  std::function<void(Negotiated&)> make;
  bool needed;
  friend std::ostream& operator<<(std::ostream& out, const Change& row) { return out << row.what; }
};

const std::vector<Change> kChanges{
    {"nothing", [](Negotiated&) {}, false},
    {"another channel",
     [](Negotiated& n) { static_cast<void>(n.alice.connection.create_data_channel(n.now, "x")); },
     false},
    {"another transceiver",
     [](Negotiated& n) {
       static_cast<void>(n.alice.connection.add_transceiver(n.now, MediaKind::Video));
     },
     true},
    {"another track",
     [](Negotiated& n) {
       static_cast<void>(n.alice.connection.add_track(n.now, {"c", MediaKind::Audio}));
     },
     true},
    {"a track removed",
     [](Negotiated& n) { static_cast<void>(n.alice.connection.remove_track(n.now, n.audio)); },
     true},
    {"a direction",
     [](Negotiated& n) {
       static_cast<void>(n.alice.connection.set_direction(n.now, n.audio, Direction::RecvOnly));
     },
     true},
    {"a direction, there and back",
     [](Negotiated& n) {
       static_cast<void>(n.alice.connection.set_direction(n.now, n.audio, Direction::Inactive));
       static_cast<void>(n.alice.connection.set_direction(n.now, n.audio, Direction::SendRecv));
     },
     false},
    {"a stop", [](Negotiated& n) { static_cast<void>(n.alice.connection.stop(n.now, n.audio)); },
     true},
    {"other streams",
     [](Negotiated& n) {
       static_cast<void>(n.alice.connection.set_streams(n.now, n.audio, {"s2"}));
     },
     true},
    {"the same streams",
     [](Negotiated& n) {
       static_cast<void>(n.alice.connection.set_streams(n.now, n.audio, {"s1"}));
     },
     false},
    {"another track in place",
     [](Negotiated& n) {
       n.alice.connection.replace_track(n.now, n.audio, MediaTrack{"z", MediaKind::Audio});
     },
     false},
    {"restartIce", [](Negotiated& n) { n.alice.connection.restart_ice(n.now); }, true},
    {"codec preferences",
     [](Negotiated& n) {
       static_cast<void>(n.alice.connection.set_codec_preferences(
           n.now, n.audio, {{.name = "PCMA", .clock_rate = 8000}}));
     },
     false},
};

BOOST_AUTO_TEST_SUITE(peer_negotiation_needed)

BOOST_DATA_TEST_CASE(each_change_needs_negotiation_or_does_not, data::make(kChanges), row) {
  Negotiated pair;
  const auto before = count(pair.alice);

  row.make(pair);
  pair.drain();

  BOOST_TEST((count(pair.alice) == before + (row.needed ? 1 : 0)));
}

BOOST_DATA_TEST_CASE(what_was_needed_is_served_by_one_negotiation, data::make(kChanges), row) {
  Negotiated pair;
  row.make(pair);
  pair.drain();
  const auto before = count(pair.alice);

  negotiate(pair, pair.alice);
  pair.drain();

  BOOST_TEST(count(pair.alice) == before);
}

BOOST_AUTO_TEST_CASE(several_changes_in_one_turn_are_told_once) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  for (int i = 0; i < 3; ++i) static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Audio));

  pair.drain();

  BOOST_TEST(count(pair.alice) == 1u);
}

BOOST_AUTO_TEST_CASE(a_change_is_not_told_outside_of_stable_but_when_it_is_stable_again) {
  Negotiated pair;
  pair.set_remote(pair.alice, pair.offer(pair.bob));
  const auto before = count(pair.alice);

  static_cast<void>(pair.alice.connection.add_transceiver(pair.now, MediaKind::Video));
  pair.drain();
  BOOST_TEST(count(pair.alice) == before);
  pair.set_local(pair.alice);
  pair.drain();

  BOOST_TEST(count(pair.alice) == before + 1);
}

BOOST_AUTO_TEST_CASE(a_change_waits_for_the_operations_that_are_on_their_way) {
  PeerPair pair;
  auto& alice = pair.alice.connection;
  static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Audio));
  const auto first = alice.create_offer(pair.now);
  const auto second = alice.create_offer(pair.now);

  pair.drain();

  const auto names = test::events_of(pair.alice);
  BOOST_TEST(
      names == (std::vector<std::string>{"fulfilled", "fulfilled", "peer:negotiation_needed"}),
      boost::test_tools::per_element());
  BOOST_TEST((first != second));
}

BOOST_AUTO_TEST_CASE(an_answer_to_an_operation_comes_before_the_event) {
  // The application answers the promise with another call: then the event has to wait for that,
  // too.
  PeerPair pair;
  auto& alice = pair.alice.connection;
  static_cast<void>(alice.add_transceiver(pair.now, MediaKind::Audio));
  const auto created = alice.create_offer(pair.now);
  bool set = false;
  std::vector<std::string> order;
  for (bool busy = true; busy;) {
    busy = false;
    while (alice.poll_output()) {
    }
    while (const auto event = alice.poll_event()) {
      busy = true;
      if (std::holds_alternative<NegotiationNeeded>(*event)) order.emplace_back("needed");
      const auto* const settled = std::get_if<OperationSettled>(&*event);
      if (settled == nullptr) continue;
      order.push_back(settled->method);
      if (settled->id == created && !std::exchange(set, true))
        alice.set_local_description(pair.now, std::get<Description>(settled->outcome));
    }
  }

  BOOST_TEST(order == (std::vector<std::string>{"createOffer", "setLocalDescription"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
