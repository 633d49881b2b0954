#include "topologies/grammar_check.h"

#include "topologies/wording.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::xml {
namespace {

constexpr std::string_view kFragment = "fragment";

std::vector<std::string> owned(const std::vector<std::string_view>& names) {
  return {names.begin(), names.end()};
}

class GrammarCheck {
 public:
  GrammarCheck(const Element::Document& document, const Grammar& grammar)
      : document_{document}, grammar_{grammar} {}

  // Depth is bounded: a child is entered only where the grammar allows it.
  void check(const pugi::xml_node& node, const ElementRule& rule) {
    check_attributes(node, rule);
    std::map<std::string_view, std::size_t> lines;  // of those that may stand here once
    for (const auto& child : node.children()) {
      if (document_.complaint()) return;
      if (child.type() != pugi::node_element) {
        if (!rule.has_text) {
          complain(document_.offset_of(child.value()),
                   "unexpected text in " + in_brackets(rule.name) + expected_children(rule));
        }
        continue;
      }
      const std::string_view name = child.name();
      const auto at = document_.offset_of(child);
      const auto* known = grammar_.find(name);
      if (std::ranges::find(rule.children, name) != rule.children.end() && known != nullptr) {
        const auto [first, is_new] = lines.emplace(name, document_.source.line(at));
        if (known->once && !is_new) {
          complain(at, in_brackets(name) + " stands here twice, expected only the one in line " +
                           std::to_string(first->second));
        }
        check(child, *known);
      } else if (known != nullptr) {
        complain(at, in_brackets(name) + " does not belong in " + in_brackets(rule.name) +
                         expected_children(rule));
      } else {
        const auto names = owned(rule.children);
        const auto hint = suggestion(name, names);
        complain(at, "unknown element " + in_brackets(name) + " in " + in_brackets(rule.name) +
                         (hint.empty() ? expected_children(rule) : hint));
      }
    }
  }

 private:
  void complain(std::size_t offset, std::string message) {
    document_.complain(offset, std::move(message));
  }

  static std::string expected_children(const ElementRule& rule) {
    return rule.children.empty() ? ", expected nothing there"
                                 : ", expected " + listed(owned(rule.children));
  }

  void check_attributes(const pugi::xml_node& node, const ElementRule& rule) {
    auto known = owned(rule.required);
    known.insert(known.end(), rule.optional.begin(), rule.optional.end());
    std::set<std::string_view> seen;
    for (const auto& attribute : node.attributes()) {
      if (document_.complaint()) return;
      const std::string_view name = attribute.name();
      const auto at = document_.offset_of(node, attribute);
      if (!seen.insert(name).second)
        complain(at, "the attribute " + shown(name) + " stands here twice");
      // What an editor writes to find the schema.
      if (name.starts_with("xmlns") || name.starts_with("xsi:")) continue;
      if (std::ranges::find(known, name) != known.end()) continue;
      auto tail = suggestion(name, known);
      if (tail.empty()) tail = known.empty() ? ", expected none" : ", expected " + listed(known);
      complain(at, "unknown attribute " + shown(name) + " of " + in_brackets(rule.name) + tail);
    }
    for (const auto name : rule.required) {
      if (seen.contains(name)) continue;
      complain(document_.offset_of(node),
               in_brackets(rule.name) + " needs the attribute " + std::string{name});
    }
  }

  const Element::Document& document_;
  const Grammar& grammar_;
};

}  // namespace

const ElementRule* Grammar::find(std::string_view element) const {
  const auto found = std::ranges::find(elements, element, &ElementRule::name);
  return found == elements.end() ? nullptr : &*found;
}

namespace {

void check_one_root(const Element::Document& document, std::string_view name) {
  const auto expected = ", expected " + in_brackets(name);
  pugi::xml_node root;
  for (const auto& node : document.tree.children()) {
    if (node.type() == pugi::node_doctype) {
      document.complain(document.source.text().find("<!DOCTYPE"),
                        "a DOCTYPE is not accepted here, remove it (entities are not needed)");
    } else if (node.type() != pugi::node_element) {
      document.complain(document.offset_of(node.value()), "unexpected text" + expected);
    } else if (root) {
      document.complain(document.offset_of(node), "a second element " + in_brackets(node.name()) +
                                                      " at the top, expected one");
    } else {
      root = node;
    }
  }
  if (!root) {
    document.complain(0, "no XML element in this file" + expected);
  } else if (root.name() != name) {
    document.complain(document.offset_of(root),
                      "unknown element " + in_brackets(root.name()) + " at the top" + expected);
  }
}

}  // namespace

void check_top(const Element::Document& document, const Grammar& grammar) {
  check_one_root(document, grammar.root);
}

void check_fragment(const Element::Document& document, const ElementRule& place) {
  check_one_root(document, kFragment);
  if (document.complaint()) return;
  ElementRule rule{.name = kFragment, .children = place.children};
  rule.children.push_back("parameter");
  GrammarCheck{document, document.grammar}.check(document.tree.document_element(), rule);
}

void check_elements(const Element::Document& document, const Grammar& grammar) {
  GrammarCheck{document, grammar}.check(document.tree.document_element(),
                                        *grammar.find(grammar.root));
}

}  // namespace rtclab::xml
