// The jitter buffer of audio: each packet is a frame, played when it is due or never.
//
// A packet that is missing when the one after it is due is lost: what would have been heard is
// concealed. One that comes after its turn is late. Sequence numbers tell loss from silence: after
// DTX the timestamp leaps and the sequence number does not. Nothing here needs a timer: drain(now)
// before each insert() gives the same fates, whenever it is called.
#pragma once

#include "agents/media/jitter_buffer.h"
#include "agents/media/playout_delay.h"
#include "agents/media/rtp_clock.h"

#include <array>

namespace rtclab::media {

class AudioBuffer {
 public:
  AudioBuffer(std::uint32_t clock_rate, const PlayoutLimits& limits);

  // Whether it was of use. Precondition: drain(now) was called.
  bool insert(Instant now, const BufferedPacket& packet, FateSink& sink);
  // Plays what is due.
  void drain(Instant now, FateSink& sink);
  // When drain() has something to tell, at the latest; nullopt: nothing waits.
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  // A packet before this one is of no use any more; nullopt: nothing has come.
  [[nodiscard]] std::optional<rtp::LongSequenceNumber> needed_from() const { return next_; }
  [[nodiscard]] Duration target() const { return delay_.target(); }

 private:
  static constexpr std::size_t kSlots = 128;  // 2.5 s of frames of 20 ms
  enum class State : std::uint8_t { Empty, Waiting, Played, Lost };
  struct Slot {
    rtp::LongSequenceNumber sequence = 0;
    State state = State::Empty;
    bool repaired = false;
    rtp::RtpTimestamp timestamp{0};
    Duration media_time{};
    Instant arrival{};
  };
  Slot& slot(rtp::LongSequenceNumber sequence) { return slots_[sequence % kSlots]; }
  const Slot& slot(rtp::LongSequenceNumber sequence) const { return slots_[sequence % kSlots]; }
  [[nodiscard]] bool is(rtp::LongSequenceNumber sequence, State state) const {
    return slot(sequence).sequence == sequence && slot(sequence).state == state;
  }
  [[nodiscard]] std::optional<rtp::LongSequenceNumber> first_waiting() const;
  void give_up(rtp::LongSequenceNumber end, FateSink& sink);
  void play(Slot& slot, Instant at, FateSink& sink);

  RtpTimeline timeline_;
  PlayoutDelay delay_;
  std::array<Slot, kSlots> slots_{};
  std::optional<rtp::LongSequenceNumber> next_;  // to be played
  rtp::LongSequenceNumber highest_ = 0;
  Duration frame_ = std::chrono::milliseconds{20};  // the latest length of a frame
  std::optional<Duration> played_to_;               // RTP time
  Instant latest_play_{};
};

}  // namespace rtclab::media
