// When packets that are ready may leave: audio at once, repairs before new video, and video no
// faster than the pacing rate, in bursts of 5 ms.
//
// Spec: draft-ietf-rmcat-gcc-02 §3 (pacing). The rate is 2.5 times the target, so that a key frame
// takes a fraction of the time between two frames; and more when the queue would else take more
// than 2 s.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "agents/media/ring.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

enum class Urgency : std::uint8_t { AtOnce, Repair, Paced };

struct QueuedPacket {
  std::uint32_t stream = 0;  // the id of its SendStream
  Urgency urgency = Urgency::Paced;
  bool last_of_frame = false;
  std::uint16_t header_size = 0;
  std::uint16_t transport_sequence_at = 0;  // where these stand in `bytes`; 0: nowhere
  std::uint16_t send_time_at = 0;
  Instant queued{};
  Bytes bytes{};
};

class Pacer {
 public:
  void set_target(std::uint64_t bitrate) { target_ = bitrate; }  // bit/s
  void push(QueuedPacket packet);
  // The next packet that may leave now.
  [[nodiscard]] std::optional<QueuedPacket> pop(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  void clear();
  [[nodiscard]] std::size_t queued_bytes() const { return queued_; }

 private:
  [[nodiscard]] std::uint64_t rate() const;

  std::uint64_t target_ = 300'000;
  Ring<QueuedPacket> at_once_, repairs_, paced_;
  std::size_t queued_ = 0;  // octets of the latter two
  Instant free_at_{};       // when what has left would have left at the pacing rate
};

}  // namespace rtclab::media
