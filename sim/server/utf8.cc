#include "sim/server/utf8.h"

#include <array>
#include <cstddef>

namespace rtclab::websocket {
namespace {

// A row of RFC 3629 §4: the first octet, what the second may be, and how many follow in all. Octets
// after the second are 80 to BF.
struct Form {
  unsigned char first, last;
  unsigned char second_first, second_last;
  std::size_t followers;
};

// clang-format off
constexpr std::array kForms{
    Form{0x00, 0x7f, 0x00, 0x00, 0},
    Form{0xc2, 0xdf, 0x80, 0xbf, 1},
    Form{0xe0, 0xe0, 0xa0, 0xbf, 2},
    Form{0xe1, 0xec, 0x80, 0xbf, 2},
    Form{0xed, 0xed, 0x80, 0x9f, 2},
    Form{0xee, 0xef, 0x80, 0xbf, 2},
    Form{0xf0, 0xf0, 0x90, 0xbf, 3},
    Form{0xf1, 0xf3, 0x80, 0xbf, 3},
    Form{0xf4, 0xf4, 0x80, 0x8f, 3},
};
// clang-format on

// The octets of the first character; 0 when it is malformed.
std::size_t first_character(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (const auto& form : kForms) {
    if (octet(0) < form.first || octet(0) > form.last) continue;
    if (text.size() <= form.followers) return 0;
    for (std::size_t i = 1; i <= form.followers; ++i) {
      const auto low = i == 1 ? form.second_first : 0x80;
      const auto high = i == 1 ? form.second_last : 0xbf;
      if (octet(i) < low || octet(i) > high) return 0;
    }
    return 1 + form.followers;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto octets = first_character(text);
    if (octets == 0) return false;
    text.remove_prefix(octets);
  }
  return true;
}

}  // namespace rtclab::websocket
