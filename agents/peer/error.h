// The errors of the interface, by their standard names.
//
// Spec: W3C webrtc-pc §4.4 (which name when), §11 (RTCError).
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::peer {

struct Error {
  std::string name;  // "InvalidStateError", "InvalidAccessError", "OperationError", "TypeError", …
  std::string message;
  // RTCError: its name is "OperationError", and errorDetail says what kind ("sdp-syntax-error").
  std::string error_detail;
  std::optional<std::size_t> sdp_line_number;

  [[nodiscard]] static Error invalid_state(std::string message);
  [[nodiscard]] static Error invalid_access(std::string message);
  [[nodiscard]] static Error invalid_modification(std::string message);
  [[nodiscard]] static Error operation(std::string message);
  [[nodiscard]] static Error type_error(std::string message);
  [[nodiscard]] static Error range(std::string message);
  [[nodiscard]] static Error syntax(std::string message);  // of a URL, not of SDP
  [[nodiscard]] static Error not_supported(std::string message);
  [[nodiscard]] static Error sctp_failure(std::string message);
  [[nodiscard]] static Error sdp_syntax(std::string message, std::size_t line);

  friend bool operator==(const Error&, const Error&) = default;
};

// The names that the errors of this interface can have, in alphabetical order.
[[nodiscard]] const std::vector<std::string>& error_names();

// What a call of the interface yields: a value, or the error that it throws or rejects with.
template <class T>
using Outcome = tl::expected<T, Error>;

[[nodiscard]] inline auto reject(Error error) {
  return tl::make_unexpected(std::move(error));
}

}  // namespace rtclab::peer
