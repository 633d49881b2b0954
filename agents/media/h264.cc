#include "agents/media/h264.h"

#include "agents/media/vp8.h"

namespace rtclab::media::h264 {
namespace {

constexpr unsigned kForbidden = 0x80, kType = 0x1f;
constexpr unsigned kFuStart = 0x80;

// ITU-T H.264 §7.3.3: first_mb_in_slice comes first, and 0 is written as a single 1 bit.
bool is_first_slice(ByteView header) {
  return !header.empty() && (std::to_integer<unsigned>(header[0]) & 0x80u) != 0;
}

bool is_slice_type(NalType type) {
  return type == NalType::Slice || type == NalType::Idr;
}

// A picture of ours, which no encoder made, has a VP8 header where the slice's would be: it tells
// the size (video_source.h).
void take_made_up_size(PayloadFacts& facts, ByteView slice) {
  if (slice.size() < 2) return;
  const auto frame = vp8::read_frame(slice.subspan(1));
  if (!frame || !frame->key) return;
  facts.width = frame->width;
  facts.height = frame->height;
}

// `body`: what follows the NAL unit's first octet, or its beginning. Who begins with anything but a
// later slice may begin a picture: the timestamp says where one ends.
PayloadFacts facts_of(NalType type, ByteView body) {
  PayloadFacts facts{.start = !is_slice_type(type) || is_first_slice(body),
                     .key = type == NalType::Idr || type == NalType::Sps};
  if (type == NalType::Idr && facts.start) take_made_up_size(facts, body);
  return facts;
}

PayloadFacts facts_of_unit(ByteView unit) {
  auto facts = facts_of(type_of(unit), unit.subspan(1));
  if (const auto parameters = read_parameters(unit)) {
    facts.width = parameters->width;
    facts.height = parameters->height;
  }
  return facts;
}

// RFC 6184 §5.7.1: units of one time, each behind its size.
std::optional<PayloadFacts> read_aggregate(ByteView units) {
  std::optional<PayloadFacts> facts;
  ByteReader in{units};
  while (in.remaining() > 0) {
    const auto unit = in.take(in.u16());
    if (!in.ok() || unit.empty()) return std::nullopt;
    const auto own = facts_of_unit(unit);
    if (!facts) facts = own;
    facts->key |= own.key;
    if (own.width == 0) continue;
    facts->width = own.width;
    facts->height = own.height;
  }
  return facts;
}

//    |S|E|R|  Type   |  behind the indicator's octet
std::optional<PayloadFacts> read_fragment(ByteView fragment) {
  if (fragment.size() < 2) return std::nullopt;
  const auto header = std::to_integer<unsigned>(fragment[0]);
  const auto type = static_cast<NalType>(header & kType);
  if ((header & kFuStart) == 0) return PayloadFacts{};
  return facts_of(type, fragment.subspan(1));
}

}  // namespace

NalType type_of(ByteView unit) {
  return static_cast<NalType>(std::to_integer<unsigned>(unit[0]) & kType);
}

bool is_slice(ByteView unit) {
  return is_slice_type(type_of(unit));
}

bool begins_picture(ByteView unit) {
  return facts_of(type_of(unit), unit.subspan(1)).start;
}

bool is_stream(ByteView octets) {
  return as_text(octets).starts_with(std::string_view{"\0\0\1", 3}) ||
         as_text(octets).starts_with(std::string_view{"\0\0\0\1", 4});
}

std::vector<ByteView> split_stream(ByteView stream) {
  std::vector<ByteView> units;
  std::optional<std::size_t> begin;
  const auto end_at = [&](std::size_t end) {
    if (!begin) return;
    while (end > *begin && stream[end - 1] == std::byte{0}) --end;
    if (end > *begin) units.push_back(stream.subspan(*begin, end - *begin));
  };
  for (std::size_t at = 0; at + 3 <= stream.size(); ++at) {
    if (stream[at] != std::byte{0} || stream[at + 1] != std::byte{0} ||
        stream[at + 2] != std::byte{1})
      continue;
    end_at(at);
    begin = at + 3;
    at += 2;
  }
  end_at(stream.size());
  return units;
}

std::optional<PayloadFacts> read_payload(ByteView payload) {
  if (payload.empty() || (std::to_integer<unsigned>(payload[0]) & kForbidden) != 0)
    return std::nullopt;
  const auto type = type_of(payload);
  if (type == NalType::StapA) return read_aggregate(payload.subspan(1));
  if (type == NalType::FuA) return read_fragment(payload.subspan(1));
  // 0 is nothing; STAP-B, MTAPs and FU-B need the interleaved mode.
  const auto number = static_cast<unsigned>(type);
  if (number == 0 || number > static_cast<unsigned>(NalType::StapA)) return std::nullopt;
  return facts_of_unit(payload);
}

bool may_fragment(std::string_view format_parameters) {
  constexpr std::string_view kName = "packetization-mode=";
  const auto found = format_parameters.find(kName);
  return found != std::string_view::npos &&
         format_parameters.substr(found + kName.size()).starts_with('1');
}

}  // namespace rtclab::media::h264
