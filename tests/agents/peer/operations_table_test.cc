// Every state of signalling against every operation of the interface: what is thrown or settled,
// what fires and in which order, and the state afterwards.
//
// The rows are read off the specification, whose section each names, and not off our code.
#include "tests/support/peer_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <ostream>

namespace rtclab::peer {
namespace {

namespace data = boost::unit_test::data;
using test::PairOptions;
using test::Party;
using test::PeerPair;

// Before the first description, with a data channel whose need for negotiation has been told; or
// after a round of offer and answer about it.
enum class Past : std::uint8_t { New, Negotiated };

// clang-format off
constexpr std::array kStates{SignalingState::Stable,            SignalingState::HaveLocalOffer,
                             SignalingState::HaveRemoteOffer,   SignalingState::HaveLocalPranswer,
                             SignalingState::HaveRemotePranswer, SignalingState::Closed};
// clang-format on

PairOptions untouched() {
  PairOptions options;
  options.trickle = false;
  return options;
}

// A peer in a state of signalling: alice, who is looked at, and bob, from whom she has it. Bob
// sends audio, alice has a data channel.
class Bench {
 public:
  Bench(Past past, SignalingState state) {
    alice().connection.create_data_channel(pair_.now, "x").value();
    pair_.drain();
    if (past == Past::Negotiated) negotiate();
    bob().connection.add_track(pair_.now, {"mic", MediaKind::Audio}, {"s"}).value();
    pair_.drain();
    reach(state);
    pair_.on_event = [this](Party& party, const Event& event) {
      if (&party == &alice()) note(event);
    };
  }

  PeerConnection& subject() { return alice().connection; }
  [[nodiscard]] Instant now() const { return pair_.now; }

  Description remote(SdpType type) {
    if (type == SdpType::Rollback) return {type, ""};
    const bool answers_us = type != SdpType::Offer && subject().pending_local_description() &&
                            subject().pending_local_description()->type == SdpType::Offer;
    // Where neither fits the state, any text does.
    const bool bob_may_offer = bob().connection.signaling_state() == SignalingState::Stable;
    if (!answers_us && bob_may_offer) return {type, pair_.offer(bob()).sdp};
    if (!answer_) {
      pair_.set_remote(bob(), *subject().pending_local_description());
      answer_ = pair_.answer(bob()).sdp;
    }
    return {type, *answer_};
  }

  void note_returned() { log_ += "returned "; }
  void note_outcome(const auto& outcome) {
    log_ += outcome ? std::string{"returned "} : "threw:" + outcome.error().name + ' ';
  }

  std::string log() {
    pair_.drain();
    if (!log_.empty()) log_.pop_back();
    return log_;
  }

 private:
  Party& alice() { return pair_.alice; }
  Party& bob() { return pair_.bob; }

  void negotiate() {
    pair_.set_local(alice());
    pair_.set_remote(bob(), *subject().local_description());
    pair_.set_local(bob());
    pair_.set_remote(alice(), *bob().connection.local_description());
  }

  void reach(SignalingState state) {
    switch (state) {
      case SignalingState::Stable: break;
      case SignalingState::HaveLocalOffer: pair_.set_local(alice()); break;
      case SignalingState::HaveRemoteOffer:
        pair_.set_remote(alice(), remote(SdpType::Offer));
        break;
      case SignalingState::HaveLocalPranswer:
        reach(SignalingState::HaveRemoteOffer);
        pair_.set_local(alice(), Description{SdpType::Pranswer, pair_.answer(alice()).sdp});
        break;
      case SignalingState::HaveRemotePranswer:
        reach(SignalingState::HaveLocalOffer);
        pair_.set_remote(alice(), remote(SdpType::Pranswer));
        break;
      case SignalingState::Closed: subject().close(pair_.now); break;
    }
    pair_.drain();
  }

  // What the specification puts in an order. Gathering and connecting go their own way beside it.
  void note(const Event& event) {
    if (const auto* change = std::get_if<SignalingStateChange>(&event)) {
      log_ += std::string{to_string(change->from)} + ">" + std::string{to_string(change->to)} + ' ';
    } else if (const auto* done = std::get_if<OperationSettled>(&event)) {
      const auto* const error = std::get_if<Error>(&done->outcome);
      log_ += error == nullptr ? std::string{"fulfilled "} : error->name + ' ';
    } else if (std::holds_alternative<NegotiationNeeded>(event)) {
      log_ += "negotiationneeded ";
    } else if (std::holds_alternative<TrackEvent>(event)) {
      log_ += "track ";
    } else if (std::holds_alternative<StreamTrackAdded>(event)) {
      log_ += "addtrack ";
    } else if (std::holds_alternative<StreamTrackRemoved>(event)) {
      log_ += "removetrack ";
    }
  }

  PeerPair pair_{untouched()};
  std::optional<std::string> answer_;
  std::string log_;
};

const IceCandidateInit kCandidate{
    .candidate = "candidate:1 1 udp 2130706431 192.0.2.7 5000 typ host", .sdp_mid = "0"};

IceCandidateInit candidate(void (*change)(IceCandidateInit& candidate)) {
  auto changed = kCandidate;
  change(changed);
  return changed;
}

template <SdpType type>
void set_local(Bench& bench) {
  bench.subject().set_local_description(bench.now(), Description{type, ""});
}
template <SdpType type>
void set_altered_local(Bench& bench) {
  bench.subject().set_local_description(bench.now(), Description{type, "v=0\r\n"});
}
template <SdpType type>
void set_remote(Bench& bench) {
  bench.subject().set_remote_description(bench.now(), bench.remote(type));
}
template <SdpType type>
void set_flawed_remote(Bench& bench) {
  bench.subject().set_remote_description(bench.now(), Description{type, "v=1\r\n"});
}
template <void (*change)(IceCandidateInit& candidate)>
void add_candidate(Bench& bench) {
  bench.subject().add_ice_candidate(bench.now(), candidate(change));
}

Configuration with_another_certificate(Configuration configuration) {
  SeededRng rng{7};
  configuration.certificates.push_back(dtls::Certificate::generate(rng, configuration.today));
  return configuration;
}

void as_it_is(IceCandidateInit&) {}
void end(IceCandidateInit& changed) {
  changed.candidate = "";
}
void without_section(IceCandidateInit& changed) {
  changed.sdp_mid.reset();
}
void of_no_section(IceCandidateInit& changed) {
  changed.sdp_mid = "nowhere";
}
void behind_the_last_section(IceCandidateInit& changed) {
  changed.sdp_mid.reset();
  changed.sdp_mline_index = 9;
}
void of_another_generation(IceCandidateInit& changed) {
  changed.username_fragment = "gone";
}
void that_is_none(IceCandidateInit& changed) {
  changed.candidate = "candidate:nonsense";
}

struct Row {
  std::string_view operation;
  std::string_view section;  // of W3C webrtc-pc
  void (*call)(Bench& bench);
  std::array<std::string_view, kStates.size()> expected;
};

// The words of the cells.
constexpr std::string_view kOk = "fulfilled";
constexpr std::string_view kState = "InvalidStateError";
constexpr std::string_view kChanged = "InvalidModificationError";
constexpr std::string_view kFailed = "OperationError";
constexpr std::string_view kType = "TypeError";
constexpr std::string_view kReturned = "returned";
constexpr std::string_view kThrewState = "threw:InvalidStateError";
constexpr std::string_view kThrewChanged = "threw:InvalidModificationError";

// clang-format off
// With nothing negotiated yet. Back in stable, the channel of alice needs negotiation: bob's offer has
// audio only.
const std::vector<Row> kNew{
  //                                                       stable, have-local-offer, have-remote-offer, have-local-pranswer, have-remote-pranswer, closed
  {"createOffer()",                  "4.4.2",   [](Bench& b) { b.subject().create_offer(b.now()); },
                                                           {kOk, kOk, kState, kState, kState, kState}},
  {"createAnswer()",                 "4.4.2",   [](Bench& b) { b.subject().create_answer(b.now()); },
                                                           {kState, kState, kOk, kOk, kState, kState}},
  {"setLocalDescription()",          "4.4.2",   [](Bench& b) { b.subject().set_local_description(b.now()); },
                                                           {"stable>have-local-offer fulfilled", kOk,
                                                            "have-remote-offer>stable fulfilled negotiationneeded",
                                                            "have-local-pranswer>stable fulfilled negotiationneeded", kState, kState}},
  {"setLocalDescription(offer)",     "4.4.1.5", set_local<SdpType::Offer>,
                                                           {"stable>have-local-offer fulfilled", kOk, kState, kState, kState, kState}},
  {"setLocalDescription(pranswer)",  "4.4.1.5", set_local<SdpType::Pranswer>,
                                                           {kState, kState, "have-remote-offer>have-local-pranswer fulfilled", kOk, kState, kState}},
  {"setLocalDescription(answer)",    "4.4.1.5", set_local<SdpType::Answer>,
                                                           {kState, kState, "have-remote-offer>stable fulfilled negotiationneeded",
                                                            "have-local-pranswer>stable fulfilled negotiationneeded", kState, kState}},
  {"setLocalDescription(rollback)",  "4.4.1.5", set_local<SdpType::Rollback>,
                                                           {kState, "have-local-offer>stable fulfilled negotiationneeded",
                                                            "have-remote-offer>stable removetrack fulfilled negotiationneeded", kState, kState, kState}},
  {"setLocalDescription(other offer)",    "4.4.2", set_altered_local<SdpType::Offer>,
                                                           {kChanged, kChanged, kChanged, kChanged, kChanged, kState}},
  {"setLocalDescription(other pranswer)", "4.4.2", set_altered_local<SdpType::Pranswer>,
                                                           {kChanged, kChanged, kChanged, kChanged, kChanged, kState}},
  {"setLocalDescription(other answer)",   "4.4.2", set_altered_local<SdpType::Answer>,
                                                           {kChanged, kChanged, kChanged, kChanged, kChanged, kState}},
  {"setRemoteDescription(offer)",    "4.4.2",   set_remote<SdpType::Offer>,
                                                           {"stable>have-remote-offer addtrack track fulfilled",
                                                            "have-local-offer>stable stable>have-remote-offer addtrack track fulfilled",
                                                            kOk, kState, kState, kState}},
  {"setRemoteDescription(pranswer)", "4.4.1.5", set_remote<SdpType::Pranswer>,
                                                           {kState, "have-local-offer>have-remote-pranswer fulfilled", kState, kState, kOk, kState}},
  {"setRemoteDescription(answer)",   "4.4.1.5", set_remote<SdpType::Answer>,
                                                           {kState, "have-local-offer>stable fulfilled", kState, kState,
                                                            "have-remote-pranswer>stable fulfilled", kState}},
  {"setRemoteDescription(rollback)", "4.4.1.5", set_remote<SdpType::Rollback>,
                                                           {kState, "have-local-offer>stable fulfilled negotiationneeded",
                                                            "have-remote-offer>stable removetrack fulfilled negotiationneeded", kState, kState, kState}},
  // The rollback that makes room for the offer has been done when the offer fails.
  {"setRemoteDescription(flawed offer)",  "4.4.1.5", set_flawed_remote<SdpType::Offer>,
                                                           {kFailed, "have-local-offer>stable OperationError negotiationneeded", kFailed, kState, kState, kState}},
  {"setRemoteDescription(flawed answer)", "4.4.1.5", set_flawed_remote<SdpType::Answer>,
                                                           {kState, kFailed, kState, kState, kFailed, kState}},
  {"addIceCandidate(candidate)",     "4.4.2",   add_candidate<as_it_is>,
                                                           {kState, kState, kOk, kOk, kOk, kState}},
  {"addIceCandidate(\"\")",          "4.4.2",   add_candidate<end>,
                                                           {kState, kState, kOk, kOk, kOk, kState}},
  {"addIceCandidate(null)",          "4.4.2",   [](Bench& b) { b.subject().add_ice_candidate(b.now(), std::nullopt); },
                                                           {kState, kState, kOk, kOk, kOk, kState}},
  // Before the chain, where closed connections are noticed.
  {"addIceCandidate(no section)",    "4.4.2",   add_candidate<without_section>,
                                                           {kType, kType, kType, kType, kType, kType}},
  {"addIceCandidate(unknown mid)",   "4.4.2",   add_candidate<of_no_section>,
                                                           {kState, kState, kFailed, kFailed, kFailed, kState}},
  {"addIceCandidate(index too big)", "4.4.2",   add_candidate<behind_the_last_section>,
                                                           {kState, kState, kFailed, kFailed, kFailed, kState}},
  {"addIceCandidate(unknown ufrag)", "4.4.2",   add_candidate<of_another_generation>,
                                                           {kState, kState, kFailed, kFailed, kFailed, kState}},
  {"addIceCandidate(nonsense)",      "4.4.2",   add_candidate<that_is_none>,
                                                           {kState, kState, kFailed, kFailed, kFailed, kState}},
  {"addTrack()",                     "5.1",     [](Bench& b) { b.note_outcome(b.subject().add_track(b.now(), {"cam", MediaKind::Video}, {})); },
                                                           {kReturned, kReturned, kReturned, kReturned, kReturned, kThrewState}},
  {"addTransceiver()",               "5.1",     [](Bench& b) { b.note_outcome(b.subject().add_transceiver(b.now(), MediaKind::Video)); },
                                                           {kReturned, kReturned, kReturned, kReturned, kReturned, kThrewState}},
  {"createDataChannel()",            "6.1",     [](Bench& b) { b.note_outcome(b.subject().create_data_channel(b.now(), "y")); },
                                                           {kReturned, kReturned, kReturned, kReturned, kReturned, kThrewState}},
  {"restartIce()",                   "4.4.2",   [](Bench& b) { b.subject().restart_ice(b.now()); b.note_returned(); },
                                                           {kReturned, kReturned, kReturned, kReturned, kReturned, kReturned}},
  {"setConfiguration(the same)",     "4.4.1.6", [](Bench& b) { b.note_outcome(b.subject().set_configuration(b.now(), b.subject().configuration())); },
                                                           {kReturned, kReturned, kReturned, kReturned, kReturned, kThrewState}},
  {"setConfiguration(certificates)", "4.4.1.6", [](Bench& b) { b.note_outcome(b.subject().set_configuration(b.now(), with_another_certificate(b.subject().configuration()))); },
                                                           {kThrewChanged, kThrewChanged, kThrewChanged, kThrewChanged, kThrewChanged, kThrewState}},
  {"getStats()",                     "8.2",     [](Bench& b) { (void)b.subject().stats(); b.note_returned(); },
                                                           {kReturned, kReturned, kReturned, kReturned, kReturned, kReturned}},
  // The state changes without an event.
  {"close()",                        "4.4.2",   [](Bench& b) { b.subject().close(b.now()); b.note_returned(); },
                                                           {kReturned, kReturned, kReturned, kReturned, kReturned, kReturned}},
};

// What is different once the channel is negotiated: there is a remote description, nothing needs
// negotiation, and ICE has credentials that a restart replaces. An empty cell is as above.
struct Difference {
  std::string_view operation;
  std::array<std::string_view, kStates.size()> expected;
};
const std::vector<Difference> kNegotiated{
  {"setLocalDescription()",          {"", "", "have-remote-offer>stable fulfilled", "have-local-pranswer>stable fulfilled", "", ""}},
  {"setLocalDescription(answer)",    {"", "", "have-remote-offer>stable fulfilled", "have-local-pranswer>stable fulfilled", "", ""}},
  {"setLocalDescription(rollback)",  {"", "have-local-offer>stable fulfilled", "have-remote-offer>stable removetrack fulfilled", "", "", ""}},
  {"setRemoteDescription(rollback)", {"", "have-local-offer>stable fulfilled", "have-remote-offer>stable removetrack fulfilled", "", "", ""}},
  {"setRemoteDescription(flawed offer)", {"", "have-local-offer>stable OperationError", "", "", "", ""}},
  {"addIceCandidate(candidate)",     {kOk, kOk, "", "", "", ""}},
  {"addIceCandidate(\"\")",          {kOk, kOk, "", "", "", ""}},
  {"addIceCandidate(null)",          {kOk, kOk, "", "", "", ""}},
  {"addIceCandidate(unknown mid)",   {kFailed, kFailed, "", "", "", ""}},
  {"addIceCandidate(index too big)", {kFailed, kFailed, "", "", "", ""}},
  {"addIceCandidate(unknown ufrag)", {kFailed, kFailed, "", "", "", ""}},
  {"addIceCandidate(nonsense)",      {kFailed, kFailed, "", "", "", ""}},
  {"addTrack()",                     {"returned negotiationneeded", "", "", "", "", ""}},
  {"addTransceiver()",               {"returned negotiationneeded", "", "", "", "", ""}},
  {"restartIce()",                   {"returned negotiationneeded", "", "", "", "", ""}},
};
// clang-format on

struct Case {
  Past past;
  SignalingState state;
  const Row* row;
  std::string_view expected;
  friend std::ostream& operator<<(std::ostream& out, const Case& shown) {
    return out << shown.row->operation << " in " << to_string(shown.state)
               << (shown.past == Past::New ? ", new" : ", negotiated") << " (§"
               << shown.row->section << ')';
  }
};

std::string_view difference(std::string_view operation, std::size_t state) {
  const auto found = std::ranges::find(kNegotiated, operation, &Difference::operation);
  return found == kNegotiated.end() ? std::string_view{} : found->expected[state];
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto& row : kNew) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      cases.push_back({Past::New, kStates[i], &row, row.expected[i]});
      const auto other = difference(row.operation, i);
      cases.push_back(
          {Past::Negotiated, kStates[i], &row, other.empty() ? row.expected[i] : other});
    }
  }
  return cases;
}

// Where the events end, or where they began; close() has no event to tell.
SignalingState state_after(const Case& shown) {
  if (shown.row->operation == "close()") return SignalingState::Closed;
  const auto arrow = shown.expected.rfind('>');
  if (arrow == std::string_view::npos) return shown.state;
  const auto name = shown.expected.substr(arrow + 1);
  return *std::ranges::find_if(kStates, [&](SignalingState state) {
    return to_string(state) == name.substr(0, name.find(' '));
  });
}

BOOST_AUTO_TEST_SUITE(operations_table)

BOOST_DATA_TEST_CASE(each_operation_does_in_each_state_what_the_specification_says,
                     data::make(all_cases()), shown) {
  Bench bench{shown.past, shown.state};
  BOOST_REQUIRE((bench.subject().signaling_state() == shown.state));

  shown.row->call(bench);

  BOOST_TEST(bench.log() == shown.expected);
  BOOST_TEST(to_string(bench.subject().signaling_state()) == to_string(state_after(shown)));
}

BOOST_AUTO_TEST_CASE(each_difference_names_a_row) {
  for (const auto& difference : kNegotiated) {
    BOOST_TEST((std::ranges::find(kNew, difference.operation, &Row::operation) != kNew.end()),
               difference.operation);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
