// What is wrong with a session description: the first flaw, its line, the rule it breaks.
//
// Spec: RFC 9429 §5.8: a description with a line that is not well-formed is rejected whole. The W3C
// API hands `line` to the application as RTCError.sdpLineNumber.
#pragma once

#include "agents/base/result.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <string>

namespace rtclab::sdp {

struct SdpError {
  std::size_t line = 0;  // counted from 1
  std::string message;   // "expected …, found …", without the line
  Rule rule;

  [[nodiscard]] std::string to_string() const;  // "line 7: expected …, found … (RFC 8866 §5.14)"
  friend bool operator==(const SdpError&, const SdpError&) = default;
};

template <class T>
using SdpResult = tl::expected<T, SdpError>;

}  // namespace rtclab::sdp
