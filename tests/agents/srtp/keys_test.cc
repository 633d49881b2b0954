#include "agents/srtp/keys.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::srtp {
namespace {

Bytes counting(std::size_t size) {
  Bytes octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::byte>(i);
  return octets;
}

BOOST_AUTO_TEST_SUITE(srtp_keys)

BOOST_AUTO_TEST_CASE(the_exporter_is_asked_for_two_keys_and_two_salts) {
  BOOST_TEST(keying_material_size(Profile::Aes128CmSha1_80) == 60u);
  BOOST_TEST(keying_material_size(Profile::AeadAes128Gcm) == 56u);
  BOOST_TEST(keying_material_size(Profile::AeadAes256Gcm) == 88u);
}

BOOST_AUTO_TEST_CASE(the_clients_keys_come_first_and_each_side_sends_with_its_own) {
  const auto material = counting(60);

  const auto client = direction_keys(Profile::Aes128CmSha1_80, DtlsRole::Client, material);
  const auto server = direction_keys(Profile::Aes128CmSha1_80, DtlsRole::Server, material);

  BOOST_TEST(to_hex(client.send.key) == "000102030405060708090a0b0c0d0e0f");
  BOOST_TEST(to_hex(client.receive.key) == "101112131415161718191a1b1c1d1e1f");
  BOOST_TEST(to_hex(client.send.salt) == "202122232425262728292a2b2c2d");
  BOOST_TEST(to_hex(client.receive.salt) == "2e2f303132333435363738393a3b");
  BOOST_TEST((server.send == client.receive));
  BOOST_TEST((server.receive == client.send));
}

BOOST_AUTO_TEST_CASE(no_two_session_keys_are_alike) {
  const MasterKey master{counting(16), counting(14)};
  const auto rtp = session_keys(Profile::Aes128CmSha1_80, master, PacketKind::Rtp);
  const auto rtcp = session_keys(Profile::Aes128CmSha1_80, master, PacketKind::Rtcp);

  BOOST_TEST((rtp.encryption != rtcp.encryption));
  BOOST_TEST((rtp.salt != rtcp.salt));
  BOOST_TEST((rtp.authentication != rtcp.authentication));
  BOOST_TEST(rtp.authentication.size() == 20u);
}

BOOST_AUTO_TEST_CASE(profiles_have_openssls_names) {
  for (const auto profile :
       {Profile::Aes128CmSha1_80, Profile::AeadAes128Gcm, Profile::AeadAes256Gcm}) {
    BOOST_TEST((parse_profile(parameters(profile).name) == profile));
  }
  BOOST_TEST(!parse_profile("SRTP_AES128_CM_SHA1_32"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::srtp
