// How the frames of a codec lie in RTP payloads, and what a payload tells of its frame.
//
// Spec: RFC 7741 (VP8); RFC 6184 (H.264, see h264.h); RFC 9628 §4.2 (VP9, non-flexible mode without
// its optional fields); the AV1
// payload format §4.4 (aggregation header, one OBU element); RFC 7587 and RFC 3551 §4 (audio: a
// frame is a packet). For any other video codec a descriptor of one octet says what has to be
// known: bit 0 key frame, bit 1 first packet. What is sent of VP9, AV1 and those is ours alone
// (video_source.h); what others send of VP9 and AV1 is told apart all the same.
#pragma once

#include "agents/base/bytes.h"
#include "agents/media/configuration.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::media {

enum class Packetization : std::uint8_t { Whole, Vp8, Vp9, Av1, H264, Generic };

[[nodiscard]] Packetization packetization_of(Kind kind, std::string_view codec);

// The octets that a descriptor takes from each packet. H.264 has none (frame_cutter.h).
[[nodiscard]] std::size_t descriptor_size(Packetization packetization);
struct FramePart {
  bool start = false, last = false, key = false;
  std::uint16_t picture_id = 0;
};
void append_descriptor(Bytes& out, Packetization packetization, const FramePart& part);

// The number that a frame has in its descriptor, one more than the frame before (RFC 7741 §4.2).
struct PictureNumber {
  std::uint16_t value = 0;
  std::uint16_t modulus = 0;  // after which it begins again
  [[nodiscard]] bool follows(const PictureNumber& other) const {
    return modulus == other.modulus && value == (other.value + 1) % modulus;
  }
  friend bool operator==(const PictureNumber&, const PictureNumber&) = default;
};

struct PayloadFacts {
  bool start = false;  // a frame begins here
  bool key = false;    // known where it begins
  std::uint16_t width = 0, height = 0;
  std::optional<PictureNumber> picture{};
};
// nullopt: the payload is not what the format says. Precondition: not empty.
[[nodiscard]] std::optional<PayloadFacts> read_payload(Packetization packetization,
                                                       ByteView payload);

// rtx, red, ulpfec, flexfec, CN, telephone-event: none of them is sent alone.
[[nodiscard]] bool is_auxiliary_codec(std::string_view codec);
[[nodiscard]] bool same_codec(std::string_view a, std::string_view b);  // in any case of letters

}  // namespace rtclab::media
