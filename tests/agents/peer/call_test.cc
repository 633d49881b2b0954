#include "tests/support/peer_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::PairOptions;
using test::Party;
using test::PeerPair;

constexpr Duration kRoundTrip = 50ms;  // of the network and of signalling, as PairOptions has it

bool is_open(const Party& party, ChannelId channel) {
  return party.connection.data_channel_state(channel) == DataChannelState::Open;
}

struct Call {
  PeerPair pair;
  ChannelId chat;

  explicit Call(PairOptions options = {})
      : pair{std::move(options)},
        chat{*pair.alice.connection.create_data_channel(pair.now, "chat")} {
    pair.call(pair.alice);
  }
  bool run_until_open() {
    return pair.run_until(
        [this] { return is_open(pair.alice, chat) && pair.bob.first<ChannelOpen>().has_value(); });
  }
  ChannelId bobs() const { return pair.bob.all<DataChannelEvent>().at(0).id; }
};

template <class E>
std::vector<std::string> states(const Party& party) {
  std::vector<std::string> names;
  for (const auto& change : party.all<E>()) names.emplace_back(to_string(change.to));
  return names;
}

BOOST_AUTO_TEST_SUITE(peer_call)

BOOST_AUTO_TEST_CASE(messages_go_both_ways) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  auto& pair = call.pair;

  BOOST_TEST(pair.alice.connection.send(pair.now, call.chat, "hello").has_value());
  BOOST_TEST(pair.alice.connection.send(pair.now, call.chat, "").has_value());
  BOOST_TEST(pair.bob.connection.send(pair.now, call.bobs(), "hello yourself").has_value());
  BOOST_TEST(pair.bob.connection.send(pair.now, call.bobs(), Bytes{std::byte{1}, std::byte{2}})
                 .has_value());
  pair.run_for(1s);

  BOOST_TEST(pair.bob.texts() == (std::vector<std::string>{"hello", ""}),
             boost::test_tools::per_element());
  BOOST_TEST(pair.alice.texts() == std::vector<std::string>{"hello yourself"},
             boost::test_tools::per_element());
  BOOST_REQUIRE(pair.alice.all<ChannelMessage>().size() == 2u);
  BOOST_TEST((std::get<Bytes>(pair.alice.all<ChannelMessage>()[1].message) ==
              Bytes{std::byte{1}, std::byte{2}}));
}

BOOST_AUTO_TEST_CASE(media_is_possible_after_four_round_trips_and_a_channel_is_open_after_six) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());

  const auto connected = [](const Party& party) { return *party.traced("dtls:connected"); };
  const auto dtls = std::max(connected(call.pair.alice), connected(call.pair.bob));
  const auto open =
      std::max(*call.pair.alice.first<ChannelOpen>(), *call.pair.bob.first<ChannelOpen>());

  BOOST_TEST(((dtls - Instant{}) / 1us) <= ((4 * kRoundTrip) / 1us));
  BOOST_TEST(((open - Instant{}) / 1us) <= ((6 * kRoundTrip) / 1us));
}

BOOST_AUTO_TEST_CASE(the_states_pass_in_the_order_of_the_specification) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  call.pair.run_for(5s);
  const auto& alice = call.pair.alice;
  const auto& bob = call.pair.bob;
  const auto per_element = boost::test_tools::per_element();

  BOOST_TEST(states<SignalingStateChange>(alice) ==
                 (std::vector<std::string>{"have-local-offer", "stable"}),
             per_element);
  BOOST_TEST(states<SignalingStateChange>(bob) ==
                 (std::vector<std::string>{"have-remote-offer", "stable"}),
             per_element);
  for (const auto* party : {&alice, &bob}) {
    BOOST_TEST(states<IceGatheringStateChange>(*party) ==
                   (std::vector<std::string>{"gathering", "complete"}),
               per_element);
    BOOST_TEST(states<ConnectionStateChange>(*party) ==
                   (std::vector<std::string>{"connecting", "connected"}),
               per_element);
    const auto ice = states<IceConnectionStateChange>(*party);
    BOOST_REQUIRE(ice.size() >= 2u);
    BOOST_TEST(ice[0] == "checking");
    BOOST_TEST(ice[1] == "connected");
  }
  BOOST_TEST((bob.first<DataChannelEvent>() <= bob.first<ChannelOpen>()));
}

BOOST_AUTO_TEST_CASE(pending_and_current_are_right_at_every_step) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "chat"));
  const auto& a = pair.alice.connection;
  const auto& b = pair.bob.connection;
  const auto slots = [](const PeerConnection& c) {
    std::string text;
    text += c.pending_local_description() ? 'L' : '-';
    text += c.current_local_description() ? 'l' : '-';
    text += c.pending_remote_description() ? 'R' : '-';
    text += c.current_remote_description() ? 'r' : '-';
    return text;
  };

  const auto offer = pair.offer(pair.alice);
  BOOST_TEST(slots(a) == "----");
  pair.set_local(pair.alice, offer);
  BOOST_TEST(slots(a) == "L---");
  pair.set_remote(pair.bob, offer);
  BOOST_TEST(slots(b) == "--R-");
  const auto answer = pair.answer(pair.bob);
  pair.set_local(pair.bob, answer);
  BOOST_TEST(slots(b) == "-l-r");
  pair.set_remote(pair.alice, answer);
  BOOST_TEST(slots(a) == "-l-r");
  BOOST_TEST(a.current_local_description()->sdp.starts_with(offer.sdp.substr(0, 60)));

  const auto again = pair.offer(pair.bob);
  pair.set_local(pair.bob, again);
  BOOST_TEST(slots(b) == "Ll-r");
  pair.set_remote(pair.alice, again);
  BOOST_TEST(slots(a) == "-lRr");
  pair.set_local(pair.alice, Description{SdpType::Rollback, ""});
  BOOST_TEST(slots(a) == "-l-r");
}

BOOST_AUTO_TEST_CASE(a_second_round_changes_nothing_that_runs) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  auto& pair = call.pair;
  pair.run_for(2s);

  pair.call(pair.bob);
  pair.run_for(2s);
  BOOST_TEST(pair.bob.connection.send(pair.now, call.bobs(), "still here").has_value());
  pair.run_for(1s);

  BOOST_TEST((pair.alice.connection.signaling_state() == SignalingState::Stable));
  BOOST_TEST((pair.bob.connection.signaling_state() == SignalingState::Stable));
  BOOST_TEST(pair.alice.texts() == std::vector<std::string>{"still here"},
             boost::test_tools::per_element());
  BOOST_TEST((pair.alice.connection.connection_state() == ConnectionState::Connected));
}

BOOST_AUTO_TEST_CASE(the_channel_may_be_opened_by_the_answerer_after_the_call_is_up) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  auto& pair = call.pair;

  const auto second = pair.bob.connection.create_data_channel(pair.now, "second");
  BOOST_REQUIRE(second.has_value());
  pair.run_for(1s);

  BOOST_TEST(is_open(pair.bob, *second));
  BOOST_REQUIRE(pair.alice.all<DataChannelEvent>().size() == 1u);
  BOOST_TEST(pair.alice.all<DataChannelEvent>()[0].label == "second");
}

BOOST_AUTO_TEST_CASE(without_trickle_the_candidates_in_the_descriptions_are_enough) {
  PeerPair pair{{.trickle = false}};
  const auto chat = *pair.alice.connection.create_data_channel(pair.now, "chat");
  const auto gathered = [](const Party& party) {
    return party.connection.ice_gathering_state() == IceGatheringState::Complete;
  };

  pair.set_local(pair.alice);
  BOOST_REQUIRE(pair.run_until([&] { return gathered(pair.alice); }));
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());
  pair.set_local(pair.bob);
  BOOST_REQUIRE(pair.run_until([&] { return gathered(pair.bob); }));
  pair.set_remote(pair.alice, *pair.bob.connection.local_description());

  BOOST_TEST(pair.run_until([&] { return is_open(pair.alice, chat); }, 5s));
}

BOOST_AUTO_TEST_CASE(a_pranswer_lets_the_transport_begin) {
  PeerPair pair;
  const auto chat = *pair.alice.connection.create_data_channel(pair.now, "chat");
  pair.set_local(pair.alice);
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());
  const auto answer = pair.answer(pair.bob);
  pair.set_local(pair.bob, Description{SdpType::Pranswer, answer.sdp});
  pair.set_remote(pair.alice, {SdpType::Pranswer, answer.sdp});

  BOOST_TEST(pair.run_until([&] { return is_open(pair.alice, chat); }, 5s));
  pair.set_local(pair.bob, answer);
  pair.set_remote(pair.alice, answer);

  BOOST_TEST((pair.alice.connection.signaling_state() == SignalingState::Stable));
  BOOST_TEST(is_open(pair.alice, chat));
}

// --- glare ---

BOOST_AUTO_TEST_CASE(the_polite_peer_rolls_back_implicitly_when_offers_cross) {
  PeerPair pair;
  const auto a = *pair.alice.connection.create_data_channel(pair.now, "from alice");
  const auto b = *pair.bob.connection.create_data_channel(pair.now, "from bob");
  pair.set_local(pair.alice);
  pair.set_local(pair.bob);
  pair.run_for(10ms);  // both gather and trickle already

  // bob is polite: alice ignores his offer, and he takes hers.
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());
  pair.set_local(pair.bob);
  pair.signal(pair.bob, *pair.bob.connection.local_description());

  BOOST_TEST(pair.run_until([&] { return is_open(pair.alice, a) && is_open(pair.bob, b); }, 10s));
  BOOST_TEST(
      states<SignalingStateChange>(pair.bob) ==
          (std::vector<std::string>{"have-local-offer", "stable", "have-remote-offer", "stable"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_explicit_rollback_takes_the_candidates_and_the_transport_with_it) {
  PeerPair pair;
  const auto b = *pair.bob.connection.create_data_channel(pair.now, "from bob");
  pair.set_local(pair.bob);
  pair.run_for(10ms);
  const auto before = pair.bob.connection.local_description()->sdp;
  BOOST_TEST(before.find("a=candidate") != std::string::npos);

  pair.set_local(pair.bob, Description{SdpType::Rollback, ""});
  BOOST_TEST(!pair.bob.connection.local_description().has_value());
  BOOST_TEST((pair.bob.connection.ice_gathering_state() == IceGatheringState::New));
  BOOST_TEST((pair.bob.connection.connection_state() == ConnectionState::New));

  pair.call(pair.bob);
  BOOST_TEST(pair.run_until([&] { return is_open(pair.bob, b); }, 10s));
  const auto ufrag = [](const std::string& sdp) {
    return sdp.substr(sdp.find("a=ice-ufrag:"), 20);
  };
  BOOST_TEST(ufrag(pair.bob.connection.local_description()->sdp) != ufrag(before));
}

// --- the end ---

BOOST_DATA_TEST_CASE(a_close_is_noticed_by_the_other_side, data::make({true, false}),
                     alice_closes) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  auto& pair = call.pair;
  auto& closing = alice_closes ? pair.alice : pair.bob;
  auto& other = pair.other(closing);
  const auto events = closing.events.size();

  closing.connection.close(pair.now);
  pair.run_for(1s);

  BOOST_TEST(other.template all<ChannelClose>().size() == 1u);
  BOOST_TEST((other.connection.signaling_state() == SignalingState::Stable));
  BOOST_TEST(closing.events.size() == events);  // close() fires nothing
  BOOST_TEST((closing.connection.connection_state() == ConnectionState::Closed));
  BOOST_TEST((closing.connection.ice_connection_state() == IceConnectionState::Closed));

  // Consent runs out and the other side gives the pair up (RFC 7675 §5.1).
  pair.run_until([&] { return other.connection.connection_state() == ConnectionState::Failed; },
                 120s);
  BOOST_TEST((other.connection.connection_state() == ConnectionState::Failed ||
              other.connection.connection_state() == ConnectionState::Disconnected));
}

BOOST_AUTO_TEST_CASE(after_close_nothing_is_sent_and_nothing_wakes) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  auto& pair = call.pair;
  pair.alice.connection.close(pair.now);
  pair.drain();
  const auto sent = pair.alice.sent.size();

  BOOST_TEST(!pair.alice.connection.next_wakeup().has_value());
  pair.run_for(20s);

  BOOST_TEST(pair.alice.sent.size() == sent);
  BOOST_TEST(!pair.alice.connection.send(pair.now, call.chat, "too late").has_value());
  BOOST_TEST(pair.alice.connection.create_data_channel(pair.now, "x").error().name ==
             "InvalidStateError");
}

BOOST_AUTO_TEST_CASE(an_answer_that_rejects_the_section_ends_the_association) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  auto& pair = call.pair;
  pair.set_local(pair.alice);
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());
  auto answer = pair.answer(pair.bob).sdp;
  answer.replace(answer.find("m=application "),
                 answer.find(" UDP/") - answer.find("m=application "), "m=application 0");

  pair.set_remote(pair.alice, {SdpType::Answer, answer});
  pair.run_for(1s);

  BOOST_TEST((pair.alice.connection.signaling_state() == SignalingState::Stable));
  BOOST_TEST((pair.alice.connection.connection_state() == ConnectionState::New));
  BOOST_TEST(pair.alice.all<ChannelClose>().size() == 1u);
  BOOST_TEST(pair.bob.all<ChannelClose>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(closing_a_channel_closes_it_on_both_sides_and_nothing_else) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());
  auto& pair = call.pair;

  pair.bob.connection.close_data_channel(pair.now, call.bobs());
  pair.run_for(2s);

  BOOST_TEST(pair.alice.all<ChannelClose>().size() == 1u);
  BOOST_TEST(pair.bob.all<ChannelClose>().size() == 1u);
  BOOST_TEST((pair.alice.connection.connection_state() == ConnectionState::Connected));
}

BOOST_AUTO_TEST_CASE(a_stranger_with_another_certificate_fails_the_connection) {
  PeerPair pair;
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "chat"));
  pair.set_local(pair.alice);
  auto offer = *pair.alice.connection.local_description();
  auto& digit = offer.sdp[offer.sdp.find("a=fingerprint:sha-256 ") + 22];
  digit = digit == 'A' ? 'B' : 'A';
  pair.set_remote(pair.bob, offer);
  pair.set_local(pair.bob);
  pair.signal(pair.bob, *pair.bob.connection.local_description());

  pair.run_until(
      [&] { return pair.alice.connection.connection_state() == ConnectionState::Failed; }, 10s);

  BOOST_TEST((pair.alice.connection.connection_state() == ConnectionState::Failed));
  BOOST_TEST((pair.bob.connection.connection_state() == ConnectionState::Failed));
}

// --- data channels ---

struct BadChannel {
  const char* why;
  DataChannelInit init;
  const char* error;
  friend std::ostream& operator<<(std::ostream& out, const BadChannel& row) {
    return out << row.why;
  }
};
const std::vector<BadChannel> kBadChannels{
    {"both limits", {.max_packet_life_time = 1, .max_retransmits = 1}, "TypeError"},
    {"negotiated without id", {.negotiated = true}, "TypeError"},
    {"the id that does not exist", {.negotiated = true, .id = 65535}, "TypeError"},
    {"a protocol too long", {.protocol = std::string(65536, 'x')}, "TypeError"},
};

BOOST_DATA_TEST_CASE(bad_channels_are_refused_by_name, data::make(kBadChannels), row) {
  PeerPair pair;

  const auto channel = pair.alice.connection.create_data_channel(pair.now, "chat", row.init);

  BOOST_REQUIRE(!channel.has_value());
  BOOST_TEST(channel.error().name == row.error);
}

BOOST_AUTO_TEST_CASE(sending_before_the_channel_is_open_is_an_invalid_state) {
  PeerPair pair;
  const auto chat = *pair.alice.connection.create_data_channel(pair.now, "chat");

  BOOST_TEST(pair.alice.connection.send(pair.now, chat, "early").error().name ==
             "InvalidStateError");
  BOOST_TEST(pair.alice.connection.send(pair.now, ChannelId{9}, "nobody").error().name ==
             "InvalidStateError");
}

BOOST_AUTO_TEST_CASE(a_message_longer_than_the_peer_takes_is_a_type_error) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());

  const auto sent =
      call.pair.alice.connection.send(call.pair.now, call.chat, std::string(262145, 'x'));

  BOOST_TEST(sent.error().name == "TypeError");
}

BOOST_AUTO_TEST_CASE(the_longest_message_arrives_whole) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());

  BOOST_REQUIRE(call.pair.alice.connection.send(call.pair.now, call.chat, std::string(262144, 'x'))
                    .has_value());
  call.pair.run_until([&] { return !call.pair.bob.texts().empty(); }, 60s);

  BOOST_REQUIRE(call.pair.bob.texts().size() == 1u);
  BOOST_TEST(call.pair.bob.texts()[0].size() == 262144u);
}

// --- loss, faults and sameness ---

BOOST_DATA_TEST_CASE(a_call_comes_up_at_ten_percent_loss, data::xrange(12), seed) {
  Call call{{.seed = static_cast<std::uint64_t>(seed + 1), .loss = 0.1}};

  BOOST_TEST(call.run_until_open());
}

BOOST_AUTO_TEST_CASE(data_can_be_made_to_leave_before_consent) {
  const auto first_dtls = [](const Party& party) -> std::optional<Instant> {
    for (const auto& [at, bytes] : party.sent) {
      if (!bytes.empty() && bytes[0] >= std::byte{20} && bytes[0] <= std::byte{63}) return at;
    }
    return std::nullopt;
  };
  PairOptions faulty;
  faulty.bob.deviations.add(Deviation::DataBeforeConsent);
  Call well;
  Call badly{faulty};

  BOOST_REQUIRE(well.run_until_open());
  BOOST_REQUIRE(badly.run_until_open());

  BOOST_TEST((*first_dtls(well.pair.bob) >=
              *well.pair.bob.first<IceConnectionStateChange>() + kRoundTrip));
  BOOST_TEST((*first_dtls(badly.pair.bob) < *first_dtls(well.pair.bob)));
}

BOOST_AUTO_TEST_CASE(the_secret_is_told_before_the_first_packet_that_needs_it) {
  Call call;
  BOOST_REQUIRE(call.run_until_open());

  BOOST_TEST(call.pair.alice.all<Secrets>().size() == 1u);
  BOOST_TEST(call.pair.bob.all<Secrets>().size() == 1u);
  BOOST_TEST(call.pair.alice.all<Secrets>()[0].nss_line ==
             call.pair.bob.all<Secrets>()[0].nss_line);
}

BOOST_DATA_TEST_CASE(the_same_seed_repeats_every_octet_and_event, data::make({0.0, 0.2}), loss) {
  const auto run = [&](std::uint64_t seed) {
    Call call{{.seed = seed, .loss = loss}};
    call.run_until_open();
    static_cast<void>(call.pair.alice.connection.send(call.pair.now, call.chat, "hello"));
    call.pair.run_for(10s);
    call.pair.bob.connection.close(call.pair.now);
    call.pair.run_for(1s);
    return test::history(call.pair.alice) + test::history(call.pair.bob);
  };

  const auto first = run(11);
  const auto other = run(12);

  BOOST_TEST((first == run(11)));
  BOOST_TEST((first != other));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
