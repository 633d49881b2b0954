// What an XmlFile holds and its Elements point into: the text, the tree that pugixml made of it,
// the files that it includes, and the first complaint. Private to this folder, as all that names
// pugixml.
#pragma once

#include "topologies/source_text.h"
#include "topologies/xml_file.h"

#include <pugixml.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rtclab::xml {

// What ${names} stand for in a part of a file; a name that is not here may be further out.
struct Element::Scope {
  std::map<std::string, std::string> values{};
  const Scope* outer = nullptr;

  [[nodiscard]] const std::string* find(const std::string& name) const;
  // All that can be meant here.
  [[nodiscard]] std::vector<std::string> names() const;
};

struct Element::Document {
  // `includer` is the file that this one stands in a place of, and `where` what may stand there.
  Document(std::string file, std::string content, const Grammar& words,
           const Document* includer = nullptr, const ElementRule* where = nullptr)
      : name{std::move(file)},
        source{std::move(content)},
        buffer{source.text()},
        grammar{words},
        outer{includer},
        allowed{where} {}

  // The tree points into `buffer`, which the parser writes over; `source` keeps the lines.
  [[nodiscard]] bool holds(const char* place) const {
    return place >= buffer.data() && place <= buffer.data() + buffer.size();
  }
  [[nodiscard]] std::size_t offset_of(const char* place) const;
  // Of its '<'. One that an Edit added stands nowhere: what is around it does.
  [[nodiscard]] std::size_t offset_of(const pugi::xml_node& element) const {
    return holds(element.name()) ? offset_of(element.name()) - 1 : offset_of(element.parent());
  }
  // An attribute that an Edit added stands nowhere: its element does.
  [[nodiscard]] std::size_t offset_of(const pugi::xml_node& element,
                                      const pugi::xml_attribute& attribute) const {
    return holds(attribute.name()) ? offset_of(attribute.name()) : offset_of(element);
  }

  // The first complaint of a file and of all that it includes.
  [[nodiscard]] const std::optional<FileError>& complaint() const;
  void complain(std::size_t offset, std::string message) const;
  void complain(FileError error) const;

  // The value with what its ${names} stand for; complains of a name that stands for nothing.
  [[nodiscard]] std::string_view substituted(const char* value, std::size_t offset,
                                             const Scope& scope) const;
  [[nodiscard]] const Scope& new_scope(std::map<std::string, std::string> values,
                                       const Scope* around) const;

  struct Included {
    std::unique_ptr<Document> document;  // null: it could not be read, and that was complained of
    const Scope* scope = nullptr;
  };
  // What stands in place of an <include>, read when it is first asked for: its name may be made of
  // parameters.
  [[nodiscard]] const Included& included(const pugi::xml_node& node, const Scope& scope) const;

  std::string name;
  SourceText source;
  std::string buffer;
  const Grammar& grammar;
  const Document* outer;
  const ElementRule* allowed;  // in the place of a fragment
  pugi::xml_document tree;

  // Reading a value is const, and may find the first flaw, another file or a ${name}.
  mutable std::optional<FileError> first_complaint;
  mutable std::deque<Scope> scopes;
  mutable std::deque<std::string> texts;  // values that had ${names} in them
  mutable std::map<std::pair<pugi::xml_node_struct*, const Scope*>, Included> inclusions;
};

// The text with what its ${names} stand for; those that stand for nothing are complained of, and
// stay.
[[nodiscard]] std::string substitute(std::string_view text, const Element::Scope& scope,
                                     const std::function<void(std::string)>& complain);

// Where the first element begins that stands so deep in others that the stack might not hold who
// follows them.
[[nodiscard]] std::optional<std::size_t> first_too_deep(std::string_view text);
// Reads the tree and complains of what is none; the elements are not looked at.
void read_tree(Element::Document& document);
// References to what the file would have to declare, or to no character.
void check_references(const Element::Document& document);

// The scope at the top: the <parameter> elements of the root, `given` in place of their defaults.
[[nodiscard]] const Element::Scope& read_parameters(
    const Element::Document& document, const std::map<std::string, std::string>& given);

}  // namespace rtclab::xml
