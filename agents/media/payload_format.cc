#include "agents/media/payload_format.h"

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
  if (!descriptor->start) return facts;
  const auto frame = vp8::read_frame(payload.subspan(descriptor->size));
  if (!frame) return std::nullopt;
  facts.key = frame->key;
  facts.width = frame->width;
  facts.height = frame->height;
  return facts;
}

// Behind the descriptor our own sources put a VP8 frame whatever the codec: it tells the size.
PayloadFacts read_generic(ByteView payload) {
  const auto descriptor = std::to_integer<unsigned>(payload[0]);
  PayloadFacts facts{.start = (descriptor & kFirstBit) != 0, .key = (descriptor & kKeyBit) != 0};
  if (!facts.start || !facts.key) return facts;
  if (const auto frame = vp8::read_frame(payload.subspan(1)); frame && frame->key) {
    facts.width = frame->width;
    facts.height = frame->height;
  }
  return facts;
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
  return same_codec(codec, "VP8") ? Packetization::Vp8 : Packetization::Generic;
}

std::size_t descriptor_size(Packetization packetization) {
  switch (packetization) {
    case Packetization::Whole: return 0;
    case Packetization::Vp8: return vp8::kDescriptorSize;
    case Packetization::Generic: return 1;
  }
  return 0;
}

void append_descriptor(Bytes& out, Packetization packetization, bool start, bool key,
                       std::uint16_t picture_id) {
  switch (packetization) {
    case Packetization::Whole: return;
    case Packetization::Vp8: vp8::write_descriptor(out, start, picture_id); return;
    case Packetization::Generic:
      out.push_back(static_cast<std::byte>((start ? kFirstBit : 0u) | (key ? kKeyBit : 0u)));
      return;
  }
}

std::optional<PayloadFacts> read_payload(Packetization packetization, ByteView payload) {
  switch (packetization) {
    case Packetization::Whole: return PayloadFacts{.start = true, .key = true};
    case Packetization::Vp8: return read_vp8(payload);
    case Packetization::Generic: return read_generic(payload);
  }
  return std::nullopt;
}

}  // namespace rtclab::media
