#include "agents/rtp/extensions.h"

#include "agents/rtp/rtx.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::rtp {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(rtp_extensions)

BOOST_AUTO_TEST_CASE(a_rid_is_letters_and_digits_and_a_mid_a_token) {
  BOOST_TEST((read_rid(as_octets("hi2")) == "hi2"));
  BOOST_TEST(!read_rid(as_octets("h-i")));
  BOOST_TEST((read_mid(as_octets("h-i")) == "h-i"));
  BOOST_TEST(!read_mid(as_octets("a b")));
  BOOST_TEST(!read_mid({}));
}

BOOST_AUTO_TEST_CASE(an_audio_level_has_its_voice_bit_on_top) {
  BOOST_TEST(to_hex(write_audio_level({.level = 30, .voice = true})) == "9e");
  BOOST_TEST((read_audio_level(from_hex("9e")) == AudioLevel{30, true}));
  BOOST_TEST(!read_audio_level(from_hex("9e00")));
}

BOOST_AUTO_TEST_CASE(an_absolute_send_time_counts_in_1_262144_seconds) {
  BOOST_TEST(to_absolute_send_time(Instant{1s}).value() == 1u << 18u);
  BOOST_TEST(to_absolute_send_time(Instant{65s}).value() == 1u << 18u);
  BOOST_TEST(to_hex(write_absolute_send_time(to_absolute_send_time(Instant{500ms}))) == "020000");
  BOOST_TEST((read_absolute_send_time(from_hex("020000")) == AbsoluteSendTime{0x20000}));
}

BOOST_AUTO_TEST_CASE(absolute_send_times_subtract_across_their_wrap) {
  const auto before = to_absolute_send_time(Instant{63s});
  const auto after = to_absolute_send_time(Instant{64s + 500ms});

  BOOST_TEST((between(before, after) == 1500ms));
  BOOST_TEST((between(after, before) == -1500ms));
}

BOOST_AUTO_TEST_CASE(a_time_offset_may_be_negative) {
  BOOST_TEST(to_hex(write_time_offset(-2)) == "fffffe");
  BOOST_TEST((read_time_offset(from_hex("fffffe")) == -2));
  BOOST_TEST((read_time_offset(from_hex("7fffff")) == 0x7fffff));
  BOOST_TEST(!read_time_offset(from_hex("7fff")));
}

BOOST_AUTO_TEST_CASE(a_playout_delay_has_two_numbers_of_12_bits) {
  BOOST_TEST(to_hex(write_playout_delay({.least = 10ms, .most = 40950ms})) == "001fff");
  BOOST_TEST((read_playout_delay(from_hex("001fff")) == PlayoutDelay{10ms, 40950ms}));
  BOOST_TEST(!read_playout_delay(from_hex("002001")));
}

BOOST_AUTO_TEST_CASE(a_transport_wide_sequence_number_has_two_octets) {
  BOOST_TEST(to_hex(write_transport_sequence_number(SequenceNumber{0x1234})) == "1234");
  BOOST_TEST((read_transport_sequence_number(from_hex("1234")) == SequenceNumber{0x1234}));
  BOOST_TEST(!read_transport_sequence_number(from_hex("12")));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rtp_rtx)

Packet a_lost_packet() {
  Packet packet{.marker = true,
                .payload_type = PayloadType{96},
                .sequence_number = SequenceNumber{0x1234},
                .timestamp = RtpTimestamp{90000},
                .ssrc = Ssrc{1},
                .csrcs = {},
                .extension = std::nullopt,
                .payload = from_hex("aabbcc"),
                .padding = 0};
  packet.set_extension(1, from_hex("30"));
  return packet;
}
const RtxPlace kPlace{PayloadType{97}, SequenceNumber{7}, Ssrc{2}};

BOOST_AUTO_TEST_CASE(a_retransmission_begins_with_the_original_sequence_number) {
  const auto rtx = to_rtx(a_lost_packet(), kPlace);

  BOOST_TEST(to_hex(rtx.payload) == "1234aabbcc");
  BOOST_TEST(rtx.ssrc.value() == 2u);
  BOOST_TEST(rtx.sequence_number.value() == 7u);
  BOOST_TEST(rtx.payload_type.value() == 97u);
  BOOST_TEST((rtx.timestamp == a_lost_packet().timestamp));
}

BOOST_AUTO_TEST_CASE(the_original_comes_out_again) {
  const auto original = from_rtx(to_rtx(a_lost_packet(), kPlace), PayloadType{96}, Ssrc{1});

  BOOST_REQUIRE(original.has_value());
  BOOST_TEST((*original == a_lost_packet()));
}

BOOST_AUTO_TEST_CASE(padding_alone_is_no_retransmission) {
  Packet probe = to_rtx(a_lost_packet(), kPlace);
  probe.payload.clear();
  probe.padding = 200;

  BOOST_TEST(!from_rtx(probe, PayloadType{96}, Ssrc{1}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::rtp
