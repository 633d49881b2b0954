// Two sessions and the path between them, in virtual time: no network, no clock, one seed.
//
// Each direction delays, and by seed it loses, duplicates and reorders; with a capacity it has a
// queue, too.
#pragma once

#include "agents/base/rng.h"
#include "agents/media/audio_source.h"
#include "agents/media/packet_view.h"
#include "agents/media/session.h"
#include "agents/media/video_source.h"
#include "agents/rtp/rtcp.h"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtclab::media {

using namespace std::chrono_literals;

struct PathOptions {
  Duration delay = 50ms;
  double loss = 0;  // of RTP and RTCP alike
  double duplicates = 0;
  double reordered = 0;                     // these take 30 ms more
  std::optional<std::uint64_t> capacity{};  // bit/s
  Duration queue = 300ms;                   // at most; what finds it longer is dropped
};

// What crossed, for tests that look at it.
struct Crossing {
  Instant at;
  std::size_t from;
  PacketKind kind;
  Bytes bytes;
  bool lost;
};

class Pair {
 public:
  explicit Pair(SessionOptions options = {}, std::uint64_t seed = 1)
      : rng_{seed}, sessions_{Session{options, first_rng_}, Session{options, second_rng_}} {}

  Session& operator[](std::size_t side) { return sessions_[side]; }
  std::array<PathOptions, 2> paths{};  // paths[0]: from 0 to 1
  // Decides in place of the seed; nullopt: the seed decides.
  std::function<std::optional<bool>(const Crossing&)> loses{};
  bool record = false;
  std::vector<Crossing> crossings;
  std::array<std::vector<SessionEvent>, 2> events;
  std::array<std::uint64_t, 2> rtp_sent{}, rtp_lost{};
  [[nodiscard]] Instant now() const { return now_; }

  // Calls on the sessions are followed by this.
  void drain() {
    for (std::size_t side = 0; side < 2; ++side) {
      while (auto packet = sessions_[side].poll_packet()) carry(side, std::move(*packet));
      while (auto event = sessions_[side].poll_event()) events[side].push_back(std::move(*event));
    }
  }

  void run_for(Duration length) {
    const auto end = now_ + length;
    drain();
    while (true) {
      std::optional<Instant> next;
      for (auto& session : sessions_) {
        const auto wakeup = session.next_wakeup();
        if (!wakeup) continue;
        BOOST_REQUIRE_MESSAGE(wakeup->at > now_, "a wakeup in the past: " << wakeup->reason);
        if (!next || wakeup->at < *next) next = wakeup->at;
      }
      if (!wire_.empty() && (!next || wire_.begin()->first < *next)) next = wire_.begin()->first;
      if (!next || *next > end) break;
      now_ = *next;
      step();
    }
    now_ = end;
  }

  template <class T>
  std::vector<T> all(std::size_t side) const {
    std::vector<T> found;
    for (const auto& event : events[side])
      if (const auto* const value = std::get_if<T>(&event)) found.push_back(*value);
    return found;
  }

 private:
  struct InFlight {
    std::size_t to;
    PacketKind kind;
    Bytes bytes;
  };

  void step() {
    while (!wire_.empty() && wire_.begin()->first <= now_) {
      const auto arrived = std::move(wire_.begin()->second);
      wire_.erase(wire_.begin());
      auto& session = sessions_[arrived.to];
      if (arrived.kind == PacketKind::Rtp) session.handle_rtp(now_, arrived.bytes);
      if (arrived.kind == PacketKind::Rtcp) session.handle_rtcp(now_, arrived.bytes);
      drain();
    }
    for (auto& session : sessions_) {
      const auto wakeup = session.next_wakeup();
      if (wakeup && wakeup->at <= now_) session.handle_timeout(now_);
      drain();
    }
  }

  void carry(std::size_t from, OutgoingPacket packet) {
    const auto& path = paths[from];
    Crossing crossing{now_, from, packet.kind, packet.bytes, false};
    const auto decided = loses ? loses(crossing) : std::nullopt;
    crossing.lost = decided.value_or(rng_.uniform() < path.loss);
    auto leaves = now_;
    if (path.capacity && !crossing.lost) {
      auto& free_at = free_at_[from];
      if (free_at - now_ > path.queue) crossing.lost = true;
      if (!crossing.lost) {
        const auto bits = (packet.bytes.size() + 28) * 8;
        free_at = std::max(free_at, now_) +
                  Duration{static_cast<Duration::rep>(bits * 1'000'000'000 / *path.capacity)};
        leaves = free_at;
      }
    }
    if (packet.kind == PacketKind::Rtp) {
      ++rtp_sent[from];
      if (crossing.lost) ++rtp_lost[from];
    }
    if (!crossing.lost) {
      const auto extra = rng_.uniform() < path.reordered ? Duration{30ms} : Duration{};
      if (rng_.uniform() < path.duplicates)
        wire_.emplace(leaves + path.delay + 1ms, InFlight{1 - from, packet.kind, packet.bytes});
      wire_.emplace(leaves + path.delay + extra,
                    InFlight{1 - from, packet.kind, std::move(packet.bytes)});
    }
    if (record) crossings.push_back(std::move(crossing));
  }

  SeededRng rng_;
  SeededRng first_rng_{rng_.fork("first")}, second_rng_{rng_.fork("second")};
  std::array<Session, 2> sessions_;
  std::multimap<Instant, InFlight> wire_;
  std::array<Instant, 2> free_at_{};
  Instant now_{};
};

inline const PayloadFormat kOpus{
    .type = 111, .codec = "opus", .clock_rate = 48000, .channels = 2, .feedback = {"transport-cc"}};
inline const PayloadFormat kVp8{.type = 96,
                                .codec = "VP8",
                                .clock_rate = 90000,
                                .feedback = {"nack", "nack pli", "ccm fir", "transport-cc"}};
inline const PayloadFormat kRtx{.type = 97, .codec = "rtx", .clock_rate = 90000, .apt = 96};

inline ExtensionIds extension_ids() {
  return {.mid = 1,
          .rid = 2,
          .repaired_rid = 3,
          .transport_cc = 4,
          .abs_send_time = 5,
          .audio_level = 6};
}
inline Section audio_section(std::string mid = "0") {
  return {.mid = std::move(mid),
          .kind = Kind::Audio,
          .send = {kOpus},
          .receive = {kOpus},
          .extensions = extension_ids()};
}
inline Section video_section(std::string mid = "1") {
  return {.mid = std::move(mid),
          .kind = Kind::Video,
          .send = {kVp8, kRtx},
          .receive = {kVp8, kRtx},
          .extensions = extension_ids()};
}

// Both sides are configured alike, and the path is there.
inline void connect(Pair& pair, const std::vector<Section>& sections, bool reduced_size = true) {
  for (std::size_t side = 0; side < 2; ++side) {
    pair[side].configure(pair.now(), {.cname = side == 0 ? "alice" : "bob",
                                      .reduced_size_rtcp = reduced_size,
                                      .sections = sections});
    pair[side].set_writable(pair.now(), true);
    pair.drain();
  }
}
inline void talk(Pair& pair, std::size_t side, AudioSourceOptions options = {},
                 std::string_view mid = "0") {
  pair[side].set_source(pair.now(), mid, make_audio_source(options, SeededRng{side + 10}));
  pair.drain();
}
inline void show(Pair& pair, std::size_t side, VideoSourceOptions options = {},
                 std::string_view mid = "1") {
  pair[side].set_source(pair.now(), mid, make_video_source(options, SeededRng{side + 20}));
  pair.drain();
}

}  // namespace rtclab::media
