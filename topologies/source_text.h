// The text of a file as its reader's editor shows it: where an octet stands, and whether it is XML
// that we read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::xml {

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;  // in characters, not octets
};

class SourceText {
 public:
  explicit SourceText(std::string text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t line(std::size_t offset) const;
  // Counts characters, so it takes as long as the line is: for messages.
  [[nodiscard]] Position position(std::size_t offset) const;

 private:
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

// The first octet that does not belong to well-formed UTF-8 text (RFC 3629 §4), or that is a NUL.
[[nodiscard]] std::optional<std::size_t> first_foreign_octet(std::string_view text);

// The first '&' that is none of XML's own: &amp; &lt; &gt; &quot; &apos; &#10; &#x0a;, and
// references to characters that XML does not have, such as &#0;. Comments and CDATA are passed
// over. pugixml would take the ones for plain text, and the others as they are.
[[nodiscard]] std::optional<std::size_t> first_foreign_entity(std::string_view text);

}  // namespace rtclab::xml
