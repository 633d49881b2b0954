#include "sim/courier/letter.h"

#include <fmt/format.h>

#include <cassert>

namespace rtclab::signalling {

std::string Piece::item() const {
  if (kind == Kind::Acknowledgement) return fmt::format("{}.ack#{}", id, attempt);
  return fmt::format("{}.{}#{}", id, part, attempt);
}

std::vector<std::string> cut(std::string_view text, std::optional<std::size_t> size) {
  if (!size || text.size() <= *size) return {std::string{text}};
  assert(*size >= 4);  // the longest character
  const auto is_inside_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;
  };
  std::vector<std::string> parts;
  while (!text.empty()) {
    auto end = std::min(*size, text.size());
    // Text that is no UTF-8 is cut wherever its limit comes.
    for (auto back = end; end < text.size() && back + 4 > end && back > 0; --back) {
      if (is_inside_character(text[back])) continue;
      end = back;
      break;
    }
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return parts;
}

bool Assembly::add(const Piece& piece) {
  parts_ = piece.parts;
  return texts_.emplace(piece.part, piece.text).second;
}

std::optional<std::string> Assembly::whole() const {
  if (texts_.empty() || texts_.size() < parts_) return std::nullopt;
  std::string whole;
  for (const auto& [part, text] : texts_) whole += text;
  return whole;
}

}  // namespace rtclab::signalling
