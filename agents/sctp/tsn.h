// Serial numbers that wrap, and the same numbers unwrapped.
//
// Spec: RFC 9260 §1.6 (serial number arithmetic, after RFC 1982). Chunks carry Tsn and Ssn. All
// bookkeeping uses their unwrapped forms, 64 bits wide: those compare as plain numbers, and a map
// can be keyed by them. RFC 8260 adds the Mid, which counts messages as the Ssn does, in 32 bits.
#pragma once

#include "agents/base/strong.h"

#include <cstdint>

namespace rtclab::sctp {

using Tsn = Strong<struct TsnTag, std::uint32_t>;  // transmission sequence number
using Ssn = Strong<struct SsnTag, std::uint16_t>;  // stream sequence number

using Mid = Strong<struct MidTag, std::uint32_t>;  // message identifier (RFC 8260 §2.1)

using LongTsn = std::uint64_t;
using LongSsn = std::uint64_t;  // of an SSN or of a MID

// The first unwrapped number of a sequence starts one turn up, so that numbers just below it exist.
[[nodiscard]] constexpr LongTsn unwrap_first(Tsn tsn) {
  return (LongTsn{1} << 32u) + tsn.value();
}
// The number that wraps to `tsn` and lies nearest to `near`: at most half a turn away.
[[nodiscard]] constexpr LongTsn unwrap(Tsn tsn, LongTsn near) {
  const auto step = static_cast<std::int32_t>(tsn.value() - static_cast<std::uint32_t>(near));
  return near + static_cast<LongTsn>(static_cast<std::int64_t>(step));
}
[[nodiscard]] constexpr LongSsn unwrap(Ssn ssn, LongSsn near) {
  const auto distance = static_cast<std::uint16_t>(ssn.value() - static_cast<std::uint16_t>(near));
  const auto step = static_cast<std::int16_t>(distance);
  return near + static_cast<LongSsn>(static_cast<std::int64_t>(step));
}
[[nodiscard]] constexpr LongSsn unwrap(Mid mid, LongSsn near) {
  const auto step = static_cast<std::int32_t>(mid.value() - static_cast<std::uint32_t>(near));
  return near + static_cast<LongSsn>(static_cast<std::int64_t>(step));
}
[[nodiscard]] constexpr Tsn wrap(LongTsn tsn) {
  return Tsn{static_cast<std::uint32_t>(tsn)};
}
[[nodiscard]] constexpr Ssn wrap_ssn(LongSsn ssn) {
  return Ssn{static_cast<std::uint16_t>(ssn)};
}

}  // namespace rtclab::sctp
