// The words of SDP's grammar that several lines share.
//
// Spec: RFC 8866 §9 (token, text), RFC 8839 §5.1 (ice-char).
#pragma once

#include "agents/base/address.h"
#include "agents/base/text.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sdp {

[[nodiscard]] inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] inline char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

[[nodiscard]] inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

[[nodiscard]] inline bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`{|}~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_digit(c) || is_letter(c) || kMarks.find(c) != std::string_view::npos;
  });
}

[[nodiscard]] inline bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// RFC 8839 §5.1: ice-char.
[[nodiscard]] inline bool is_ice_char(char c) {
  return is_digit(c) || is_letter(c) || c == '+' || c == '/';
}
[[nodiscard]] inline bool is_ice_chars(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most && std::ranges::all_of(text, is_ice_char);
}

// The words between single spaces; nullopt when two spaces meet or one stands at an end.
[[nodiscard]] inline std::optional<std::vector<std::string_view>> words(std::string_view text) {
  auto parts = split(text, ' ');
  if (std::ranges::any_of(parts, &std::string_view::empty)) return std::nullopt;
  return parts;
}

template <class T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text) {
  const auto value = parse_unsigned(text);
  if (!value || *value > std::numeric_limits<T>::max()) return std::nullopt;
  return static_cast<T>(*value);
}

[[nodiscard]] inline std::optional<Port> parse_port(std::string_view text) {
  const auto number = parse_number<std::uint16_t>(text);
  if (!number) return std::nullopt;
  return Port{*number};
}

// Cuts `text` at the first `separator`, which it drops; `text` keeps what follows, or nothing.
[[nodiscard]] inline std::string_view take_until(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const auto head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return head;
}

}  // namespace rtclab::sdp
