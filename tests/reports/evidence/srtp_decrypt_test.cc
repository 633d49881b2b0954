#include "reports/evidence/srtp_decrypt.h"

#include "agents/rtp/packet.h"
#include "agents/rtp/rtcp.h"
#include "agents/srtp/session.h"
#include "reports/evidence/dtls_keys.h"
#include "tests/agents/dtls/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace rtclab;
using namespace rtclab::evidence;

namespace {

namespace data = boost::unit_test::data;
using srtp::PacketKind;

const Endpoint kClient{Ip{}, Port{1000}};
const Endpoint kServer{Ip{}, Port{2000}};

// A DTLS handshake of two endpoints of ours, and the media that follows it, as a capture would have
// it.
struct Call {
  explicit Call(const std::string& profile, std::uint64_t seed = 1)
      : pair{seed, dtls::test::lossless(), only(profile)} {
    pair.exchange_fingerprints();
    pair.start();
    BOOST_REQUIRE(pair.run_until_connected());
    for (const auto& sent : pair.sent) add(sent.from == dtls::Role::Client, sent.bytes);
    evidence.secrets.push_back(pair.client.first<dtls::Secrets>()->nss_line);
    client.emplace(session(pair.client, srtp::DtlsRole::Client));
    server.emplace(session(pair.server, srtp::DtlsRole::Server));
  }

  static dtls::Options only(const std::string& profile) {
    dtls::Options options;
    options.srtp_profiles = profile;
    return options;
  }
  static srtp::Session session(dtls::test::Side& side, srtp::DtlsRole role) {
    const auto profile = *srtp::parse_profile(side.first<dtls::Connected>()->srtp_profile);
    return {profile, role,
            side.endpoint.export_keying_material(srtp::kExporterLabel,
                                                 srtp::keying_material_size(profile))};
  }

  void add(bool from_client, Bytes payload) {
    Packet packet;
    packet.source = from_client ? kClient : kServer;
    packet.destination = from_client ? kServer : kClient;
    packet.dissection = dissect_udp(packet.source, packet.destination, payload);
    packet.payload = std::move(payload);
    packet.datagram = evidence.datagrams.size();
    evidence.datagrams.push_back({.packets = {evidence.packets.size()}});
    evidence.packets.push_back(std::move(packet));
  }
  // The packet again, in a TURN ChannelData message.
  void add_relayed(ByteView payload) {
    ByteWriter out;
    add(true, out.u16(0x4000).u16(payload.size()).octets(payload).take());
  }

  // Of the last packet, the last but one, …
  const UnprotectedMedia* media(std::size_t from_the_end) const {
    return evidence.packets[evidence.packets.size() - from_the_end].dissection.media.get();
  }
  const UnprotectedMedia* last() const { return media(1); }

  dtls::test::Pair pair;
  std::optional<srtp::Session> client;
  std::optional<srtp::Session> server;
  Evidence evidence;
};

Bytes an_rtp_packet(unsigned number) {
  return rtp::Packet{.marker = false,
                     .payload_type = rtp::PayloadType{111},
                     .sequence_number = rtp::SequenceNumber{static_cast<std::uint16_t>(number)},
                     .timestamp = rtp::RtpTimestamp{number * 960},
                     .ssrc = rtp::Ssrc{7},
                     .csrcs = {},
                     .extension = std::nullopt,
                     .payload = to_octets("hello"),
                     .padding = 0}
      .serialize();
}

Bytes an_rtcp_packet() {
  return rtp::CompoundPacket{
      {rtp::ReceiverReport{rtp::Ssrc{7}, {}, {}},
       rtp::SourceDescription{{{rtp::Ssrc{7}, {{rtp::SdesType::Cname, "alice"}}}}}},
      0}
      .serialize();
}

const std::vector<std::string> kProfiles{"SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM",
                                         "SRTP_AEAD_AES_256_GCM"};

}  // namespace

BOOST_AUTO_TEST_SUITE(decrypting_srtp)

// The keys are computed from the key log and the hellos, not by the library that exported them.
BOOST_DATA_TEST_CASE(opens_media_of_both_sides, data::make(kProfiles), profile) {
  Call call{profile};
  call.add(true, *call.client->protect(PacketKind::Rtp, an_rtp_packet(1)));
  call.add(false, *call.server->protect(PacketKind::Rtp, an_rtp_packet(2)));
  call.add(false, *call.server->protect(PacketKind::Rtcp, an_rtcp_packet()));

  decrypt_srtp(call.evidence);

  const auto* const first = call.media(3);
  const auto* const second = call.media(2);
  const auto* const third = call.media(1);
  BOOST_REQUIRE((first != nullptr && second != nullptr && third != nullptr));
  BOOST_TEST((first->plain == an_rtp_packet(1)));
  BOOST_TEST((second->plain == an_rtp_packet(2)));
  BOOST_TEST((third->plain == an_rtcp_packet()));
  BOOST_TEST(first->profile == profile);
  BOOST_TEST(!first->srtcp_index);
  BOOST_TEST((third->srtcp_index == 0u));
  BOOST_TEST(first->by_client);
  BOOST_TEST(!third->by_client);
  BOOST_TEST(third->encrypted);
}

BOOST_DATA_TEST_CASE(shows_rtcp_that_is_not_encrypted_as_such, data::make(kProfiles), profile) {
  Call call{profile};
  const auto number = *srtp::parse_profile(profile);
  srtp::Session careless{number,
                         srtp::DtlsRole::Client,
                         call.pair.client.endpoint.export_keying_material(
                             srtp::kExporterLabel, srtp::keying_material_size(number)),
                         {Deviation::SrtpRtcpUnencrypted}};
  call.add(true, *careless.protect(PacketKind::Rtcp, an_rtcp_packet()));

  decrypt_srtp(call.evidence);

  BOOST_REQUIRE(call.last() != nullptr);
  BOOST_TEST(!call.last()->encrypted);
  BOOST_TEST((call.last()->plain == an_rtcp_packet()));
}

BOOST_AUTO_TEST_CASE(names_the_packets_of_rtcp_in_the_summary) {
  Call call{"SRTP_AEAD_AES_128_GCM"};
  call.add(true, *call.client->protect(PacketKind::Rtcp, an_rtcp_packet()));
  BOOST_TEST(call.evidence.packets.back().dissection.summary() == "RTCP");

  decrypt_srtp(call.evidence);

  BOOST_TEST(call.evidence.packets.back().dissection.summary() == "RTCP: RR, SDES");
}

BOOST_AUTO_TEST_CASE(opens_what_comes_again_and_what_a_relay_carries) {
  Call call{"SRTP_AEAD_AES_128_GCM"};
  const auto sent = *call.client->protect(PacketKind::Rtp, an_rtp_packet(1));
  call.add_relayed(sent);
  call.add(true, sent);
  call.add(true, sent);

  decrypt_srtp(call.evidence);

  const auto& packets = call.evidence.packets;
  const auto& relayed = packets[packets.size() - 3].dissection.carried;
  BOOST_REQUIRE(relayed);
  BOOST_TEST((relayed->dissection.media && relayed->dissection.media->plain == an_rtp_packet(1)));
  BOOST_TEST(packets[packets.size() - 2].dissection.media);
  BOOST_TEST(call.last() != nullptr);
}

BOOST_AUTO_TEST_CASE(follows_the_turns_of_sequence_numbers) {
  Call call{"SRTP_AES128_CM_SHA1_80"};
  for (unsigned number = 60'000; number < 140'000; number += 10'000) {
    call.add(true, *call.client->protect(PacketKind::Rtp, an_rtp_packet(number)));
  }

  decrypt_srtp(call.evidence);

  BOOST_REQUIRE(call.last() != nullptr);
  BOOST_TEST((call.last()->plain == an_rtp_packet(130'000)));
}

BOOST_AUTO_TEST_CASE(leaves_what_no_key_opens_as_it_is) {
  Call call{"SRTP_AEAD_AES_128_GCM"};
  const Call other{"SRTP_AEAD_AES_128_GCM", 2};
  auto changed = *call.client->protect(PacketKind::Rtp, an_rtp_packet(1));
  changed.back() ^= std::byte{1};
  call.add(true, changed);

  decrypt_srtp(call.evidence);
  BOOST_TEST(call.last() == nullptr);

  call.add(true, *call.client->protect(PacketKind::Rtp, an_rtp_packet(2)));
  call.evidence.secrets = other.evidence.secrets;
  decrypt_srtp(call.evidence);
  BOOST_TEST(call.last() == nullptr);
}

BOOST_AUTO_TEST_CASE(finds_its_key_among_those_of_other_calls) {
  Call call{"SRTP_AEAD_AES_128_GCM"};
  const Call other{"SRTP_AES128_CM_SHA1_80", 2};
  for (const auto& packet : other.evidence.packets) call.add(false, packet.payload);
  call.evidence.secrets.insert(call.evidence.secrets.begin(), other.evidence.secrets[0]);
  call.add(true, *call.client->protect(PacketKind::Rtp, an_rtp_packet(1)));

  decrypt_srtp(call.evidence);

  BOOST_TEST(call.last() != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
