// What a jitter buffer is told and what it says; its two kinds are in audio_buffer.h and
// video_buffer.h.
#pragma once

#include "agents/base/time.h"
#include "agents/media/event.h"
#include "agents/media/payload_format.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>

namespace rtclab::media {

enum class Arrival : std::uint8_t { Original, Repair };  // Repair: by RTX

struct BufferedPacket {
  rtp::LongSequenceNumber sequence = 0;  // unwrapped
  rtp::RtpTimestamp timestamp{0};
  bool marker = false;
  bool start = false;   // a frame begins with it
  bool key = false;     // … a key frame
  bool filler = false;  // no payload: it only takes a sequence number
  std::uint8_t payload_type = 0;  // of the codec, whatever it came in
  Arrival arrival = Arrival::Original;
  std::uint16_t width = 0, height = 0;
  std::optional<PictureNumber> picture{};
};

// Where a buffer reports to: its stream.
class FateSink {
 public:
  virtual ~FateSink() = default;
  struct Frame {
    rtp::RtpTimestamp timestamp{0};
    Fate fate = Fate::Shown;
    bool key = false;
    std::uint16_t packets = 0, repaired = 0;
    std::uint16_t width = 0, height = 0;
    Instant first_arrival{};
    Instant shown{};    // of what was shown
    Duration length{};  // of audio
  };
  virtual void frame(const Frame& frame) = 0;
  virtual void packet(rtp::LongSequenceNumber sequence, PacketFate fate) = 0;
};

}  // namespace rtclab::media
