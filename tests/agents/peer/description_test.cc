#include "agents/sdp/session_description.h"
#include "tests/support/peer_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
namespace data = boost::unit_test::data;
using test::PairOptions;
using test::PeerPair;

// Two peers, and a channel that alice has created.
struct WithChannel : PeerPair {
  explicit WithChannel(PairOptions options = {}) : PeerPair{std::move(options)} {
    static_cast<void>(alice.connection.create_data_channel(now, "chat"));
    drain();
  }
};

std::vector<std::string> lines_of(const std::string& sdp) {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : sdp) {
    if (c == '\n') lines.push_back(std::exchange(line, {}));
    if (c != '\r' && c != '\n') line += c;
  }
  return lines;
}

// The part of each line that does not depend on chance.
std::vector<std::string> outline(const std::string& sdp) {
  std::vector<std::string> outline;
  for (auto line : lines_of(sdp)) {
    for (const std::string drawn :
         {"o=- ", "a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:sha-256 ", "a=tls-id:"}) {
      if (line.starts_with(drawn)) line = drawn + "…";
    }
    outline.push_back(line);
  }
  return outline;
}

sdp::SessionDescription parsed(const Description& description) {
  auto sdp = sdp::SessionDescription::parse(description.sdp);
  BOOST_REQUIRE_MESSAGE(sdp.has_value(), description.sdp);
  return *sdp;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}
std::string without_line(std::string text, const std::string& start) {
  const auto at = text.find(start);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, start);
  return text.erase(at, text.find('\n', at) + 1 - at);
}

BOOST_AUTO_TEST_SUITE(peer_description)

BOOST_AUTO_TEST_CASE(an_offer_says_what_jsep_asks_for_and_nothing_else) {
  WithChannel pair;

  const auto offer = pair.offer(pair.alice);

  const std::vector<std::string> expected{"v=0",
                                          "o=- …",
                                          "s=-",
                                          "t=0 0",
                                          "a=ice-options:trickle ice2",
                                          "a=group:BUNDLE 0",
                                          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
                                          "c=IN IP4 0.0.0.0",
                                          "a=mid:0",
                                          "a=ice-ufrag:…",
                                          "a=ice-pwd:…",
                                          "a=fingerprint:sha-256 …",
                                          "a=setup:actpass",
                                          "a=tls-id:…",
                                          "a=sctp-port:5000",
                                          "a=max-message-size:262144"};
  BOOST_TEST(outline(offer.sdp) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_answer_repeats_the_section_and_is_active) {
  WithChannel pair;
  const auto offer = pair.offer(pair.alice);
  pair.set_remote(pair.bob, offer);

  const auto answer = pair.answer(pair.bob);

  auto expected = outline(offer.sdp);
  *std::ranges::find(expected, "a=setup:actpass") = "a=setup:active";
  BOOST_TEST(outline(answer.sdp) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_channels_an_offer_has_no_section) {
  PeerPair pair;

  BOOST_TEST(parsed(pair.offer(pair.alice)).sections.empty());
}

BOOST_AUTO_TEST_CASE(
    the_session_id_is_below_2_to_the_63_and_the_version_goes_up_with_each_description) {
  WithChannel pair;

  const auto first = *parsed(pair.offer(pair.alice)).origin();
  const auto second = *parsed(pair.offer(pair.alice)).origin();

  BOOST_TEST(first.session_id == second.session_id);
  BOOST_TEST(std::stoull(first.session_id) < (1ull << 63u) - 1);
  BOOST_TEST(second.version == first.version + 1);
  BOOST_TEST(first.address == "0.0.0.0");
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_description) {
  const auto text = [](std::uint64_t seed) {
    WithChannel pair{{.seed = seed}};
    return pair.offer(pair.alice).sdp;
  };

  BOOST_TEST(text(5) == text(5));
  BOOST_TEST(text(5) != text(6));
}

BOOST_AUTO_TEST_CASE(a_description_of_ones_own_that_was_changed_is_refused) {
  WithChannel pair;
  auto offer = pair.offer(pair.alice);
  offer.sdp = replaced(offer.sdp, "262144", "262145");

  const auto id = pair.alice.connection.set_local_description(pair.now, offer);
  pair.drain();

  BOOST_TEST(pair.alice.result(id) == "InvalidModificationError");
}

BOOST_AUTO_TEST_CASE(an_offer_from_before_the_first_channel_is_made_anew) {
  PeerPair pair;
  static_cast<void>(pair.offer(pair.alice));
  static_cast<void>(pair.alice.connection.create_data_channel(pair.now, "late"));

  pair.set_local(pair.alice);

  BOOST_TEST(parsed(*pair.alice.connection.pending_local_description()).sections.size() == 1u);
}

BOOST_AUTO_TEST_CASE(bad_syntax_is_an_rtc_error_with_the_line) {
  WithChannel pair;
  auto offer = pair.offer(pair.alice);
  offer.sdp = replaced(offer.sdp, "t=0 0", "t=zero");

  const auto id = pair.bob.connection.set_remote_description(pair.now, offer);
  pair.drain();

  const auto error = std::get<Error>(pair.bob.outcome(id));
  BOOST_TEST(error.name == "OperationError");
  BOOST_TEST(error.error_detail == "sdp-syntax-error");
  BOOST_TEST(error.sdp_line_number.value() == 4u);
  BOOST_TEST((pair.bob.connection.signaling_state() == SignalingState::Stable));
}

BOOST_DATA_TEST_CASE(an_offer_that_lacks_what_a_transport_needs_is_refused,
                     data::make({"a=ice-pwd", "a=fingerprint", "a=setup"}), missing) {
  WithChannel pair;
  auto offer = pair.offer(pair.alice);
  offer.sdp = without_line(offer.sdp, missing);

  const auto id = pair.bob.connection.set_remote_description(pair.now, offer);
  pair.drain();

  const auto result = pair.bob.result(id);
  BOOST_TEST((result == "InvalidAccessError" || result == "OperationError"), result);
  BOOST_TEST((pair.bob.connection.signaling_state() == SignalingState::Stable));
}

BOOST_AUTO_TEST_CASE(an_answer_with_another_number_of_sections_is_refused) {
  WithChannel pair;
  pair.set_local(pair.alice);
  PeerPair elsewhere;
  pair.set_remote(pair.bob, elsewhere.offer(elsewhere.bob));

  const auto id = pair.alice.connection.set_remote_description(pair.now, pair.answer(pair.bob));
  pair.drain();

  BOOST_TEST(pair.alice.result(id) == "InvalidAccessError");
}

BOOST_AUTO_TEST_CASE(an_answer_must_not_leave_the_role_open) {
  WithChannel pair;
  pair.set_local(pair.alice);
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());
  auto answer = pair.answer(pair.bob);
  answer.sdp = replaced(answer.sdp, "a=setup:active", "a=setup:actpass");

  const auto id = pair.alice.connection.set_remote_description(pair.now, answer);
  pair.drain();

  BOOST_TEST(pair.alice.result(id) == "InvalidAccessError");
}

// As Chromium 156 offers audio and data; shortened.
const std::string kAudioAndData =
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:"
    "FF\r\n"
    "a=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 "
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:"
    "FF\r\n"
    "a=setup:actpass\r\na=mid:1\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

BOOST_AUTO_TEST_CASE(audio_of_a_browser_is_accepted_beside_its_data) {
  PeerPair pair;
  pair.set_remote(pair.bob, {SdpType::Offer, kAudioAndData});

  const auto answer = parsed(pair.answer(pair.bob));

  BOOST_TEST(answer.sections.size() == 2u);
  BOOST_TEST(answer.section(0).media().to_string().starts_with("audio 9 UDP/TLS/RTP/SAVPF 111"));
  BOOST_TEST((answer.section(0).direction() == sdp::Direction::RecvOnly));
  BOOST_TEST(!answer.section(1).is_rejected());
  BOOST_TEST(answer.bundle() == (std::vector<std::string>{"0", "1"}),
             boost::test_tools::per_element());
  BOOST_TEST(pair.bob.connection.can_trickle_ice_candidates().value());
}

BOOST_AUTO_TEST_CASE(
    an_answer_says_ice2_whether_or_not_the_offer_does_and_trickle_only_if_it_does) {
  PeerPair browser;
  browser.set_remote(browser.bob, {SdpType::Offer, kAudioAndData});
  auto silent = replaced(kAudioAndData, "a=ice-options:trickle\r\n", "");
  silent = replaced(silent, "a=ice-options:trickle\r\n", "");
  PeerPair pion;
  pion.set_remote(pion.bob, {SdpType::Offer, silent});

  const auto lines = lines_of(browser.answer(browser.bob).sdp);
  const auto lines_for_pion = lines_of(pion.answer(pion.bob).sdp);

  const auto says = [](const auto& all, const char* line) {
    return std::ranges::count(all, std::string{line}) == 1;
  };
  BOOST_TEST(says(lines, "a=ice-options:trickle ice2"));
  BOOST_TEST(says(lines_for_pion, "a=ice-options:ice2"));
}

BOOST_AUTO_TEST_CASE(media_in_a_data_transport_says_rtcp_mux_there_only_if_that_was_offered) {
  // As Chromium 156 offers when audio is added to a call that has data.
  const auto middle = kAudioAndData.find("m=application");
  const auto start = kAudioAndData.find("m=audio");
  auto offer = kAudioAndData.substr(0, start) + kAudioAndData.substr(middle) +
               kAudioAndData.substr(start, middle - start);
  offer = replaced(offer, "a=group:BUNDLE 0 1", "a=group:BUNDLE 1 0");
  PeerPair pair;
  pair.set_remote(pair.bob, {SdpType::Offer, offer});

  const auto answer = parsed(pair.answer(pair.bob));

  BOOST_REQUIRE(answer.sections.size() == 2u);
  BOOST_TEST(answer.section(0).media().kind == "application");
  BOOST_TEST(!answer.section(0).rtcp_mux());
  BOOST_TEST(answer.section(1).rtcp_mux());
}

BOOST_AUTO_TEST_CASE(a_peer_that_trickles_without_saying_so_is_heard) {
  // As Pion 3.1 answers: no a=ice-options, no candidates, and then they come.
  WithChannel pair{{.trickle = false}};
  pair.set_local(pair.alice);
  pair.set_remote(pair.bob, *pair.alice.connection.local_description());
  auto answer = pair.answer(pair.bob);
  pair.set_local(pair.bob, answer);
  answer.sdp = without_line(answer.sdp, "a=ice-options:");
  pair.set_remote(pair.alice, answer);
  pair.run_until(
      [&] { return pair.bob.connection.ice_gathering_state() == IceGatheringState::Complete; });
  BOOST_REQUIRE(pair.alice.connection.can_trickle_ice_candidates() == false);

  for (const auto& event : pair.bob.all<IceCandidateEvent>()) {
    if (event.candidate)
      static_cast<void>(pair.alice.connection.add_ice_candidate(pair.now, *event.candidate));
  }

  // Alice's candidates went to nobody: what connects is what she heard.
  BOOST_TEST(pair.run_until(
      [&] { return pair.alice.connection.connection_state() == ConnectionState::Connected; }, 20s));
}

// Bob's candidates as Pion 3.1 may tell them, which trickles and does not say so.
struct UnsaidTrickle {
  std::string_view when;
  bool in_description;  // one more, where nobody is, stands in its description
  bool before_answer;   // one more comes by itself before Alice has answered
};
std::ostream& operator<<(std::ostream& out, const UnsaidTrickle& row) {
  return out << row.when;
}
const std::vector<UnsaidTrickle> kUnsaidTrickle{
    {"all after the answer", false, false},
    {"one in the offer", true, false},
    {"one before the answer", false, true},
    {"one in the offer and one before the answer", true, true},
};
BOOST_DATA_TEST_CASE(an_offerer_that_trickles_without_saying_so_is_heard_whenever_it_does,
                     data::make(kUnsaidTrickle), row) {
  const std::string nobody = "candidate:9 1 udp 2130706431 192.0.2.250 4444 typ host";
  PairOptions options;
  options.trickle = false;
  PeerPair pair{options};
  static_cast<void>(pair.bob.connection.create_data_channel(pair.now, "chat"));
  pair.set_local(pair.bob);
  pair.run_until(
      [&] { return pair.bob.connection.ice_gathering_state() == IceGatheringState::Complete; });
  auto offer = *pair.bob.connection.local_description();
  offer.sdp = without_line(offer.sdp, "a=ice-options:");
  offer.sdp = without_line(offer.sdp, "a=candidate:");
  offer.sdp = without_line(offer.sdp, "a=end-of-candidates");
  if (row.in_description) offer.sdp += "a=" + nobody + "\r\n";
  pair.set_remote(pair.alice, offer);
  if (row.before_answer) {
    const IceCandidateInit early{.candidate = replaced(nobody, "4444", "4445"), .sdp_mid = "0"};
    static_cast<void>(pair.alice.connection.add_ice_candidate(pair.now, early));
    pair.drain();
  }
  const auto answer = pair.answer(pair.alice);
  pair.set_local(pair.alice, answer);
  pair.set_remote(pair.bob, answer);

  for (const auto& event : pair.bob.all<IceCandidateEvent>()) {
    if (event.candidate)
      static_cast<void>(pair.alice.connection.add_ice_candidate(pair.now, *event.candidate));
  }

  // Alice's candidates went to nobody: what connects is what she heard.
  BOOST_TEST(pair.run_until(
      [&] { return pair.alice.connection.connection_state() == ConnectionState::Connected; }, 20s));
}

BOOST_AUTO_TEST_CASE(ice_options_that_an_answer_left_out_come_back_only_with_a_restart) {
  WithChannel pair;
  auto offer = pair.offer(pair.alice);
  pair.set_local(pair.alice, offer);
  offer.sdp = without_line(offer.sdp, "a=ice-options:");
  pair.set_remote(pair.bob, offer);
  const auto answer = pair.answer(pair.bob);
  pair.set_local(pair.bob, answer);
  pair.set_remote(pair.alice, answer);

  const auto later = pair.offer(pair.bob);
  pair.bob.connection.restart_ice(pair.now);
  const auto restart = pair.offer(pair.bob);

  const auto options = [](const Description& description) -> std::string {
    return std::string{parsed(description).session.attribute("ice-options").value_or("none")};
  };
  BOOST_TEST(options(answer) == "ice2");
  BOOST_TEST(options(later) == "ice2");
  BOOST_TEST(options(restart) == "trickle ice2");
}

BOOST_AUTO_TEST_CASE(the_form_before_rfc_8841_is_answered_in_kind) {
  // As aiortc 1.4 offers at first.
  auto offer = replaced(kAudioAndData, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
                        "m=application 9 DTLS/SCTP 5000");
  offer = replaced(offer, "a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 65535");
  PeerPair pair;
  pair.set_remote(pair.bob, {SdpType::Offer, offer});

  const auto answer = parsed(pair.answer(pair.bob));

  BOOST_TEST(answer.section(1).media().to_string() == "application 9 DTLS/SCTP 5000");
  BOOST_TEST(answer.section(1).sctp_port().value().value() == 5000);
}

// RFC 8841 §10.3 and §10.4.
BOOST_AUTO_TEST_CASE(an_sctp_port_of_zero_is_answered_in_kind_and_begins_no_association) {
  PeerPair pair;
  (void)*pair.alice.connection.create_data_channel(pair.now, "chat");
  pair.set_local(pair.alice);
  const auto offer = pair.alice.connection.local_description()->sdp;
  pair.set_remote(pair.bob, {SdpType::Offer, replaced(offer, "a=sctp-port:5000", "a=sctp-port:0")});
  pair.set_local(pair.bob);
  const auto answer = *pair.bob.connection.local_description();
  const auto answered = parsed(answer);
  BOOST_TEST(answered.section(0).sctp_port().value().value() == 0);

  pair.set_remote(pair.alice, answer);
  pair.run_for(5s);

  for (const auto* party : {&pair.alice, &pair.bob}) {
    BOOST_TEST((party->connection.connection_state() == ConnectionState::Connected));
    BOOST_TEST(std::ranges::none_of(
        party->trace, [](const auto& each) { return each.second.name.starts_with("sctp:"); }));
  }
}

BOOST_AUTO_TEST_CASE(candidates_join_the_local_description_they_belong_to) {
  WithChannel pair;
  pair.set_local(pair.alice);
  BOOST_TEST(pair.alice.connection.pending_local_description()->sdp.find("a=candidate") ==
             std::string::npos);

  pair.run_until(
      [&] { return pair.alice.connection.ice_gathering_state() == IceGatheringState::Complete; });

  const auto sdp = parsed(*pair.alice.connection.pending_local_description());
  BOOST_REQUIRE(sdp.section(0).candidates().size() == 1u);
  BOOST_TEST(sdp.section(0).candidates()[0].address == "192.0.2.1");
  BOOST_TEST(sdp.section(0).media().port.value() == sdp.section(0).candidates()[0].port.value());
  BOOST_TEST(sdp.section(0).connection()->address == "192.0.2.1");
  BOOST_TEST(sdp.section(0).end_of_candidates());
}

BOOST_AUTO_TEST_CASE(the_candidate_events_end_with_the_empty_one_and_null) {
  WithChannel pair{{.trickle = false}};
  pair.set_local(pair.alice);
  pair.run_until(
      [&] { return pair.alice.connection.ice_gathering_state() == IceGatheringState::Complete; });

  const auto events = pair.alice.all<IceCandidateEvent>();
  BOOST_REQUIRE(events.size() == 3u);
  const auto sdp = parsed(*pair.alice.connection.local_description());
  const auto ufrag = sdp.section(0).ice_credentials()->ufrag;
  BOOST_TEST(events[0].candidate->candidate.starts_with("candidate:"));
  BOOST_TEST(events[0].candidate->sdp_mid.value() == "0");
  BOOST_TEST(events[0].candidate->sdp_mline_index.value() == 0);
  BOOST_TEST(events[0].candidate->username_fragment.value() == ufrag);
  BOOST_TEST(events[1].candidate->candidate.empty());
  BOOST_TEST(events[1].candidate->username_fragment.value() == ufrag);
  BOOST_TEST(!events[2].candidate.has_value());
}

struct BadCandidate {
  IceCandidateInit init;
  const char* result;
  friend std::ostream& operator<<(std::ostream& out, const BadCandidate& row) {
    return out << row.init.candidate << " -> " << row.result;
  }
};
constexpr const char* kHost = "candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host";
const std::vector<BadCandidate> kCandidates{
    {{kHost, "0", {}, {}}, "fulfilled"},
    {{kHost, {}, 0, {}}, "fulfilled"},
    {{"a=candidate:1 1 UDP 2130706431 192.0.2.9 5000 typ host", "0", {}, {}}, "fulfilled"},
    {{"candidate:1 1 tcp 2130706431 192.0.2.9 9 typ host tcptype active", "0", {}, {}},
     "fulfilled"},
    {{"candidate:1 1 udp 2130706431 8a3e.local 5000 typ host", "0", {}, {}}, "fulfilled"},
    {{"", {}, {}, {}}, "fulfilled"},
    {{"", "0", {}, {}}, "fulfilled"},
    {{kHost, {}, {}, {}}, "TypeError"},
    {{kHost, "7", {}, {}}, "OperationError"},
    {{kHost, {}, 3, {}}, "OperationError"},
    {{kHost, "0", {}, "nobody"}, "OperationError"},
    {{"candidate:nonsense", "0", {}, {}}, "OperationError"},
    // RFC 8445 §5.1.2: from 1 to 2^31-1.
    {{"candidate:1 1 udp 1 192.0.2.9 5000 typ host", "0", {}, {}}, "fulfilled"},
    {{"candidate:1 1 udp 2147483647 192.0.2.9 5000 typ host", "0", {}, {}}, "fulfilled"},
    {{"candidate:1 1 udp 0 192.0.2.9 5000 typ host", "0", {}, {}}, "OperationError"},
    {{"candidate:1 1 udp 2147483648 192.0.2.9 5000 typ host", "0", {}, {}}, "OperationError"},
    {{"candidate:1 1 udp 4294967295 192.0.2.9 5000 typ host", "0", {}, {}}, "OperationError"},
};

BOOST_DATA_TEST_CASE(candidates_of_the_peer_are_taken_or_refused_by_name, data::make(kCandidates),
                     row) {
  WithChannel pair;
  pair.set_remote(pair.bob, pair.offer(pair.alice));

  const auto id = pair.bob.connection.add_ice_candidate(pair.now, row.init);
  pair.drain();

  BOOST_TEST(pair.bob.result(id) == row.result);
}

BOOST_AUTO_TEST_CASE(a_candidate_before_the_description_is_an_invalid_state) {
  PeerPair pair;

  const auto id =
      pair.bob.connection.add_ice_candidate(pair.now, IceCandidateInit{kHost, "0", {}, {}});
  const auto end = pair.bob.connection.add_ice_candidate(pair.now, std::nullopt);
  pair.drain();

  BOOST_TEST(pair.bob.result(id) == "InvalidStateError");
  BOOST_TEST(pair.bob.result(end) == "InvalidStateError");
}

BOOST_AUTO_TEST_CASE(a_candidate_joins_the_remote_description) {
  WithChannel pair;
  pair.set_remote(pair.bob, pair.offer(pair.alice));

  pair.bob.connection.add_ice_candidate(pair.now, IceCandidateInit{kHost, "0", {}, {}});
  pair.bob.connection.add_ice_candidate(pair.now, std::nullopt);
  pair.drain();

  const auto sdp = parsed(*pair.bob.connection.pending_remote_description());
  BOOST_REQUIRE(sdp.section(0).candidates().size() == 1u);
  BOOST_TEST(sdp.section(0).candidates()[0].address == "192.0.2.9");
  BOOST_TEST(sdp.section(0).end_of_candidates());
}

struct Fault {
  Deviation deviation;
  const char* present;  // in the answerer's or offerer's text
  const char* absent;
  friend std::ostream& operator<<(std::ostream& out, const Fault& row) {
    return out << info(row.deviation).name;
  }
};
const std::vector<Fault> kFaults{
    {Deviation::SdpNoIce2, "a=ice-options:trickle\r\n", "ice2"},
    {Deviation::SdpLineOrder, "t=0 0\r\ns=-\r\n", "s=-\r\nt=0 0\r\n"},
    {Deviation::SdpNoFingerprint, "a=setup", "a=fingerprint"},
    {Deviation::SdpBundleWithoutMid, "a=group:BUNDLE 0 nowhere\r\n", "a=mid:nowhere"},
};

BOOST_DATA_TEST_CASE(a_deviation_shows_in_the_offer, data::make(kFaults), row) {
  PairOptions options;
  options.alice.deviations.add(row.deviation);
  WithChannel pair{options};

  const auto offer = pair.offer(pair.alice);

  BOOST_TEST(offer.sdp.find(row.present) != std::string::npos);
  BOOST_TEST(offer.sdp.find(row.absent) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_answer_can_be_made_to_leave_the_role_open) {
  PairOptions options;
  options.bob.deviations.add(Deviation::SdpAnswerActpass);
  WithChannel pair{options};
  pair.set_remote(pair.bob, pair.offer(pair.alice));

  BOOST_TEST(pair.answer(pair.bob).sdp.find("a=setup:actpass") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(trickling_can_be_made_to_go_on_after_the_end_or_to_end_without_a_name) {
  PairOptions options;
  options.alice.deviations.add(Deviation::TrickleAfterEndOfCandidates);
  options.alice.deviations.add(Deviation::TrickleEndWithoutUfrag);
  WithChannel pair{options};
  pair.set_local(pair.alice);
  pair.run_until(
      [&] { return pair.alice.connection.ice_gathering_state() == IceGatheringState::Complete; });

  const auto events = pair.alice.all<IceCandidateEvent>();
  BOOST_REQUIRE(events.size() == 4u);
  BOOST_TEST(!events[1].candidate->username_fragment.has_value());
  BOOST_TEST(events[2].candidate->candidate == events[0].candidate->candidate);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
