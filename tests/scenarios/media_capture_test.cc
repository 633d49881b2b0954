// The media of a capture in the clear, and what tshark makes of it.
#include "scenarios/cli/media_capture.h"

#include "agents/rtp/packet.h"
#include "agents/rtp/rtcp.h"
#include "tests/sim/capture/tshark.h"

#include <boost/test/unit_test.hpp>

#include <sstream>

namespace rtclab::cli {
namespace {

using evidence::Evidence;
using evidence::Kind;

// Wireshark tells RTP and RTCP by their looks when it is asked to.
constexpr const char* kByLooks = "--enable-heuristic rtp_udp --enable-heuristic rtcp_udp ";

const Endpoint kAlice{*Ip::parse("192.168.1.10"), Port{4000}};
const Endpoint kBob{*Ip::parse("203.0.113.20"), Port{6000}};

Evidence a_capture() {
  Evidence evidence;
  evidence.origin = 1'767'225'600'500'000'000;
  evidence.interfaces.push_back({"alice-laptop.eth0", "capture.pcapng", std::nullopt});
  return evidence;
}

void add(Evidence& evidence, Kind kind, std::optional<Bytes> plain) {
  evidence::Packet packet;
  packet.frame = evidence.packets.size() + 1;
  packet.at = std::chrono::milliseconds{20 * packet.frame};
  packet.direction = evidence::Direction::Outbound;
  packet.source = kAlice;
  packet.destination = kBob;
  packet.dissection.kind = kind;
  if (plain) {
    packet.dissection.media = std::make_shared<const evidence::UnprotectedMedia>(
        evidence::UnprotectedMedia{.plain = *plain, .profile = "SRTP_AEAD_AES_128_GCM"});
  }
  evidence.packets.push_back(std::move(packet));
}

Bytes an_rtp_packet(unsigned number) {
  rtp::Packet packet{.marker = false,
                     .payload_type = rtp::PayloadType{111},
                     .sequence_number = rtp::SequenceNumber{static_cast<std::uint16_t>(number)},
                     .timestamp = rtp::RtpTimestamp{number * 960},
                     .ssrc = rtp::Ssrc{0xcafebabe},
                     .csrcs = {},
                     .extension = std::nullopt,
                     .payload = Bytes(60),
                     .padding = 0};
  packet.set_extension(1, as_octets("audio"));
  packet.set_extension(2, as_octets("12"));
  return packet.serialize();
}

// All that our agents send.
Bytes an_rtcp_packet() {
  const rtp::Ssrc us{0xcafebabe};
  const rtp::Ssrc them{0xdecafbad};
  const rtp::ReportBlock block{.source = them, .fraction_lost = 12, .cumulative_lost = 3};
  rtp::TransportFeedback feedback{.sender = us, .media = them};
  feedback.base_sequence_number = rtp::SequenceNumber{65'530};
  for (int i = 0; i < 30; ++i)
    feedback.packets.push_back(
        {.received = i % 5 != 0, .delta = static_cast<std::int16_t>(i % 5 != 0 ? 4 * i : 0)});
  return rtp::CompoundPacket{
      {rtp::SenderReport{us, rtp::kNtpEpoch, rtp::RtpTimestamp{960}, 1, 60, {block}, {}},
       rtp::SourceDescription{{{us, {{rtp::SdesType::Cname, "alice"}}}}},
       rtp::Nack{us, them, {{rtp::SequenceNumber{7}, 0x8001}}}, feedback,
       rtp::PictureLossIndication{us, them}, rtp::FullIntraRequest{us, {{them, 3}}},
       rtp::ReceiverEstimatedMaximumBitrate{us, 1'000'000, {them}},
       rtp::ExtendedReport{us, {rtp::ReceiverReferenceTime{rtp::kNtpEpoch}}},
       rtp::Goodbye{{us}, "the end"}},
      0}
      .serialize();
}

BOOST_AUTO_TEST_SUITE(media_capture)

BOOST_AUTO_TEST_CASE(tshark_reads_every_packet_of_media_and_complains_of_none) {
  auto evidence = a_capture();
  for (unsigned i = 0; i < 5; ++i) add(evidence, Kind::Rtp, an_rtp_packet(i));
  add(evidence, Kind::Rtcp, an_rtcp_packet());

  std::ostringstream out;
  const auto counts = write_media_capture(evidence, out);

  BOOST_TEST(counts.opened == 6u);
  BOOST_TEST(tshark(out.str(), std::string{kByLooks} + "-Y rtp -T fields -e rtp.seq -e rtp.ssrc") ==
             "0\t0xcafebabe\n1\t0xcafebabe\n2\t0xcafebabe\n3\t0xcafebabe\n4\t0xcafebabe\n");
  BOOST_TEST(tshark(out.str(), std::string{kByLooks} + "-Y rtcp -T fields -e rtcp.pt") ==
             "200,202,205,205,206,206,206,207,203\n");
  BOOST_TEST(tshark(out.str(), std::string{kByLooks} +
                                   "-Y '_ws.malformed || _ws.expert.severity >= warning' "
                                   "-T fields -e frame.number -e _ws.expert.message") == "");
}

BOOST_AUTO_TEST_CASE(each_packet_keeps_its_time_and_names_its_frame) {
  auto evidence = a_capture();
  add(evidence, Kind::Rtp, an_rtp_packet(1));

  std::ostringstream out;
  write_media_capture(evidence, out);

  BOOST_TEST(
      tshark(out.str(), "-T fields -e frame.time_epoch -e frame.interface_name -e frame.comment") ==
      "1767225600.520000000\talice-laptop.eth0\tframe 1 of capture.pcapng, "
      "SRTP_AEAD_AES_128_GCM\n");
}

BOOST_AUTO_TEST_CASE(what_no_key_opens_is_counted_and_left_out) {
  auto evidence = a_capture();
  add(evidence, Kind::Rtp, std::nullopt);
  add(evidence, Kind::Rtcp, std::nullopt);

  std::ostringstream out;
  const auto counts = write_media_capture(evidence, out);

  BOOST_TEST(counts.opened == 0u);
  BOOST_TEST(counts.sealed == 2u);
  BOOST_TEST(tshark(out.str(), "") == "");
}

BOOST_AUTO_TEST_CASE(relayed_media_stands_between_the_relayed_address_and_the_peer) {
  auto evidence = a_capture();
  add(evidence, Kind::Rtp, an_rtp_packet(1));
  auto& packet = evidence.packets.back();
  evidence::Carried carried{.from_client = true,
                            .relayed = Endpoint{*Ip::parse("198.51.100.7"), Port{50'000}},
                            .peer = kBob,
                            .payload = {},
                            .dissection = packet.dissection};
  packet.dissection = {};
  packet.dissection.kind = Kind::ChannelData;
  packet.dissection.carried = std::make_shared<const evidence::Carried>(carried);

  std::ostringstream out;
  write_media_capture(evidence, out);

  BOOST_TEST(tshark(out.str(), "-T fields -e ip.src -e ip.dst -e udp.srcport") ==
             "198.51.100.7\t203.0.113.20\t50000\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::cli
