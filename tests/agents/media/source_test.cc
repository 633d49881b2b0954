// Sources, and what a frame is cut into.
#include "agents/media/audio_source.h"
#include "agents/media/payload_format.h"
#include "agents/media/recorded_source.h"
#include "agents/media/red.h"
#include "agents/media/video_source.h"
#include "agents/media/vp8.h"
#include "tests/agents/media/pair.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

namespace rtclab::media {
namespace {

using namespace std::chrono_literals;

std::vector<EncodedFrame> play(EncodedSource& source, Duration length) {
  std::vector<EncodedFrame> frames;
  EncodedFrame frame;
  while (source.next_frame() && *source.next_frame() < Instant{length}) {
    const auto now = *source.next_frame();
    while (source.produce(now, frame)) frames.push_back(frame);
  }
  return frames;
}
std::uint64_t bits(const std::vector<EncodedFrame>& frames) {
  std::uint64_t sum = 0;
  for (const auto& frame : frames) sum += frame.payload.size() * 8;
  return sum;
}
Bytes file(const std::string& name) {
  std::ifstream in{std::string{RTCLAB_TEST_DATA} + "/media/" + name, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  return to_octets(text);
}

BOOST_AUTO_TEST_SUITE(media_source)

BOOST_AUTO_TEST_CASE(audio_is_a_frame_each_twenty_milliseconds_at_its_bitrate) {
  const auto source = make_audio_source({.bitrate = 32'000, .pauses = false}, SeededRng{1});
  source->start(Instant{});

  const auto frames = play(*source, 60s);

  BOOST_TEST(frames.size() == 3000u);
  BOOST_TEST(static_cast<double>(bits(frames)) / 60 == 32'000, boost::test_tools::tolerance(0.03));
  BOOST_TEST((frames[10].payload.size() != frames[11].payload.size() ||
              frames[11].payload.size() != frames[12].payload.size()));
  BOOST_TEST((opus_duration(frames[0].payload) == 20ms));
}

// RFC 6716 §3.2.1. More would leave as a packet that no path takes.
BOOST_AUTO_TEST_CASE(no_audio_frame_is_longer_than_opus_allows) {
  const auto source = make_audio_source({.bitrate = 510'000, .pauses = false}, SeededRng{1});
  source->start(Instant{});

  std::size_t longest = 0;
  for (const auto& frame : play(*source, 60s)) longest = std::max(longest, frame.payload.size());

  BOOST_TEST(longest == 1275u);
}

BOOST_AUTO_TEST_CASE(with_dtx_comfort_frames_keep_their_distance) {
  const auto source = make_audio_source({.dtx = true}, SeededRng{1});
  source->start(Instant{});

  const auto frames = play(*source, 60s);

  std::optional<Instant> before;
  int comfort = 0;
  for (const auto& frame : frames) {
    if (!frame.comfort) {
      before.reset();
      continue;
    }
    ++comfort;
    BOOST_TEST(frame.payload.size() <= 3u);
    if (before) BOOST_TEST((frame.captured - *before >= 400ms));
    before = frame.captured;
  }
  BOOST_TEST(comfort > 20);
  // ITU-T P.59: talks 39 % of the time.
  const auto talk = static_cast<double>(frames.size() - static_cast<std::size_t>(comfort)) / 3000;
  BOOST_TEST((talk > 0.2 && talk < 0.6));
}

BOOST_AUTO_TEST_CASE(video_follows_its_target_and_begins_with_a_key_frame) {
  const auto source = make_video_source({}, SeededRng{1});
  const std::vector<LayerTarget> target{{.bitrate = 500'000}};
  source->set_targets(target);
  source->start(Instant{});

  const auto frames = play(*source, 30s);

  BOOST_TEST(frames.size() == 901u);
  BOOST_TEST(frames[0].key);
  BOOST_TEST(!frames[1].key);
  BOOST_TEST(frames[0].payload.size() > 4 * frames[1].payload.size());
  BOOST_TEST(static_cast<double>(bits(frames)) / 30 == 500'000, boost::test_tools::tolerance(0.05));
  BOOST_TEST(read_synthetic_frame(frames[7].payload).value().number == 7u);
}

BOOST_AUTO_TEST_CASE(a_layer_of_half_the_frame_rate_has_every_other_frame) {
  const auto source = make_video_source({.framerate = 30}, SeededRng{1});
  const std::vector<LayerTarget> targets{
      {.bitrate = 100'000, .scale_resolution_down_by = 2, .max_framerate = 15},
      {.bitrate = 100'000}};
  source->set_targets(targets);
  source->start(Instant{});

  const auto frames = play(*source, 10s);

  BOOST_TEST(std::ranges::count(frames, 0u, &EncodedFrame::layer) == 151);
  BOOST_TEST(std::ranges::count(frames, 1u, &EncodedFrame::layer) == 301);
  BOOST_TEST(frames[0].width == 320);
}

BOOST_AUTO_TEST_CASE(a_vp8_descriptor_says_where_a_frame_begins) {
  Bytes payload;
  vp8::write_descriptor(payload, true, 0x1234);
  Bytes frame;
  vp8::begin_frame(frame, {.key = true, .width = 160, .height = 120});
  payload.insert(payload.end(), frame.begin(), frame.end());

  const auto descriptor = vp8::read_descriptor(payload);
  BOOST_REQUIRE(descriptor.has_value());
  BOOST_TEST(descriptor->start);
  BOOST_TEST(descriptor->picture_id.value() == 0x1234);
  BOOST_TEST(descriptor->size == vp8::kDescriptorSize);
  const auto facts = read_payload(Packetization::Vp8, payload);
  BOOST_REQUIRE(facts.has_value());
  BOOST_TEST(facts->key);
  BOOST_TEST(facts->width == 160);
  BOOST_TEST(facts->height == 120);
}

// RFC 7741 §4.2: X, S; I, L, T and K; a picture ID of 7 bits, TL0PICIDX, TID.
BOOST_AUTO_TEST_CASE(a_descriptor_with_every_field_is_read_to_its_end) {
  const auto octets = from_hex(
      "90f01105a0"
      "010000");

  const auto descriptor = vp8::read_descriptor(octets);

  BOOST_REQUIRE(descriptor.has_value());
  BOOST_TEST(descriptor->size == 5u);
  BOOST_TEST(descriptor->picture_id.value() == 0x11);
  for (std::size_t length = 0; length < 5; ++length)
    BOOST_TEST(!vp8::read_descriptor(ByteView{octets}.first(length)).has_value());
}

// RFC 2198 §3: a redundant block of payload type 111 and 3 octets, then the primary.
BOOST_AUTO_TEST_CASE(the_primary_block_of_red_is_the_last) {
  const auto block =
      primary_of_red(from_hex("ef00000360"
                              "aaaaaa"
                              "bbcc"));
  BOOST_REQUIRE(block.has_value());
  BOOST_TEST(block->payload_type == 0x60);
  BOOST_TEST(block->payload.size() == 2u);
  BOOST_TEST(!primary_of_red(from_hex("ef000003")).has_value());
  BOOST_TEST(!primary_of_red(from_hex("ef00000360"
                                      "aa"))
                  .has_value());
}

BOOST_AUTO_TEST_CASE(the_recorded_clips_are_what_their_readme_says) {
  const auto video = parse_clip(file("clip.ivf"));
  BOOST_REQUIRE(video.has_value());
  BOOST_TEST(video->codec == "VP8");
  BOOST_TEST(video->frames.size() == 60u);
  BOOST_TEST(std::ranges::count(video->frames, true, &ClipFrame::key) == 4);
  BOOST_TEST(video->frames[0].width == 160);
  BOOST_TEST((video->frames[0].duration / 1ms == 66));

  const auto stream = parse_clip(file("clip.h264"));
  BOOST_REQUIRE(stream.has_value());
  BOOST_TEST(stream->codec == "H264");
  BOOST_TEST(stream->frames.size() == 60u);
  BOOST_TEST(std::ranges::count(stream->frames, true, &ClipFrame::key) == 4);
  BOOST_TEST(stream->frames[0].height == 120);
  BOOST_TEST((stream->frames[0].duration / 1ms == 66));

  const auto audio = parse_clip(file("clip.opus"));
  BOOST_REQUIRE(audio.has_value());
  BOOST_TEST(audio->codec == "opus");
  BOOST_TEST((audio->frames.size() == 200u || audio->frames.size() == 201u));
  for (const auto& frame : audio->frames) BOOST_TEST((frame.duration == 20ms));
}

std::size_t octets_of(const Clip& clip) {
  std::size_t octets = 0;
  for (const auto& frame : clip.frames) octets += frame.payload.size();
  return octets;
}

BOOST_AUTO_TEST_CASE(a_truncated_clip_is_refused_or_shorter) {
  for (const auto* const name : {"clip.ivf", "clip.opus", "clip.h264"}) {
    const auto whole = file(name);
    BOOST_REQUIRE(!whole.empty());
    const auto octets = octets_of(*parse_clip(whole));
    for (std::size_t length = 0; length < whole.size(); length += 37) {
      const auto clip = parse_clip(ByteView{whole}.first(length));
      BOOST_TEST((!clip.has_value() || octets_of(*clip) < octets));
    }
  }
}

BOOST_DATA_TEST_CASE(a_clip_plays_round_and_a_request_leaps_to_its_next_key_frame,
                     boost::unit_test::data::make({"clip.ivf", "clip.h264"}), name) {
  const auto clip = std::make_shared<const Clip>(*parse_clip(file(name)));
  Pair pair;
  auto section = video_section();
  const PayloadFormat h264{.type = 102, .codec = "H264", .parameters = "packetization-mode=1"};
  if (clip->codec == "H264") section.send = section.receive = {h264};
  connect(pair, {section});
  pair[0].set_source(pair.now(), "1", make_recorded_source(clip));
  pair.drain();
  pair.run_for(10s);

  const auto received = pair[1].statistics().inbound.at(0);
  BOOST_TEST(received.frames_decoded >= 148u);
  BOOST_TEST(received.frames_dropped == 0u);
  BOOST_TEST(received.key_frames_decoded == 10u);
  BOOST_TEST(received.frame_width == 160);
}

BOOST_AUTO_TEST_CASE(a_clip_goes_out_under_its_codec_or_not_at_all) {
  const auto clip = std::make_shared<const Clip>(*parse_clip(file("clip.ivf")));
  auto section = video_section();
  const PayloadFormat h264{.type = 102, .codec = "H264"};
  section.send = section.receive = {h264, kVp8, kRtx};
  Pair pair;
  connect(pair, {section});
  pair[0].set_source(pair.now(), "1", make_recorded_source(clip));
  pair.drain();
  pair.run_for(1s);
  BOOST_TEST(pair[0].statistics().outbound.at(0).payload_type.value() == 96);

  Pair other;
  section.send = section.receive = {h264};
  connect(other, {section});
  other[0].set_source(other.now(), "1", make_recorded_source(clip));
  other.drain();
  other.run_for(1s);
  BOOST_TEST(other[0].statistics().rtp_packets_sent == 0u);
}

// A codec that nobody here decodes goes behind a descriptor of ours.
BOOST_DATA_TEST_CASE(other_codecs_are_carried_as_well,
                     boost::unit_test::data::make(std::vector<std::string>{"AV1", "VP9", "H264"}),
                     codec) {
  auto section = video_section();
  for (auto* const formats : {&section.send, &section.receive}) {
    (*formats)[0].codec = codec;
    (*formats)[0].parameters = "packetization-mode=1";
  }
  Pair pair;
  pair.paths[0].loss = 0.01;
  connect(pair, {section});
  show(pair, 0);
  pair.run_for(10s);

  const auto received = pair[1].statistics().inbound.at(0);
  BOOST_TEST(received.frames_decoded >= 290u);
  BOOST_TEST(received.frame_width == 640);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::media
