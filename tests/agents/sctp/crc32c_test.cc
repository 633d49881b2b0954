#include "agents/sctp/crc32c.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <charconv>
#include <fstream>

namespace rtclab::sctp {
namespace {

BOOST_AUTO_TEST_SUITE(sctp_crc32c)

BOOST_AUTO_TEST_CASE(agrees_with_the_vectors_of_rfc_3720) {
  std::ifstream file{RTCLAB_TEST_DATA "/sctp/crc32c_vectors.json"};
  const auto vectors = nlohmann::json::parse(file);
  BOOST_REQUIRE(!vectors.empty());

  for (const auto& vector : vectors) {
    const auto expected = vector.at("crc32c").get<std::string>();
    std::uint32_t value = 0;
    std::from_chars(expected.data(), expected.data() + expected.size(), value, 16);

    BOOST_TEST(crc32c(from_hex(vector.at("hex").get<std::string>())) == value, vector.at("name"));
  }
}

BOOST_AUTO_TEST_CASE(takes_the_checksum_of_a_packet_as_zero) {
  Bytes packet(40, std::byte{0x5a});
  Bytes zeroed = packet;
  std::fill_n(zeroed.begin() + 8, 4, std::byte{0});

  BOOST_TEST(packet_crc32c(packet) == crc32c(zeroed));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::sctp
