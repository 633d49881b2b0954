// The error codes of STUN, ICE and TURN by name.
//
// Spec: RFC 8489 §14.8, RFC 8445 §16.2, RFC 8656 §19, RFC 6062 §6.3.
#pragma once

#include <string_view>

namespace rtclab::stun::error {

inline constexpr int kTryAlternate = 300;
inline constexpr int kBadRequest = 400;
inline constexpr int kUnauthenticated = 401;
inline constexpr int kForbidden = 403;
inline constexpr int kUnknownAttribute = 420;
inline constexpr int kAllocationMismatch = 437;
inline constexpr int kStaleNonce = 438;
inline constexpr int kAddressFamilyNotSupported = 440;
inline constexpr int kWrongCredentials = 441;
inline constexpr int kUnsupportedTransportProtocol = 442;
inline constexpr int kPeerAddressFamilyMismatch = 443;
inline constexpr int kConnectionAlreadyExists = 446;
inline constexpr int kConnectionTimeoutOrFailure = 447;
inline constexpr int kAllocationQuotaReached = 486;
inline constexpr int kRoleConflict = 487;
inline constexpr int kServerError = 500;
inline constexpr int kInsufficientCapacity = 508;

// The phrase that the RFC recommends; "" for a code outside the list.
[[nodiscard]] std::string_view reason_phrase(int code);

}  // namespace rtclab::stun::error
