#include "scenarios/live/stream_story.h"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace rtclab::program {
namespace {

const Path kPath{Transport::Tcp, *Endpoint::parse("192.0.2.1:50000"),
                 *Endpoint::parse("192.0.2.2:3478")};

struct Story {
  std::vector<tcp::Segment> segments;
  std::vector<live::Direction> directions;
  StreamStory story{[this](Instant, live::Direction direction, const Path& path, ByteView octets) {
    const bool out = direction == live::Direction::Out;
    const auto segment = tcp::Segment::parse(out ? path.local.ip : path.remote.ip,
                                             out ? path.remote.ip : path.local.ip, octets);
    BOOST_REQUIRE(segment.has_value());  // the checksum too
    segments.push_back(*segment);
    directions.push_back(direction);
  }};
};

BOOST_FIXTURE_TEST_SUITE(stream_story, Story)

BOOST_AUTO_TEST_CASE(who_connects_sends_the_first_syn) {
  story.opened({}, live::Direction::In, kPath);

  BOOST_REQUIRE(segments.size() == 3u);
  BOOST_TEST((directions[0] == live::Direction::In));
  BOOST_TEST(segments[0].syn);
  BOOST_TEST(!segments[0].ack);
  BOOST_TEST(segments[1].syn);
  BOOST_TEST(segments[1].ack_number.value() == 1u);
  BOOST_TEST(segments[2].ack_number.value() == 1u);
}

BOOST_AUTO_TEST_CASE(sequence_numbers_count_octets_in_each_direction) {
  story.opened({}, live::Direction::Out, kPath);
  story.octets({}, live::Direction::Out, kPath, as_octets("hello"));
  story.octets({}, live::Direction::In, kPath, as_octets("ok"));

  BOOST_REQUIRE(segments.size() == 7u);
  BOOST_TEST(segments[3].seq.value() == 1u);
  BOOST_TEST(segments[4].ack_number.value() == 6u);
  BOOST_TEST(segments[5].seq.value() == 1u);
  BOOST_TEST(segments[6].ack_number.value() == 3u);
}

BOOST_AUTO_TEST_CASE(much_is_cut_into_segments_that_fit) {
  story.opened({}, live::Direction::Out, kPath);
  story.octets({}, live::Direction::Out, kPath, Bytes(3000));

  std::size_t sum = 0;
  for (std::size_t i = 3; i < segments.size(); ++i) {
    BOOST_TEST(segments[i].payload.size() <= 1440u);
    sum += segments[i].payload.size();
  }
  BOOST_TEST(sum == 3000u);
}

BOOST_AUTO_TEST_CASE(a_stream_that_was_never_opened_tells_nothing) {
  story.octets({}, live::Direction::Out, kPath, as_octets("x"));
  story.closed({}, live::Direction::In, kPath);

  BOOST_TEST(segments.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::program
