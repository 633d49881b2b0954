// A media session: RTP and RTCP of a peer whose SRTP key is the right one, and who may say
// anything.
#include "agents/media/audio_source.h"
#include "agents/media/recorded_clip.h"
#include "agents/media/session.h"
#include "agents/media/video_source.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <array>

namespace rtclab::fuzz {
namespace {

using namespace media;

Configuration configuration(std::size_t variant) {
  const ExtensionIds ids{.mid = 1,
                         .rid = 2,
                         .repaired_rid = 3,
                         .transport_cc = 4,
                         .abs_send_time = 5,
                         .audio_level = 6};
  const PayloadFormat opus{
      .type = 111, .codec = "opus", .clock_rate = 48000, .feedback = {"transport-cc"}};
  const PayloadFormat vp8{
      .type = 96, .codec = "VP8", .feedback = {"nack", "nack pli", "ccm fir", "goog-remb"}};
  const PayloadFormat rtx{.type = 97, .codec = "rtx", .apt = 96};
  const PayloadFormat red{.type = 98, .codec = "red"};
  const PayloadFormat av1{.type = 99, .codec = "AV1", .feedback = {"nack pli", "transport-cc"}};
  Section audio{
      .mid = "0", .kind = Kind::Audio, .send = {opus}, .receive = {opus}, .extensions = ids};
  Section video{.mid = "1",
                .kind = Kind::Video,
                .send = {vp8, rtx},
                .receive = {vp8, rtx, red},
                .extensions = ids};
  video.encodings = {{.rid = "a", .scale_resolution_down_by = 2}, {.rid = "b"}};
  Section other{
      .mid = "2", .kind = Kind::Video, .send = {av1}, .receive = {av1}, .extensions = ids};
  video.remote_sources = {{.ssrc = 1, .rtx_ssrc = 2}};
  switch (variant) {
    case 0: return {.cname = "c", .sections = {audio, video}};
    case 1: return {.cname = "c", .reduced_size_rtcp = true, .sections = {video, other}};
    case 2: return {.cname = "c", .sections = {}};
    default: return {.cname = "c", .reduced_size_rtcp = true, .sections = {audio, video, other}};
  }
}

class Play {
 public:
  explicit Play(Feed& feed) : feed_{feed}, session_{options(), rng_} {
    session_.configure(now_, configuration(feed_.below(4)));
    session_.set_source(now_, "0", make_audio_source({}, SeededRng{2}));
    session_.set_source(now_, "1", make_video_source({.framerate = 5}, SeededRng{3}));
    session_.set_writable(now_, true);
    drain();
  }

  void run() {
    constexpr int kMostSteps = 300;
    for (int steps = 0; !feed_.is_empty() && steps < kMostSteps; ++steps) {
      step();
      drain();
    }
    (void)session_.statistics();
  }

 private:
  static SessionOptions options() { return {.fates = FateReports::All, .rate = {.max = 200'000}}; }

  void step() {
    switch (feed_.below(12)) {
      case 0: return session_.configure(now_, configuration(feed_.below(4)));
      case 1: return session_.set_writable(now_, feed_.flip());
      case 2: {
        // A pause of a minute would be thousands of frames of ours.
        now_ += std::min<Duration>(feed_.pause(), std::chrono::seconds{1});
        return session_.handle_timeout(now_);
      }
      case 3:
        return session_.set_source(now_, feed_.flip() ? "1" : "2",
                                   make_video_source({.framerate = 5}, SeededRng{4}));
      case 4: {
        if (feed_.below(16) == 0) session_.close(now_);
        return;
      }
      case 5: return session_.handle_rtcp(now_, feed_.chunk());
      case 6: return session_.handle_rtcp(now_, about_us());
      case 7: {
        (void)parse_clip(feed_.chunk());
        return;
      }
      case 8: return session_.handle_rtp(now_, feed_.chunk());
      default: return session_.handle_rtp(now_, forged());
    }
  }

  // Feedback that names a stream of ours: behind the header and the sender's SSRC stands ours.
  Bytes about_us() {
    const auto body = feed_.chunk();
    ByteWriter out;
    const auto outbound = session_.statistics().outbound;
    const auto ssrc = outbound.empty() ? 0 : outbound[feed_.u8() % outbound.size()].ssrc;
    out.u8(0x80u | feed_.below(32))
        .u8(200 + feed_.below(8))
        .u16((8 + body.size() + 3) / 4)
        .u32(9)
        .u32(ssrc);
    out.octets(body).pad_to(4);
    return out.take();
  }

  // A packet that is near enough to one of the stream to be taken for its next.
  Bytes forged() {
    constexpr std::array kTypes{111, 96, 97, 98, 99};
    const auto type = static_cast<unsigned>(kTypes[feed_.below(kTypes.size())]);
    sequence_ = static_cast<std::uint16_t>(sequence_ + feed_.below(4) - 1);
    const auto flags = feed_.u8();
    timestamp_ += (flags & 1u) != 0 ? 3000 : 0;
    ByteWriter out;
    out.u8(0x90).u8((flags & 2u) << 6u | type).u16(sequence_).u32(timestamp_).u32(1 + flags / 64);
    out.u16(0xbede).u16(1).u8(0x10).u8('0' + flags / 4 % 4).u16(0);
    out.octets(feed_.chunk());
    return out.take();
  }

  void drain() {
    std::size_t said = 0;
    while (session_.poll_packet())
      require(++said < 20000, "a session comes to the end of what it sends");
    while (const auto event = session_.poll_event()) {
      (void)describe(*event);
      require(++said < 60000, "a session comes to the end of what it tells");
    }
    const auto wakeup = session_.next_wakeup();
    require(!wakeup || wakeup->at > now_, "a drained session wakes later than now");
  }

  Feed& feed_;
  SeededRng rng_{1};
  Session session_;
  std::uint16_t sequence_ = 100;
  std::uint32_t timestamp_ = 0;
  Instant now_{};
};

}  // namespace

void media_session(ByteView input) {
  Feed feed{input};
  Play{feed}.run();
}

}  // namespace rtclab::fuzz
