#include "agents/ice/credentials.h"

#include <string_view>

namespace rtclab::ice {
namespace {

// RFC 8839 §5.4: ice-char is a letter, a digit, "+" or "/": six bits of randomness each.
constexpr std::string_view kIceChars =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// RFC 8445 §5.3 asks for 24 and 128 bits. Eight characters rather than four, so that two of many
// agents on one machine do not share a ufrag by chance; 24 are 144 bits.
constexpr std::size_t kUfragLength = 8;
constexpr std::size_t kPwdLength = 24;

}  // namespace

Credentials Credentials::draw(Rng& rng, const Deviations& deviations) {
  // Two statements: the order of two draws in one expression would be the compiler's choice.
  auto ufrag = rng.text(deviations.has(Deviation::SdpShortUfrag) ? 2 : kUfragLength, kIceChars);
  auto pwd = rng.text(deviations.has(Deviation::SdpShortPwd) ? 8 : kPwdLength, kIceChars);
  if (deviations.has(Deviation::SdpGuessablePwd)) pwd.assign(kPwdLength, 'a');
  return {std::move(ufrag), std::move(pwd)};
}

}  // namespace rtclab::ice
