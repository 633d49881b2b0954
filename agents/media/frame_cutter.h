// Cuts an encoded frame into RTP payloads, one after the other, each as long as its packet has room
// for.
//
// Spec: RFC 7741 §4.2 (VP8), RFC 9628 §4.2 (VP9), the AV1 payload format §4.4: a descriptor and the
// next octets. RFC 6184 §5.6 and §5.8 (H.264): a NAL unit, or a fragment of one. RFC 3551 §4: a
// frame of audio is a packet.
#pragma once

#include "agents/media/payload_format.h"
#include "agents/media/source.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rtclab::media {

class FrameCutter {
 public:
  // The frame outlives it.
  FrameCutter(Packetization packetization, const EncodedFrame& frame, std::uint16_t picture_id);

  // Appends the next payload, which is empty where the frame is; true: it was the last. Never
  // called after that.
  bool append_to(Bytes& out, std::size_t room);

 private:
  bool append_part(Bytes& out, std::size_t room);
  bool append_unit(Bytes& out, std::size_t room);

  Packetization packetization_;
  const EncodedFrame& frame_;
  std::uint16_t picture_id_;
  bool started_ = false;
  ByteView left_;                // of the frame, or of the NAL unit
  Bytes made_;                   // a NAL unit for what has none
  std::vector<ByteView> units_;  // H.264
  std::size_t next_unit_ = 0;    // the one behind `left_`
};

}  // namespace rtclab::media
