#include "agents/tls/identity.h"

#include "agents/tls/trust.h"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>
#include <string>

namespace rtclab::tls {
namespace {

// By `openssl req -x509`; its own tool told the fingerprint.
constexpr std::string_view kFingerprint =
    "2E:B6:8F:9A:75:66:1E:9C:51:3A:80:F2:4B:D4:4E:37:42:44:E5:CC:7B:0A:E6:A8:45:74:63:2B:82:66:5D:"
    "27";

std::string file(const std::string& name) {
  std::ifstream in{std::string{RTCLAB_TEST_DATA} + "/agents/tls/" + name};
  BOOST_TEST_REQUIRE(in.good(), name);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

BOOST_AUTO_TEST_SUITE(tls_identity)

BOOST_AUTO_TEST_CASE(one_seed_makes_one_certificate) {
  SeededRng one{5};
  SeededRng two{5};
  SeededRng three{6};
  BOOST_TEST((Identity::self_signed(one, {"a"}).der() == Identity::self_signed(two, {"a"}).der()));
  BOOST_TEST(
      (Identity::self_signed(one, {"a"}).der() != Identity::self_signed(three, {"a"}).der()));
}

BOOST_AUTO_TEST_CASE(is_read_from_pem) {
  const auto identity = Identity::from_pem(file("certificate.pem"), file("key.pem"));
  BOOST_TEST_REQUIRE(identity.has_value());
  BOOST_TEST(identity->fingerprint().value == kFingerprint);
}

BOOST_AUTO_TEST_CASE(a_foreign_or_locked_key_or_a_text_without_one_is_none) {
  const auto certificate = file("certificate.pem");
  for (const auto& key :
       {file("other_key.pem"), file("locked_key.pem"), certificate, std::string{}})
    BOOST_TEST(!Identity::from_pem(certificate, key).has_value());
  BOOST_TEST(!Identity::from_pem("", file("key.pem")).has_value());
}

BOOST_AUTO_TEST_CASE(all_certificates_of_a_pem_file_are_read) {
  const auto one = file("certificate.pem");
  BOOST_TEST(certificates_in_pem(one + "some words between\n" + one).value().size() == 2u);
  BOOST_TEST(!certificates_in_pem("").has_value());
  BOOST_TEST(!certificates_in_pem(file("key.pem")).has_value());
  auto broken = one;
  broken[one.size() / 2] = '!';
  BOOST_TEST(!certificates_in_pem(one + broken).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::tls
