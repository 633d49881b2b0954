// H.264 as far as RTP must know it: NAL units, what a payload tells of its picture, and the
// parameters that say its size.
//
// Spec: RFC 6184 §5.3 (the first octet), §5.6 (a NAL unit in a packet), §5.7.1 (STAP-A), §5.8
// (FU-A), §6.2 and §6.3 (packetization modes); ITU-T H.264 §7.3.1, §7.3.2.1.1 (sequence parameter
// set), §7.3.3 (slice header), Annex B (byte stream), Annex E (timing). What is written and taken
// is of the modes 0 and 1, which know no interleaving.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/time.h"
#include "agents/media/payload_format.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rtclab::media::h264 {

enum class NalType : std::uint8_t {
  Slice = 1,
  Idr = 5,  // a slice of a picture that needs no other
  Sei = 6,
  Sps = 7,
  Pps = 8,
  Delimiter = 9,
  Filler = 12,
  StapA = 24,
  FuA = 28,
};

// Precondition of these three: not empty.
[[nodiscard]] NalType type_of(ByteView unit);
[[nodiscard]] bool is_slice(ByteView unit);
// Whether its slice is the first of a picture, or it stands before a picture's slices.
[[nodiscard]] bool begins_picture(ByteView unit);

// Whether it begins with a start code.
[[nodiscard]] bool is_stream(ByteView octets);
// The NAL units of a byte stream, without start codes and the zeros around them; empty where it has
// no start code.
[[nodiscard]] std::vector<ByteView> split_stream(ByteView stream);

struct SequenceParameters {
  std::uint16_t width = 0, height = 0;
  std::optional<Duration> frame_duration{};  // where the stream has timing
};
// nullopt: not a sequence parameter set, truncated, or beyond what any level allows.
[[nodiscard]] std::optional<SequenceParameters> read_parameters(ByteView unit);

// nullopt: not a payload of mode 0 or 1.
[[nodiscard]] std::optional<PayloadFacts> read_payload(ByteView payload);

// RFC 6184 §8.1: whether the parameters of the format allow FU-A.
[[nodiscard]] bool may_fragment(std::string_view format_parameters);

}  // namespace rtclab::media::h264
