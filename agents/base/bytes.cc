#include "agents/base/bytes.h"

namespace rtclab {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

unsigned digit(char c) {
  const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto value = kDigits.find(lower);
  assert(value != std::string_view::npos);
  return static_cast<unsigned>(value);
}

}  // namespace

std::string to_hex(ByteView octets) {
  std::string text;
  text.reserve(octets.size() * 2);
  for (const auto octet : octets) {
    text += kDigits[std::to_integer<unsigned>(octet) >> 4u];
    text += kDigits[std::to_integer<unsigned>(octet) & 15u];
  }
  return text;
}

Bytes from_hex(std::string_view hex) {
  std::string digits;
  std::ranges::copy_if(hex, std::back_inserter(digits),
                       [](char c) { return c != ' ' && c != '\n' && c != '\t'; });
  assert(digits.size() % 2 == 0);
  Bytes octets;
  octets.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    octets.push_back(static_cast<std::byte>(digit(digits[i]) << 4u | digit(digits[i + 1])));
  }
  return octets;
}

}  // namespace rtclab
