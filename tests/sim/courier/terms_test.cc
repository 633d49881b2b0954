#include "sim/courier/terms.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace rtclab::signalling {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(terms)

BOOST_AUTO_TEST_CASE(terms_are_written_as_a_scenario_writes_them) {
  const CourierTerms terms{.delay = 36h,
                           .jitter = {.spread = 90min,
                                      .distribution = topology::JitterDistribution::Normal,
                                      .reorders = true},
                           .loss = 0.015,
                           .duplication = 0.5,
                           .collection = 24h,
                           .capacity = 3,
                           .mailbox = 5min,
                           .piece_size = 600,
                           .receipt = Receipt::InOrder,
                           .resend = Resend{500ms, 4s, 32s}};
  BOOST_TEST(to_string(terms) ==
             "delay=\"36h\" jitter=\"90min\" jitterDistribution=\"normal\" overtaking=\"yes\" "
             "loss=\"1.5%\" duplication=\"50%\" collection=\"1d\" capacity=\"3\" mailbox=\"5min\" "
             "pieceSize=\"600\" receipt=\"in-order\" resend=\"500ms\" resendAtMost=\"4s\" "
             "giveUp=\"32s\"");
}

BOOST_AUTO_TEST_CASE(a_preset_is_found_by_its_name_and_by_no_other) {
  for (const auto& preset : courier_presets())
    BOOST_TEST((find_courier_preset(preset.name)->terms == preset.terms), preset.name);
  BOOST_TEST((find_courier_preset("websocket") == nullptr));
}

BOOST_AUTO_TEST_CASE(no_two_presets_are_the_same) {
  std::set<std::string> terms;
  for (const auto& preset : courier_presets()) terms.insert(to_string(preset.terms));
  BOOST_TEST(terms.size() == courier_presets().size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::signalling
