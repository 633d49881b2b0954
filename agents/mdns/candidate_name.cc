#include "agents/mdns/candidate_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace rtclab::mdns {
namespace {

constexpr std::string_view kSuffix = ".local";
constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kVersionAt = 14;
constexpr std::size_t kVariantAt = 19;
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_hyphen_place(std::size_t at) {
  return at == 8 || at == 13 || at == 18 || at == 23;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string draw_candidate_name(Rng& rng) {
  std::string name;
  for (std::size_t at = 0; at < kUuidLength; ++at) {
    if (is_hyphen_place(at)) {
      name += '-';
    } else if (at == kVersionAt) {
      name += '4';
    } else if (at == kVariantAt) {
      name += rng.text(1, "89ab");
    } else {
      name += rng.text(1, kHexDigits);
    }
  }
  return name.append(kSuffix);
}

bool is_local_name(std::string_view connection_address) {
  std::string text{connection_address};
  std::ranges::transform(text, text.begin(), lower);
  return text.size() > kSuffix.size() && text.ends_with(kSuffix) &&
         std::ranges::count(text, '.') == 1;
}

bool is_candidate_name(std::string_view connection_address) {
  if (!is_local_name(connection_address)) return false;
  if (connection_address.size() != kUuidLength + kSuffix.size()) return false;
  for (std::size_t at = 0; at < kUuidLength; ++at) {
    const char c = lower(connection_address[at]);
    const auto allowed = is_hyphen_place(at) ? std::string_view{"-"}
                         : at == kVersionAt  ? std::string_view{"4"}
                         : at == kVariantAt  ? std::string_view{"89ab"}
                                             : kHexDigits;
    if (allowed.find(c) == std::string_view::npos) return false;
  }
  return true;
}

}  // namespace rtclab::mdns
