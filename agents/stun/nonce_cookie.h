// The mark at the head of a nonce that says which security features its server has, so that nobody
// on the way can take them out of the challenge unseen.
//
// Spec: RFC 8489 §9.2 (the cookie), §9.2.1 (why), §18.1 (the bits).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rtclab::stun {

struct SecurityFeatures {
  bool password_algorithms = false;  // bit 0
  bool username_anonymity = false;   // bit 1
  friend bool operator==(const SecurityFeatures&, const SecurityFeatures&) = default;
};

// "obMatJos2" and four characters of base64.
[[nodiscard]] std::string nonce_cookie(const SecurityFeatures& features);
// nullopt when `nonce` does not begin with a cookie: a server of RFC 5389.
[[nodiscard]] std::optional<SecurityFeatures> security_features(std::string_view nonce);

}  // namespace rtclab::stun
