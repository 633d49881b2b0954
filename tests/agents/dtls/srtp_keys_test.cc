// From the handshake to SRTP: what both sides export makes sessions that understand each other.
#include "agents/srtp/session.h"
#include "tests/agents/dtls/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::dtls {
namespace {

namespace data = boost::unit_test::data;
using srtp::PacketKind;

// What a browser offers, in its order: Chromium 156 and Firefox 153 as recorded.
constexpr const char* kChromium =
    "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM";
constexpr const char* kFirefox =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

srtp::Session keyed(test::Side& side, srtp::DtlsRole role) {
  const auto profile = srtp::parse_profile(side.first<Connected>()->srtp_profile);
  BOOST_REQUIRE(profile.has_value());
  return {*profile, role,
          side.endpoint.export_keying_material(srtp::kExporterLabel,
                                               srtp::keying_material_size(*profile))};
}

void connect(test::Pair& pair) {
  pair.exchange_fingerprints();
  pair.start();
  BOOST_REQUIRE(pair.run_until_connected());
}

const Bytes kRtp = from_hex("800f1234decafbadcafebabeabababababababababababababababab");
const Bytes kRtcp = from_hex("81c8000bcafebabeabababababababababababababababab");

BOOST_AUTO_TEST_SUITE(dtls_srtp_keys)

BOOST_DATA_TEST_CASE(both_sides_of_each_profile_understand_each_other,
                     data::make({"SRTP_AES128_CM_SHA1_80", "SRTP_AEAD_AES_128_GCM",
                                 "SRTP_AEAD_AES_256_GCM"}),
                     profile) {
  Options only;
  only.srtp_profiles = profile;
  test::Pair pair{1, test::lossless(), only};
  connect(pair);

  auto client = keyed(pair.client, srtp::DtlsRole::Client);
  auto server = keyed(pair.server, srtp::DtlsRole::Server);

  BOOST_TEST(srtp::parameters(client.profile()).name == profile);
  for (const auto kind : {PacketKind::Rtp, PacketKind::Rtcp}) {
    const auto& packet = kind == PacketKind::Rtp ? kRtp : kRtcp;
    BOOST_TEST((server.unprotect(kind, *client.protect(kind, packet)) == packet));
    BOOST_TEST((client.unprotect(kind, *server.protect(kind, packet)) == packet));
  }
}

BOOST_AUTO_TEST_CASE(our_order_decides_when_we_are_the_server) {
  for (const auto* const browser : {kChromium, kFirefox}) {
    Options offered;
    offered.srtp_profiles = browser;

    test::Pair pair{1, test::lossless(), offered, {}};
    connect(pair);

    BOOST_TEST(pair.client.first<Connected>()->srtp_profile == "SRTP_AEAD_AES_128_GCM");
  }
}

BOOST_AUTO_TEST_CASE(two_associations_never_share_keys) {
  const auto size = srtp::keying_material_size(srtp::Profile::AeadAes128Gcm);
  test::Pair one{1};
  test::Pair other{2};
  connect(one);
  connect(other);

  BOOST_TEST((one.client.endpoint.export_keying_material(srtp::kExporterLabel, size) !=
              other.client.endpoint.export_keying_material(srtp::kExporterLabel, size)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::dtls
