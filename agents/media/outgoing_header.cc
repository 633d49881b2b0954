#include "agents/media/outgoing_header.h"

#include <cassert>

namespace rtclab::media {
namespace {

constexpr std::size_t kLongestOneByteElement = 16;
constexpr std::uint8_t kGreatestOneByteId = 14;
constexpr std::uint8_t kReservedId = 15;

void put(Bytes& out, unsigned value, int octets) {
  for (int i = octets - 1; i >= 0; --i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

// Writes elements after counting them: `visit` is called twice with the same element list.
struct Elements {
  const OutgoingHeader& header;
  const ExtensionIds& ids;

  template <class Visit>
  void for_each(Visit visit) const {
    const auto text = [&](const std::optional<std::uint8_t>& id, std::string_view value) {
      if (id && !value.empty()) visit(*id, as_octets(value));
    };
    text(ids.mid, header.mid);
    text(ids.rid, header.rid);
    text(ids.repaired_rid, header.repaired_rid);
    if (ids.audio_level && header.audio_level) {
      const std::byte level{
          static_cast<std::uint8_t>((header.voice ? 0x80u : 0u) | (*header.audio_level & 0x7fu))};
      visit(*ids.audio_level, ByteView{&level, 1});
    }
    constexpr std::byte kZeros[3]{};
    if (ids.transport_cc) visit(*ids.transport_cc, ByteView{kZeros, 2});
    if (ids.abs_send_time) visit(*ids.abs_send_time, ByteView{kZeros, 3});
    if (header.reserved_id) visit(kReservedId, ByteView{kZeros, 1});
  }
};

}  // namespace

HeaderPlaces write_header(Bytes& out, const OutgoingHeader& header, const ExtensionIds& ids) {
  assert(out.empty());
  const Elements elements{header, ids};
  bool any = false, two_byte = false;
  elements.for_each([&](std::uint8_t id, ByteView data) {
    any = true;
    two_byte = two_byte || (id > kGreatestOneByteId && !header.reserved_id) ||
               data.size() > kLongestOneByteElement;
  });
  put(out, 0x80u | (any ? 0x10u : 0u), 1);
  put(out, (header.marker ? 0x80u : 0u) | header.payload_type, 1);
  put(out, header.sequence.value(), 2);
  put(out, header.timestamp.value(), 4);
  put(out, header.ssrc, 4);
  HeaderPlaces places;
  if (any) {
    put(out, two_byte ? 0x1000u : 0xbedeu, 2);
    const auto length_at = out.size();
    put(out, 0, 2);
    elements.for_each([&](std::uint8_t id, ByteView data) {
      if (two_byte) {
        put(out, id, 1);
        put(out, static_cast<unsigned>(data.size()), 1);
      } else {
        put(out, static_cast<unsigned>(id << 4u | (data.size() - 1)), 1);
      }
      const auto at = static_cast<std::uint16_t>(out.size());
      if (ids.transport_cc == id) places.transport_sequence = at;
      if (ids.abs_send_time == id) places.send_time = at;
      out.insert(out.end(), data.begin(), data.end());
    });
    while (out.size() % 4 != 0) out.push_back(std::byte{0});
    patch_u16(out, length_at, static_cast<std::uint16_t>((out.size() - length_at - 2) / 4));
  }
  places.size = static_cast<std::uint16_t>(out.size());
  return places;
}

void patch_u16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  assert(at + 2 <= bytes.size());
  bytes[at] = static_cast<std::byte>(value >> 8u);
  bytes[at + 1] = static_cast<std::byte>(value & 0xffu);
}

void patch_u24(Bytes& bytes, std::size_t at, std::uint32_t value) {
  assert(at + 3 <= bytes.size());
  bytes[at] = static_cast<std::byte>(value >> 16u & 0xffu);
  patch_u16(bytes, at + 1, static_cast<std::uint16_t>(value & 0xffffu));
}

}  // namespace rtclab::media
