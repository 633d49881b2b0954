// A server and two clients on hosts, over links, and what tshark makes of it.
#include "sim/server/client.h"
#include "sim/server/server.h"
#include "tests/sim/capture/tshark.h"
#include "tests/sim/host/host_pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::signalling {
namespace {

namespace data = boost::unit_test::data;
using Lines = std::vector<std::string>;
using sim::HostPair;
using namespace std::chrono_literals;

const Endpoint kServer = *Endpoint::parse("192.0.2.2:8080");
const std::string kOffer = R"({"type":"offer","sdp":"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"})";

// Both people sit at alice's machine, the server runs on bob's.
struct Office {
  explicit Office(std::uint64_t seed = 1, double loss = 0) : pair{seed, loss}, rng{seed} {
    note(alice, "alice");
    note(bob, "bob");
  }
  void note(Client& client, std::string name) {
    client.on_message([this, name](const Message& message) {
      lines.push_back(name + " got " + message.id + " from " + message.from + ": " + message.text);
    });
    client.on_state([this, name](ConnectionState state, std::string_view why) {
      std::string line = name + " is " + std::string{to_string(state)};
      if (!why.empty()) line.append(": ").append(why);
      lines.push_back(line);
    });
    client.on_error([this, name](std::string_view what) {
      lines.push_back(name + " error: " + std::string{what});
    });
  }

  HostPair pair;
  SeededRng rng;
  Server server{pair.bob, kServer, rng};
  Client alice{pair.alice, {"alice", kServer, {}}, rng};
  Client bob{pair.alice, {"bob", kServer, {}}, rng};
  Lines lines;
};

std::string decode(const Office& office, const std::string& arguments) {
  return tshark(office.pair.capture(), "-d tcp.port==8080,http " + arguments);
}

BOOST_AUTO_TEST_SUITE(signalling)

BOOST_AUTO_TEST_CASE(a_message_reaches_the_other_person_octet_for_octet) {
  Office office;
  office.alice.connect();
  office.bob.connect();
  office.pair.run_for(1s);
  BOOST_TEST(office.alice.send("bob", kOffer) == "alice-1");
  BOOST_TEST(office.alice.send("bob", "plain text") == "alice-2");
  office.pair.run_for(1s);

  BOOST_TEST(office.lines == (Lines{"alice is connecting", "bob is connecting", "alice is open",
                                    "bob is open", "bob got alice-1 from alice: " + kOffer,
                                    "bob got alice-2 from alice: plain text"}),
             boost::test_tools::per_element());
}

// One round trip for TCP, one for the upgrade, half of one to the server and half back.
BOOST_AUTO_TEST_CASE(a_message_takes_one_way_to_the_server_and_one_from_it) {
  Office office;
  Instant arrived;
  office.bob.on_message([&](const Message&) { arrived = sim::Simulation::now(); });
  office.alice.send("bob", "early");  // waits for the connection
  office.alice.connect();
  office.bob.connect();
  office.pair.run_for(1s);
  BOOST_TEST((arrived == Instant{60ms}));
}

BOOST_AUTO_TEST_CASE(the_server_keeps_messages_for_who_comes_later) {
  Office office;
  office.alice.connect();
  office.alice.send("bob", "one");
  office.alice.send("bob", "two");
  office.pair.run_for(1s);
  BOOST_TEST(office.server.switchboard().waiting_for("bob") == 2u);
  office.bob.connect();
  office.pair.run_for(1s);
  BOOST_TEST(office.lines.back() == "bob got alice-2 from alice: two");
}

BOOST_AUTO_TEST_CASE(who_disconnects_is_gone_and_may_come_back) {
  Office office;
  office.alice.connect();
  office.bob.connect();
  office.pair.run_for(1s);
  office.bob.disconnect();
  office.pair.run_for(1s);
  BOOST_TEST(!office.server.switchboard().is_present("bob"));
  BOOST_TEST(office.lines.back() == "bob is closed");
  office.alice.send("bob", "missed you");
  office.bob.connect();
  office.pair.run_for(1s);
  BOOST_TEST(office.lines.back() == "bob got alice-1 from alice: missed you");
}

BOOST_AUTO_TEST_CASE(a_second_connection_under_a_name_closes_the_first) {
  Office office;
  Client again{office.pair.alice, {"alice", kServer, {}}, office.rng};
  office.alice.connect();
  office.pair.run_for(1s);
  again.connect();
  office.pair.run_for(1s);
  BOOST_TEST(office.lines.back() == "alice is closed: alice connected again");
  BOOST_TEST((again.state() == ConnectionState::Open));
}

BOOST_AUTO_TEST_CASE(without_a_server_the_client_says_so) {
  HostPair pair;
  Client client{pair.alice, {"alice", kServer, {}}, SeededRng{1}};
  std::string why;
  client.on_state([&](ConnectionState, std::string_view text) { why = text; });
  client.connect();
  pair.run_for(1s);
  BOOST_TEST(why == "connection refused");
  BOOST_TEST((client.state() == ConnectionState::Closed));
}

BOOST_AUTO_TEST_CASE(a_client_or_a_server_may_go_at_any_time) {
  HostPair pair;
  const SeededRng rng{1};
  auto server = std::make_unique<Server>(pair.bob, kServer, rng);
  auto alice = std::make_unique<Client>(pair.alice, Client::Config{"alice", kServer, {}}, rng);
  auto bob = std::make_unique<Client>(pair.alice, Client::Config{"bob", kServer, {}}, rng);
  alice->connect();
  bob->connect();
  pair.run_for(25ms);
  alice.reset();
  pair.run_for(1s);
  server.reset();
  pair.run_for(1s);
  BOOST_TEST((bob->state() == ConnectionState::Closed));
}

BOOST_AUTO_TEST_CASE(when_the_server_comes_back_its_clients_do_and_send_what_has_waited) {
  HostPair pair;
  const SeededRng rng{1};
  auto server = std::make_unique<Server>(pair.bob, kServer, rng);
  Client alice{pair.alice, {"alice", kServer, {}}, rng};
  Client bob{pair.alice, {"bob", kServer, {}}, rng};
  Lines got;
  bob.on_message([&](const Message& message) { got.push_back(message.text); });
  alice.connect();
  bob.connect();
  pair.run_for(1s);
  server.reset();
  pair.run_for(10s);
  BOOST_TEST((alice.state() == ConnectionState::Closed));
  alice.send("bob", "Are you back?");
  server = std::make_unique<Server>(pair.bob, kServer, rng.fork("again"));
  pair.run_for(30s);

  BOOST_TEST((alice.state() == ConnectionState::Open));
  BOOST_TEST(got == Lines{"Are you back?"});
}

BOOST_DATA_TEST_CASE(messages_survive_a_bad_link_in_their_order, data::xrange(10), seed) {
  Office office{static_cast<std::uint64_t>(seed) + 1, 0.1};
  Lines got;
  office.bob.on_message([&](const Message& message) { got.push_back(message.text); });
  office.alice.connect();
  office.bob.connect();
  Lines sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back(std::to_string(i) + std::string(500, 'x'));
    office.alice.send("bob", sent.back());
  }
  office.pair.run_for(300s);
  BOOST_TEST((got == sent));
}

BOOST_AUTO_TEST_CASE(wireshark_shows_the_upgrade_and_the_messages) {
  Office office;
  office.alice.connect();
  office.bob.connect();
  office.pair.run_for(1s);
  office.alice.send("bob", kOffer);
  office.pair.run_for(1s);
  office.alice.disconnect();
  office.pair.run_for(1s);

  BOOST_TEST(decode(office, "-Y http.request -T fields -e http.request.uri") ==
             "/ws?name=alice\n/ws?name=bob\n");
  BOOST_TEST(decode(office, "-Y http.response -T fields -e http.response.code") == "101\n101\n");
  const auto messages =
      decode(office, "-Y 'websocket.opcode==1' -T fields -e websocket.payload.text");
  BOOST_TEST(
      messages.find(R"({"to":"bob","id":"alice-1","body":{"type":"offer","sdp":"v=0\r\no=)") == 0u,
      messages);
  BOOST_TEST(messages.find(R"(,"from":"alice"})") != std::string::npos);
  BOOST_TEST(
      decode(office, "-Y 'websocket.opcode==8' -T fields -e websocket.payload.close.status_code") ==
      "1000\n1000\n");
  BOOST_TEST(
      decode(office, "-Y '_ws.malformed || tcp.analysis.flags || tcp.checksum.status==0'").empty());
}

BOOST_AUTO_TEST_CASE(a_seed_replays_every_octet) {
  const auto capture = [](std::uint64_t seed) {
    Office office{seed, 0.1};
    office.alice.connect();
    office.bob.connect();
    office.alice.send("bob", kOffer);
    office.pair.run_for(10s);
    return office.pair.capture();
  };
  BOOST_TEST((capture(1) == capture(1)));
  BOOST_TEST((capture(1) != capture(2)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::signalling
