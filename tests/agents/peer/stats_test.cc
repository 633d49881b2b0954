#include "agents/peer/stats_members.h"
#include "tests/agents/peer/negotiated.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string_view>
#include <vector>

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

// Alice sends audio, simulcast video and messages; both report.
std::vector<StatsReport> reports_of_everything() {
  test::PairOptions options;
  options.bob.video.simulcast_receipt = SimulcastReceipt::Accept;
  options.loss = 0.02;
  PeerPair pair{options};
  auto& alice = pair.alice.connection;
  static_cast<void>(alice.add_track(pair.now, {"microphone", MediaKind::Audio}));
  static_cast<void>(alice.add_transceiver(
      pair.now, MediaTrack{"camera", MediaKind::Video},
      {.send_encodings = {{.rid = "q", .scale_resolution_down_by = 2.0}, {.rid = "f"}}}));
  static_cast<void>(alice.create_data_channel(pair.now, "chat"));
  pair.call(pair.alice);
  pair.run_for(20s);
  return {alice.stats(), pair.bob.connection.stats()};
}

StatsValue value_of(const Value& value) {
  if (std::holds_alternative<std::string>(value)) return StatsValue::Text;
  return std::holds_alternative<bool>(value) ? StatsValue::Flag : StatsValue::Number;
}

BOOST_AUTO_TEST_CASE(every_member_that_is_made_is_in_the_list_with_the_value_it_has) {
  std::map<std::string_view, std::set<std::string_view>> seen;
  for (const auto& report : reports_of_everything()) {
    for (const auto& object : report.stats) {
      const auto* const rule = find_stats_type(object.type);
      BOOST_REQUIRE_MESSAGE(rule != nullptr, object.type);
      for (const auto& member : object.members) {
        BOOST_TEST_CONTEXT(object.type << " " << member.name) {
          const auto* const known = rule->find(member.name);
          BOOST_REQUIRE(known != nullptr);
          BOOST_TEST((known->value == value_of(member.value)));
          seen[object.type].insert(member.name);
        }
      }
    }
  }
  // What this call has no use for: TCP and servers.
  const std::set<std::string_view> absent{"tcpType", "relatedAddress", "relatedPort", "url"};
  for (const auto& type : stats_types()) {
    for (const auto& member : type.members) {
      if (absent.contains(member.name)) continue;
      BOOST_TEST(seen[type.type].contains(member.name), type.type << " " << member.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_types_and_their_members_are_named_once) {
  std::set<std::string_view> types;
  for (const auto& type : stats_types()) {
    BOOST_TEST(types.insert(type.type).second, type.type);
    std::set<std::string_view> members;
    for (const auto& member : type.members)
      BOOST_TEST(members.insert(member.name).second, type.type << " " << member.name);
  }
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
