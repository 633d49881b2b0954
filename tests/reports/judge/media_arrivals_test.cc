// What a receiver may say of packets: by what had come to it at that moment, by whatever way, and
// could be opened.
#include "agents/rtp/packet.h"
#include "tests/reports/judge/case.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>

namespace rtclab::test {
namespace {

using enum Who;
using evidence::Fate;

constexpr std::uint32_t kSsrc = 0x12345678;
constexpr std::uint16_t kFirst = 100;

std::string talk(std::string_view direction) {
  return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
         "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=" +
         std::string{direction} +
         "\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\n"
         "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtcp-mux\r\n";
}

Bytes octets_of(int index) {
  rtp::Packet packet;
  packet.payload_type = rtp::PayloadType{111};
  packet.sequence_number = rtp::SequenceNumber{kFirst}.plus(index);
  packet.timestamp = rtp::RtpTimestamp{777}.plus(std::int64_t{960} * index);
  packet.ssrc = rtp::Ssrc{kSsrc};
  packet.set_extension(4, as_octets("0"));
  packet.payload = Bytes(40, std::byte{0x5a});
  return packet.serialize();
}

Duration left(int index) {
  return 1s + 20ms * index;
}

// Alice talks and Bob listens.
Case talking() {
  Case call;
  call.offer(0s, Alice, talk("sendrecv")).answer(1ms, Bob, talk("recvonly"));
  return call;
}

Case& report(Case& call, Duration at, int highest, std::int32_t lost) {
  rtp::ReportBlock block;
  block.source = rtp::Ssrc{kSsrc};
  block.cumulative_lost = lost;
  block.extended_highest_sequence_number = kFirst + static_cast<std::uint32_t>(highest);
  rtp::ReceiverReport report;
  report.sender = rtp::Ssrc{2};
  report.blocks.push_back(block);
  return call.rtcp(at, Bob, {.packets = {std::move(report)}});
}

Case& nack(Case& call, Duration at, int index) {
  const std::array lost{rtp::SequenceNumber{kFirst}.plus(index)};
  return call.rtcp(at, Bob,
                   {.packets = {rtp::Nack{.sender = rtp::Ssrc{2},
                                          .media = rtp::Ssrc{kSsrc},
                                          .items = rtp::Nack::items_for(lost)}}});
}

constexpr auto kLoss = "rtp-3550-6.4.1-fraction-lost";
constexpr auto kNack = "fb-4585-4585.6.2.1-nack-bitmask";
constexpr auto kDemux = "bundle-9143-9.2-mid-demux";

BOOST_AUTO_TEST_SUITE(judge_media_arrivals)

// Found by a stranger's sweep over networks: on a line that reorders.
BOOST_AUTO_TEST_CASE(what_comes_after_a_report_was_missing_in_it) {
  const auto reordered = [](std::int32_t first, std::int32_t last) {
    auto call = talking();
    for (int i = 0; i < 40; ++i) {
      call.packet(left(i), Alice, Bob, octets_of(i));
      if (i >= 30 && i < 39) call.came(left(39) + 100ms);
      if (i >= 10 && i < 15) call.came(left(20) + 100ms);
    }
    report(call, left(20) + 50ms, 20, first);
    report(call, left(39) + 50ms, 39, last);
    return call.verdict(kLoss);
  };

  BOOST_TEST(reordered(5, 9) == "pass");
  BOOST_TEST(reordered(0, 0) == "fail");
  BOOST_TEST(reordered(5, 0) == "fail");
}

// Found by a stranger's sweep over networks: a restart on a lossy line came out at a relay.
BOOST_AUTO_TEST_CASE(what_a_relay_hands_on_has_come) {
  const auto relayed = [](std::int32_t lost) {
    auto call = talking();
    for (int i = 0; i < 60; ++i) {
      if (i < 20) {
        call.packet(left(i), Alice, Bob, octets_of(i));
      } else {
        call.packet(left(i), Alice, Turn, octets_of(i));
        if (i % 4 != 0) call.packet(left(i) + kWay, Turn, Bob, octets_of(i));
      }
    }
    report(call, left(19) + 50ms, 19, 0);
    report(call, left(59) + 50ms, 59, lost);
    return call.verdict(kLoss);
  };

  BOOST_TEST(relayed(10) == "pass");
  BOOST_TEST(relayed(0) == "fail");
  BOOST_TEST(relayed(40) == "fail");
}

// Found by a stranger's sweep over networks: media overtook the end of the handshake.
BOOST_AUTO_TEST_CASE(what_came_before_there_were_keys_may_be_asked_for_again) {
  const auto asked_for = [](int index) {
    auto call = talking();
    call.finished(1s, Alice).came(left(2) + 15ms);
    for (int i = 0; i < 10; ++i) call.packet(left(i), Alice, Bob, octets_of(i));
    nack(call, left(8), index);
    return call.verdict(kNack);
  };

  BOOST_TEST(asked_for(2) == "pass");
  BOOST_TEST(asked_for(3) == "fail");
}

// The third packet came first of those that could be opened; the first two count for nobody, two
// that overtook the handshake, too, are missing.
BOOST_AUTO_TEST_CASE(what_came_before_there_were_keys_is_told_as_lost) {
  const auto told = [](std::int32_t lost) {
    auto call = talking();
    call.finished(1s, Alice).came(left(4) + 15ms);
    for (int i = 0; i < 40; ++i) {
      call.packet(left(i), Alice, Bob, octets_of(i));
      if (i == 2) call.came(left(4) + 16ms);
    }
    for (int i = 40; i < 60; ++i) call.packet(left(i), Alice, Bob, octets_of(i), Fate::Lost);
    call.packet(left(60), Alice, Bob, octets_of(60));
    report(call, left(4) + 17ms, 2, 0);
    report(call, left(60) + 50ms, 60, lost);
    return call.verdict(kLoss);
  };

  BOOST_TEST(told(22) == "pass");
  BOOST_TEST(told(28) == "fail");
  BOOST_TEST(told(16) == "fail");
}

// Found by a stranger's h1.xml: the first packet of a stream comes when its section is on hold.
BOOST_AUTO_TEST_CASE(what_comes_when_its_section_is_on_hold_is_of_nobody) {
  const auto dropped = [](std::string_view direction) {
    auto call = talking();
    call.packet(left(0), Alice, Bob, octets_of(0)).came(3s);
    call.offer(2s, Alice, talk(direction)).answer(2010ms, Bob, talk(direction));
    call.event(3s, Bob, "media:unknown_packet", {{"ssrc", std::uint64_t{kSsrc}}});
    return call;
  };

  BOOST_TEST(dropped("inactive").verdict(kDemux) == "inconclusive");
  BOOST_TEST(dropped("sendrecv").verdict(kDemux) == "fail");
  BOOST_TEST(dropped("inactive").verdict("rtp-8834-4.8-unsignalled-ssrc") == "inconclusive");
  BOOST_TEST(dropped("sendrecv").verdict("rtp-8834-4.8-unsignalled-ssrc") == "fail");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::test
