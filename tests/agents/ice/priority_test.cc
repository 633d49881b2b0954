#include "agents/ice/priority.h"

#include "agents/ice/check_policy.h"
#include "agents/ice/consent.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace rtclab::ice {
namespace {

// A reference: a temporary would not outlive the head of a range-for.
const nlohmann::json& vectors() {
  static const auto parsed = [] {
    std::ifstream file{std::string{RTCLAB_TEST_DATA} + "/ice/ice_numeric_vectors.json"};
    return nlohmann::json::parse(file);
  }();
  return parsed;
}

BOOST_AUTO_TEST_SUITE(ice_priority)

// RFC 8445 §5.1.2.1. The type preference is given as a number, so the type with that preference is
// looked up.
BOOST_AUTO_TEST_CASE(candidates_have_the_priorities_of_the_vectors) {
  for (const auto& row : vectors()["candidate_priority"]) {
    for (const auto type :
         {CandidateType::Host, CandidateType::PeerReflexive, CandidateType::ServerReflexive}) {
      if (type_preference(type, Transport::Udp) != row["type_pref"].get<std::uint32_t>()) continue;
      const auto priority = candidate_priority(type_preference(type, Transport::Udp),
                                               row["local_pref"].get<std::uint16_t>(),
                                               row["component"].get<unsigned>());
      BOOST_TEST(priority.value() == row["priority"].get<std::uint32_t>());
    }
  }
}

// RFC 8445 §6.1.2.3.
BOOST_AUTO_TEST_CASE(pairs_have_the_priorities_of_the_vectors) {
  for (const auto& row : vectors()["pair_priority"]) {
    const auto priority = pair_priority(Priority{row["G"].get<std::uint32_t>()},
                                        Priority{row["D"].get<std::uint32_t>()});
    BOOST_TEST(priority.value() == row["value"].get<std::uint64_t>());
  }
}

BOOST_AUTO_TEST_CASE(the_largest_priorities_do_not_overflow) {
  constexpr Priority kMost{0x7fffffff};
  BOOST_TEST(pair_priority(kMost, kMost).value() == 0x7fffffff'00000000u + 2ull * 0x7fffffffu);
}

// RFC 8445 §14.3.
BOOST_AUTO_TEST_CASE(the_rto_grows_with_the_checks_to_perform) {
  for (const auto& row : vectors()["check_rto_ms"]) {
    const auto rto =
        check_rto(std::chrono::milliseconds{row["ta"].get<int>()}, row["n"].get<std::size_t>(),
                  row["waiting_plus_in_progress"].get<std::size_t>());
    BOOST_TEST(std::chrono::duration_cast<std::chrono::milliseconds>(rto).count() ==
               row["rto"].get<int>());
  }
}

BOOST_AUTO_TEST_CASE(consent_expires_as_in_the_vectors) {
  BOOST_TEST((kConsentExpiry == std::chrono::seconds{vectors()["consent_expiry_s"].get<int>()}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
