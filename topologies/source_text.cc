#include "topologies/source_text.h"

#include "agents/base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace rtclab::xml {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;
}

// The length of the well-formed sequence at the start of `text`; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto octet = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto lead = octet(0);
  if (lead != 0 && lead < 0x80) return 1;
  const auto tail = [&](std::size_t i, unsigned least = 0x80, unsigned most = 0xbf) {
    return octet(i) >= least && octet(i) <= most;
  };
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    // No overlong forms, no surrogates.
    const bool second = tail(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
    return second && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second = tail(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

// Where the markup that starts at `at` with `open` ends, if it is that markup.
std::optional<std::size_t> end_of(std::string_view text, std::size_t at, std::string_view open,
                                  std::string_view close) {
  if (text.substr(at, open.size()) != open) return std::nullopt;
  const auto end = text.find(close, at + open.size());
  return end == std::string_view::npos ? text.size() : end + close.size();
}

// XML 1.0 §2.2, Char: no NUL, and of the other controls only tab, line feed and carriage return.
bool is_xml_character(std::uint64_t code) {
  return code == 0x9 || code == 0xa || code == 0xd || (code >= 0x20 && code <= 0xd7ff) ||
         (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

bool is_character_reference(std::string_view name) {
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x');
  if (hexadecimal) name.remove_prefix(1);
  const auto code = parse_unsigned(name, hexadecimal ? 16 : 10);
  return code && is_xml_character(*code);
}

}  // namespace

SourceText::SourceText(std::string text) : text_{std::move(text)}, line_starts_{0} {
  for (auto at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    line_starts_.push_back(at + 1);
  }
}

std::size_t SourceText::line(std::size_t offset) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(line_starts_, offset) -
                                  line_starts_.begin());
}

Position SourceText::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto number = line(offset);
  const auto start = line_starts_[number - 1];
  const auto before = std::string_view{text_}.substr(start, offset - start);
  const auto inner = static_cast<std::size_t>(std::ranges::count_if(before, is_continuation));
  return {.line = number, .column = before.size() - inner + 1};
}

std::optional<std::size_t> first_foreign_octet(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = sequence_length(text.substr(at, 4));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::optional<std::size_t> first_foreign_entity(std::string_view text) {
  constexpr std::array<std::string_view, 5> kOwn{"amp", "lt", "gt", "quot", "apos"};
  constexpr std::size_t kLongest = 10;  // of "#x0010ffff"
  for (auto at = text.find_first_of("&<"); at != std::string_view::npos;
       at = text.find_first_of("&<", at)) {
    if (const auto comment = end_of(text, at, "<!--", "-->")) {
      at = *comment;
    } else if (const auto cdata = end_of(text, at, "<![CDATA[", "]]>")) {
      at = *cdata;
    } else if (text[at] == '<') {
      ++at;
    } else {
      const auto rest = text.substr(at + 1, kLongest + 1);
      const auto name = rest.substr(0, rest.find(';'));
      const bool closed = name.size() < rest.size();
      const bool own = std::ranges::find(kOwn, name) != kOwn.end() || is_character_reference(name);
      if (!closed || !own) return at;
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace rtclab::xml
