#include "agents/peer/h264_profile.h"

#include "agents/base/text.h"

#include <array>

namespace rtclab::peer {
namespace {

struct Row {
  std::uint8_t profile_idc;
  std::uint8_t mask;  // which bits of profile-iop count
  std::uint8_t bits;
  H264Profile profile;
};

// RFC 6184, Table 5; constrained high is of the H.264 edition after it.
// clang-format off
constexpr std::array kProfiles{
    Row{0x42, 0b0100'1111, 0b0100'0000, H264Profile::ConstrainedBaseline},
    Row{0x4d, 0b1000'1111, 0b1000'0000, H264Profile::ConstrainedBaseline},
    Row{0x58, 0b1100'1111, 0b1100'0000, H264Profile::ConstrainedBaseline},
    Row{0x42, 0b0100'1111, 0b0000'0000, H264Profile::Baseline},
    Row{0x58, 0b1100'1111, 0b1000'0000, H264Profile::Baseline},
    Row{0x4d, 0b1010'1111, 0b0000'0000, H264Profile::Main},
    Row{0x58, 0b1100'1111, 0b0000'0000, H264Profile::Extended},
    Row{0x64, 0b1111'1111, 0b0000'1100, H264Profile::ConstrainedHigh},
    Row{0x64, 0b1111'1111, 0b0000'0000, H264Profile::High},
    Row{0x6e, 0b1111'1111, 0b0000'0000, H264Profile::High10},
    Row{0x7a, 0b1111'1111, 0b0000'0000, H264Profile::High422},
    Row{0xf4, 0b1111'1111, 0b0000'0000, H264Profile::High444},
};
// clang-format on

// RFC 6184 §8.1: constraint_set3 with level 11 means 1b in the profiles that know no intra-only
// form; the number 9 means it in all.
constexpr std::uint8_t kConstraintSet3 = 0b0001'0000;

H264Level level_of(std::uint8_t iop, std::uint8_t level_idc) {
  if (level_idc == 9 || (level_idc == 11 && (iop & kConstraintSet3) != 0)) return {10, true};
  return {level_idc, false};
}

}  // namespace

std::optional<H264ProfileLevel> H264ProfileLevel::parse(std::string_view text) {
  const auto value = parse_unsigned(text, 16);
  if (text.size() != 6 || !value) return std::nullopt;
  const auto idc = static_cast<std::uint8_t>(*value >> 16U);
  const auto iop = static_cast<std::uint8_t>(*value >> 8U);
  const auto level_idc = static_cast<std::uint8_t>(*value);
  for (const auto& row : kProfiles) {
    if (row.profile_idc == idc && (iop & row.mask) == row.bits) {
      return H264ProfileLevel{row.profile, level_of(iop, level_idc)};
    }
  }
  return std::nullopt;
}

std::string answered_profile_level_id(std::string_view offered, std::string_view own) {
  const auto theirs = H264ProfileLevel::parse(offered);
  const auto ours = H264ProfileLevel::parse(own);
  if (!theirs || !ours) return std::string{own};
  return std::string{ours->level < theirs->level ? own : offered};
}

}  // namespace rtclab::peer
