#include "agents/media/payload_format.h"

#include "agents/media/h264.h"
#include "agents/media/vp8.h"

#include <algorithm>
#include <array>

namespace rtclab::media {
namespace {

constexpr unsigned kKeyBit = 0x01;
constexpr unsigned kFirstBit = 0x02;

std::optional<PayloadFacts> read_vp8(ByteView payload) {
  const auto descriptor = vp8::read_descriptor(payload);
  if (!descriptor) return std::nullopt;
  PayloadFacts facts{.start = descriptor->start};
  if (descriptor->picture_id) {
    constexpr std::uint16_t kShort = 1u << 7u, kLong = 1u << 15u;
    facts.picture = {*descriptor->picture_id, descriptor->long_picture_id ? kLong : kShort};
  }
  if (!descriptor->start) return facts;
  const auto frame = vp8::read_frame(payload.subspan(descriptor->size));
  if (!frame) return std::nullopt;
  facts.key = frame->key;
  facts.width = frame->width;
  facts.height = frame->height;
  return facts;
}

// RFC 9628 §4.2: |I|P|L|F|B|E|V|Z|, P: builds upon others, B: begins a frame, E: ends it.
constexpr unsigned kVp9Predicted = 0x40, kVp9Begin = 0x08, kVp9End = 0x04;
// AV1 payload format §4.4: |Z|Y|W W|N|-|-|-|, Z: goes on with an OBU, Y: it goes on, N: a coded
// video sequence begins.
constexpr unsigned kAv1Continues = 0x80, kAv1WillContinue = 0x40, kAv1OneElement = 0x10,
                   kAv1NewSequence = 0x08;

// Behind a descriptor of one octet our own sources put a VP8 frame whatever the codec: it tells the
// size.
PayloadFacts with_size(PayloadFacts facts, ByteView payload) {
  if (!facts.start || !facts.key) return facts;
  if (const auto frame = vp8::read_frame(payload.subspan(1)); frame && frame->key) {
    facts.width = frame->width;
    facts.height = frame->height;
  }
  return facts;
}

PayloadFacts read_octet(Packetization packetization, ByteView payload) {
  const auto octet = std::to_integer<unsigned>(payload[0]);
  PayloadFacts facts{.start = (octet & kFirstBit) != 0, .key = (octet & kKeyBit) != 0};
  if (packetization == Packetization::Vp9)
    facts = {.start = (octet & kVp9Begin) != 0, .key = (octet & kVp9Predicted) == 0};
  if (packetization == Packetization::Av1)
    facts = {.start = (octet & kAv1Continues) == 0, .key = (octet & kAv1NewSequence) != 0};
  return with_size(facts, payload);
}

unsigned descriptor_octet(Packetization packetization, const FramePart& part) {
  if (packetization == Packetization::Vp9)
    return (part.key ? 0u : kVp9Predicted) | (part.start ? kVp9Begin : 0u) |
           (part.last ? kVp9End : 0u);
  if (packetization == Packetization::Av1)
    return (part.start ? 0u : kAv1Continues) | (part.last ? 0u : kAv1WillContinue) |
           kAv1OneElement | (part.key && part.start ? kAv1NewSequence : 0u);
  return (part.start ? kFirstBit : 0u) | (part.key ? kKeyBit : 0u);
}

}  // namespace

bool same_codec(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_auxiliary_codec(std::string_view codec) {
  constexpr std::array kAuxiliary{"rtx",        "red", "ulpfec",         "flexfec",
                                  "flexfec-03", "CN",  "telephone-event"};
  return std::ranges::any_of(kAuxiliary,
                             [codec](std::string_view name) { return same_codec(codec, name); });
}

Packetization packetization_of(Kind kind, std::string_view codec) {
  if (kind == Kind::Audio) return Packetization::Whole;
  if (same_codec(codec, "VP8")) return Packetization::Vp8;
  if (same_codec(codec, "VP9")) return Packetization::Vp9;
  if (same_codec(codec, "H264")) return Packetization::H264;
  return same_codec(codec, "AV1") ? Packetization::Av1 : Packetization::Generic;
}

std::size_t descriptor_size(Packetization packetization) {
  switch (packetization) {
    case Packetization::Whole:
    case Packetization::H264: return 0;
    case Packetization::Vp8: return vp8::kDescriptorSize;
    case Packetization::Vp9:
    case Packetization::Av1:
    case Packetization::Generic: return 1;
  }
  return 0;
}

void append_descriptor(Bytes& out, Packetization packetization, const FramePart& part) {
  switch (packetization) {
    case Packetization::Whole:
    case Packetization::H264: return;
    case Packetization::Vp8: vp8::write_descriptor(out, part.start, part.picture_id); return;
    case Packetization::Vp9:
    case Packetization::Av1:
    case Packetization::Generic:
      out.push_back(static_cast<std::byte>(descriptor_octet(packetization, part)));
      return;
  }
}

std::optional<PayloadFacts> read_payload(Packetization packetization, ByteView payload) {
  switch (packetization) {
    case Packetization::Whole: return PayloadFacts{.start = true, .key = true};
    case Packetization::Vp8: return read_vp8(payload);
    case Packetization::H264: return h264::read_payload(payload);
    case Packetization::Vp9:
    case Packetization::Av1:
    case Packetization::Generic: return read_octet(packetization, payload);
  }
  return std::nullopt;
}

}  // namespace rtclab::media
