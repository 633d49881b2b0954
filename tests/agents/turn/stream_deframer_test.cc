#include "agents/turn/stream_deframer.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/turn/channel_data.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace rtclab::turn {
namespace {

namespace data = boost::unit_test::data;

Bytes a_stun_message() {
  stun::Message message{stun::Class::Indication, stun::Method::Data, {}, {}};
  message.add(stun::XorPeerAddress{*Endpoint::parse("203.0.113.9:4000")});
  message.add(stun::Data{to_octets("hello")});
  return stun::seal(message, {.key = {}, .fingerprint = true});
}

// Messages, and how they stand in the stream.
struct Conversation {
  std::vector<Bytes> messages;
  Bytes stream;

  Conversation& say(Bytes message, std::size_t padding = 0) {
    stream.insert(stream.end(), message.begin(), message.end());
    stream.insert(stream.end(), padding, std::byte{0});
    messages.push_back(std::move(message));
    return *this;
  }
};

Bytes channel_data(std::string_view text) {
  return ChannelData{0x4001, as_octets(text)}.serialize();
}

Conversation a_conversation() {
  return Conversation{}
      .say(a_stun_message())
      .say(channel_data("a"), 3)
      .say(channel_data(""))
      .say(channel_data("four"))
      .say(a_stun_message())
      .say(channel_data("abcdef"), 2);
}

std::vector<Bytes> read_all(StreamDeframer& deframer) {
  std::vector<Bytes> messages;
  while (auto message = deframer.poll()) {
    BOOST_TEST_REQUIRE(message->has_value());
    messages.push_back(**message);
  }
  return messages;
}

BOOST_AUTO_TEST_SUITE(turn_stream_deframer)

BOOST_DATA_TEST_CASE(yields_the_same_messages_however_the_stream_is_cut, data::xrange(1, 120),
                     portion) {
  const auto conversation = a_conversation();
  StreamDeframer deframer;
  std::vector<Bytes> messages;
  const auto size = static_cast<std::size_t>(portion);

  for (std::size_t at = 0; at < conversation.stream.size(); at += size) {
    const auto rest = ByteView{conversation.stream}.subspan(at);
    deframer.push(rest.first(std::min(size, rest.size())));
    for (auto& message : read_all(deframer)) messages.push_back(std::move(message));
  }

  BOOST_TEST((messages == conversation.messages));
}

BOOST_AUTO_TEST_CASE(waits_for_the_padding_of_channel_data) {
  const auto octets =
      ChannelData{0x4001, as_octets("abcde")}.serialize(ChannelData::Padding::ToFourOctets);
  BOOST_TEST(octets.size() == 12u);
  StreamDeframer deframer;
  deframer.push(ByteView{octets}.first(11));
  BOOST_TEST(!deframer.poll().has_value());
  deframer.push(ByteView{octets}.last(1));
  BOOST_TEST((**deframer.poll() == channel_data("abcde")));
}

BOOST_AUTO_TEST_CASE(hands_on_what_follows_the_last_message) {
  StreamDeframer deframer;
  auto octets = a_stun_message();
  const auto more = to_octets("\001data");
  octets.insert(octets.end(), more.begin(), more.end());
  deframer.push(octets);
  BOOST_TEST((**deframer.poll() == a_stun_message()));
  BOOST_TEST((deframer.take_rest() == more));
  BOOST_TEST(!deframer.poll().has_value());
}

struct BadStream {
  std::string_view name;
  std::size_t octet;
  std::byte value;
  Flaw flaw;
  std::size_t offset;  // within the second message
};
std::ostream& operator<<(std::ostream& out, const BadStream& row) {
  return out << row.name;
}
const std::vector<BadStream> kBadStreams{
    {"a TLS record", 0, std::byte{0x16}, Flaw::BadValue, 0},
    {"a channel that RFC 8656 reserves", 0, std::byte{0x50}, Flaw::BadValue, 0},
    {"a length that is no multiple of four", 3, std::byte{0x22}, Flaw::BadLength, 2},
    {"a cookie off by one bit", 7, std::byte{0x43}, Flaw::BadMagic, 4},
};

BOOST_DATA_TEST_CASE(names_the_flaw_and_where_in_the_stream_it_stands, data::make(kBadStreams),
                     row) {
  StreamDeframer deframer;
  deframer.push(channel_data("four"));
  auto octets = a_stun_message();
  octets[row.octet] = row.value;
  deframer.push(octets);

  BOOST_TEST((**deframer.poll() == channel_data("four")));
  for (int i = 0; i < 2; ++i) {  // for good
    const auto broken = deframer.poll();
    BOOST_TEST_REQUIRE(broken.has_value());
    BOOST_TEST_REQUIRE(!broken->has_value());
    BOOST_TEST((broken->error().flaw == row.flaw));
    BOOST_TEST(broken->error().offset == 8u + row.offset);
  }
}

BOOST_AUTO_TEST_CASE(tells_a_foreign_protocol_by_its_first_octet) {
  StreamDeframer deframer;
  deframer.push(as_octets("S"));  // SSH-2.0
  BOOST_TEST(!deframer.poll().value().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
