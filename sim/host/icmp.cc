#include "sim/host/icmp.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_fragment.h"

#include <algorithm>

namespace rtclab::icmp {
namespace {

// The numbers of one family.
struct Numbers {
  ip::Protocol protocol;
  std::uint8_t echo_request;
  std::uint8_t echo_reply;
  std::uint8_t unreachable;
  std::uint8_t port;  // the code that says that nobody listens there
  std::uint8_t time_exceeded;
  std::size_t largest_quote;
};

constexpr std::size_t kHeaderSize = 8;
// RFC 1812 §4.3.2.3: quote as much as fits a packet of 576 octets with its own IP and ICMP headers.
constexpr Numbers kV4{ip::Protocol::Icmp, 8, 0, 3, 3, 11, 576 - 20 - kHeaderSize};
// RFC 4443 §3.1: the same for the smallest MTU of IPv6.
constexpr Numbers kV6{ip::Protocol::IcmpV6, 128, 129, 1, 4, 3, 1280 - 40 - kHeaderSize};

const Numbers& numbers_of(const ip::Header& header) {
  return header.source.is_v4() ? kV4 : kV6;
}

// RFC 4443 §2.3: over IPv6 the checksum covers the addresses too; so it is the same both ways.
std::uint16_t checksum_of(const ip::Header& header, ByteView message) {
  if (header.source.is_v4()) return checksum_close(checksum_add(0, message));
  return ip::transport_checksum(header.source, header.destination, ip::Protocol::IcmpV6, message);
}

bool is_intact(const ip::Header& header, ByteView message) {
  return message.size() >= kHeaderSize && header.protocol == numbers_of(header).protocol &&
         checksum_of(header, message) == 0;
}

Bytes close(const ip::Header& header, ByteWriter& writer) {
  writer.patch_u16(2, checksum_of(header, writer.view()));
  return writer.take();
}

Bytes error_about(ByteView packet, const ip::Header& header, std::uint8_t type, std::uint8_t code) {
  const auto& numbers = numbers_of(header);
  ByteWriter writer{kHeaderSize + numbers.largest_quote};
  writer.u8(type).u8(code).u16(0).u32(0);
  writer.octets(packet.first(std::min(packet.size(), numbers.largest_quote)));
  return close(header, writer);
}

// RFC 1122 §4.2.3.9: code 2 and 3 of IPv4; RFC 4443 §3.1 has 4 for a port. Code 4 of IPv4 asks for
// smaller packets: the destination is there.
bool is_hard(const Numbers& numbers, std::uint8_t code) {
  return code == numbers.port || (numbers.protocol == ip::Protocol::Icmp && code == 2);
}

struct Quote {
  ip::Protocol protocol;
  Ip source;
  Ip destination;
};

// Not Header::parse(): the quote is cut short, and a NAT may have left its checksum behind.
std::optional<Quote> take_v4(ByteReader& reader) {
  const auto version_and_size = reader.u8();
  if (version_and_size / 16 != 4 || version_and_size % 16 < 5) return std::nullopt;
  reader.skip(8);
  Quote quote{ip::Protocol{reader.u8()}, {}, {}};
  reader.skip(2);
  quote.source = Ip::v4(reader.u32());
  quote.destination = Ip::v4(reader.u32());
  reader.skip(std::size_t{version_and_size % 16u} * 4 - 20);
  return quote;
}

std::optional<Quote> take_v6(ByteReader& reader) {
  if (reader.u8() / 16 != 6) return std::nullopt;
  reader.skip(5);
  Quote quote{ip::Protocol{reader.u8()}, {}, {}};
  reader.skip(1);
  for (auto* const ip : {&quote.source, &quote.destination}) {
    for (auto& octet : ip->octets) octet = reader.u8();
  }
  return quote;
}

}  // namespace

std::optional<Bytes> echo_reply(const ip::Header& header, ByteView message) {
  const auto& numbers = numbers_of(header);
  if (!is_intact(header, message) ||
      std::to_integer<std::uint8_t>(message[0]) != numbers.echo_request) {
    return std::nullopt;
  }
  ByteWriter writer{message.size()};
  writer.u8(numbers.echo_reply).u8(0).u16(0).octets(message.subspan(4));
  return close(header, writer);
}

Bytes port_unreachable(const ip::Header& header, ByteView packet) {
  const auto& numbers = numbers_of(header);
  return error_about(packet, header, numbers.unreachable, numbers.port);
}

Bytes reassembly_timeout(const ip::Header& header, ByteView first) {
  constexpr std::uint8_t kReassembly = 1;  // the code, of both families
  return error_about(first, header, numbers_of(header).time_exceeded, kReassembly);
}

std::optional<Refused> parse_unreachable(const ip::Header& header, ByteView message) {
  const auto& numbers = numbers_of(header);
  if (!is_intact(header, message)) return std::nullopt;
  ByteReader reader{message};
  const auto type = reader.u8();
  const auto code = reader.u8();
  if (type != numbers.unreachable || code > numbers.port) return std::nullopt;
  reader.skip(6);
  const auto quote = header.source.is_v4() ? take_v4(reader) : take_v6(reader);
  const Port from{reader.u16()};
  const Port to{reader.u16()};
  if (!quote || !reader.ok()) return std::nullopt;
  const auto transport = quote->protocol == ip::Protocol::Tcp ? Transport::Tcp : Transport::Udp;
  return Refused{quote->protocol,
                 {transport, {quote->source, from}, {quote->destination, to}},
                 is_hard(numbers, code)};
}

std::optional<TooBig> parse_too_big(const ip::Header& header, ByteView message) {
  if (!is_intact(header, message)) return std::nullopt;
  ByteReader reader{message};
  const auto type = reader.u8();
  const auto code = reader.u8();
  reader.skip(2);
  const auto word = reader.u32();
  const bool v4 = header.source.is_v4();
  if (v4 ? type != 3 || code != 4 : type != 2) return std::nullopt;
  const std::size_t quoted_size = ByteReader{message.subspan(kHeaderSize + 2)}.u16();
  const auto quote = v4 ? take_v4(reader) : take_v6(reader);
  const Port from{reader.u16()};
  const Port to{reader.u16()};
  if (!quote || !reader.ok()) return std::nullopt;
  std::size_t mtu = v4 ? word & 0xffffu : word;
  if (v4 && mtu == 0) mtu = ip::plateau_below(quoted_size);  // RFC 1191 §5
  const auto transport = quote->protocol == ip::Protocol::Tcp ? Transport::Tcp : Transport::Udp;
  return TooBig{{transport, {quote->source, from}, {quote->destination, to}}, quote->protocol, mtu};
}

}  // namespace rtclab::icmp
