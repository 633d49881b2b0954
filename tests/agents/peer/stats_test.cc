#include "tests/agents/peer/negotiated.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

namespace rtclab::peer {
namespace {

using namespace std::chrono_literals;
using test::PeerPair;

std::string text(const Stats& stats, std::string_view name) {
  const auto* const value = stats.find(name);
  BOOST_REQUIRE_MESSAGE(value != nullptr, name);
  return std::get<std::string>(*value);
}
std::uint64_t number(const Stats& stats, std::string_view name) {
  const auto* const value = stats.find(name);
  BOOST_REQUIRE_MESSAGE(value != nullptr, name);
  return std::get<std::uint64_t>(*value);
}

// A call with audio and an open channel over which alice has sent two messages.
struct Call : PeerPair {
  Call() {
    static_cast<void>(alice.connection.add_transceiver(now, MediaKind::Audio));
    chat = *alice.connection.create_data_channel(now, "chat", {.protocol = "talk"});
    call(alice);
    run_until([&] { return alice.connection.data_channel_state(chat) == DataChannelState::Open; },
              20s);
    static_cast<void>(alice.connection.send(now, chat, "hello"));
    static_cast<void>(alice.connection.send(now, chat, "again"));
    run_for(3s);
  }
  ChannelId chat{0};
};

BOOST_AUTO_TEST_SUITE(peer_stats)

BOOST_AUTO_TEST_CASE(a_new_connection_has_itself_and_its_certificate) {
  PeerPair pair;

  const auto report = pair.alice.connection.stats();

  BOOST_REQUIRE(report.stats.size() == 2u);
  BOOST_TEST(report.stats[0].type == "peer-connection");
  BOOST_TEST(report.stats[1].type == "certificate");
  BOOST_TEST(text(report.stats[1], "fingerprintAlgorithm") == "sha-256");
}

BOOST_AUTO_TEST_CASE(the_transport_knows_its_states_and_its_pair) {
  Call call;

  const auto report = call.alice.connection.stats();

  const auto transports = report.all("transport");
  BOOST_REQUIRE(transports.size() == 1u);
  BOOST_TEST(text(*transports[0], "iceRole") == "controlling");
  BOOST_TEST(text(*transports[0], "iceState") == "completed");
  BOOST_TEST(text(*transports[0], "dtlsState") == "connected");
  BOOST_TEST(text(*transports[0], "dtlsRole") == "server");
  BOOST_TEST(text(*transports[0], "tlsVersion") == "FEFD");
  const auto* const pair = report.find(text(*transports[0], "selectedCandidatePairId"));
  BOOST_REQUIRE(pair != nullptr);
  BOOST_TEST(pair->type == "candidate-pair");
  BOOST_TEST(text(*pair, "state") == "succeeded");
  BOOST_TEST(std::get<bool>(*pair->find("nominated")));
  const auto* const local = report.find(text(*pair, "localCandidateId"));
  const auto* const remote = report.find(text(*pair, "remoteCandidateId"));
  BOOST_REQUIRE((local != nullptr && remote != nullptr));
  BOOST_TEST(local->type == "local-candidate");
  BOOST_TEST(text(*local, "address") == "192.0.2.1");
  BOOST_TEST(text(*remote, "address") == "192.0.2.2");
  BOOST_TEST(text(*remote, "candidateType") == "host");
  BOOST_TEST(report.find(text(*transports[0], "localCertificateId"))->type == "certificate");
}

BOOST_AUTO_TEST_CASE(what_one_side_sends_on_a_transport_the_other_receives) {
  Call call;

  const auto alice = *call.alice.connection.stats().all("transport")[0];
  const auto bob = *call.bob.connection.stats().all("transport")[0];

  BOOST_TEST(number(alice, "packetsSent") == number(bob, "packetsReceived"));
  BOOST_TEST(number(alice, "bytesSent") == number(bob, "bytesReceived"));
  BOOST_TEST(number(bob, "bytesSent") == number(alice, "bytesReceived"));
  BOOST_TEST(number(alice, "bytesSent") > 0u);
}

BOOST_AUTO_TEST_CASE(a_pair_counts_what_went_over_it_and_knows_the_round_trip) {
  Call call;
  const auto pair_of = [](const test::Party& party) {
    const auto report = party.connection.stats();
    return *report.find(text(*report.all("transport")[0], "selectedCandidatePairId"));
  };

  const auto alice = pair_of(call.alice);
  const auto bob = pair_of(call.bob);

  BOOST_TEST(number(alice, "bytesSent") == number(bob, "bytesReceived"));
  BOOST_TEST(number(alice, "packetsReceived") == number(bob, "packetsSent"));
  BOOST_TEST(number(alice, "requestsSent") >= 1u);
  BOOST_TEST(number(alice, "responsesReceived") ==
             number(alice, "requestsSent") + number(alice, "consentRequestsSent"));
  BOOST_TEST(std::get<double>(*alice.find("currentRoundTripTime")) == 0.05,
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(channels_count_their_messages) {
  Call call;

  const auto sent = *call.alice.connection.stats().all("data-channel")[0];
  const auto received = *call.bob.connection.stats().all("data-channel")[0];

  BOOST_TEST(text(sent, "label") == "chat");
  BOOST_TEST(text(sent, "protocol") == "talk");
  BOOST_TEST(text(sent, "state") == "open");
  BOOST_TEST(number(sent, "messagesSent") == 2u);
  BOOST_TEST(number(sent, "bytesSent") == 10u);
  BOOST_TEST(number(received, "messagesReceived") == 2u);
  BOOST_TEST(number(received, "dataChannelIdentifier") == number(sent, "dataChannelIdentifier"));
  BOOST_TEST(
      number(*call.alice.connection.stats().all("peer-connection")[0], "dataChannelsOpened") == 1u);
}

BOOST_AUTO_TEST_CASE(the_negotiated_codecs_are_there_and_a_stream_for_what_may_be_sent) {
  Call call;

  const auto report = call.alice.connection.stats();

  BOOST_TEST(!report.all("codec").empty());
  BOOST_TEST(text(*report.all("codec")[0], "mimeType") == "audio/opus");
  BOOST_TEST(report.all("outbound-rtp").size() == 1u);
  BOOST_TEST(report.all("inbound-rtp").empty());
}

BOOST_AUTO_TEST_CASE(the_report_is_json_by_id) {
  Call call;

  const auto json = nlohmann::json::parse(call.alice.connection.stats().to_json());

  BOOST_TEST(json.size() == call.alice.connection.stats().stats.size());
  BOOST_TEST(json["P"]["type"] == "peer-connection");
  BOOST_TEST(json["P"]["id"] == "P");
  BOOST_TEST(json["D1"]["messagesSent"] == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::peer
