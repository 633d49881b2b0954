#include "agents/peer/perfect_negotiation.h"

#include "agents/sdp/session_description.h"
#include "tests/support/peer_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;
using test::PairOptions;
using test::Party;
using test::PeerPair;

PairOptions untouched() {
  PairOptions options;
  options.trickle = false;  // the pattern carries the candidates
  return options;
}

// Two peers that negotiate by the pattern; bob is the polite one.
struct Negotiators {
  explicit Negotiators(Duration to_bob = 25ms, Duration to_alice = 25ms)
      : delay_to_bob{to_bob}, delay_to_alice{to_alice} {
    pair.on_event = [this](Party& party, const Event& event) {
      of(party).handle_event(pair.now, event);
      carry(party);
    };
  }

  PerfectNegotiation& of(const Party& party) { return &party == &pair.alice ? alice : bob; }

  void carry(Party& from) {
    while (auto error = of(from).poll_error()) errors.push_back(from.name + ": " + error->message);
    while (auto signal = of(from).poll_signal()) {
      if (const auto* description = std::get_if<Description>(&*signal)) {
        said += from.name[0];
        said += ':' + std::string{to_string(description->type)} + ' ';
      }
      auto& to = pair.other(from);
      pair.after(&from == &pair.alice ? delay_to_bob : delay_to_alice,
                 [this, &to, signal = std::move(*signal)] {
                   of(to).handle_signal(pair.now, signal);
                   if (of(to).is_ignoring_offer()) ++ignored;
                   carry(to);
                 });
    }
  }

  ChannelId open(Party& party, std::string label) {
    return party.connection.create_data_channel(pair.now, std::move(label)).value();
  }
  static bool is_open(const Party& party, std::string_view label) {
    return std::ranges::any_of(party.all<ChannelOpen>(),
                               [&](const ChannelOpen& open) { return open.label == label; });
  }
  bool all_open(std::initializer_list<std::string_view> labels) {
    return pair.run_until([&] {
      return std::ranges::all_of(labels, [&](std::string_view label) {
        return is_open(pair.alice, label) && is_open(pair.bob, label);
      });
    });
  }

  PeerPair pair{untouched()};
  PerfectNegotiation alice{pair.alice.connection, Politeness::Impolite};
  PerfectNegotiation bob{pair.bob.connection, Politeness::Polite};
  Duration delay_to_bob;
  Duration delay_to_alice;
  std::string said;  // "a:offer b:answer "
  std::vector<std::string> errors;
  int ignored = 0;
};

const std::vector<Duration> kDelays{0ms, 1ms, 25ms, 400ms};
const std::vector<Duration> kHeadStarts{0ms, 1ms, 24ms, 25ms, 26ms, 50ms, 399ms, 400ms, 401ms};

// Whatever the two sides agree upon, they agree.
bool agree(const PeerPair& pair) {
  const auto origin = [](const std::optional<Description>& description) {
    return sdp::SessionDescription::parse(description.value().sdp)->origin().value().to_string();
  };
  const auto& alice = pair.alice.connection;
  const auto& bob = pair.bob.connection;
  return origin(alice.current_local_description()) == origin(bob.current_remote_description()) &&
         origin(bob.current_local_description()) == origin(alice.current_remote_description()) &&
         !alice.pending_local_description() && !alice.pending_remote_description() &&
         !bob.pending_local_description() && !bob.pending_remote_description();
}

BOOST_AUTO_TEST_SUITE(perfect_negotiation)

BOOST_AUTO_TEST_CASE(a_change_is_negotiated_without_a_call_of_the_application) {
  Negotiators both;
  both.open(both.pair.alice, "a");

  BOOST_TEST(both.all_open({"a"}));
  BOOST_TEST(both.said == "a:offer b:answer ");
  BOOST_TEST(both.errors.empty());
  BOOST_TEST(agree(both.pair));
}

BOOST_AUTO_TEST_CASE(the_impolite_side_ignores_the_offer_that_crosses_its_own) {
  Negotiators both;
  both.open(both.pair.alice, "a");
  both.open(both.pair.bob, "b");

  BOOST_TEST(both.all_open({"a", "b"}));
  BOOST_TEST(both.said == "a:offer b:offer b:answer ");
  BOOST_TEST(both.ignored > 0);
  BOOST_TEST(both.errors.empty());
  BOOST_TEST(agree(both.pair));
}

// Offers that cross early, late or not at all, over paths that are quick or slow in either
// direction.
BOOST_DATA_TEST_CASE(no_interleaving_of_two_changes_leaves_the_peers_apart,
                     data::xrange(kDelays.size()) * data::xrange(kDelays.size()) *
                         data::xrange(kHeadStarts.size()) * data::make({false, true}),
                     to_bob, to_alice, head_start, bob_first) {
  Negotiators both{kDelays[to_bob], kDelays[to_alice]};
  auto& first = bob_first ? both.pair.bob : both.pair.alice;
  auto& second = both.pair.other(first);
  both.open(first, "first");
  both.pair.after(kHeadStarts[head_start], [&] { both.open(second, "second"); });

  BOOST_TEST(both.all_open({"first", "second"}));
  BOOST_TEST(both.errors.empty(), boost::test_tools::per_element());
  BOOST_TEST(agree(both.pair));
}

// Each side brings a section of another kind, so that their payload types cross as well.
BOOST_DATA_TEST_CASE(tracks_that_cross_are_all_negotiated,
                     data::xrange(kDelays.size()) * data::xrange(kHeadStarts.size()) *
                         data::make({false, true}),
                     delay, head_start, bob_first) {
  Negotiators both{kDelays[delay], kDelays[delay]};
  const auto add = [&](Party& party) {
    const auto kind = &party == &both.pair.alice ? MediaKind::Audio : MediaKind::Video;
    (void)party.connection.add_track(both.pair.now, {party.name, kind}, {party.name}).value();
  };
  auto& first = bob_first ? both.pair.bob : both.pair.alice;
  add(first);
  both.pair.after(kHeadStarts[head_start], [&] { add(both.pair.other(first)); });
  const auto has_both = [](const Party& party) {
    const auto transceivers = party.connection.transceivers();
    return transceivers.size() == 2 &&
           std::ranges::all_of(transceivers, [](const TransceiverInfo& transceiver) {
             return transceiver.current_direction == Direction::SendOnly ||
                    transceiver.current_direction == Direction::RecvOnly;
           });
  };

  BOOST_TEST(
      both.pair.run_until([&] { return has_both(both.pair.alice) && has_both(both.pair.bob); }));
  BOOST_TEST(both.errors.empty(), boost::test_tools::per_element());
  both.pair.run_for(5s);
  BOOST_TEST(agree(both.pair));
}

// Both find the path wanting at once: one restart is enough, and the channel lives on.
BOOST_DATA_TEST_CASE(both_sides_may_restart_ice_at_once,
                     data::xrange(kDelays.size()) * data::xrange(kHeadStarts.size()), delay,
                     head_start) {
  Negotiators both{kDelays[delay], kDelays[delay]};
  const auto channel = both.open(both.pair.alice, "a");
  BOOST_REQUIRE(both.all_open({"a"}));
  const auto ufrag = [&](const Party& party) {
    const auto text = party.connection.current_local_description().value().sdp;
    const auto at = text.find("a=ice-ufrag:");
    return text.substr(at, text.find('\r', at) - at);
  };
  const auto alice_before = ufrag(both.pair.alice);
  const auto bob_before = ufrag(both.pair.bob);

  both.pair.alice.connection.restart_ice(both.pair.now);
  both.pair.after(kHeadStarts[head_start],
                  [&] { both.pair.bob.connection.restart_ice(both.pair.now); });
  both.pair.run_for(10s);
  (void)both.pair.alice.connection.send(both.pair.now, channel, Message{std::string{"still here"}});

  BOOST_TEST(both.pair.run_until([&] { return both.pair.bob.texts().size() == 1; }, 5s));
  BOOST_TEST(ufrag(both.pair.alice) != alice_before);
  BOOST_TEST(ufrag(both.pair.bob) != bob_before);
  BOOST_TEST(both.errors.empty(), boost::test_tools::per_element());
  BOOST_TEST(agree(both.pair));
}

// Bob stops what his offer has a section for, and gives that section up to the offer that crosses
// it: nothing of the transceiver is left that could be negotiated.
BOOST_AUTO_TEST_CASE(a_stop_that_a_crossing_offer_overtakes_is_settled) {
  Negotiators both;
  static_cast<void>(both.pair.alice.connection.add_transceiver(both.pair.now, MediaKind::Audio));
  const auto bobs = *both.pair.bob.connection.add_transceiver(both.pair.now, MediaKind::Audio);
  both.pair.after(7ms, [&] {
    static_cast<void>(both.pair.bob.connection.stop(both.pair.now, bobs));
    both.pair.drain();
  });
  both.pair.run_for(10s);

  BOOST_TEST(both.said == "a:offer b:offer b:answer ");
  BOOST_TEST(!both.pair.bob.connection.transceiver(bobs).has_value());
  BOOST_TEST(both.errors.empty(), boost::test_tools::per_element());
  BOOST_TEST(agree(both.pair));
}

BOOST_AUTO_TEST_CASE(a_description_that_is_not_understood_is_told_and_harms_nothing) {
  Negotiators both;
  both.bob.handle_signal(both.pair.now, Description{SdpType::Offer, "nonsense"});
  both.open(both.pair.alice, "a");

  BOOST_TEST(both.all_open({"a"}));
  BOOST_REQUIRE(both.errors.size() == 1u);
  BOOST_TEST(both.errors[0].starts_with("bob: "));
}

// §10.7: the errors of candidates that belong to an ignored offer are no errors; those of others
// are.
BOOST_AUTO_TEST_CASE(a_candidate_that_fits_nothing_is_an_error_unless_its_offer_was_ignored) {
  const IceCandidateInit stray{.candidate = "", .sdp_mid = "0", .username_fragment = "gone"};
  Negotiators both;
  both.open(both.pair.alice, "a");
  BOOST_REQUIRE(both.all_open({"a"}));

  both.alice.handle_signal(both.pair.now, stray);
  both.pair.run_for(1s);

  BOOST_TEST(both.errors.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
