#include "agents/stun/error_code.h"

#include <algorithm>
#include <array>

namespace rtclab::stun::error {
namespace {

struct Phrase {
  int code;
  std::string_view text;
};

// clang-format off
constexpr std::array kPhrases{
    Phrase{kTryAlternate,                 "Try Alternate"},
    Phrase{kBadRequest,                   "Bad Request"},
    Phrase{kUnauthenticated,              "Unauthenticated"},
    Phrase{kForbidden,                    "Forbidden"},
    Phrase{kUnknownAttribute,             "Unknown Attribute"},
    Phrase{kAllocationMismatch,           "Allocation Mismatch"},
    Phrase{kStaleNonce,                   "Stale Nonce"},
    Phrase{kAddressFamilyNotSupported,    "Address Family not Supported"},
    Phrase{kWrongCredentials,             "Wrong Credentials"},
    Phrase{kUnsupportedTransportProtocol, "Unsupported Transport Protocol"},
    Phrase{kPeerAddressFamilyMismatch,    "Peer Address Family Mismatch"},
    Phrase{kConnectionAlreadyExists,      "Connection Already Exists"},
    Phrase{kConnectionTimeoutOrFailure,   "Connection Timeout or Failure"},
    Phrase{kAllocationQuotaReached,       "Allocation Quota Reached"},
    Phrase{kRoleConflict,                 "Role Conflict"},
    Phrase{kServerError,                  "Server Error"},
    Phrase{kInsufficientCapacity,         "Insufficient Capacity"},
};
// clang-format on

}  // namespace

std::string_view reason_phrase(int code) {
  const auto* const row = std::ranges::find(kPhrases, code, &Phrase::code);
  return row == kPhrases.end() ? std::string_view{} : row->text;
}

}  // namespace rtclab::stun::error
