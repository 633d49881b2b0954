#include "sim/host/agent_host.h"

#include "tests/sim/host/host_pair.h"
#include "tests/sim/host/scripted_agent.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace rtclab::sim {
namespace {

const Ip kAlice = *Ip::parse("192.0.2.1");
const Ip kBob = *Ip::parse("192.0.2.2");

BOOST_AUTO_TEST_SUITE(agent_host)

BOOST_AUTO_TEST_CASE(an_agent_hears_of_its_interfaces_first_and_gets_its_sockets) {
  HostPair pair;
  Lines told;
  Lines recorded;
  AgentHost<Scripted> host{
      pair.alice, {[&](Instant, const Event& event) { recorded.emplace_back(event.name); }}, told};

  host.call([](Instant, Scripted& agent) {
    agent.outputs.emplace_back(OpenSocket{1, Transport::Udp, {kAlice, Port{0}}});
    agent.outputs.emplace_back(OpenSocket{2, Transport::Udp, {kBob, Port{0}}});
    agent.outputs.emplace_back(OpenSocket{3, Transport::Tcp, {kAlice, Port{0}}});
    agent.outputs.emplace_back(OpenSocket{4, Transport::Tcp, {kBob, Port{0}}});
    agent.outputs.emplace_back(Event{"test:asked", {}, {}});
  });

  BOOST_TEST(told == (Lines{"up eth0 192.0.2.1", "opened 1 192.0.2.1",
                            "failed 2 alice has no address 192.0.2.2", "opened 3 192.0.2.1",
                            "failed 4 alice has no address 192.0.2.2"}),
             boost::test_tools::per_element());
  BOOST_TEST(recorded == Lines{"test:asked"});
}

BOOST_AUTO_TEST_CASE(two_agents_talk_and_a_closed_socket_is_unreachable) {
  HostPair pair;
  Lines at_alice;
  Lines at_bob;
  AgentHost<Scripted> alice{pair.alice, {[](Instant, const Event&) {}}, at_alice};
  AgentHost<Scripted> bob{pair.bob, {[](Instant, const Event&) {}}, at_bob};
  const auto open = [](Ip ip) {
    return [ip](Instant, Scripted& agent) {
      agent.outputs.emplace_back(OpenSocket{1, Transport::Udp, {ip, Port{4000}}});
    };
  };
  alice.call(open(kAlice));
  bob.call(open(kBob));
  const auto say = [&](std::string_view text) {
    alice.call([&](Instant, Scripted& agent) {
      agent.outputs.emplace_back(
          Transmit{{Transport::Udp, agent.socket, {kBob, Port{4000}}}, to_octets(text)});
    });
    pair.run_for(100ms);
  };

  say("hello");
  bob.call([](Instant, Scripted& agent) {
    agent.outputs.emplace_back(CloseSocket{Transport::Udp, agent.socket});
  });
  say("are you there");

  BOOST_TEST(at_bob.back() == "received hello");
  BOOST_TEST(at_alice.back() == "unreachable");
}

BOOST_AUTO_TEST_CASE(an_agent_is_woken_when_it_asked_to_be) {
  HostPair pair;
  Lines told;
  AgentHost<Scripted> host{pair.alice, {[](Instant, const Event&) {}}, told};
  host.call([](Instant now, Scripted& agent) { agent.wakeup = Wakeup{now + 5s, "test"}; });
  host.call([](Instant now, Scripted& agent) { agent.wakeup = Wakeup{now + 7s, "test"}; });
  pair.run_for(6'999'999'999ns);
  BOOST_TEST(told.size() == 1u);
  pair.run_for(1ns);
  BOOST_TEST(told.back() == "timeout");
}

// agents/base/io.h, rule 4.
BOOST_AUTO_TEST_CASE(a_busy_loop_is_named) {
  HostPair pair;
  Lines told;
  AgentHost<Scripted> host{pair.alice, {[](Instant, const Event&) {}}, told};
  const auto asks_for_now = [&] {
    host.call([](Instant now, Scripted& agent) { agent.wakeup = Wakeup{now, "ice: keepalive"}; });
  };
  const auto names_it = [](const std::logic_error& error) {
    const std::string what = error.what();
    return what.find("alice") != std::string::npos &&
           what.find("ice: keepalive") != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(asks_for_now(), std::logic_error, names_it);
}

// The owner comes first at that instant, and what it does need not touch the agent: the timer that
// stood for the deadline has not fired yet.
BOOST_AUTO_TEST_CASE(a_call_that_does_nothing_at_the_instant_of_a_deadline_is_no_busy_loop) {
  HostPair pair;
  Lines told;
  AgentHost<Scripted> host{pair.alice, {[](Instant, const Event&) {}}, told};
  Lines before;
  Simulation::schedule(Instant{5s}, [&] {
    before = told;
    host.call([](Instant, Scripted&) {});
  });
  host.call([](Instant, Scripted& agent) { agent.wakeup = Wakeup{Instant{5s}, "media: source"}; });

  pair.run_for(5s);

  BOOST_TEST(std::ranges::count(before, "timeout") == 0);
  BOOST_TEST(std::ranges::count(told, "timeout") == 1);
}

// The owner may call the agent in answer to what it polls; all of it happens at that instant.
BOOST_AUTO_TEST_CASE(the_owner_answers_within_the_drain_and_is_not_entered_twice) {
  HostPair pair;
  Lines told;
  int depth = 0;
  int deepest = 0;
  AgentHost<Scripted>* self = nullptr;
  Lines recorded;
  AgentHost<Scripted>::Hooks hooks;
  hooks.record = [&](Instant, const Event& event) { recorded.emplace_back(event.name); };
  hooks.on_drained = [&](Instant, Scripted& agent) {
    deepest = std::max(deepest, ++depth);
    const bool took = std::exchange(agent.happened, false);
    if (took && self != nullptr) {
      self->call([](Instant, Scripted& again) {
        again.outputs.emplace_back(Event{"test:answer", {}, {}});
      });
    }
    --depth;
    return took;
  };
  AgentHost<Scripted> host{pair.alice, hooks, told};
  self = &host;

  const auto answer = host.call([](Instant, Scripted& agent) {
    agent.outputs.emplace_back(OpenSocket{1, Transport::Udp, {kAlice, Port{0}}});
    return 42;
  });

  BOOST_TEST(answer == 42);
  BOOST_TEST(recorded == Lines{"test:answer"});
  BOOST_TEST(deepest == 1);
}

BOOST_AUTO_TEST_CASE(the_sockets_of_an_agent_end_with_it) {
  HostPair pair;
  Lines told;
  {
    AgentHost<Scripted> host{pair.alice, {[](Instant, const Event&) {}}, told};
    host.call([](Instant, Scripted& agent) {
      agent.outputs.emplace_back(OpenSocket{1, Transport::Udp, {kAlice, Port{4000}}});
    });
    BOOST_TEST(!pair.alice.udp().bind({kAlice, Port{4000}}, {}).has_value());
  }
  BOOST_TEST(pair.alice.udp().bind({kAlice, Port{4000}}, {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sim
