#include "sim/host/icmp.h"

#include "agents/base/checksum.h"

#include <algorithm>

namespace rtclab::icmp {
namespace {

enum class Type : std::uint8_t { EchoReply = 0, DestinationUnreachable = 3, EchoRequest = 8 };
enum class Code : std::uint8_t { Net = 0, Host = 1, Protocol = 2, Port = 3 };

constexpr std::size_t kHeaderSize = 8;
// RFC 1812 §4.3.2.3: quote as much as fits a packet of 576 octets with its own IP and ICMP headers.
constexpr std::size_t kLargestQuote = 576 - 20 - kHeaderSize;

bool is_intact(ByteView message) {
  return message.size() >= kHeaderSize && checksum_close(checksum_add(0, message)) == 0;
}

Bytes close(ByteWriter& writer) {
  writer.patch_u16(2, checksum_close(checksum_add(0, writer.view())));
  return writer.take();
}

}  // namespace

std::optional<Bytes> echo_reply(ByteView message) {
  if (!is_intact(message) || Type{std::to_integer<std::uint8_t>(message[0])} != Type::EchoRequest) {
    return std::nullopt;
  }
  ByteWriter writer{message.size()};
  writer.u8(static_cast<std::uint8_t>(Type::EchoReply)).u8(0).u16(0).octets(message.subspan(4));
  return close(writer);
}

Bytes port_unreachable(ByteView packet) {
  ByteWriter writer{kHeaderSize + kLargestQuote};
  writer.u8(static_cast<std::uint8_t>(Type::DestinationUnreachable));
  writer.u8(static_cast<std::uint8_t>(Code::Port)).u16(0).u32(0);
  writer.octets(packet.first(std::min(packet.size(), kLargestQuote)));
  return close(writer);
}

std::optional<Refused> parse_unreachable(ByteView message) {
  if (!is_intact(message)) return std::nullopt;
  ByteReader reader{message};
  const Type type{reader.u8()};
  const Code code{reader.u8()};
  // Code 4 asks for smaller packets: the destination is there.
  if (type != Type::DestinationUnreachable || code > Code::Port) return std::nullopt;
  reader.skip(6);
  // Not Header::parse(): the quote is cut short, and a NAT may have left its checksum behind.
  const auto version_and_size = reader.u8();
  if (version_and_size / 16 != 4 || version_and_size % 16 < 5) return std::nullopt;
  reader.skip(8);
  const ip::Protocol protocol{reader.u8()};
  reader.skip(2);
  const auto source = Ip::v4(reader.u32());
  const auto destination = Ip::v4(reader.u32());
  reader.skip(std::size_t{version_and_size % 16u} * 4 - 20);
  const Port from{reader.u16()};
  const Port to{reader.u16()};
  if (!reader.ok()) return std::nullopt;
  const auto transport = protocol == ip::Protocol::Tcp ? Transport::Tcp : Transport::Udp;
  return Refused{protocol,
                 {transport, {source, from}, {destination, to}},
                 code == Code::Protocol || code == Code::Port};
}

}  // namespace rtclab::icmp
