#include "agents/ice/framing.h"

#include "agents/base/rng.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace rtclab::ice {
namespace {

namespace data = boost::unit_test::data;

std::vector<Bytes> all_of(Deframer& deframer) {
  std::vector<Bytes> datagrams;
  while (auto datagram = deframer.pop()) datagrams.push_back(std::move(*datagram));
  return datagrams;
}

BOOST_AUTO_TEST_SUITE(ice_framing)

// RFC 4571 §2.
BOOST_AUTO_TEST_CASE(the_length_does_not_count_itself) {
  BOOST_TEST(to_hex(frame(to_octets("abc"))) == "0003616263");
}

const auto kStream = from_hex("0001aa 0000 0003bbccdd 0002eeff");

BOOST_DATA_TEST_CASE(a_stream_may_be_cut_anywhere, data::xrange(kStream.size() + 1), cut) {
  Deframer deframer;
  deframer.push(ByteView{kStream}.first(cut));
  auto datagrams = all_of(deframer);
  deframer.push(ByteView{kStream}.subspan(cut));
  for (auto& datagram : all_of(deframer)) datagrams.push_back(datagram);

  BOOST_TEST((datagrams == std::vector{from_hex("aa"), from_hex("bbccdd"), from_hex("eeff")}));
}

BOOST_AUTO_TEST_CASE(octets_may_come_one_by_one) {
  Deframer deframer;
  std::vector<Bytes> datagrams;
  for (const auto octet : kStream) {
    deframer.push({&octet, 1});
    for (auto& datagram : all_of(deframer)) datagrams.push_back(datagram);
  }
  BOOST_TEST(datagrams.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_longest_frame_comes_back) {
  const Bytes longest(kMaxFrame, std::byte{7});
  Deframer deframer;
  deframer.push(frame(longest));
  BOOST_TEST((deframer.pop() == longest));
}

BOOST_AUTO_TEST_CASE(a_length_that_is_never_filled_yields_nothing) {
  Deframer deframer;
  deframer.push(from_hex("ffff"));
  for (int i = 0; i < 65534; ++i) deframer.push(from_hex("00"));
  BOOST_TEST(!deframer.pop().has_value());
  deframer.push(from_hex("00"));
  BOOST_TEST(deframer.pop().has_value());
}

BOOST_AUTO_TEST_CASE(the_first_octet_is_seen_before_the_datagram_is_whole) {
  Deframer deframer;
  deframer.push(from_hex("5353"));
  BOOST_TEST(!deframer.peek().has_value());
  deframer.push(from_hex("48"));
  BOOST_TEST((deframer.peek() == std::byte{0x48}));
}

// Whatever comes: it ends, and yields no more than came.
BOOST_DATA_TEST_CASE(garbage_is_a_stream_of_frames_like_any_other, data::xrange(1, 21), seed) {
  SeededRng rng{static_cast<std::uint64_t>(seed)};
  Deframer deframer;
  std::size_t pushed = 0;
  std::size_t popped = 0;
  for (int round = 0; round < 200; ++round) {
    Bytes piece(rng.below(700));
    rng.fill(piece);
    if (rng.below(3) == 0 && piece.size() > 2) piece[0] = std::byte{0};
    pushed += piece.size();
    deframer.push(piece);
    for (const auto& datagram : all_of(deframer)) popped += datagram.size() + 2;
  }
  BOOST_TEST(popped <= pushed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::ice
