// The jitter buffer of video: packets become frames, frames are shown in order when they are due.
//
// A frame is complete when all packets from its first to its marker are there. It builds upon the
// one before it, so a hole stops all, unless the next frame's number says that no frame was in it:
// a lost packet of parity or padding never comes again. Else the buffer waits for a repair for
// `patience`, then says that only a key frame helps (key_frame_needed()). A key frame that is
// complete and due while the hole is still open ends the wait, too. What is left behind then is
// lost, or skipped where it was complete.
//
// Another codec (payload type) is another decoder, which begins with a key frame.
//
// A frame that is complete when due is Shown; one that comes later is ShownLate, and the picture
// has stood still for so long.
#pragma once

#include "agents/media/jitter_buffer.h"
#include "agents/media/playout_delay.h"
#include "agents/media/ring.h"
#include "agents/media/rtp_clock.h"

#include <vector>

namespace rtclab::media {

class VideoBuffer {
 public:
  VideoBuffer(std::uint32_t clock_rate, const PlayoutLimits& limits, Duration patience);

  // Whether it was of use. Precondition: drain(now) was called.
  bool insert(Instant now, const BufferedPacket& packet, FateSink& sink);
  // Shows what is due, gives up what took too long.
  void drain(Instant now, FateSink& sink);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  void set_patience(Duration patience) { patience_ = patience; }
  // Only a key frame lets the pictures go on; since when.
  [[nodiscard]] std::optional<Instant> key_frame_needed() const { return key_needed_since_; }
  // A packet before this one is of no use any more; nullopt: nothing has come.
  [[nodiscard]] std::optional<rtp::LongSequenceNumber> needed_from() const { return next_; }
  [[nodiscard]] Duration target() const { return delay_.target(); }

 private:
  static constexpr std::size_t kFewestSlots = 64, kMostSlots = 2048;
  enum class State : std::uint8_t { Empty, Waiting, Done, Lost };
  struct Slot {
    BufferedPacket packet{};
    State state = State::Empty;
    Instant arrival{};
  };
  struct Ready {
    FateSink::Frame frame;
    Instant show_at{};
  };
  [[nodiscard]] Slot& slot(rtp::LongSequenceNumber sequence) {
    return slots_[sequence & (slots_.size() - 1)];
  }
  [[nodiscard]] const Slot& slot(rtp::LongSequenceNumber sequence) const {
    return slots_[sequence & (slots_.size() - 1)];
  }
  [[nodiscard]] bool is(rtp::LongSequenceNumber sequence, State state) const {
    return slot(sequence).packet.sequence == sequence && slot(sequence).state == state;
  }
  [[nodiscard]] bool has(rtp::LongSequenceNumber sequence) const {
    return is(sequence, State::Waiting);
  }
  [[nodiscard]] bool has_hole() const { return next_ && !key_needed_since_ && scan_ <= highest_; }
  void make_room(rtp::LongSequenceNumber sequence, Instant now, FateSink& sink);
  void note_key_start(rtp::LongSequenceNumber sequence);
  bool refuse_old(rtp::LongSequenceNumber sequence, FateSink& sink);
  void assemble(Instant now, FateSink& sink);
  bool step(Instant now);
  bool bridge(FateSink& sink);
  void complete(Instant now);
  bool leave_hole(Instant now, FateSink& sink);
  [[nodiscard]] Instant hole_noticed(Instant now) const;
  [[nodiscard]] bool ends_frame(rtp::LongSequenceNumber sequence) const;
  [[nodiscard]] std::optional<Instant> key_due() const;
  void jump(rtp::LongSequenceNumber to, FateSink& sink);
  void abandon(rtp::LongSequenceNumber end, FateSink& sink);

  RtpTimeline timeline_;
  PlayoutDelay delay_;
  Duration patience_;
  std::vector<Slot> slots_;
  std::optional<PictureNumber> last_picture_;    // of what was assembled last
  std::optional<std::uint8_t> last_type_;        // … and its payload type
  std::optional<rtp::LongSequenceNumber> next_;  // where the next frame begins
  rtp::LongSequenceNumber scan_ = 0;             // all of [next_, scan_) is there
  rtp::LongSequenceNumber highest_ = 0;
  bool assembled_any_ = false;
  std::optional<rtp::LongSequenceNumber> key_start_;  // latest packet that begins a key frame
  std::optional<Instant> key_needed_since_;
  std::optional<Instant> hole_since_;  // the packet at scan_ is missing and others wait for it
  Ring<Ready> ready_;
  Instant latest_show_{};
};

}  // namespace rtclab::media
