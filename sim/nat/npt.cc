#include "sim/nat/npt.h"

#include "agents/base/checksum.h"
#include "agents/base/ip_packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rtclab::nat {
namespace {

using Outcome = Verdict::Outcome;

constexpr std::size_t kSourceAt = 8;
constexpr std::size_t kDestinationAt = 24;
constexpr std::size_t kV6Size = 40;
constexpr std::size_t kIcmpSize = 8;

std::uint32_t word_of(const Ip& ip, std::size_t index) {
  return std::uint32_t{ip.octets[index * 2]} << 8u | ip.octets[index * 2 + 1];
}

std::uint16_t sum_of_octets(const Ip& ip) {
  return static_cast<std::uint16_t>(
      ~checksum_close(checksum_add(0, std::as_bytes(std::span{ip.octets}))));
}

// The word that makes up for the difference.
std::optional<std::size_t> adjusted_word(const Ip& ip, unsigned bits) {
  constexpr std::size_t kSubnet = 3;
  constexpr std::uint32_t kAllOnes = 0xffff;
  if (bits <= 48) return word_of(ip, kSubnet) == kAllOnes ? std::nullopt : std::optional{kSubnet};
  for (std::size_t index = 4; index < 8; ++index) {
    if (word_of(ip, index) != kAllOnes) return index;
  }
  return std::nullopt;
}

Ip with_prefix(Ip ip, const Prefix& prefix, unsigned bits) {
  for (unsigned bit = 0; bit < bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
    auto& octet = ip.octets[bit / 8];
    const unsigned wished = bit < prefix.bits ? prefix.ip.octets[bit / 8] & mask : 0u;
    octet = static_cast<std::uint8_t>((octet & ~mask) | wished);
  }
  return ip;
}

Ip address_at(ByteView packet, std::size_t at) {
  Ip ip;
  for (auto& octet : ip.octets) octet = std::to_integer<std::uint8_t>(packet[at++]);
  return ip;
}

void put_address(Bytes& packet, std::size_t at, const Ip& ip) {
  for (const auto octet : ip.octets) packet[at++] = std::byte{octet};
}

// Where the packet that an ICMPv6 error quotes begins; nullopt for all else.
std::optional<std::size_t> quote_in(const ip::Header& header, ByteView packet) {
  const auto at = header.header_size + kIcmpSize;
  if (header.protocol != ip::Protocol::IcmpV6 || header.fragment_offset != 0) return std::nullopt;
  if (packet.size() < at + kV6Size) return std::nullopt;
  const auto type = std::to_integer<unsigned>(packet[header.header_size]);
  return type < 128 ? std::optional{at} : std::nullopt;  // RFC 4443 §2.1
}

// RFC 6296 §2.2: an error names the packet as its receiver knows it.
bool translate_quote(const ip::Header& header, Bytes& packet, std::size_t end, const Prefix& from,
                     const Prefix& to) {
  const auto quote = quote_in(header, packet);
  if (!quote) return true;
  const auto known = address_at(packet, *quote + end);
  if (!from.contains(known)) return true;
  const auto translated = translate_prefix(known, from, to);
  if (!translated) return false;
  put_address(packet, *quote + end, *translated);
  return true;
}

}  // namespace

std::optional<Ip> translate_prefix(const Ip& ip, const Prefix& from, const Prefix& to) {
  const auto bits = std::max(from.bits, to.bits);
  const auto index = adjusted_word(ip, bits);
  if (!index) return std::nullopt;
  auto translated = with_prefix(ip, to, bits);
  const auto before = sum_of_octets(ip);
  const std::uint32_t after = sum_of_octets(translated);
  auto word = static_cast<std::uint16_t>(
      ~checksum_close(word_of(translated, *index) + before + (~after & 0xffffu)));
  if (word == 0xffff) word = 0;  // RFC 6296 §3.1: one zero of the two that one's complement has
  translated.octets[*index * 2] = static_cast<std::uint8_t>(word >> 8u);
  translated.octets[*index * 2 + 1] = static_cast<std::uint8_t>(word);
  return translated;
}

Verdict Npt::drop(std::string why, std::optional<IcmpError> error) const {
  return {Outcome::Dropped, fmt::format("dropped by {}: {}", name_, why), error};
}

Verdict Npt::from_inside(Bytes& packet) const {
  const auto header = *ip::Header::parse(packet);
  if (header.source.is_v4()) return drop("only IPv6 is translated");
  if (!inside_.contains(header.source)) {
    return drop(fmt::format("{} is not of the inside net", header.source.to_string()));
  }
  if (inside_.contains(header.destination)) {
    return drop(fmt::format("nobody has {} in the inside net", header.destination.to_string()),
                kHostUnreachable);
  }
  const auto source = translate_prefix(header.source, inside_, outside_);
  if (!source || !translate_quote(header, packet, kDestinationAt, inside_, outside_)) {
    // RFC 6296 §3.4: a subnet of all ones has no counterpart.
    return drop(fmt::format("{} cannot be translated", header.source.to_string()),
                kHostUnreachable);
  }
  put_address(packet, kSourceAt, *source);
  if (!outside_.contains(header.destination)) return {Outcome::ToOutside, {}, {}};
  return from_outside(packet);  // RFC 6296 §2.2: hairpinning
}

Verdict Npt::from_outside(Bytes& packet) const {
  const auto header = *ip::Header::parse(packet);
  if (header.source.is_v4()) return drop("only IPv6 is translated");
  if (!outside_.contains(header.destination)) {
    return drop(fmt::format("{} is not of the outside net", header.destination.to_string()));
  }
  if (header.destination == outside_.ip) return drop("nothing listens on the translator itself");
  const auto destination = translate_prefix(header.destination, outside_, inside_);
  if (!destination || !translate_quote(header, packet, kSourceAt, outside_, inside_)) {
    return drop(fmt::format("{} cannot be translated", header.destination.to_string()));
  }
  put_address(packet, kDestinationAt, *destination);
  return {Outcome::ToInside, {}, {}};
}

}  // namespace rtclab::nat
