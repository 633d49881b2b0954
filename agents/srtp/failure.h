// Why a packet was not protected, or not accepted: nothing else happens to it, and the session goes
// on.
//
// Spec: RFC 3711 §3.3, §3.4, §9.2.
#pragma once

#include "agents/base/result.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <string_view>

namespace rtclab::srtp {

enum class Failure : std::uint8_t {
  Malformed,             // too short, or no RTP or RTCP packet
  AuthenticationFailed,  // another key, a packet changed on its way, or a wrong guess of its turn
  Replayed,              // the index has been accepted already
  TooOld,                // the index lies before the replay window
  Unencrypted,           // authentic RTCP in the clear, which WebRTC has no use for
  IndexReused,           // ours: another packet left with this index under this key
  KeyExhausted,          // the key has protected as many packets as it may
  TooManySources,        // more SSRCs than kMaxSources under one key
};

[[nodiscard]] std::string_view to_string(Failure failure);  // "authentication failed", …
[[nodiscard]] Rule rule_of(Failure failure);                // the clause that asks for the refusal

template <class T>
using Outcome = tl::expected<T, Failure>;

}  // namespace rtclab::srtp
