#include "agents/base/address.h"

#include "agents/base/text.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <span>
#include <vector>

namespace rtclab {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// The whole of `text` as a number no greater than `max`.
std::optional<unsigned> number(std::string_view text, unsigned max, int base = 10) {
  const auto value = parse_unsigned(text, base);
  if (!value || *value > max) return std::nullopt;
  return static_cast<unsigned>(*value);
}

std::optional<Ip> parse_v4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const auto& part : parts) {
    const auto octet = number(part, 255);
    if (!octet || part.size() > 3) return std::nullopt;
    value = value << 8u | *octet;
  }
  return Ip::v4(value);
}

// The 16-bit groups on one side of "::"; the last group may be written as an IPv4 address.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text) {
  std::vector<std::uint16_t> groups;
  if (text.empty()) return groups;
  const auto parts = split(text, ':');
  for (const auto& part : parts) {
    if (&part == &parts.back() && part.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(part);
      if (!v4) return std::nullopt;
      groups.push_back(static_cast<std::uint16_t>(v4->v4_number() >> 16u));
      groups.push_back(static_cast<std::uint16_t>(v4->v4_number()));
      continue;
    }
    const auto group = number(part, 0xffff, 16);
    if (!group || part.size() > 4) return std::nullopt;
    groups.push_back(static_cast<std::uint16_t>(*group));
  }
  return groups;
}

std::optional<Ip> parse_v6(std::string_view text) {
  const auto gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto head = parse_groups(text.substr(0, gap));
  const auto tail = parse_groups(has_gap ? text.substr(gap + 2) : std::string_view{});
  if (!head || !tail) return std::nullopt;
  const auto written = head->size() + tail->size();
  if (has_gap ? written > 7 : written != 8) return std::nullopt;

  std::array<std::uint16_t, 8> groups{};
  std::ranges::copy(*head, groups.begin());
  std::ranges::copy_backward(*tail, groups.end());
  Ip ip;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    ip.octets[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8u);
    ip.octets[2 * i + 1] = static_cast<std::uint8_t>(groups[i]);
  }
  return ip;
}

std::string hex_group(unsigned value) {
  std::array<char, 4> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return {digits.data(), result.ptr};
}

// RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::".
std::string v6_text(const Ip& ip) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<unsigned>(ip.octets[2 * i] << 8u | ip.octets[2 * i + 1]);
  }
  std::size_t best = 8;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    const auto end = std::find_if(groups.begin() + static_cast<std::ptrdiff_t>(i), groups.end(),
                                  [](unsigned group) { return group != 0; });
    const auto length = static_cast<std::size_t>(end - groups.begin()) - i;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += hex_group(groups[i]);
  }
  return text;
}

}  // namespace

Ip Ip::v4(std::uint32_t host_order) {
  Ip ip;
  std::ranges::copy(kV4Mapped, ip.octets.begin());
  for (unsigned i = 0; i < 4; ++i) {
    ip.octets[12 + i] = static_cast<std::uint8_t>(host_order >> (24u - 8u * i));
  }
  return ip;
}

std::optional<Ip> Ip::parse(std::string_view text) {
  return text.find(':') == std::string_view::npos ? parse_v4(text) : parse_v6(text);
}

Family Ip::family() const {
  return std::ranges::equal(kV4Mapped, std::span{octets}.first(12)) ? Family::V4 : Family::V6;
}

std::uint32_t Ip::v4_number() const {
  assert(is_v4());
  return std::uint32_t{octets[12]} << 24u | std::uint32_t{octets[13]} << 16u |
         std::uint32_t{octets[14]} << 8u | octets[15];
}

bool Ip::is_unspecified() const {
  return *this == Ip{} || *this == Ip::v4(0);
}

bool Ip::is_link_local() const {
  if (is_v4()) return v4_number() >> 16u == 0xa9feu;
  return octets[0] == 0xfe && (octets[1] & 0xc0u) == 0x80u;
}

bool Ip::is_loopback() const {
  if (is_v4()) return octets[12] == 127;
  return *this == *Ip::parse("::1");
}

bool Ip::is_multicast() const {
  return is_v4() ? v4_number() >> 28u == 0xe : octets[0] == 0xff;
}

std::string Ip::to_string() const {
  if (!is_v4()) return v6_text(*this);
  std::string text;
  for (std::size_t i = 12; i < 16; ++i) {
    if (i != 12) text += '.';
    text += std::to_string(octets[i]);
  }
  return text;
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = Ip::parse(host);
  const auto port = number(text.substr(colon + 1), 0xffff);
  if (!ip || !port || bracketed == ip->is_v4()) return std::nullopt;
  return Endpoint{*ip, Port{static_cast<std::uint16_t>(*port)}};
}

std::string Endpoint::to_string() const {
  const auto host = ip.is_v4() ? ip.to_string() : "[" + ip.to_string() + "]";
  return host + ":" + std::to_string(port.value());
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto ip = Ip::parse(text.substr(0, slash));
  if (!ip) return std::nullopt;
  const auto bits = number(text.substr(slash + 1), ip->is_v4() ? 32 : 128);
  if (!bits) return std::nullopt;
  return Prefix{*ip, *bits};
}

bool Prefix::contains(const Ip& address) const {
  if (address.family() != ip.family()) return false;
  const auto significant = bits + (ip.is_v4() ? 96 : 0);
  for (std::size_t i = 0; i < significant; ++i) {
    const auto mask = 0x80u >> (i % 8);
    if ((ip.octets[i / 8] & mask) != (address.octets[i / 8] & mask)) return false;
  }
  return true;
}

std::string Prefix::to_string() const {
  return ip.to_string() + "/" + std::to_string(bits);
}

std::string_view to_string(Transport transport) {
  return transport == Transport::Udp ? "udp" : "tcp";
}

std::string_view to_string(Family family) {
  return family == Family::V4 ? "IPv4" : "IPv6";
}

}  // namespace rtclab

std::size_t std::hash<rtclab::Endpoint>::operator()(
    const rtclab::Endpoint& endpoint) const noexcept {
  std::size_t mixed = endpoint.port.value();
  for (const auto octet : endpoint.ip.octets) mixed = (mixed ^ octet) * 0x100000001b3u;
  return mixed;
}
