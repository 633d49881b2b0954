#include "agents/stun/nonce_cookie.h"

#include <cstddef>

namespace rtclab::stun {
namespace {

constexpr std::string_view kMark = "obMatJos2";
constexpr std::size_t kFeatureCharacters = 4;
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// Bits count from the most significant one; both stand in the first of the four characters.
constexpr std::size_t kPasswordAlgorithms = 0x20;
constexpr std::size_t kUsernameAnonymity = 0x10;

}  // namespace

std::string nonce_cookie(const SecurityFeatures& features) {
  const auto first = (features.password_algorithms ? kPasswordAlgorithms : 0) |
                     (features.username_anonymity ? kUsernameAnonymity : 0);
  return std::string{kMark} + kBase64[first] + "AAA";
}

std::optional<SecurityFeatures> security_features(std::string_view nonce) {
  if (!nonce.starts_with(kMark) || nonce.size() < kMark.size() + kFeatureCharacters)
    return std::nullopt;
  const auto encoded = nonce.substr(kMark.size(), kFeatureCharacters);
  if (encoded.find_first_not_of(kBase64) != std::string_view::npos) return std::nullopt;
  const auto first = kBase64.find(encoded.front());
  return SecurityFeatures{(first & kPasswordAlgorithms) != 0, (first & kUsernameAnonymity) != 0};
}

}  // namespace rtclab::stun
