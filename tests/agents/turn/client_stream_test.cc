// The client over TCP: the test plays the server's end of the stream, octet by octet.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/turn/channel_data.h"
#include "agents/turn/stream_deframer.h"
#include "tests/agents/turn/world.h"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace rtclab::turn {
namespace {

using namespace std::chrono_literals;
using stun::Class;
using stun::Message;
using stun::Method;

const Path kStream{Transport::Tcp, *Endpoint::parse("192.0.2.1:40000"), kServer};
const Endpoint kRelayed = *Endpoint::parse("198.51.100.1:50000");

Config stream_config() {
  auto config = client_config();
  config.transport = ServerTransport::Tcp;
  config.local = {kClient.ip, Port{0}};
  return config;
}

class Played {
 public:
  explicit Played(Config config = stream_config()) : client{std::move(config), rng_} {}

  void pass(Duration duration) {
    now += duration;
    client.handle_timeout(now);
    collect();
  }
  void input(const Input& in) {
    BOOST_TEST(client.handle_input(now, in));
    collect();
  }
  void collect() {
    while (auto output = client.poll_output()) {
      if (const auto* const sent = std::get_if<Transmit>(&*output)) deframer.push(sent->bytes);
      if (!std::holds_alternative<Event>(*output)) outputs.push_back(std::move(*output));
    }
    while (auto event = client.poll_event()) events.push_back(std::move(*event));
    if (const auto wakeup = client.next_wakeup()) BOOST_TEST((wakeup->at > now));
  }
  void open() {
    client.allocate(now);
    collect();
    input(StreamOpened{0, kStream});
  }
  // The next message that the client sent.
  Bytes next_octets() {
    const auto message = deframer.poll();
    BOOST_TEST_REQUIRE((message && message->has_value()));
    return **message;
  }
  Message next() { return *Message::parse(next_octets()); }
  void answer(const Message& message, std::size_t portion = 7) {
    const auto octets = stun::seal(message);
    for (ByteView rest = octets; !rest.empty(); rest = rest.subspan(std::min(portion, rest.size())))
      input(Received{kStream, rest.first(std::min(portion, rest.size()))});
  }
  // Without credentials, which RFC 8656 §7.2 lets a server do.
  void allocate() {
    open();
    answer(Message::response_to(next(), Class::Success)
               .add(stun::XorRelayedAddress{kRelayed})
               .add(stun::XorMappedAddress{kStream.local})
               .add(stun::Lifetime{600}));
    BOOST_TEST_REQUIRE(client.relayed().has_value());
  }
  template <class T>
  std::vector<T> take() {
    std::vector<T> found;
    for (const auto& output : std::exchange(outputs, {})) {
      if (const auto* const wanted = std::get_if<T>(&output)) found.push_back(*wanted);
    }
    return found;
  }
  template <class E>
  std::vector<E> take_events() {
    std::vector<E> found;
    for (const auto& event : std::exchange(events, {})) {
      if (const auto* const wanted = std::get_if<E>(&event)) found.push_back(*wanted);
    }
    return found;
  }

 private:
  SeededRng rng_{42};

 public:
  Instant now{1s};
  Client client;
  StreamDeframer deframer;  // what the client sent
  std::vector<Output> outputs;
  std::vector<ClientEvent> events;
};

BOOST_AUTO_TEST_SUITE(turn_client_stream)

BOOST_AUTO_TEST_CASE(asks_for_a_stream_and_says_nothing_before_it_stands) {
  Played played;
  played.client.allocate(played.now);
  played.collect();

  BOOST_TEST(played.take<Transmit>().empty());
  played.input(StreamOpened{0, kStream});
  BOOST_TEST((played.next().method == Method::Allocate));
  BOOST_TEST((played.take<Transmit>().at(0).path == kStream));
}

BOOST_AUTO_TEST_CASE(asks_for_a_stream_from_its_address_to_the_server) {
  Played played;
  played.client.allocate(played.now);
  played.collect();

  const auto streams = played.take<OpenStream>();
  BOOST_TEST_REQUIRE(streams.size() == 1u);
  BOOST_TEST((streams[0].local == Endpoint{kClient.ip, Port{0}}));
  BOOST_TEST((streams[0].remote == kServer));
}

BOOST_AUTO_TEST_CASE(sends_each_request_once_and_waits_39_5_s) {
  Played played;
  played.open();
  (void)played.next();
  for (int i = 0; i < 394; ++i) played.pass(100ms);
  BOOST_TEST(played.events.empty());

  played.pass(100ms);

  BOOST_TEST(played.take<Transmit>().size() == 1u);
  BOOST_TEST(played.take_events<AllocationFailed>().at(0).code == 0);
}

BOOST_AUTO_TEST_CASE(closes_the_stream_when_the_server_stays_silent) {
  Played played;
  played.open();
  for (int i = 0; i < 395; ++i) played.pass(100ms);
  BOOST_TEST((played.take<CloseStream>().at(0).path == kStream));
}

BOOST_AUTO_TEST_CASE(pads_channel_data_and_takes_it_in_any_portions) {
  Played played;
  played.allocate();
  played.client.bind_channel(played.now, kPeer);
  played.collect();
  (void)played.next();  // CreatePermission
  const auto bind = played.next();
  played.answer(Message::response_to(bind, Class::Success));

  played.client.send(played.now, kPeer, as_octets("abcde"));
  played.collect();
  BOOST_TEST(played.take<Transmit>().back().bytes.size() == 12u);
  BOOST_TEST((played.next_octets() == ChannelData{0x4000, as_octets("abcde")}.serialize()));

  const auto back =
      ChannelData{0x4000, as_octets("xyz")}.serialize(ChannelData::Padding::ToFourOctets);
  for (std::size_t i = 0; i < back.size(); ++i)
    played.input(Received{kStream, ByteView{back}.subspan(i, 1)});
  BOOST_TEST(as_text(played.take_events<Data>().at(0).bytes) == "xyz");
}

BOOST_AUTO_TEST_CASE(with_the_stream_the_allocation_is_lost) {
  Played played;
  played.allocate();
  played.events.clear();
  played.input(StreamClosed{kStream, "reset by the peer"});

  const auto failed = played.take_events<AllocationFailed>();
  BOOST_TEST_REQUIRE(failed.size() == 1u);
  BOOST_TEST(failed[0].reason == "the connection to the server was lost: reset by the peer");
  BOOST_TEST(!played.client.relayed().has_value());
  BOOST_TEST(!played.client.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(a_stream_that_cannot_be_had_fails_the_allocation) {
  Played played;
  played.client.allocate(played.now);
  played.collect();
  played.input(SocketFailed{0, "connection refused"});
  BOOST_TEST(played.take_events<AllocationFailed>().at(0).reason ==
             "no connection to the server: connection refused");
  BOOST_TEST(played.take<CloseStream>().empty());
}

BOOST_AUTO_TEST_CASE(a_stream_that_does_not_come_is_given_up) {
  Played played;
  played.client.allocate(played.now);
  played.pass(39400ms);
  BOOST_TEST(played.events.empty());
  played.pass(100ms);
  BOOST_TEST(played.take_events<AllocationFailed>().size() == 1u);
  BOOST_TEST((played.take<CloseStream>().at(0).path ==
              Path{Transport::Tcp, {kClient.ip, Port{0}}, kServer}));
}

BOOST_AUTO_TEST_CASE(a_server_that_speaks_something_else_is_left) {
  Played played;
  played.open();
  played.input(Received{kStream, as_octets("SSH-2.0-OpenSSH_9.2\r\n")});
  BOOST_TEST(played.take_events<AllocationFailed>().size() == 1u);
  BOOST_TEST((played.take<CloseStream>().at(0).path == kStream));
}

BOOST_AUTO_TEST_CASE(closing_deletes_the_allocation_and_then_the_stream) {
  Played played;
  played.allocate();
  played.client.close(played.now);
  played.collect();
  BOOST_TEST(played.take<CloseStream>().empty());
  const auto refresh = played.next();
  BOOST_TEST(refresh.find<stun::Lifetime>()->value == 0u);

  played.answer(Message::response_to(refresh, Class::Success).add(stun::Lifetime{0}), 1000);

  BOOST_TEST(played.take_events<Closed>().size() == 1u);
  BOOST_TEST(played.take<CloseStream>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(closing_while_the_stream_opens_gives_it_up) {
  Played played;
  played.client.allocate(played.now);
  played.client.close(played.now);
  played.collect();
  BOOST_TEST(played.take_events<Closed>().size() == 1u);
  BOOST_TEST(played.take<CloseStream>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(other_streams_are_left_to_the_owner) {
  Played played;
  played.allocate();
  auto other = kStream;
  other.local.port = Port{40001};
  BOOST_TEST(!played.client.handle_input(played.now, Received{other, as_octets("x")}));
  BOOST_TEST(!played.client.handle_input(played.now, StreamClosed{other, "closed"}));
  BOOST_TEST(!played.client.handle_input(played.now, StreamOpened{5, other}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
