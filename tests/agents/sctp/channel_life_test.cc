// RFC 8831 §6.7 and W3C webrtc-pc §6.2: streams used again, many channels, what bufferedAmount
// says.
#include "agents/sctp/data_channel.h"
#include "agents/sctp/reconfiguration.h"
#include "tests/agents/sctp/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace rtclab::sctp {
namespace {

namespace data = boost::unit_test::data;

void begin(Channels& pair) {
  pair.a().endpoint.connect(pair.now(), {.local_role = DtlsRole::Client});
  pair.b().endpoint.connect(pair.now(), {.local_role = DtlsRole::Server});
}

ChannelId opened(Channels& pair) {
  const auto id = *pair.a().endpoint.open(pair.now(), "first", {});
  begin(pair);
  pair.run(20s, [&] { return pair.b().has<ChannelOpened>() && pair.a().has<ChannelOpened>(); });
  pair.run(1s);
  return id;
}

bool has_response(const Packet& packet) {
  const auto* const reconfig = chunk_in<ReConfigChunk>(packet);
  return reconfig != nullptr &&
         std::ranges::any_of(reconfig->parameters, [](const auto& parameter) {
           return parameter.type == ResetResponse::kType;
         });
}

BOOST_AUTO_TEST_SUITE(sctp_channel_life)

// B closes, and A's answers to it are lost for a while. A has both resets and opens the stream
// anew; B still waits for its answer.
BOOST_AUTO_TEST_CASE(a_stream_that_the_peer_uses_again_early_is_waited_for) {
  Channels pair{{.delay = 50ms}};
  opened(pair);
  const auto until = pair.now() + 5s;
  pair.lose = [until](const Crossing& crossing, std::size_t) {
    return crossing.from == 0 && crossing.at < until && has_response(crossing.packet);
  };
  pair.b().endpoint.close(pair.now(), pair.b().all<ChannelOpened>().at(0).id);
  BOOST_REQUIRE(pair.run(4s, [&] { return pair.a().has<ChannelClosed>(); }));
  BOOST_TEST(!pair.b().has<ChannelClosed>());

  const auto second = *pair.a().endpoint.open(pair.now(), "second", {});
  BOOST_TEST((pair.a().endpoint.find(second)->stream == StreamId{0}));
  (void)pair.a().endpoint.send(pair.now(), second, std::string{"hello"});
  pair.run(60s);

  BOOST_TEST(pair.b().all<ChannelClosed>().size() == 1u);
  BOOST_REQUIRE(pair.b().all<ChannelAnnounced>().size() == 2u);
  BOOST_TEST(pair.b().all<ChannelAnnounced>().at(1).label == "second");
  BOOST_TEST(pair.b().all<ChannelMessage>().size() == 1u);
  BOOST_TEST(pair.a().all<ChannelClosed>().size() == 1u);
}

BOOST_DATA_TEST_CASE(a_stream_is_used_again_and_again_under_loss, data::make({0u, 15u}), loss) {
  Channels pair{{.delay = 20ms, .loss_percent = loss, .seed = 3}};
  begin(pair);
  constexpr std::size_t kTimes = 12;
  for (std::size_t i = 0; i < kTimes; ++i) {
    const auto id = *pair.a().endpoint.open(pair.now(), std::to_string(i), {});
    BOOST_REQUIRE(pair.run(300s, [&] { return pair.a().all<ChannelOpened>().size() == i + 1; }));
    BOOST_TEST((pair.a().endpoint.find(id)->stream == StreamId{0}));
    (void)pair.a().endpoint.send(pair.now(), id, std::to_string(i));
    pair.a().endpoint.close(pair.now(), id);
    BOOST_REQUIRE(pair.run(300s, [&] { return pair.a().all<ChannelClosed>().size() == i + 1; }));
  }
  pair.run(300s, [&] { return pair.b().all<ChannelClosed>().size() == kTimes; });

  const auto messages = pair.b().all<ChannelMessage>();
  BOOST_REQUIRE(messages.size() == kTimes);
  for (std::size_t i = 0; i < kTimes; ++i) {
    BOOST_TEST((messages[i].data == ChannelData{std::to_string(i)}));
  }
  BOOST_TEST(pair.b().all<ChannelClosed>().size() == kTimes);
}

BOOST_DATA_TEST_CASE(a_thousand_channels_open_carry_and_close, data::make({false, true}),
                     interleaving) {
  Options options;
  options.interleaving = interleaving;
  Channels pair{{.delay = 10ms}, options, options};
  begin(pair);
  constexpr std::size_t kEach = 512;
  std::vector<ChannelId> ours;
  for (std::size_t i = 0; i < kEach; ++i) {
    ours.push_back(*pair.a().endpoint.open(pair.now(), "a" + std::to_string(i), {}));
    BOOST_REQUIRE(pair.b().endpoint.open(pair.now(), "b" + std::to_string(i), {}).has_value());
  }
  BOOST_REQUIRE(pair.run(60s, [&] {
    return pair.a().all<ChannelOpened>().size() == 2 * kEach &&
           pair.b().all<ChannelOpened>().size() == 2 * kEach;
  }));
  for (const auto id : ours) (void)pair.a().endpoint.send(pair.now(), id, std::string(100, 'x'));
  BOOST_REQUIRE(pair.run(60s, [&] { return pair.b().all<ChannelMessage>().size() == kEach; }));
  std::set<ChannelId> heard;
  for (const auto& message : pair.b().all<ChannelMessage>()) heard.insert(message.id);
  BOOST_TEST(heard.size() == kEach);

  for (const auto id : ours) pair.a().endpoint.close(pair.now(), id);
  BOOST_REQUIRE(pair.run(60s, [&] { return pair.a().all<ChannelClosed>().size() == kEach; }));
  pair.run(1s);
  BOOST_TEST(pair.b().all<ChannelClosed>().size() == kEach);
}

// W3C webrtc-pc §6.2: it does not fall to zero because the channel closes.
BOOST_AUTO_TEST_CASE(what_was_never_sent_stays_in_the_buffered_amount_of_a_closed_channel) {
  Channels pair{{.delay = 50ms}};
  const auto id = opened(pair);
  (void)pair.a().endpoint.send(pair.now(), id, ChannelData{pattern(60000)});
  const auto before = pair.a().endpoint.buffered_amount(id);
  BOOST_TEST(before > 0u);
  pair.a().endpoint.abort(pair.now(), "enough");
  pair.drain();

  BOOST_TEST(pair.a().has<ChannelClosed>());
  BOOST_TEST(pair.a().endpoint.buffered_amount(id) == before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
