#include "tests/agents/live/puppet.h"

namespace rtclab::live {
namespace {

std::string all_heard(const Driver<Puppet>& driver) {
  std::string text;
  for (const auto& each : driver.agent().heard) text += each.text;
  return text;
}

struct TcpStage : Stage {
  Endpoint listen(Driver<Puppet>& driver) {
    return open(driver, {.request = 1, .transport = Transport::Tcp, .local = {kLoopback, Port{0}}});
  }
  void connect(Driver<Puppet>& driver, const Endpoint& local, const Endpoint& remote) {
    ask(driver, OpenStream{7, local, remote});
    run_until([&] { return driver.agent().count<StreamOpened>() > 0; });
  }
  bool both_open() const {
    return first.agent().count<StreamOpened>() > 0 && second.agent().count<StreamOpened>() > 0;
  }
};

BOOST_FIXTURE_TEST_SUITE(tcp, TcpStage)

BOOST_AUTO_TEST_CASE(both_ends_learn_the_same_path_and_only_one_asked_for_it) {
  const auto server = listen(second);

  connect(first, {kLoopback, Port{0}}, server);
  run_until([&] { return both_open(); });

  const auto asked = first.agent().latest<StreamOpened>();
  const auto accepted = second.agent().latest<StreamOpened>();
  BOOST_TEST((asked.request == 7u));
  BOOST_TEST(!accepted.request.has_value());
  BOOST_TEST((asked.path.local == accepted.path.remote));
  BOOST_TEST((asked.path.remote == accepted.path.local));
}

BOOST_AUTO_TEST_CASE(octets_arrive_in_order_however_they_are_cut) {
  const auto server = listen(second);
  connect(first, {kLoopback, Port{0}}, server);
  const auto path = first.agent().latest<StreamOpened>().path;
  const std::string large(200'000, 'x');

  ask(first, Transmit{path, to_octets("begin")});
  ask(first, Transmit{path, to_octets(large)});
  ask(first, Transmit{path, to_octets("end")});
  run_until([&] { return all_heard(second).size() >= large.size() + 8; });

  BOOST_TEST((all_heard(second) == "begin" + large + "end"));
}

BOOST_AUTO_TEST_CASE(what_was_sent_before_the_close_still_arrives) {
  const auto server = listen(second);
  connect(first, {kLoopback, Port{0}}, server);
  const auto path = first.agent().latest<StreamOpened>().path;

  ask(first, Transmit{path, to_octets("goodbye")});
  ask(first, CloseStream{path});
  run_until([&] { return second.agent().count<StreamClosed>() > 0; });

  BOOST_TEST(all_heard(second) == "goodbye");
  BOOST_TEST(first.agent().count<StreamClosed>() == 0u);
}

BOOST_AUTO_TEST_CASE(nobody_listening_is_a_failed_request) {
  const auto server = listen(second);
  ask(second, CloseSocket{Transport::Tcp, server});

  ask(first, OpenStream{9, {kLoopback, Port{0}}, server});
  run_until([&] { return first.agent().count<SocketFailed>() > 0; });

  BOOST_TEST(first.agent().latest<SocketFailed>().request == 9u);
}

BOOST_AUTO_TEST_CASE(a_port_that_listens_can_also_connect) {
  const auto here = listen(first);
  const auto server = listen(second);

  connect(first, here, server);

  BOOST_TEST((first.agent().latest<StreamOpened>().path == Path{Transport::Tcp, here, server}));
}

BOOST_AUTO_TEST_CASE(a_stream_given_up_while_opening_is_not_heard_of_again) {
  const auto server = listen(second);
  ask(first, OpenStream{7, {kLoopback, Port{0}}, server});
  ask(first, CloseStream{{Transport::Tcp, {kLoopback, Port{0}}, server}});

  connect(second, {kLoopback, Port{0}}, server);  // time enough for the first to be heard of

  BOOST_TEST(first.agent().count<StreamOpened>() == 0u);
  BOOST_TEST(first.agent().count<SocketFailed>() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::live
