// Two sessions against each other.
#include "tests/agents/media/pair.h"

#include <boost/test/unit_test.hpp>

namespace rtclab::media {
namespace {

BOOST_AUTO_TEST_SUITE(media_call)

BOOST_AUTO_TEST_CASE(a_minute_of_audio_is_three_thousand_packets_and_all_are_played) {
  Pair pair;
  connect(pair, {audio_section()});
  talk(pair, 0, {.pauses = false});

  pair.run_for(60s);

  const auto sent = pair[0].statistics().outbound.at(0);
  const auto received = pair[1].statistics().inbound.at(0);
  BOOST_TEST(sent.packets_sent == 3001u);
  BOOST_TEST(received.packets_received >= 2997u);
  BOOST_TEST(received.packets_lost == 0);
  BOOST_TEST(received.frames_decoded >= 2990u);
  BOOST_TEST(received.packets_discarded == 0u);
  BOOST_TEST(received.cname == "alice");
  BOOST_REQUIRE(sent.remote.has_value());
  BOOST_TEST(sent.remote->round_trip_time.value() == 0.1, boost::test_tools::tolerance(0.01));
}

BOOST_AUTO_TEST_CASE(a_clean_path_shows_every_frame_in_time) {
  Pair pair;
  connect(pair, {video_section()});
  show(pair, 0);

  pair.run_for(10s);

  const auto received = pair[1].statistics().inbound.at(0);
  BOOST_TEST_MESSAGE("decoded " << received.frames_decoded << " target "
                                << pair[0].statistics().rate.target);
  BOOST_TEST(received.frames_decoded >= 295u);
  BOOST_TEST(received.frames_dropped == 0u);
  BOOST_TEST(received.freeze_count == 0u);
  BOOST_TEST(received.pli_count == 0u);
  BOOST_TEST(received.frame_width == 640u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
