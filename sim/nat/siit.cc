#include "sim/nat/siit.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "agents/base/octets_at.h"
#include "sim/nat/siit_icmp.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::nat::siit {
namespace {

constexpr std::size_t kV4Header = 20;
constexpr std::size_t kV6Header = 40;
constexpr std::size_t kLargestErrorV4 = 576;   // RFC 1812 §4.3.2.3
constexpr std::size_t kLargestErrorV6 = 1280;  // RFC 4443 §2.4 c
// RFC 7915 §5.1: up to here a packet may be cut on its way through IPv4, beyond it is not.
constexpr std::size_t kLargestCutV4 = 1260;

constexpr std::uint8_t kIcmp = static_cast<std::uint8_t>(ip::Protocol::Icmp);
constexpr std::uint8_t kIcmpV6 = static_cast<std::uint8_t>(ip::Protocol::IcmpV6);
constexpr std::uint8_t kTcp = static_cast<std::uint8_t>(ip::Protocol::Tcp);
constexpr std::uint8_t kUdp = static_cast<std::uint8_t>(ip::Protocol::Udp);

// What the headers of both families say. Read without judging the lengths against what is there,
// so that it also serves for the head of a packet that an ICMP error quotes.
struct Head {
  std::size_t size = 0;     // of the header, extension headers included
  std::size_t payload = 0;  // octets behind it, as it says itself
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = 0;
  std::uint8_t protocol = 0;
  std::uint32_t identification = 0;
  std::size_t offset = 0;
  bool is_part = false;  // a fragment
  bool more = false;
  bool dont_fragment = false;
  bool wants_route = false;  // a source route or a routing header that is not used up
  Ip source{};
  Ip destination{};
};

// RFC 791 §3.1: whether options ask for a route that still has stations.
bool has_source_route(ByteView options) {
  for (std::size_t at = 0; at < options.size();) {
    const auto type = std::to_integer<std::uint8_t>(options[at]);
    if (type == 0) return false;
    if (type == 1) {
      ++at;
      continue;
    }
    if (at + 2 >= options.size()) return false;
    const auto length = std::to_integer<std::size_t>(options[at + 1]);
    const auto next = std::to_integer<std::size_t>(options[at + 2]);
    if (length < 3) return false;
    if ((type == 131 || type == 137) && next <= length) return true;
    at += length;
  }
  return false;
}

std::optional<Head> read_v4(ByteView packet) {
  ByteReader reader{packet};
  Head head;
  const auto first = reader.u8();
  head.size = std::size_t{first & 15u} * 4;
  head.traffic_class = reader.u8();
  const std::size_t total = reader.u16();
  head.identification = reader.u16();
  const auto fragment = reader.u16();
  head.dont_fragment = (fragment & 0x4000u) != 0;
  head.more = (fragment & 0x2000u) != 0;
  head.offset = std::size_t{fragment & 0x1fffu} * 8;
  head.is_part = head.more || head.offset != 0;
  head.hop_limit = reader.u8();
  head.protocol = reader.u8();
  reader.skip(2);
  head.source = Ip::v4(reader.u32());
  head.destination = Ip::v4(reader.u32());
  if (first >> 4u != 4 || head.size < kV4Header || total < head.size) return std::nullopt;
  head.wants_route = has_source_route(reader.take(head.size - kV4Header));
  if (!reader.ok()) return std::nullopt;
  head.payload = total - head.size;
  return head;
}

// RFC 8200 §4: hop-by-hop options, routing, fragment, destination options.
bool is_extension(std::uint8_t next) {
  return next == 0 || next == 43 || next == 44 || next == 60;
}

std::optional<Head> read_v6(ByteView packet) {
  ByteReader reader{packet};
  Head head;
  const auto first = reader.u32();
  head.traffic_class = static_cast<std::uint8_t>(first >> 20u);
  head.payload = reader.u16();
  head.protocol = reader.u8();
  head.hop_limit = reader.u8();
  for (auto* const ip : {&head.source, &head.destination}) {
    for (auto& octet : ip->octets) octet = reader.u8();
  }
  if (first >> 28u != 6) return std::nullopt;
  while (is_extension(head.protocol)) {
    const auto kind = head.protocol;
    head.protocol = reader.u8();
    const auto length = reader.u8();
    const auto word = reader.u16();
    if (kind == 44) {
      head.is_part = true;
      head.offset = word & 0xfff8u;
      head.more = (word & 1u) != 0;
      head.identification = reader.u32();
    } else {
      head.wants_route |= kind == 43 && (word & 0xffu) != 0;
      reader.skip(4 + std::size_t{length} * 8);
    }
    if (!reader.ok()) return std::nullopt;
    if (kind == 44 && head.offset != 0) break;  // what follows are not headers
  }
  head.size = reader.offset();
  const auto extensions = head.size - kV6Header;
  if (!reader.ok() || head.payload < extensions) return std::nullopt;
  head.payload -= extensions;
  return head;
}

void put(ByteWriter& writer, const Ip& ip) {
  for (const auto octet : ip.octets) writer.u8(octet);
}

Bytes header_v6(const Head& head, const Ip& source, const Ip& destination) {
  const std::uint8_t protocol = head.protocol == kIcmp ? kIcmpV6 : head.protocol;
  ByteWriter writer{kV6Header + ip::kFragmentHeader};
  writer.u32(0x60000000u | std::uint32_t{head.traffic_class} << 20u);
  writer.u16(head.payload + (head.is_part ? ip::kFragmentHeader : 0));
  writer.u8(head.is_part ? 44 : protocol).u8(head.hop_limit);
  put(writer, source);
  put(writer, destination);
  if (head.is_part) {
    writer.u8(protocol).u8(0).u16(head.offset | (head.more ? 1u : 0u)).u32(head.identification);
  }
  return writer.take();
}

Bytes header_v4(const Head& head, const Ip& source, const Ip& destination) {
  const auto total = kV4Header + head.payload;
  ByteWriter writer{kV4Header};
  writer.u8(0x45).u8(head.traffic_class).u16(total);
  writer.u16(head.dont_fragment ? 0 : head.identification & 0xffffu);  // RFC 6864 §4.1
  const auto flags = (head.more ? 0x2000u : 0u) | (head.dont_fragment ? 0x4000u : 0u);
  writer.u16(head.offset / 8 | flags).u8(head.hop_limit);
  writer.u8(head.protocol == kIcmpV6 ? kIcmp : head.protocol).u16(0);
  writer.u32(source.v4_number()).u32(destination.v4_number());
  writer.patch_u16(10, checksum_close(checksum_add(0, writer.view())));
  return writer.take();
}

std::uint32_t sum_of(const Ip& ip) {
  if (ip.is_v4()) return (ip.v4_number() >> 16u) + (ip.v4_number() & 0xffffu);
  return checksum_add(0, std::as_bytes(std::span{ip.octets}));
}

std::uint32_t sum_of_pair(const Ip& a, const Ip& b) {
  return sum_of(a) + sum_of(b);
}

// RFC 1624 equation 3, for sums of many words: a checksum that was wrong stays so.
void move_checksum(Bytes& octets, std::size_t at, std::uint32_t gone, std::uint32_t come) {
  const auto before = static_cast<std::uint16_t>(~u16_at(octets, at));
  const std::uint32_t without_gone = checksum_close(gone);
  const auto folded = static_cast<std::uint16_t>(~checksum_close(come));
  set_u16_at(octets, at, checksum_close(before + without_gone + folded));
}

tl::unexpected<Untranslatable> refuse(std::string why, std::optional<IcmpError> error = {}) {
  return tl::make_unexpected(Untranslatable{std::move(why), error});
}

// Both ends of a packet before and after. Of an ICMP error's source alone none may be known: it
// then comes from the address that stands for such machines, RFC 7915 §5.1 by way of RFC 7600.
struct Ends {
  Ip source;
  Ip destination;
};
tl::expected<Ends, Untranslatable> ends_of(const Head& head, const AddressMap& map,
                                           std::optional<Ip> stranger) {
  auto source = map(head.source);
  if (!source) source = stranger;
  if (!source) return refuse(head.source.to_string() + " stands for no address there");
  const auto destination = map(head.destination);
  if (destination) return Ends{*source, *destination};
  return refuse(head.destination.to_string() + " stands for no address there", kHostUnreachable);
}

// The transport's checksum follows the addresses; ICMP also changes its type, and its checksum
// covers the pseudo-header in IPv6 only (RFC 7915 §4.5, §5.5). A quoted segment may end before.
void move_transport(Bytes& segment, const Head& head, const Ends& ends) {
  const auto gone = sum_of_pair(head.source, head.destination);
  const auto come = sum_of_pair(ends.source, ends.destination);
  const std::size_t at = head.protocol == kTcp ? 16 : head.protocol == kUdp ? 6 : 2;
  if (at + 2 > segment.size()) return;
  if (head.protocol == kUdp) {
    if (u16_at(segment, at) == 0) return;
    move_checksum(segment, at, gone, come);
    if (u16_at(segment, at) == 0) set_u16_at(segment, at, 0xffff);  // RFC 768
  } else if (head.protocol == kTcp) {
    move_checksum(segment, at, gone, come);
  }
}

// Precondition: head.protocol is ICMP's of its family.
void move_echo(Bytes& message, std::uint8_t type, const Head& head, const Ends& ends) {
  const auto before = u16_at(message, 0);
  const auto after = static_cast<std::uint16_t>(std::uint32_t{type} << 8u | (before & 0xffu));
  set_u16_at(message, 0, after);
  const bool from_v4 = head.protocol == kIcmp;
  const auto& v6 = from_v4 ? ends : Ends{head.source, head.destination};
  const auto pseudo =
      sum_of_pair(v6.source, v6.destination) + static_cast<std::uint32_t>(head.payload) + kIcmpV6;
  move_checksum(message, 2, before + (from_v4 ? 0 : pseudo), after + (from_v4 ? pseudo : 0));
}

Bytes joined(Bytes head, ByteView rest) {
  head.insert(head.end(), rest.begin(), rest.end());
  return head;
}

// The two directions differ in names and numbers only.
struct Direction {
  std::optional<Head> (*read)(ByteView);
  Bytes (*write)(const Head&, const Ip&, const Ip&);
  std::optional<std::uint8_t> (*echo)(std::uint8_t);
  std::optional<IcmpForm> (*error)(std::uint8_t, std::uint8_t, std::uint32_t);
  std::uint8_t icmp;
  std::size_t largest_error;
  std::size_t header;  // of the family that it goes to
};
constexpr Direction kToV6{read_v4, header_v6,       echo_to_v6, error_to_v6,
                          kIcmp,   kLargestErrorV6, kV6Header};
constexpr Direction kToV4{read_v6, header_v4,       echo_to_v4, error_to_v4,
                          kIcmpV6, kLargestErrorV4, kV4Header};

// RFC 7915 §4.3, §5.3: the packet in an error. One that quotes an error itself is not translated.
Translated translate_quote(ByteView quoted, const Direction& direction, const AddressMap& map) {
  const auto head = direction.read(quoted);
  if (!head) return refuse("an ICMP error that quotes too little");
  if (is_extension(head->protocol)) return refuse("an ICMP error about a packet of no transport");
  const auto ends = ends_of(*head, map, std::nullopt);
  if (!ends) return refuse("an ICMP error about a packet of which " + ends.error().why);
  const auto rest = quoted.subspan(head->size);
  Bytes segment{rest.begin(),
                rest.begin() + static_cast<std::ptrdiff_t>(std::min(rest.size(), head->payload))};
  if (head->protocol != direction.icmp) {
    if (head->offset == 0) move_transport(segment, *head, *ends);
  } else {
    const auto type = segment.size() < 4
                          ? std::nullopt
                          : direction.echo(std::to_integer<std::uint8_t>(segment[0]));
    if (!type || head->is_part) return refuse("an ICMP error about an ICMP message");
    move_echo(segment, *type, *head, *ends);
  }
  return joined(direction.write(*head, ends->source, ends->destination), segment);
}

bool is_intact(ByteView message, const Head& head) {
  if (message.size() < kIcmpHeader) return false;
  if (head.source.is_v4()) return checksum_close(checksum_add(0, message)) == 0;
  return ip::transport_checksum(head.source, head.destination, ip::Protocol::IcmpV6, message) == 0;
}

// RFC 7915 §4.2, §5.2: never less than the least, never more than either way takes.
std::uint32_t mtu_to_v6(std::uint32_t mtu, std::size_t quoted, const Translation& limits) {
  const std::size_t named = mtu == 0 ? ip::plateau_below(quoted) : mtu;
  const auto least = std::min({named + 20, limits.mtu_v6, limits.mtu_v4 + 20});
  return static_cast<std::uint32_t>(std::max(ip::kLeastMtuV6, least));
}

std::uint32_t mtu_to_v4(std::uint32_t mtu, const Translation& limits) {
  const std::size_t named = std::max<std::size_t>(mtu, 20 + 68);
  return static_cast<std::uint32_t>(
      std::min({named - 20, limits.mtu_v4, limits.mtu_v6 - 20, std::size_t{0xffff}}));
}

Translated translate_error(ByteView message, const Head& head, const Direction& direction,
                           const Translation& translation) {
  if (!is_intact(message, head)) return refuse("an ICMP error that is too short or damaged");
  const bool from_v4 = direction.icmp == kIcmp;
  ByteReader reader{message};
  const auto type = reader.u8();
  const auto code = reader.u8();
  reader.skip(2);
  const auto word = reader.u32();
  const auto form = direction.error(type, code, from_v4 ? word >> 24u : word);
  if (!form) {
    return refuse(fmt::format("ICMP type {} code {} says nothing in {}", type, code,
                              from_v4 ? "IPv6" : "IPv4"));
  }
  const auto& map = from_v4 ? translation.to_v6 : translation.to_v4;
  const auto stranger = from_v4 ? std::nullopt : std::optional{Ip::v4(0xc0000008u)};  // 192.0.0.8
  const auto ends = ends_of(head, map, stranger);
  if (!ends) return tl::make_unexpected(ends.error());
  auto quote = translate_quote(message.subspan(kIcmpHeader), direction, map);
  if (!quote) return quote;
  quote->resize(std::min(quote->size(), direction.largest_error - direction.header - kIcmpHeader));
  std::uint32_t says = 0;
  if (form->word == IcmpForm::Word::Mtu) {
    const std::size_t quoted = ByteReader{message.subspan(kIcmpHeader + 2)}.u16();
    says = from_v4 ? mtu_to_v6(word & 0xffffu, quoted, translation) : mtu_to_v4(word, translation);
  } else if (form->word == IcmpForm::Word::Pointer) {
    says = from_v4 ? form->pointer : std::uint32_t{form->pointer} << 24u;
  }
  ByteWriter writer{kIcmpHeader + quote->size()};
  writer.u8(form->type).u8(form->code).u16(0).u32(says).octets(*quote);
  writer.patch_u16(2, from_v4 ? ip::transport_checksum(ends->source, ends->destination,
                                                       ip::Protocol::IcmpV6, writer.view())
                              : checksum_close(checksum_add(0, writer.view())));
  auto outer = head;
  outer.payload = writer.size();
  outer.dont_fragment = false;  // no error is that large
  return joined(direction.write(outer, ends->source, ends->destination), writer.view());
}

// Of a packet that is there as a whole, `head` adapted to the family it goes to.
Translated translate(ByteView packet, const Head& head, const Direction& direction,
                     const Translation& translation) {
  const bool from_v4 = direction.icmp == kIcmp;
  if (head.wants_route) return refuse("it asks for a route of its own (RFC 7915 §4.1, §5.1)");
  const auto payload = packet.subspan(head.size, head.payload);
  const bool is_icmp = head.protocol == direction.icmp;
  // RFC 7915 §1.2: the checksum of ICMPv6 covers a length that a part does not know.
  if (is_icmp && head.is_part) return refuse("fragmented ICMP is not translated (RFC 7915 §1.2)");
  // Behind an IPv6 header it would be read as options, a route or a fragment that nobody wrote.
  if (is_extension(head.protocol)) return refuse("its protocol is an extension header of IPv6");
  if (!is_icmp && head.protocol == (from_v4 ? kIcmpV6 : kIcmp)) {
    return refuse("ICMP of the other family");
  }
  const auto type = is_icmp && payload.size() >= kIcmpHeader
                        ? direction.echo(std::to_integer<std::uint8_t>(payload[0]))
                        : std::nullopt;
  if (is_icmp && !type) return translate_error(payload, head, direction, translation);
  const auto ends = ends_of(head, from_v4 ? translation.to_v6 : translation.to_v4, std::nullopt);
  if (!ends) return tl::make_unexpected(ends.error());
  Bytes segment{payload.begin(), payload.end()};
  if (type) {
    move_echo(segment, *type, head, *ends);
  } else if (head.offset == 0) {
    const bool unsummed = head.protocol == kUdp && segment.size() >= 8 && u16_at(segment, 6) == 0;
    if (unsummed && head.is_part) return refuse("fragments of UDP without a checksum");
    if (unsummed) {
      const auto sum =
          ip::transport_checksum(ends->source, ends->destination, ip::Protocol::Udp, segment);
      set_u16_at(segment, 6, sum == 0 ? 0xffff : sum);
    } else {
      move_transport(segment, head, *ends);
    }
  }
  return joined(direction.write(head, ends->source, ends->destination), segment);
}

}  // namespace

Translated to_v6(ByteView packet, const Translation& translation) {
  const auto head = read_v4(packet);
  if (!head || head->size + head->payload > packet.size()) return refuse("it is cut short");
  return translate(packet, *head, kToV6, translation);
}

Translated to_v4(ByteView packet, const Translation& translation, std::uint16_t identification) {
  auto head = read_v6(packet);
  if (!head || head->size + head->payload > packet.size()) return refuse("it is cut short");
  if (head->payload + kV4Header > 0xffff) return refuse("it is longer than IPv4 can be");
  if (!head->is_part) {
    head->dont_fragment = kV4Header + head->payload > kLargestCutV4;
    head->identification = identification;
  }
  return translate(packet, *head, kToV4, translation);
}

}  // namespace rtclab::nat::siit
