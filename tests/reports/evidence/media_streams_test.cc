#include "reports/evidence/media_streams.h"

#include "agents/rtp/packet.h"
#include "agents/rtp/rtcp.h"
#include "agents/rtp/rtx.h"

#include <boost/test/unit_test.hpp>

#include <chrono>

namespace rtclab::evidence {
namespace {

using namespace std::chrono_literals;

constexpr rtp::Ssrc kVideo{0x1111};
constexpr rtp::Ssrc kRepair{0x2222};
constexpr PartyIndex kAlice = 0, kBob = 1, kTurn = 2;

rtp::Packet video(std::uint16_t number) {
  rtp::Packet packet;
  packet.payload_type = rtp::PayloadType{96};
  packet.sequence_number = rtp::SequenceNumber{number};
  packet.timestamp = rtp::RtpTimestamp{number * 3000u};
  packet.ssrc = kVideo;
  packet.payload = Bytes(100);
  return packet;
}

rtp::Packet repair_of(std::uint16_t number, std::uint16_t own) {
  return rtp::to_rtx(video(number), {rtp::PayloadType{97}, rtp::SequenceNumber{own}, kRepair});
}

enum class Keys : bool { Without, With };

Dissection dissect(const rtp::Packet& packet, Keys keys) {
  Dissection dissection;
  dissection.kind = Kind::Rtp;
  dissection.rtp = RtpHeader{packet.payload_type.value(), packet.sequence_number.value(),
                             packet.timestamp.value(), packet.ssrc.value()};
  if (keys == Keys::With)
    dissection.media = std::make_shared<UnprotectedMedia>(
        UnprotectedMedia{packet.serialize(), "SRTP_AEAD_AES_128_GCM", 0, true, {}, true});
  return dissection;
}

// Alice and Bob, who agreed on VP8 and its retransmission, and a relay. A packet leaves each
// millisecond.
class Call {
 public:
  Call() {
    for (const auto* const name : {"alice", "bob", "turn"}) {
      Party party;
      party.name = name;
      party.kind = evidence_.parties.size() < 2 ? PartyKind::Peer : PartyKind::TurnServer;
      evidence_.parties.push_back(party);
    }
    evidence_.interfaces.resize(1);  // somewhere on the way
    SignallingMessage answer;
    answer.type = SignallingType::Answer;
    answer.from = "bob";
    answer.sdp =
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 "
        "97\r\na=rtpmap:96 VP8/90000\r\n"
        "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n";
    evidence_.signalling.push_back(answer);
  }

  Call& send(PartyIndex from, PartyIndex to, Dissection dissection, Fate fate = Fate::Delivered,
             Bytes octets = Bytes(112)) {
    Packet packet;
    packet.at = now_;
    packet.payload = std::move(octets);
    packet.dissection = std::move(dissection);
    evidence_.packets.push_back(packet);
    Datagram datagram;
    datagram.packets.push_back(evidence_.packets.size() - 1);
    if (fate == Fate::Delivered) {
      packet.at += 20ms;
      evidence_.packets.push_back(packet);
      datagram.packets.push_back(evidence_.packets.size() - 1);
    }
    datagram.from = from;
    datagram.to = to;
    datagram.fate = fate;
    evidence_.datagrams.push_back(datagram);
    now_ += 1ms;
    return *this;
  }
  Call& send(const rtp::Packet& packet, Fate fate = Fate::Delivered, Keys keys = Keys::With) {
    return send(kAlice, kBob, dissect(packet, keys), fate, packet.serialize());
  }
  Call& ask(const std::vector<rtp::RtcpPacket>& packets) {
    Dissection dissection;
    dissection.kind = Kind::Rtcp;
    dissection.media = std::make_shared<UnprotectedMedia>(UnprotectedMedia{
        rtp::CompoundPacket{packets, 0}.serialize(), "SRTP_AEAD_AES_128_GCM", 0, false, 1, true});
    return send(kBob, kAlice, std::move(dissection));
  }

  [[nodiscard]] std::vector<MediaStream> streams() const { return media_streams(evidence_); }

 private:
  Evidence evidence_;
  Duration now_ = 1s;
};

BOOST_AUTO_TEST_SUITE(media_streams_of_a_call)

BOOST_AUTO_TEST_CASE(a_stream_has_its_peers_its_name_and_the_times_of_each_packet) {
  const auto streams = Call{}.send(video(7)).send(video(8)).streams();

  BOOST_REQUIRE(streams.size() == 1u);
  BOOST_TEST(streams[0].from == kAlice);
  BOOST_TEST(streams[0].to == kBob);
  BOOST_TEST(streams[0].name() == "video VP8");
  BOOST_REQUIRE(streams[0].packets.size() == 2u);
  BOOST_TEST(streams[0].packets[1].sequence_number == 8u);
  BOOST_TEST((streams[0].packets[1].sent == 1001ms));
  BOOST_TEST((streams[0].packets[1].arrived == 1021ms));
}

BOOST_AUTO_TEST_CASE(a_lost_packet_that_came_again_in_the_rtx_stream_is_repaired) {
  const auto streams =
      Call{}.send(video(7), Fate::Lost).send(video(8)).send(repair_of(7, 1)).streams();

  BOOST_REQUIRE(streams.size() == 1u);
  BOOST_TEST(streams[0].again.size() == 1u);
  BOOST_TEST(streams[0].packets[0].lost);
  BOOST_TEST((streams[0].packets[0].repaired == 1022ms));
  BOOST_TEST(!streams[0].packets[1].lost);
}

BOOST_AUTO_TEST_CASE(a_packet_whose_repair_is_lost_too_stays_missing_until_the_next) {
  Call call;
  call.send(video(7), Fate::Lost).send(repair_of(7, 1), Fate::Lost);
  BOOST_TEST(call.streams()[0].packets[0].is_missing());

  call.send(repair_of(7, 2));
  BOOST_TEST(!call.streams()[0].packets[0].is_missing());
}

BOOST_AUTO_TEST_CASE(a_packet_sent_again_with_its_own_number_is_no_new_packet) {
  const auto streams = Call{}.send(video(7), Fate::Lost).send(video(7)).streams();

  BOOST_TEST(streams[0].packets.size() == 1u);
  BOOST_TEST(streams[0].packets[0].repaired.has_value());
}

BOOST_AUTO_TEST_CASE(sequence_numbers_that_have_come_round_are_new_packets) {
  Call call;
  for (std::uint32_t i = 0; i < 0x10000 + 10; ++i) call.send(video(static_cast<std::uint16_t>(i)));

  BOOST_TEST(call.streams()[0].packets.size() == 0x10000u + 10);
  BOOST_TEST(call.streams()[0].again.empty());
}

BOOST_AUTO_TEST_CASE(without_keys_a_repair_stream_stands_alone) {
  const auto streams = Call{}
                           .send(video(7), Fate::Lost, Keys::Without)
                           .send(repair_of(7, 1), Fate::Delivered, Keys::Without)
                           .streams();

  BOOST_REQUIRE(streams.size() == 2u);
  BOOST_TEST(streams[1].name() == "video rtx");
  BOOST_TEST(streams[0].packets[0].is_missing());
}

BOOST_AUTO_TEST_CASE(a_packet_that_dies_behind_the_relay_is_lost_once) {
  const auto relayed = [](std::uint16_t number) {
    Dissection dissection;
    dissection.kind = Kind::ChannelData;
    dissection.carried = std::make_shared<Carried>(
        Carried{true, {}, {}, Bytes(112), dissect(video(number), Keys::With)});
    return dissection;
  };
  const auto streams = Call{}
                           .send(kAlice, kTurn, relayed(7))
                           .send(kTurn, kBob, dissect(video(7), Keys::With))
                           .send(kAlice, kTurn, relayed(8))
                           .send(kTurn, kBob, dissect(video(8), Keys::With), Fate::Lost)
                           .streams();

  BOOST_REQUIRE(streams.size() == 1u);
  BOOST_TEST(streams[0].to == kBob);
  BOOST_REQUIRE(streams[0].packets.size() == 2u);
  BOOST_TEST((streams[0].packets[0].arrived == 1021ms));
  BOOST_TEST(streams[0].packets[1].lost);
  BOOST_TEST(!streams[0].packets[1].arrived.has_value());
}

BOOST_AUTO_TEST_CASE(a_simulcast_layer_goes_by_its_rid) {
  auto packet = video(7);
  packet.set_extension(rtp::ExtensionId{4}, as_octets("half"));
  const auto streams = Call{}.send(packet).send(video(8)).streams();

  BOOST_TEST(streams[0].name() == "video VP8 half");
}

BOOST_AUTO_TEST_CASE(what_a_receiver_asks_for_stands_at_the_stream_that_it_names) {
  rtp::Nack nack{rtp::Ssrc{9}, kVideo, {{rtp::SequenceNumber{7}, 0b101}}};
  const auto streams =
      Call{}
          .send(video(7))
          .ask({rtp::ReceiverReport{}, nack, rtp::PictureLossIndication{rtp::Ssrc{9}, kVideo}})
          .streams();

  BOOST_REQUIRE(streams[0].requests.size() == 2u);
  BOOST_TEST((streams[0].requests[0].kind == MediaRequest::Kind::Nack));
  BOOST_TEST(streams[0].requests[0].packets == 3u);
  BOOST_TEST((streams[0].requests[1].kind == MediaRequest::Kind::Pli));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::evidence
