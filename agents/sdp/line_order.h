// The order of lines that RFC 8866 §5 demands: at the session level, and in a section.
#pragma once

#include <cstddef>
#include <string_view>

namespace rtclab::sdp {

inline constexpr std::string_view kSessionOrder = "vosiuepcbtrzka";
inline constexpr std::string_view kSectionOrder = "micbka";

// Times come in groups, each a t= with its r= and z= lines, so they share a place.
[[nodiscard]] constexpr std::size_t place_of(char type, std::string_view order) {
  return order.find(type == 'r' || type == 'z' ? 't' : type);
}

}  // namespace rtclab::sdp
