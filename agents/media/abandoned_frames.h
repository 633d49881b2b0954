// Tells the fates of frames that are left behind, packet by packet in their order: lost where
// packets are missing, skipped where all are there. A gap between two whole frames counts as one
// lost frame.
#pragma once

#include "agents/media/jitter_buffer.h"

#include <optional>

namespace rtclab::media {

class AbandonedFrames {
 public:
  explicit AbandonedFrames(FateSink& sink) : sink_{sink} {}

  void add(const BufferedPacket& packet, Instant arrival) {
    if (packet.filler) return;
    if (frame_ && packet.timestamp != frame_->timestamp) {
      frame_->fate = Fate::Lost;  // its marker did not come
      close();
    }
    if (!frame_) {
      if (gap_ && packet.start) sink_.frame({.fate = Fate::Lost});
      frame_ = FateSink::Frame{.timestamp = packet.timestamp,
                               .fate = packet.start ? Fate::Skipped : Fate::Lost,
                               .key = packet.key,
                               .first_arrival = arrival};
      gap_ = false;
    }
    ++frame_->packets;
    if (packet.arrival == Arrival::Repair) ++frame_->repaired;
    if (packet.marker) close();
  }
  void miss(rtp::LongSequenceNumber sequence) {
    sink_.packet(sequence, PacketFate::Lost);
    if (frame_) {
      frame_->fate = Fate::Lost;
    } else {
      gap_ = true;
    }
  }
  void end() {
    if (frame_) frame_->fate = Fate::Lost;
    close();
    if (gap_) sink_.frame({.fate = Fate::Lost});
    gap_ = false;
  }

 private:
  void close() {
    if (frame_) sink_.frame(*frame_);
    frame_.reset();
  }

  FateSink& sink_;
  std::optional<FateSink::Frame> frame_;
  bool gap_ = false;  // packets are missing since the last frame ended
};

}  // namespace rtclab::media
