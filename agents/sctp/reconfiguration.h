// The parameters of RE-CONFIG chunks.
//
// Spec: RFC 6525 §4. Requests to add streams, to reset all TSNs or to reset our own streams are
// read well enough to refuse them: data channels (RFC 8831 §6.7) use the outgoing reset alone.
#pragma once

#include "agents/sctp/chunk.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace rtclab::sctp {

// Numbers requests, and responses to them; starts with the initial TSN (RFC 6525 §5.1.1).
using RequestNumber = Strong<struct RequestNumberTag, std::uint32_t>;

enum class ResetResult : std::uint32_t {
  NothingToDo = 0,
  Performed = 1,
  Denied = 2,
  WrongSsn = 3,
  RequestInProgress = 4,
  BadSequenceNumber = 5,
  InProgress = 6,
};
[[nodiscard]] std::string_view to_string(ResetResult result);

// RFC 6525 §4.1. No streams: all of them.
struct OutgoingResetRequest {
  static constexpr std::uint16_t kType = 13;
  RequestNumber number{0};
  RequestNumber response_number{0};  // the request of the peer that this one answers
  Tsn last_tsn{0};                   // all below has been given a TSN before the reset
  std::vector<StreamId> streams;
  friend bool operator==(const OutgoingResetRequest&, const OutgoingResetRequest&) = default;
};
// Any of the requests that we refuse: §4.2 (14), §4.3 (15), §4.5 (17), §4.6 (18).
struct OtherRequest {
  std::uint16_t type = 0;
  RequestNumber number{0};
  friend bool operator==(const OtherRequest&, const OtherRequest&) = default;
};
// RFC 6525 §4.4.
struct ResetResponse {
  static constexpr std::uint16_t kType = 16;
  RequestNumber number{0};
  ResetResult result = ResetResult::NothingToDo;
  friend bool operator==(const ResetResponse&, const ResetResponse&) = default;
};
using Reconfiguration = std::variant<OutgoingResetRequest, OtherRequest, ResetResponse>;

[[nodiscard]] Parameter encode(const OutgoingResetRequest& request);
[[nodiscard]] Parameter encode(const ResetResponse& response);
// nullopt for a parameter that is none of these, or too short to be one.
[[nodiscard]] std::optional<Reconfiguration> decode(const Parameter& parameter);

}  // namespace rtclab::sctp
