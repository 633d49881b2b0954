// profile-level-id of H264: which profile three octets mean, and which level.
//
// Spec: RFC 6184 §8.1 (the parameter), Table 5 (the same profile spelled in several ways), §8.2.2
// (the profile must be the same on both sides; the level need not).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::peer {

enum class H264Profile : std::uint8_t {
  ConstrainedBaseline,
  Baseline,
  Main,
  Extended,
  ConstrainedHigh,
  High,
  High10,
  High422,
  High444,
};

// Ten times the level's number: 31 is 3.1. Level 1b lies between 1 and 1.1.
struct H264Level {
  std::uint8_t number = 10;
  bool b = false;
  friend auto operator<=>(const H264Level&, const H264Level&) = default;
};

struct H264ProfileLevel {
  H264Profile profile = H264Profile::Baseline;
  H264Level level{};

  // "42e01f"; nullopt when it is no profile of the table. Without the parameter it is Baseline at
  // level 1, which is the value that a default-constructed object has.
  [[nodiscard]] static std::optional<H264ProfileLevel> parse(std::string_view text);
  friend bool operator==(const H264ProfileLevel&, const H264ProfileLevel&) = default;
};

// The id in the answer: of the two spellings of one profile, the one with the lower level (§8.2.2).
[[nodiscard]] std::string answered_profile_level_id(std::string_view offered, std::string_view own);

}  // namespace rtclab::peer
