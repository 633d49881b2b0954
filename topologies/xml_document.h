// What an XmlFile holds and its Elements point into: the text, the tree that pugixml made of it,
// and the first complaint. Private to this folder, as all that names pugixml.
#pragma once

#include "topologies/source_text.h"
#include "topologies/xml_file.h"

#include <pugixml.hpp>

#include <cassert>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace rtclab::xml {

struct Element::Document {
  Document(std::string file, std::string content)
      : name{std::move(file)}, source{std::move(content)}, buffer{source.text()} {}

  // The tree points into `buffer`, which the parser writes over; `source` keeps the lines.
  [[nodiscard]] std::size_t offset_of(const char* place) const {
    assert(place >= buffer.data() && place <= buffer.data() + buffer.size());
    return static_cast<std::size_t>(place - buffer.data());
  }

  [[nodiscard]] FileError error_at(std::size_t offset, std::string message) const {
    const auto position = source.position(offset);
    return {name, position.line, position.column, std::move(message)};
  }

  void complain(std::size_t offset, std::string message) const {
    if (!complaint) complaint = error_at(offset, std::move(message));
  }

  std::string name;
  SourceText source;
  std::string buffer;
  pugi::xml_document tree;
  mutable std::optional<FileError>
      complaint;  // reading a value is const, and may find the first flaw
};

}  // namespace rtclab::xml
