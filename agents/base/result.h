// Result<T>: what a parser returns. The one place that names the library behind it.
#pragma once

#include <tl/expected.hpp>

#include <cassert>
#include <cstddef>
#include <string>
#include <string_view>

namespace rtclab {

// Where a requirement lives, so that a report can link to it: Rule{8445, "7.2.5.2.1"}.
struct Rule {
  int rfc = 0;
  std::string_view section;  // a literal

  [[nodiscard]] std::string to_string() const;  // "RFC 8445 §7.2.5.2.1"
  friend bool operator==(const Rule&, const Rule&) = default;
};

enum class Flaw { Truncated, BadMagic, BadLength, BadValue, BadChecksum, Missing, Duplicate };

[[nodiscard]] std::string_view to_string(Flaw flaw);  // "truncated", "bad magic", …

// What is wrong with octets from the network: the flaw, the octet where it was seen, the rule it
// breaks.
struct ParseError {
  Flaw flaw;
  std::size_t offset;
  Rule rule;
  friend bool operator==(const ParseError&, const ParseError&) = default;
};

template <class T>
using Result = tl::expected<T, ParseError>;

[[nodiscard]] inline auto fail(Flaw flaw, std::size_t offset, Rule rule) {
  return tl::make_unexpected(ParseError{flaw, offset, rule});
}

// What is wrong with a file that a person gave us: one sentence that says what was expected.
// `line` and `column` count from 1; 0 means that the whole file is meant.
struct FileError {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;

  [[nodiscard]] std::string to_string() const;  // "two-homes.xml:12:5: unknown element <hosst> …"
};

template <class T>
using FileResult = tl::expected<T, FileError>;

}  // namespace rtclab
