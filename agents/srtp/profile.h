// The protection profiles that DTLS negotiates for SRTP, and their numbers.
//
// Spec: RFC 5764 §4.1.2 (SRTP_AES128_CM_HMAC_SHA1_80), RFC 7714 §14.2 (AES-GCM). Those with a tag
// of 32 bits are left out: RFC 8827 §6.5 asks for none of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::srtp {

enum class Profile : std::uint8_t { Aes128CmSha1_80, AeadAes128Gcm, AeadAes256Gcm };

struct ProfileParameters {
  std::string_view name;  // as OpenSSL spells it, see dtls::Options::srtp_profiles
  std::uint16_t number;   // in the use_srtp extension
  std::size_t key_size;   // octets, of master and session key
  std::size_t salt_size;  // octets, of master and session salt
  std::size_t tag_size;   // octets that a packet grows by; SRTCP has kSrtcpIndexSize more
};

inline constexpr std::size_t kSrtcpIndexSize = 4;

[[nodiscard]] const ProfileParameters& parameters(Profile profile);
[[nodiscard]] std::optional<Profile> parse_profile(std::string_view name);

}  // namespace rtclab::srtp
