// Published vectors; where they come from says tests/data/srtp/README.md.
#include "agents/srtp/cipher.h"
#include "agents/srtp/counter_mode_transform.h"
#include "agents/srtp/gcm_transform.h"
#include "agents/srtp/keys.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace rtclab::srtp {
namespace {

namespace data = boost::unit_test::data;

const nlohmann::json& vectors() {
  static const auto kVectors = [] {
    std::ifstream in{RTCLAB_TEST_DATA "/srtp/srtp_vectors.json"};
    return nlohmann::json::parse(in);
  }();
  return kVectors;
}

Bytes octets(const nlohmann::json& object, const char* key) {
  return from_hex(object.at(key).get<std::string>());
}

Bytes key_stream(ByteView key, ByteView salt, std::size_t size) {
  Block counter{};
  std::ranges::copy(salt, counter.begin());
  Bytes stream(size);
  CounterMode{key}.apply(counter, stream);
  return stream;
}

BOOST_AUTO_TEST_SUITE(srtp_vectors)

// The first and the last blocks; RFC 3711 B.2 leaves out those between.
BOOST_DATA_TEST_CASE(counter_mode_yields_the_key_stream_of_the_standard, data::xrange(2), i) {
  const auto& vector = vectors().at("aes_cm_keystream").at(static_cast<std::size_t>(i));
  const auto expected = octets(vector, "keystream");

  const auto stream =
      key_stream(octets(vector, "srtpSessionKey"), octets(vector, "srtpSessionSalt"), 48);

  BOOST_TEST(to_hex(stream) == to_hex(expected));
}

BOOST_AUTO_TEST_CASE(keys_are_derived_as_in_rfc_3711_appendix_b_3) {
  const auto& vector = vectors().at("kdf").at(0);
  const MasterKey master{octets(vector, "master_key"), octets(vector, "master_salt")};

  BOOST_TEST(to_hex(derive(master, KeyLabel::RtpEncryption, 16)) ==
             to_hex(octets(vector, "cipher_key")));
  BOOST_TEST(to_hex(derive(master, KeyLabel::RtpSalt, 14)) ==
             to_hex(octets(vector, "cipher_salt")));
  BOOST_TEST(to_hex(derive(master, KeyLabel::RtpAuthentication, 94)) ==
             to_hex(octets(vector, "auth_key_94")));
}

struct GcmVector {
  std::size_t at;
  SessionKeys keys;
};
GcmVector gcm(std::size_t at) {
  const auto& vector = vectors().at("aead_gcm").at(at);
  return {at, {octets(vector, "srtpSessionKey"), octets(vector, "srtpSessionSalt"), {}}};
}

BOOST_DATA_TEST_CASE(aes_gcm_protects_rtp_as_rfc_7714_section_16_does, data::xrange(2), i) {
  const auto [at, keys] = gcm(static_cast<std::size_t>(i));
  const auto& vector = vectors().at("aead_gcm").at(at);
  const auto plain = octets(vector, "decryptedRTPPacket");
  GcmTransform seal{keys, keys, Use::Protect};
  GcmTransform open{keys, keys, Use::Unprotect};

  for (const auto* const kind : {"encryptedRTPPacket", "authenticatedRTPPacket"}) {
    // Authenticated only: all of the packet is associated data.
    const bool encrypted = kind == std::string_view{"encryptedRTPPacket"};
    const RtpPlace place{rtp::Ssrc{0x5501a0b2}, 0xf17b, encrypted ? 12 : plain.size()};
    auto packet = plain;
    seal.protect(place, packet);
    BOOST_TEST(to_hex(packet) == to_hex(octets(vector, kind)));
    BOOST_TEST(open.unprotect(place, packet));
    BOOST_TEST(to_hex(packet) == to_hex(plain));
  }
}

BOOST_DATA_TEST_CASE(aes_gcm_protects_rtcp_as_rfc_7714_section_17_does, data::xrange(2), i) {
  const auto [at, keys] = gcm(static_cast<std::size_t>(i));
  const auto& vector = vectors().at("aead_gcm").at(at);
  const auto plain = octets(vector, "decryptedRTCPPacket");
  GcmTransform seal{keys, keys, Use::Protect};
  GcmTransform open{keys, keys, Use::Unprotect};

  for (const auto* const kind : {"encryptedRTCPPacket", "authenticatedRTCPPacket"}) {
    const bool encrypted = kind == std::string_view{"encryptedRTCPPacket"};
    const RtcpPlace place{rtp::Ssrc{0x4d617273}, 0x5d4,
                          encrypted ? Secrecy::Encrypted : Secrecy::Clear};
    auto packet = plain;
    seal.protect(place, packet);
    BOOST_TEST(to_hex(packet) == to_hex(octets(vector, kind)));
    BOOST_TEST(open.unprotect(place, packet));
    BOOST_TEST(to_hex(packet) == to_hex(plain));
  }
}

// What libsrtp's test driver compares with, from master keys on.
struct Driver {
  std::size_t at;
  Bytes master;  // key and salt
  std::size_t key_size;
  bool gcm;
};
Driver driver(std::size_t at) {
  const auto& vector = vectors().at("libsrtp_packets").at(at);
  const auto& kdf = vectors().at("kdf").at(0);
  if (at == 0) {
    auto master = octets(kdf, "master_key");
    const auto salt = octets(kdf, "master_salt");
    master.insert(master.end(), salt.begin(), salt.end());
    return {at, master, 16, false};
  }
  if (at == 1) return {at, octets(vector, "test_key_gcm"), 16, true};
  return {at, octets(vector, "aes_256_test_key"), 32, false};
}

SessionKeys derive_all(const Driver& driver, PacketKind kind) {
  const ByteView all{driver.master};
  const auto key = all.first(driver.key_size);
  const auto salt = all.subspan(driver.key_size);
  const MasterKey master{{key.begin(), key.end()}, {salt.begin(), salt.end()}};
  const bool rtp = kind == PacketKind::Rtp;
  return {derive(master, rtp ? KeyLabel::RtpEncryption : KeyLabel::RtcpEncryption, key.size()),
          derive(master, rtp ? KeyLabel::RtpSalt : KeyLabel::RtcpSalt, salt.size()),
          derive(master, rtp ? KeyLabel::RtpAuthentication : KeyLabel::RtcpAuthentication, 20)};
}

BOOST_DATA_TEST_CASE(the_packets_of_libsrtps_driver_come_out, data::xrange(3), i) {
  const auto with = driver(static_cast<std::size_t>(i));
  const auto& vector = vectors().at("libsrtp_packets").at(with.at);
  auto rtp = derive_all(with, PacketKind::Rtp);
  auto rtcp = derive_all(with, PacketKind::Rtcp);
  std::unique_ptr<Transform> transform;
  if (with.gcm) {
    transform = std::make_unique<GcmTransform>(rtp, rtcp, Use::Protect);
  } else {
    transform = std::make_unique<CounterModeTransform>(rtp, rtcp);
  }

  auto media = from_hex("800f1234decafbadcafebabeabababababababababababababababab");
  transform->protect(RtpPlace{rtp::Ssrc{0xcafebabe}, 0x1234, 12}, media);
  BOOST_TEST(to_hex(media) == to_hex(octets(vector, "srtp_ciphertext")));

  if (!vector.contains("srtcp_ciphertext")) return;
  auto control = from_hex("81c8000bcafebabeabababababababababababababababab");
  transform->protect(RtcpPlace{rtp::Ssrc{0xcafebabe}, 1, Secrecy::Encrypted}, control);
  BOOST_TEST(to_hex(control) == to_hex(octets(vector, "srtcp_ciphertext")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::srtp
