#include "agents/base/ip_fragment.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"
#include "agents/base/octets_at.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace rtclab::ip {
namespace {

constexpr std::size_t kV4Header = 20;
constexpr std::size_t kV6Header = 40;
constexpr std::size_t kMostOctets = 0xffff;
constexpr std::uint16_t kMoreFragments = 0x2000;
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint8_t kFragment = 44;  // as a next header

std::uint8_t read_u8(ByteView octets, std::size_t at) {
  return std::to_integer<std::uint8_t>(octets[at]);
}

// The octets of `size` that a part can carry: all but the last are multiples of 8.
std::size_t room(std::size_t mtu, std::size_t header) {
  assert(mtu >= header + 8);
  return (mtu - header) / 8 * 8;
}

// RFC 791 §3.1: a header for the second part on, which has only the options that say so.
Bytes later_header(ByteView header) {
  Bytes kept{header.begin(), header.begin() + kV4Header};
  for (std::size_t at = kV4Header; at < header.size();) {
    const auto type = read_u8(header, at);
    if (type == 0) break;
    const std::size_t length = type == 1 ? 1 : at + 1 < header.size() ? read_u8(header, at + 1) : 0;
    if (length == 0 || at + length > header.size() || (type != 1 && length < 2)) break;
    if ((type & 0x80u) != 0) kept.insert(kept.end(), &header[at], &header[at] + length);
    at += length;
  }
  kept.resize((kept.size() + 3) / 4 * 4);
  kept[0] = static_cast<std::byte>(0x40 | kept.size() / 4);
  return kept;
}

Bytes part_v4(const Bytes& header, ByteView data, std::size_t offset, bool more) {
  Bytes part = header;
  set_u16_at(part, 2, header.size() + data.size());
  set_u16_at(part, 6, offset / 8 | (more ? kMoreFragments : 0u));
  set_u16_at(part, 10, 0);
  set_u16_at(part, 10, checksum_close(checksum_add(0, part)));
  part.insert(part.end(), data.begin(), data.end());
  return part;
}

// Seen at a glance, because almost no packet is.
bool may_be_part(ByteView packet) {
  if (packet.size() < kV4Header) return false;
  if (read_u8(packet, 0) >> 4u == 4) return (u16_at(packet, 6) & 0x3fffu) != 0;
  const auto next = read_u8(packet, 6);
  return next == kFragment || next == 0 || next == 43 || next == 60;
}

// Where the Fragment header of IPv6 stands, and the octet that says so. Behind it no header is
// looked for.
struct FragmentPlace {
  std::size_t named_at;
  std::size_t at;
};
std::optional<FragmentPlace> find_fragment_header(ByteView packet) {
  std::size_t named_at = 6;
  std::size_t at = kV6Header;
  while (at + kFragmentHeader <= packet.size()) {
    const auto next = read_u8(packet, named_at);
    if (next == kFragment) return FragmentPlace{named_at, at};
    // RFC 8200 §4.1: hop-by-hop options, destination options, a routing header.
    if (next != 0 && next != 43 && next != 60) return std::nullopt;
    named_at = at;
    at += 8 + std::size_t{read_u8(packet, at + 1)} * 8;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Fragment> Fragment::of(ByteView packet) {
  if (!may_be_part(packet)) return std::nullopt;
  const auto header = Header::parse(packet);
  if (!header) return std::nullopt;
  Fragment fragment{.key = {header->source, header->destination, 0, header->identification},
                    .protocol = static_cast<std::uint8_t>(header->protocol)};
  if (header->source.is_v4()) {
    if (!header->is_fragment()) return std::nullopt;
    fragment.key.protocol = fragment.protocol;
    fragment.offset = header->fragment_offset;
    fragment.more = header->more_fragments;
    fragment.header_size = header->header_size;
  } else {
    const auto place = find_fragment_header(packet.first(header->total_size));
    if (!place) return std::nullopt;
    ByteReader reader{packet.subspan(place->at, kFragmentHeader)};
    fragment.protocol = reader.u8();
    reader.skip(1);
    const auto offset = reader.u16();
    fragment.offset = offset & 0xfff8u;
    fragment.more = (offset & 1u) != 0;
    fragment.key.identification = reader.u32();
    fragment.header_size = place->at + kFragmentHeader;
  }
  fragment.data = packet.first(header->total_size).subspan(fragment.header_size);
  return fragment;
}

std::size_t plateau_below(std::size_t total_size) {
  constexpr std::array<std::size_t, 11> kPlateaus{65535, 32000, 17914, 8166, 4352, 2002,
                                                  1492,  1006,  508,   296,  68};
  const auto found =
      std::ranges::find_if(kPlateaus, [&](std::size_t plateau) { return plateau < total_size; });
  return found == kPlateaus.end() ? kPlateaus.back() : *found;
}

bool may_be_fragmented(ByteView packet) {
  return packet.size() >= kV4Header && read_u8(packet, 0) >> 4u == 4 &&
         (u16_at(packet, 6) & kDontFragment) == 0;
}

std::vector<Bytes> fragment_v4(ByteView packet, std::size_t mtu) {
  const auto header = Header::parse(packet);
  assert(header && header->source.is_v4());
  const Bytes first{packet.begin(),
                    packet.begin() + static_cast<std::ptrdiff_t>(header->header_size)};
  const auto later = later_header(first);
  const auto data = header->payload(packet);
  std::vector<Bytes> parts;
  for (std::size_t at = 0; at < data.size() || parts.empty();) {
    const auto& head = at == 0 && header->fragment_offset == 0 ? first : later;
    const auto left = data.size() - at;
    const auto size = head.size() + left <= mtu ? left : room(mtu, head.size());
    const bool more = size < left || header->more_fragments;
    parts.push_back(part_v4(head, data.subspan(at, size), header->fragment_offset + at, more));
    at += size;
    if (size == 0) break;
  }
  return parts;
}

std::vector<Bytes> fragment_v6(ByteView packet, std::size_t mtu, std::uint32_t identification) {
  const auto header = Header::parse(packet);
  assert(header && header->header_size == kV6Header);
  const auto data = header->payload(packet);
  const auto most = room(mtu, kV6Header + kFragmentHeader);
  std::vector<Bytes> parts;
  for (std::size_t at = 0; at < data.size() || parts.empty(); at += most) {
    const auto size = std::min(most, data.size() - at);
    const bool more = at + size < data.size();
    ByteWriter part{kV6Header + kFragmentHeader + size};
    part.octets(packet.first(4)).u16(kFragmentHeader + size).u8(kFragment);
    part.octets(packet.subspan(7, kV6Header - 7));
    part.u8(read_u8(packet, 6)).u8(0).u16(at | (more ? 1u : 0u)).u32(identification);
    parts.push_back(part.octets(data.subspan(at, size)).take());
  }
  return parts;
}

std::optional<Bytes> Reassembler::take(Instant now, ByteView packet, const Fragment& fragment) {
  const auto [place, is_new] = packets_.try_emplace(fragment.key);
  auto& parts = place->second;
  if (is_new) {
    parts.began = now;
    parts.number = ++counted_;
  }
  if (parts.spoiled) return std::nullopt;
  const auto known = parts.pieces.find(fragment.offset);
  if (known != parts.pieces.end() && std::ranges::equal(known->second, fragment.data)) {
    return std::nullopt;  // RFC 8200 §4.5, erratum 5945: a copy that the network made
  }
  const auto next = parts.pieces.lower_bound(fragment.offset);
  const bool overlaps = (next != parts.pieces.end() && next->first < fragment.end()) ||
                        (next != parts.pieces.begin() &&
                         std::prev(next)->first + std::prev(next)->second.size() > fragment.offset);
  // RFC 8200 §4.5: all but the last are multiples of 8 octets long.
  const bool odd = fragment.more && (fragment.data.size() % 8 != 0 || fragment.data.empty());
  const auto furthest = parts.pieces.empty()
                            ? 0
                            : parts.pieces.rbegin()->first + parts.pieces.rbegin()->second.size();
  const bool contradicts = (!fragment.more && (parts.size || furthest > fragment.end())) ||
                           (parts.size && fragment.end() > *parts.size);
  if (overlaps || odd || contradicts || fragment.end() + fragment.header_size > kMostOctets ||
      parts.pieces.size() >= limits_.fragments) {
    spoil(parts);
    return std::nullopt;
  }
  parts.pieces.emplace(fragment.offset, Bytes{fragment.data.begin(), fragment.data.end()});
  parts.octets += fragment.data.size();
  octets_ += fragment.data.size();
  if (fragment.is_first()) parts.first.assign(packet.begin(), packet.end());
  if (!fragment.more) parts.size = fragment.end();
  if (parts.size && parts.octets == *parts.size) {
    auto whole = join(parts);
    octets_ -= parts.octets;
    packets_.erase(place);
    return whole;
  }
  make_room();
  return std::nullopt;
}

void Reassembler::spoil(Parts& parts) {
  octets_ -= parts.octets;
  parts.octets = 0;
  parts.pieces.clear();
  parts.first.clear();
  parts.spoiled = true;
}

// RFC 4787 §11 (REQ-14a), and every host: a flood of first parts must not cost more than this.
void Reassembler::make_room() {
  while (packets_.size() > limits_.packets || octets_ > limits_.octets) {
    const auto oldest = std::ranges::min_element(
        packets_, {}, [](const auto& entry) { return entry.second.number; });
    octets_ -= oldest->second.octets;
    packets_.erase(oldest);
  }
}

Bytes Reassembler::join(const Parts& parts) {
  const auto fragment = *Fragment::of(parts.first);
  Bytes whole{parts.first.begin(),
              parts.first.begin() + static_cast<std::ptrdiff_t>(fragment.header_size)};
  if (!fragment.key.source.is_v4()) {
    const auto place = *find_fragment_header(parts.first);
    whole.resize(place.at);
    whole[place.named_at] = static_cast<std::byte>(fragment.protocol);
  }
  const auto header_size = whole.size();
  for (const auto& [offset, piece] : parts.pieces) {
    whole.insert(whole.end(), piece.begin(), piece.end());
  }
  if (fragment.key.source.is_v4()) {
    set_u16_at(whole, 2, whole.size());
    set_u16_at(whole, 6, 0);
    set_u16_at(whole, 10, 0);
    set_u16_at(whole, 10, checksum_close(checksum_add(0, ByteView{whole}.first(header_size))));
  } else {
    set_u16_at(whole, 4, whole.size() - kV6Header);
  }
  return whole;
}

std::vector<Bytes> Reassembler::expire(Instant now) {
  std::vector<std::pair<std::uint64_t, Bytes>> late;
  std::erase_if(packets_, [&](auto& entry) {
    auto& parts = entry.second;
    if (now < parts.began + limits_.patience) return false;
    octets_ -= parts.octets;
    if (!parts.first.empty()) late.emplace_back(parts.number, std::move(parts.first));
    return true;
  });
  std::ranges::sort(late);
  std::vector<Bytes> told;
  for (auto& [number, first] : late) told.push_back(std::move(first));
  return told;
}

std::optional<Instant> Reassembler::next_expiry() const {
  std::optional<Instant> earliest;
  for (const auto& [key, parts] : packets_) {
    const auto ends = parts.began + limits_.patience;
    if (!earliest || ends < *earliest) earliest = ends;
  }
  return earliest;
}

}  // namespace rtclab::ip
