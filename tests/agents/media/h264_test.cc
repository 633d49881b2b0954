#include "agents/media/h264.h"

#include "agents/media/frame_cutter.h"
#include "agents/media/video_buffer.h"
#include "agents/media/vp8.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace rtclab::media {
namespace {

namespace data = boost::unit_test::data;
using namespace std::chrono_literals;

struct Parameters {
  const char* made_by;
  std::string unit;
  std::uint16_t width, height;
  double rate;
  friend std::ostream& operator<<(std::ostream& out, const Parameters& row) {
    return out << row.made_by;
  }
};
// What x264 writes for these sizes and rates.
// clang-format off
const std::vector<Parameters> kParameters{
    {"baseline",                 "6742c00ad902847e5c0440000003004000000783c48992",                         160,  120,  15},
    {"high, cropped",            "67640028acd940780227e5c04400000fa40003a9803c60c658",                     1920, 1080, 30000.0 / 1001},
    {"high, fields, cropped",    "67640028acd94078044fde0220000003002000000643e2c5b2c0",                   1920, 1080, 25},
    {"4:2:2, odd macroblocks",   "677a000dbcd941519e222f0110000003001000000303c0f1429960",                 322,  182,  30},
    {"4:4:4, odd size",          "67f4000d919b282a33c2119ff88218826880000003008000001e078a14cb",                     321,  181,  30},
    {"10 bit, scaling matrices", "676e001ea6cd940a02ff970110000003001000000303c0f162d960",                 640,  360,  30}};
// clang-format on

// Two parameter sets and a picture of so many octets.
EncodedFrame access_unit(std::size_t octets) {
  EncodedFrame frame{.key = true};
  frame.payload = from_hex("00000001" + kParameters[0].unit + "0000000168cb8cb2000001");
  frame.payload.push_back(std::byte{0x65});
  for (std::size_t i = 1; i < octets; ++i)
    frame.payload.push_back(static_cast<std::byte>(i == 1 ? 0x88 : i % 251 + 1));
  return frame;
}

std::vector<Bytes> cut(const EncodedFrame& frame, std::size_t room) {
  FrameCutter cutter{Packetization::H264, frame, 0};
  std::vector<Bytes> payloads;
  do {
    payloads.emplace_back();
  } while (!cutter.append_to(payloads.back(), room));
  return payloads;
}

BOOST_AUTO_TEST_SUITE(media_h264)

BOOST_DATA_TEST_CASE(a_parameter_set_tells_size_and_rate, data::make(kParameters), row) {
  const auto parameters = h264::read_parameters(from_hex(row.unit));

  BOOST_REQUIRE(parameters.has_value());
  BOOST_TEST(parameters->width == row.width);
  BOOST_TEST(parameters->height == row.height);
  BOOST_REQUIRE(parameters->frame_duration.has_value());
  BOOST_TEST(1e9 / static_cast<double>(parameters->frame_duration->count()) == row.rate,
             boost::test_tools::tolerance(1e-6));
}

BOOST_DATA_TEST_CASE(a_parameter_set_that_ends_too_early_tells_nothing, data::make(kParameters),
                     row) {
  const auto unit = from_hex(row.unit);
  for (std::size_t length = 0; length < 6; ++length)
    BOOST_TEST(!h264::read_parameters(ByteView{unit}.first(length)).has_value());
}

BOOST_AUTO_TEST_CASE(a_stream_is_split_at_start_codes_of_either_length) {
  const auto stream = from_hex("00000001 67aa 0000 000001 68bb 00000001 65cc00");
  const auto units = h264::split_stream(stream);

  BOOST_REQUIRE(units.size() == 3u);
  BOOST_TEST(to_hex(units[0]) == "67aa");
  BOOST_TEST(to_hex(units[1]) == "68bb");
  BOOST_TEST(to_hex(units[2]) == "65cc");
  BOOST_TEST(h264::split_stream(from_hex("0102030000")).empty());
}

// RFC 6184 §5.6.
BOOST_AUTO_TEST_CASE(what_fits_goes_whole_and_without_start_codes) {
  const auto payloads = cut(access_unit(500), 1000);

  BOOST_REQUIRE(payloads.size() == 3u);
  BOOST_TEST(to_hex(payloads[0]) == kParameters[0].unit);
  BOOST_TEST(to_hex(payloads[1]) == "68cb8cb2");
  BOOST_TEST(payloads[2].size() == 500u);
}

// RFC 6184 §5.8.
BOOST_AUTO_TEST_CASE(what_is_too_long_goes_in_fragments_that_make_the_unit_again) {
  const auto frame = access_unit(2995);
  const auto payloads = cut(frame, 1000);

  BOOST_REQUIRE(payloads.size() == 5u);
  BOOST_TEST(to_hex(ByteView{payloads[2]}.first(2)) == "7c85");  // nal_ref_idc 3, FU-A, S, IDR
  BOOST_TEST(to_hex(ByteView{payloads[3]}.first(2)) == "7c05");
  BOOST_TEST(to_hex(ByteView{payloads[4]}.first(2)) == "7c45");  // E
  Bytes unit{std::byte{0x65}};
  for (std::size_t i = 2; i < 5; ++i) {
    BOOST_TEST(payloads[i].size() <= 1000u);
    unit.insert(unit.end(), payloads[i].begin() + 2, payloads[i].end());
  }
  BOOST_TEST(to_hex(unit) == to_hex(h264::split_stream(frame.payload)[2]));
}

BOOST_AUTO_TEST_CASE(delimiters_and_filler_are_left_out) {
  EncodedFrame frame{.key = false};
  frame.payload = from_hex("0000000109f0 000000010cffff80 00000001419a01");

  const auto payloads = cut(frame, 1000);

  BOOST_REQUIRE(payloads.size() == 1u);
  BOOST_TEST(to_hex(payloads[0]) == "419a01");
}

BOOST_AUTO_TEST_CASE(a_made_up_frame_goes_as_one_unit_and_tells_its_size) {
  EncodedFrame frame{.key = true};
  vp8::begin_frame(frame.payload, {.key = true, .width = 320, .height = 180});
  frame.payload.resize(3000);

  for (const std::size_t room : {5000u, 1000u}) {
    const auto facts = h264::read_payload(cut(frame, room).front());
    BOOST_REQUIRE(facts.has_value());
    BOOST_TEST((facts->start && facts->key));
    BOOST_TEST(facts->width == 320);
    BOOST_TEST(facts->height == 180);
  }
}

struct Payload {
  const char* octets;
  bool start, key;
  std::uint16_t width;
  friend std::ostream& operator<<(std::ostream& out, const Payload& row) {
    return out << row.octets;
  }
};
const std::vector<Payload> kPayloads{
    {"419a01", true, false, 0},                                           // a picture's first slice
    {"414001", false, false, 0},                                          // a later one
    {"658884", true, true, 0},                                            // IDR
    {"654001", false, true, 0},                                           // a later slice of it
    {"6742c00ad902847e5c0440000003004000000783c48992", true, true, 160},  // SPS
    {"68cb8cb2", true, false, 0},
    {"7c8588", true, true, 0},    // FU-A, the beginning of an IDR slice
    {"7c0512", false, false, 0},  // … goes on
    {"5c819a", true, false, 0},   // FU-A of another slice
    // STAP-A: both parameter sets.
    {"7800176742c00ad902847e5c0440000003004000000783c48992000468cb8cb2", true, true, 160}};

BOOST_DATA_TEST_CASE(a_payload_tells_where_a_picture_begins, data::make(kPayloads), row) {
  const auto facts = h264::read_payload(from_hex(row.octets));

  BOOST_REQUIRE(facts.has_value());
  BOOST_TEST(facts->start == row.start);
  BOOST_TEST(facts->key == row.key);
  BOOST_TEST(facts->width == row.width);
}

BOOST_DATA_TEST_CASE(what_is_no_payload_of_these_modes_is_refused,
                     data::make({"", "80", "e588", "00", "7c", "7c85", "78", "780003aabb", "780000",
                                 "7900", "7a00", "7b00", "7d85aa", "1f"}),
                     octets) {
  BOOST_TEST(!h264::read_payload(from_hex(octets)).has_value());
}

BOOST_AUTO_TEST_CASE(fragments_need_packetization_mode_1) {
  BOOST_TEST(
      h264::may_fragment("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"));
  BOOST_TEST(!h264::may_fragment("packetization-mode=0"));
  BOOST_TEST(!h264::may_fragment(""));
}

// Who joins behind a hole begins with the parameter sets, in whatever order they came.
BOOST_AUTO_TEST_CASE(a_key_picture_begins_with_its_parameter_sets) {
  struct Sink final : FateSink {
    void frame(const Frame& frame) override { frames.push_back(frame); }
    void packet(rtp::LongSequenceNumber, PacketFate) override {}
    std::vector<Frame> frames;
  } sink;
  VideoBuffer buffer{90000, {.min = 20ms, .max = 500ms}, 1s};
  const auto insert = [&](rtp::LongSequenceNumber sequence, const Bytes& payload, bool marker) {
    const auto facts = *h264::read_payload(payload);
    (void)buffer.insert(Instant{100ms},
                        {.sequence = sequence,
                         .timestamp = rtp::RtpTimestamp{sequence < 10 ? 1u : 3000u},
                         .marker = marker,
                         .start = facts.start,
                         .key = facts.key,
                         .width = facts.width,
                         .height = facts.height},
                        sink);
  };
  const auto payloads = cut(access_unit(2995), 1000);
  insert(9, from_hex("419a01"), true);  // of a picture that nobody can decode
  for (const std::size_t i : {1u, 0u, 2u, 3u, 4u}) insert(10 + i, payloads[i], i == 4);
  buffer.drain(Instant{1s}, sink);

  BOOST_REQUIRE(!sink.frames.empty());
  const auto& shown = sink.frames.back();
  BOOST_TEST((shown.fate == Fate::Shown));
  BOOST_TEST(shown.key);
  BOOST_TEST(shown.packets == 5);
  BOOST_TEST(shown.width == 160);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
