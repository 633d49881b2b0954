// RTP whose payloads nobody can open: what headers alone show, and what they do not.
#include "agents/rtp/extensions.h"
#include "agents/rtp/packet.h"
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::Fate;

constexpr std::string_view kAudio =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtcp-mux\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 112\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendrecv\r\n"
    "a=rtpmap:112 opus/48000/2\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtcp-mux\r\n";

// Twenty milliseconds of opus each, from the number 100 on.
struct Talk {
  std::uint8_t type = 111;
  std::uint32_t ssrc = 0x12345678;
  int count = 20;
  std::uint16_t first = 100;
  int left_out = -1;         // this one never was
  int lost = -1;             // this one does not arrive
  std::uint32_t step = 960;  // of the timestamp
  std::optional<rtp::ExtensionId> mid_under = 4;
};

rtp::Packet packet_of(const Talk& talk, int index) {
  rtp::Packet packet;
  packet.payload_type = rtp::PayloadType{talk.type};
  packet.sequence_number = rtp::SequenceNumber{talk.first}.plus(index);
  packet.timestamp = rtp::RtpTimestamp{777}.plus(std::int64_t{talk.step} * index);
  packet.ssrc = rtp::Ssrc{talk.ssrc};
  if (talk.mid_under) packet.set_extension(*talk.mid_under, as_octets("0"));
  packet.payload = Bytes(40, std::byte{0x5a});
  return packet;
}

Case call_with(const Talk& talk) {
  Case call;
  call.offer(0s, Alice, std::string{kAudio}).answer(1ms, Bob, std::string{kAudio});
  for (int i = 0; i < talk.count; ++i) {
    if (i == talk.left_out) continue;
    call.packet(1s + 20ms * i, Alice, Bob, packet_of(talk, i).serialize(),
                i == talk.lost ? Fate::Lost : Fate::Delivered);
  }
  return call;
}

BOOST_AUTO_TEST_SUITE(judge_media)

BOOST_AUTO_TEST_CASE(sealed_talk_is_judged_by_its_headers_alone) {
  const auto call = call_with({.count = 300});
  for (const auto* const id :
       {"rtp-3550-5.1-version2", "rtp-3550-5.1-seq-inc", "rtp-3550-5.1-ts-clock",
        "rtp-3551-4.1-marker", "oa-3264-6.1-send-with-peer-pt", "rtp-8834-5.2.4-mid-ext"}) {
    BOOST_TEST(call.verdict(id) == "pass", id);
  }
  // Without keys nobody knows what SRTP and RTCP did.
  for (const auto* const id : {"srtp-3711-3.3.1-index", "srtp-3711-3.4-srtcp-index",
                               "srtp-3711-4.1.1-no-two-time-pad", "rtp-3550-6.4.1-sr-if-sent"}) {
    BOOST_TEST(call.verdict(id) == "inconclusive", id);
  }
}

BOOST_AUTO_TEST_CASE(a_packet_that_was_lost_leaves_no_gap_and_one_that_never_was_does) {
  BOOST_TEST(call_with({.lost = 10}).verdict("rtp-3550-5.1-seq-inc") == "pass");
  BOOST_TEST(call_with({.left_out = 10}).verdict("rtp-3550-5.1-seq-inc") == "fail");
}

BOOST_AUTO_TEST_CASE(numbers_may_turn_over) {
  BOOST_TEST(call_with({.first = 65530}).verdict("rtp-3550-5.1-seq-inc") == "pass");
  BOOST_TEST(call_with({.first = 65530}).verdict("srtp-3711-3.3.1-seq-start") == "advice");
}

BOOST_AUTO_TEST_CASE(a_clock_at_half_its_rate_is_seen_and_a_short_talk_tells_nothing) {
  BOOST_TEST(call_with({.count = 300, .step = 480}).verdict("rtp-3550-5.1-ts-clock") == "fail");
  BOOST_TEST(call_with({.count = 20, .step = 480}).verdict("rtp-3550-5.1-ts-clock") ==
             "inconclusive");
}

BOOST_AUTO_TEST_CASE(a_payload_type_has_to_be_the_receivers) {
  BOOST_TEST(call_with({.type = 96}).verdict("oa-3264-6.1-send-with-peer-pt") == "fail");
}

BOOST_AUTO_TEST_CASE(in_a_bundle_of_two_a_stream_without_mid_is_incomplete) {
  BOOST_TEST(call_with({.mid_under = std::nullopt}).verdict("rtp-8834-5.2.4-mid-ext") == "fail");
}

BOOST_AUTO_TEST_CASE(a_padding_bit_over_sealed_octets_misleads_nobody) {
  auto call = call_with({});
  auto padded = packet_of({}, 20).serialize();
  padded[0] |= std::byte{0x20};  // whose count is sealed: 0x5a, more than the packet has
  call.packet(1400ms, Alice, Bob, padded);
  BOOST_TEST(call.verdict("rtp-3550-5.1-seq-inc") == "pass");
  BOOST_TEST(call.verdict("rtp-8834-5.1-reserved-ext-ids") == "pass");
}

BOOST_AUTO_TEST_CASE(noise_is_no_rtp_of_another_version_unless_it_looks_like_it) {
  auto call = call_with({});
  call.packet(1500ms, Alice, Bob, Bytes(30, std::byte{0xff}));
  BOOST_TEST(call.verdict("rtp-3550-5.1-version2") == "pass");
  call.packet(1600ms, Alice, Bob, Bytes(30, std::byte{0x50}));
  BOOST_TEST(call.verdict("rtp-3550-5.1-version2") == "fail");
}

BOOST_AUTO_TEST_CASE(two_ssrcs_side_by_side_were_counted) {
  auto call = call_with({.ssrc = 1});
  call.packet(2s, Alice, Bob, packet_of({.ssrc = 2, .first = 9000}, 0).serialize());
  BOOST_TEST(call.verdict("rtp-3550-8.1-ssrc-random") == "fail");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
