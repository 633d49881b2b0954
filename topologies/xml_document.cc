#include "topologies/xml_document.h"

#include "agents/base/text.h"
#include "topologies/grammar_check.h"
#include "topologies/text_file.h"
#include "topologies/wording.h"

#include <algorithm>
#include <cassert>
#include <filesystem>

namespace rtclab::xml {
namespace {

using Document = Element::Document;
using Scope = Element::Scope;

// A file that includes itself would never end.
constexpr std::size_t kDeepest = 16;
constexpr std::size_t kDeepestElement = 200;

std::string_view sentence(pugi::xml_parse_status status) {
  switch (status) {
    case pugi::status_bad_pi:
      return "a processing instruction or the XML declaration is broken, expected ?> at its end";
    case pugi::status_bad_comment: return "a comment is broken, expected --> at its end";
    case pugi::status_bad_cdata: return "a CDATA section is broken, expected ]]> at its end";
    case pugi::status_bad_doctype: return "a DOCTYPE is not accepted here, remove it";
    case pugi::status_bad_pcdata: return "text is broken off, expected an element or a closing tag";
    case pugi::status_bad_start_element: return "a tag is broken, expected > at its end";
    case pugi::status_bad_attribute: return "an attribute is broken, expected name=\"value\"";
    case pugi::status_bad_end_element: return "a closing tag is broken, expected > at its end";
    case pugi::status_end_element_mismatch:
      return "a closing tag is missing, or closes another element than the one that is open";
    case pugi::status_unrecognized_tag: return "expected the name of an element behind <";
    default: return "this is not well-formed XML";
  }
}

std::size_t depth_of(const Document& document) {
  std::size_t depth = 0;
  for (const auto* each = &document; each->outer != nullptr; each = each->outer) ++depth;
  return depth;
}

pugi::xml_attribute attribute_of(const pugi::xml_node& node, std::string_view name) {
  for (const auto& attribute : node.attributes()) {
    if (attribute.name() == name) return attribute;
  }
  return {};
}

std::string unknown_parameter(std::string_view name, const std::vector<std::string>& known) {
  auto tail = suggestion(name, known);
  if (tail.empty()) tail = known.empty() ? ", there is none" : ", expected " + listed(known);
  return "unknown parameter " + in_quotes(name) + tail;
}

// The values that an <include> sets.
std::map<std::string, std::string> settings(const Document& document, const pugi::xml_node& include,
                                            const Scope& scope) {
  std::map<std::string, std::string> values;
  for (const auto& set : include.children("set")) {
    const auto name = attribute_of(set, "name");
    const auto value = attribute_of(set, "value");
    const auto text = document.substituted(value.value(), document.offset_of(set, value), scope);
    if (!values.emplace(name.value(), text).second) {
      document.complain(document.offset_of(set, name),
                        in_quotes(name.value()) + " is set here twice");
    }
  }
  return values;
}

}  // namespace

std::optional<std::size_t> first_too_deep(std::string_view text) {
  std::size_t depth = 0;
  const auto behind = [&](std::string_view end, std::size_t from) {
    const auto at = text.find(end, from);
    return at == std::string_view::npos ? text.size() : at + end.size();
  };
  for (auto at = text.find('<'); at < text.size(); at = text.find('<', at)) {
    const auto rest = text.substr(at);
    const auto begin = at;
    if (rest.starts_with("<!--")) {
      at = behind("-->", at);
    } else if (rest.starts_with("<![CDATA[")) {
      at = behind("]]>", at);
    } else if (rest.starts_with("<?")) {
      at = behind("?>", at);
    } else if (rest.starts_with("</")) {
      if (depth > 0) --depth;
      at = behind(">", at);
    } else {
      // To the tag's end; a '>' in a value is none.
      for (++at; at < text.size() && text[at] != '>'; ++at)
        if (text[at] == '"' || text[at] == '\'') at = behind(text.substr(at, 1), at + 1) - 1;
      if (at < text.size() && text[at - 1] == '/') continue;
      if (++depth > kDeepestElement) return begin;
    }
  }
  return std::nullopt;
}

std::string substitute(std::string_view rest, const Scope& scope,
                       const std::function<void(std::string)>& complain) {
  std::string text;
  for (auto begin = rest.find("${"); begin != std::string_view::npos; begin = rest.find("${")) {
    const auto end = rest.find('}', begin);
    if (end == std::string_view::npos) {
      complain("${ has no } behind it, expected ${name}");
      break;
    }
    const std::string word{rest.substr(begin + 2, end - begin - 2)};
    const auto* const value = scope.find(word);
    if (value == nullptr) complain(unknown_parameter(word, scope.names()));
    text += rest.substr(0, begin);
    text += value != nullptr ? *value : rest.substr(begin, end - begin + 1);
    rest.remove_prefix(end + 1);
  }
  return text += rest;
}

const std::string* Scope::find(const std::string& name) const {
  for (const auto* scope = this; scope != nullptr; scope = scope->outer) {
    if (const auto found = scope->values.find(name); found != scope->values.end())
      return &found->second;
  }
  return nullptr;
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> all;
  for (const auto* scope = this; scope != nullptr; scope = scope->outer) {
    for (const auto& [name, value] : scope->values) all.push_back(name);
  }
  return all;
}

std::size_t Document::offset_of(const char* place) const {
  assert(holds(place));
  return static_cast<std::size_t>(place - buffer.data());
}

const std::optional<FileError>& Document::complaint() const {
  return outer == nullptr ? first_complaint : outer->complaint();
}

void Document::complain(std::size_t offset, std::string message) const {
  const auto position = source.position(offset);
  complain(FileError{name, position.line, position.column, std::move(message)});
}

void Document::complain(FileError error) const {
  if (outer != nullptr) return outer->complain(std::move(error));
  if (!first_complaint) first_complaint = std::move(error);
}

std::string_view Document::substituted(const char* value, std::size_t offset,
                                       const Scope& scope) const {
  const std::string_view plain{value};
  if (plain.find("${") == std::string_view::npos) return plain;
  return texts.emplace_back(substitute(
      plain, scope, [&](std::string complaint) { complain(offset, std::move(complaint)); }));
}

const Scope& Document::new_scope(std::map<std::string, std::string> values,
                                 const Scope* around) const {
  return scopes.emplace_back(Scope{std::move(values), around});
}

const Document::Included& Document::included(const pugi::xml_node& node, const Scope& scope) const {
  const auto [place, is_new] = inclusions.try_emplace({node.internal_object(), &scope}, Included{});
  auto& included = place->second;
  if (!is_new) return included;

  const auto file = attribute_of(node, "file");
  const auto offset = offset_of(node, file);
  const auto text_of_name = substituted(file.value(), offset, scope);
  const auto path = std::filesystem::path{name}.parent_path() / text_of_name;
  if (depth_of(*this) >= kDeepest) {
    complain(offset, "this file includes itself, or others include each other too deeply");
    return included;
  }
  auto text = read_text(path, ", expected an XML file with <fragment>", XmlFile::kMostOctets);
  if (!text) {
    complain(offset, path.string() + ": " + text.error().message);
    return included;
  }
  const bool in_fragment = outer != nullptr && node.parent() == tree.document_element();
  const auto& rule = in_fragment ? *allowed : *grammar.find(node.parent().name());
  auto document = std::make_unique<Document>(path.string(), *std::move(text), grammar, this, &rule);
  read_tree(*document);
  if (!complaint()) check_references(*document);
  if (!complaint()) check_fragment(*document, rule);
  if (complaint()) return included;
  included.scope = &read_parameters(*document, settings(*this, node, scope));
  included.document = std::move(document);
  return included;
}

void read_tree(Document& document) {
  if (const auto octet = first_foreign_octet(document.source.text())) {
    document.complain(*octet, "this is no UTF-8 text, expected an XML file");
    return;
  }
  if (const auto deep = first_too_deep(document.source.text())) {
    document.complain(*deep, "elements stand in each other more than " +
                                 std::to_string(kDeepestElement) + " deep here");
    return;
  }
  constexpr auto kOptions = pugi::parse_default | pugi::parse_doctype | pugi::parse_fragment;
  const auto result = document.tree.load_buffer_inplace(
      document.buffer.data(), document.buffer.size(), kOptions, pugi::encoding_utf8);
  if (!result) {
    document.complain(static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0)),
                      std::string{sentence(result.status)});
  }
}

void check_references(const Document& document) {
  const auto at = first_foreign_entity(document.source.text());
  if (!at) return;
  const bool is_character = document.source.text().substr(*at + 1, 1) == "#";
  document.complain(*at, is_character
                             ? "this reference stands for no character that XML has, expected one "
                               "such as &#10;"
                             : "an entity is not accepted here, expected &amp; for a plain &");
}

const Scope& read_parameters(const Document& document,
                             const std::map<std::string, std::string>& given) {
  const auto root = document.tree.document_element();
  std::map<std::string, std::string> values;
  for (const auto& parameter : root.children("parameter")) {
    const auto name = attribute_of(parameter, "name");
    const auto usual = attribute_of(parameter, "default");
    const auto own = given.find(name.value());
    // A default may speak of those that stand before it.
    auto value =
        own != given.end()
            ? own->second
            : substitute(usual.value(), Scope{values}, [&](std::string message) {
                document.complain(document.offset_of(parameter, usual), std::move(message));
              });
    if (!values.emplace(name.value(), std::move(value)).second) {
      document.complain(document.offset_of(parameter, name),
                        "a second parameter " + in_quotes(name.value()));
    }
  }
  for (const auto& [name, value] : given) {
    if (values.contains(name)) continue;
    document.complain(document.offset_of(root), unknown_parameter(name, Scope{values}.names()));
  }
  return document.new_scope(std::move(values), nullptr);
}

}  // namespace rtclab::xml
