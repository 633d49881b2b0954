#include "sim/host/agent_streams.h"

#include "sim/host/agent_host.h"
#include "tests/sim/host/host_pair.h"
#include "tests/sim/host/scripted_agent.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::sim {
namespace {

const Endpoint kAlice = *Endpoint::parse("192.0.2.1:4000");
const Endpoint kBob = *Endpoint::parse("192.0.2.2:5000");

// Two agents on the two ends of a cable of 10 ms.
struct Talk {
  static void act(AgentHost<Scripted>& host, Output output) {
    host.call([&](Instant, Scripted& agent) { agent.outputs.push_back(std::move(output)); });
  }
  static void say(AgentHost<Scripted>& host, const Path& path, std::string_view text) {
    act(host, Transmit{path, to_octets(text)});
  }
  // Alice opens a stream to Bob's listening socket.
  void connect() {
    act(bob, OpenSocket{1, Transport::Tcp, kBob});
    act(alice, OpenStream{7, {kAlice.ip, Port{0}}, kBob});
    pair.run_for(1s);
  }
  [[nodiscard]] static const Path& stream(const AgentHost<Scripted>& host) {
    return host.agent().streams.at(0);
  }

  HostPair pair;
  Lines at_alice;
  Lines at_bob;
  AgentHost<Scripted> alice{pair.alice, {[](Instant, const Event&) {}}, at_alice};
  AgentHost<Scripted> bob{pair.bob, {[](Instant, const Event&) {}}, at_bob};
};

bool contains(const Lines& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

BOOST_AUTO_TEST_SUITE(agent_streams)

BOOST_AUTO_TEST_CASE(a_stream_opens_at_both_ends_and_carries_octets_both_ways) {
  Talk talk;
  talk.connect();

  Talk::say(talk.alice, Talk::stream(talk.alice), "hello");
  talk.pair.run_for(1s);
  Talk::say(talk.bob, Talk::stream(talk.bob), "good day");
  talk.pair.run_for(1s);

  BOOST_TEST(
      talk.at_alice == (Lines{"up eth0 192.0.2.1", "stream 7 to 192.0.2.2", "received good day"}),
      boost::test_tools::per_element());
  BOOST_TEST(talk.at_bob == (Lines{"up eth0 192.0.2.2", "opened 1 192.0.2.2",
                                   "accepted from 192.0.2.1", "received hello"}),
             boost::test_tools::per_element());
  BOOST_TEST((Talk::stream(talk.alice).local == Talk::stream(talk.bob).remote));
}

// CloseStream sends what was transmitted before it, and then FIN.
BOOST_AUTO_TEST_CASE(closing_delivers_what_was_sent_and_tells_only_the_other_side) {
  Talk talk;
  talk.connect();

  talk.alice.call([](Instant, Scripted& agent) {
    agent.outputs.emplace_back(Transmit{agent.streams.at(0), to_octets("last words")});
    agent.outputs.emplace_back(CloseStream{agent.streams.at(0)});
  });
  talk.pair.run_for(1s);
  Talk::say(talk.bob, Talk::stream(talk.bob), "too late");
  talk.pair.run_for(100s);

  BOOST_TEST(contains(talk.at_bob, "received last words"));
  BOOST_TEST(talk.at_bob.back() == "stream closed: closed by the peer");
  BOOST_TEST(talk.at_alice.back() == "stream 7 to 192.0.2.2");
}

BOOST_AUTO_TEST_CASE(nobody_listens_and_the_stream_fails_with_its_number) {
  Talk talk;
  Talk::act(talk.alice, OpenStream{9, {kAlice.ip, Port{0}}, kBob});
  talk.pair.run_for(1s);
  BOOST_TEST(talk.at_alice.back() == "failed 9 connection refused");
}

// RFC 6544 §7.1: an agent whose passive candidate listens on a port connects from that same port.
BOOST_AUTO_TEST_CASE(a_stream_can_leave_from_a_listening_port_to_several_peers) {
  Talk talk;
  const Endpoint other{kBob.ip, Port{5001}};
  Talk::act(talk.bob, OpenSocket{1, Transport::Tcp, kBob});
  Talk::act(talk.bob, OpenSocket{2, Transport::Tcp, other});
  Talk::act(talk.alice, OpenSocket{1, Transport::Tcp, kAlice});
  Talk::act(talk.alice, OpenStream{2, kAlice, kBob});
  Talk::act(talk.alice, OpenStream{3, kAlice, other});
  Talk::act(talk.alice, OpenStream{4, kAlice, other});
  talk.pair.run_for(1s);

  BOOST_TEST(contains(talk.at_alice, "stream 2 to 192.0.2.2"));
  BOOST_TEST(contains(talk.at_alice, "stream 3 to 192.0.2.2"));
  BOOST_TEST(contains(talk.at_alice,
                      "failed 4 alice has a connection from 192.0.2.1:4000 to 192.0.2.2:5001 "
                      "already"));
  for (const auto& path : talk.alice.agent().streams) BOOST_TEST((path.local == kAlice));
}

// RFC 9293 §3.5, figure 7. Nobody listens: each SYN meets one that is under way.
BOOST_AUTO_TEST_CASE(both_sides_open_at_once_and_get_one_stream) {
  Talk talk;
  Talk::act(talk.alice, OpenStream{1, kAlice, kBob});
  Talk::act(talk.bob, OpenStream{2, kBob, kAlice});
  talk.pair.run_for(5s);

  BOOST_TEST(talk.at_alice.back() == "stream 1 to 192.0.2.2");
  BOOST_TEST(talk.at_bob.back() == "stream 2 to 192.0.2.1");
  Talk::say(talk.bob, Talk::stream(talk.bob), "at once");
  talk.pair.run_for(1s);
  BOOST_TEST(talk.at_alice.back() == "received at once");
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_opening_can_be_given_up_by_what_was_asked_for) {
  Talk talk;
  const OpenStream asked{1, {kAlice.ip, Port{0}}, kBob};
  Talk::act(talk.bob, OpenSocket{1, Transport::Tcp, kBob});
  Talk::act(talk.alice, asked);
  Talk::act(talk.alice, CloseStream{{Transport::Tcp, asked.local, asked.remote}});
  talk.pair.run_for(5s);
  BOOST_TEST(talk.at_alice == Lines{"up eth0 192.0.2.1"});
  BOOST_TEST(talk.bob.agent().streams.empty());
}

BOOST_AUTO_TEST_CASE(who_stops_listening_keeps_the_streams_it_has) {
  Talk talk;
  talk.connect();
  Talk::act(talk.bob, CloseSocket{Transport::Tcp, kBob});
  Talk::act(talk.alice, OpenStream{8, {kAlice.ip, Port{0}}, kBob});
  talk.pair.run_for(1s);
  Talk::say(talk.alice, Talk::stream(talk.alice), "still there");
  talk.pair.run_for(1s);
  BOOST_TEST(talk.at_alice.back() == "failed 8 connection refused");
  BOOST_TEST(talk.at_bob.back() == "received still there");
}

BOOST_AUTO_TEST_CASE(the_streams_of_an_agent_are_reset_when_it_ends) {
  HostPair pair;
  Lines at_alice;
  Lines at_bob;
  AgentHost<Scripted> alice{pair.alice, {[](Instant, const Event&) {}}, at_alice};
  {
    AgentHost<Scripted> bob{pair.bob, {[](Instant, const Event&) {}}, at_bob};
    Talk::act(bob, OpenSocket{1, Transport::Tcp, kBob});
    Talk::act(alice, OpenStream{1, {kAlice.ip, Port{0}}, kBob});
    pair.run_for(1s);
  }
  pair.run_for(1s);
  BOOST_TEST(at_alice.back() == "stream closed: reset by the peer");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
