#include "agents/srtp/profile.h"

#include <array>

namespace rtclab::srtp {
namespace {

// clang-format off
constexpr std::array kProfiles{
    ProfileParameters{"SRTP_AES128_CM_SHA1_80", 0x0001, 16, 14, 10},
    ProfileParameters{"SRTP_AEAD_AES_128_GCM",  0x0007, 16, 12, 16},
    ProfileParameters{"SRTP_AEAD_AES_256_GCM",  0x0008, 32, 12, 16},
};
// clang-format on

}  // namespace

const ProfileParameters& parameters(Profile profile) {
  return kProfiles[static_cast<std::size_t>(profile)];
}

std::optional<Profile> parse_profile(std::string_view name) {
  for (const auto profile :
       {Profile::Aes128CmSha1_80, Profile::AeadAes128Gcm, Profile::AeadAes256Gcm}) {
    if (parameters(profile).name == name) return profile;
  }
  return std::nullopt;
}

}  // namespace rtclab::srtp
