// What is inside RTP, and recordings: payloads of every codec are read; what is cut fits, and can
// be put together again.
#include "agents/media/frame_cutter.h"
#include "agents/media/h264.h"
#include "agents/media/recorded_clip.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <array>

namespace rtclab::fuzz {
namespace {

using namespace media;

constexpr std::array kPacketizations{Packetization::Vp8, Packetization::Vp9, Packetization::Av1,
                                     Packetization::H264, Packetization::Generic};

std::vector<Bytes> cut(Packetization packetization, const EncodedFrame& frame, std::size_t room) {
  std::vector<Bytes> payloads;
  FrameCutter cutter{packetization, frame, 0x7fff};
  bool last = false;
  while (!last) {
    payloads.emplace_back();
    last = cutter.append_to(payloads.back(), room);
    require(payloads.back().size() <= room, "a payload fits into its packet");
    require(payloads.size() <= frame.payload.size() + 1, "cutting comes to an end");
  }
  return payloads;
}

// RFC 6184 §5.8: fragments joined are the unit.
Bytes joined(const std::vector<Bytes>& payloads) {
  Bytes octets;
  for (const auto& payload : payloads) {
    if (h264::type_of(payload) != h264::NalType::FuA) {
      octets.insert(octets.end(), payload.begin(), payload.end());
      continue;
    }
    if ((payload[1] & std::byte{0x80}) != std::byte{0})
      octets.push_back((payload[0] & std::byte{0x60}) | (payload[1] & std::byte{0x1f}));
    octets.insert(octets.end(), payload.begin() + 2, payload.end());
  }
  return octets;
}

bool is_plain(ByteView unit) {
  const auto type = h264::type_of(unit);
  return (unit[0] & std::byte{0x80}) == std::byte{0} && type != h264::NalType::FuA &&
         type != h264::NalType::Delimiter && type != h264::NalType::Filler;
}

void cut_and_join(ByteView octets, std::size_t room) {
  EncodedFrame frame{.payload = {octets.begin(), octets.end()}};
  for (const auto packetization : kPacketizations) {
    for (const auto& payload : cut(packetization, frame, room)) {
      if (!payload.empty()) static_cast<void>(read_payload(packetization, payload));
    }
  }
  const auto units = h264::split_stream(octets);
  if (!h264::is_stream(octets) || units.empty() || !std::ranges::all_of(units, is_plain)) return;
  Bytes whole;
  for (const auto unit : units) whole.insert(whole.end(), unit.begin(), unit.end());
  require(joined(cut(Packetization::H264, frame, room)) == whole, "fragments make the unit again");
}

void look_through(const Clip& clip) {
  require(!clip.frames.empty() && clip.frames.front().key, "a clip begins with a key frame");
  for (const auto& frame : clip.frames)
    require(!frame.payload.empty() && frame.duration > Duration{},
            "a frame is something, for a time");
}

}  // namespace

void media_payload(ByteView input) {
  Feed feed{input};
  const auto room = 8 + feed.below(256);
  const auto octets = input.subspan(std::min<std::size_t>(1, input.size()));
  if (const auto clip = parse_clip(octets)) look_through(*clip);
  if (const auto parameters = h264::read_parameters(octets))
    require(parameters->width > 0 && parameters->height > 0, "a picture has a size");
  for (const auto packetization : kPacketizations)
    if (!octets.empty()) static_cast<void>(read_payload(packetization, octets));
  cut_and_join(octets, room);
}

}  // namespace rtclab::fuzz
