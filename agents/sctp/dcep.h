// The Data Channel Establishment Protocol: the two messages of RFC 8832 §5.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/sctp/types.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace rtclab::sctp {

// RFC 8831 §8: payload protocols of data channels. 52 and 54 are deprecated and not taken.
inline constexpr Ppid kPpidDcep{50};
inline constexpr Ppid kPpidString{51};
inline constexpr Ppid kPpidBinary{53};
inline constexpr Ppid kPpidStringEmpty{56};
inline constexpr Ppid kPpidBinaryEmpty{57};

struct DcepOpen {
  Order order = Order::Ordered;
  Reliability reliability;
  std::uint16_t priority = 0;
  std::string label;
  std::string protocol;
  friend bool operator==(const DcepOpen&, const DcepOpen&) = default;
};
struct DcepAck {
  friend bool operator==(const DcepAck&, const DcepAck&) = default;
};
using DcepMessage = std::variant<DcepOpen, DcepAck>;

inline constexpr std::size_t kMaxDcepText = 65535;  // octets of a label, and of a protocol

// A lifetime is sent in milliseconds.
[[nodiscard]] Bytes encode(const DcepMessage& message);
[[nodiscard]] Result<DcepMessage> decode_dcep(ByteView octets);

}  // namespace rtclab::sctp
