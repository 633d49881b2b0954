#include "topologies/xml_reductions.h"

#include <pugixml.hpp>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

namespace rtclab::xml {
namespace {

pugi::xml_document parsed(const std::string& text) {
  pugi::xml_document document;
  [[maybe_unused]] const auto result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_comments);
  assert(result);
  return document;
}

std::string written(const pugi::xml_document& document) {
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

void collect(const pugi::xml_node& node, std::vector<pugi::xml_node>& all) {
  all.push_back(node);
  for (const auto& child : node.children()) {
    if (child.type() == pugi::node_element) collect(child, all);
  }
}

std::vector<pugi::xml_node> elements_of(const pugi::xml_document& document) {
  std::vector<pugi::xml_node> all;
  collect(document.document_element(), all);
  return all;
}

std::size_t size_of(const pugi::xml_node& node) {
  std::vector<pugi::xml_node> all;
  collect(node, all);
  return all.size();
}

// "250ms" -> 250 and "ms"; nullopt when it does not begin with a number or is an address.
std::optional<std::pair<double, std::string_view>> split_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number <= 0 || !std::isfinite(number)) return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  const bool is_unit = std::ranges::all_of(unit, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' || c == '/';
  });
  return is_unit ? std::optional{std::pair{number, unit}} : std::nullopt;
}

std::string number_text(double number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

std::vector<std::string> simpler(std::string_view value) {
  const auto number = split_number(value);
  if (!number) return {};
  const auto& [amount, unit] = *number;
  std::vector<std::string> values{"0" + std::string{unit}};
  // Below one, halving is no simplification any more.
  const auto half = std::floor(amount / 2);
  if (half >= 1) values.push_back(number_text(half) + std::string{unit});
  if (amount != std::floor(amount) && std::floor(amount) >= 1)
    values.push_back(number_text(std::floor(amount)) + std::string{unit});
  return values;
}

std::string in_angles(const pugi::xml_node& node) {
  return "<" + std::string{node.name()} + ">";
}

// Whether an attribute is that name, or something of it.
bool speaks_of(const pugi::xml_node& node, std::string_view name) {
  return std::ranges::any_of(node.attributes(), [&](const auto& attribute) {
    const std::string_view value = attribute.value();
    return std::string_view{attribute.name()} != "name" &&
           (value == name ||
            (value.starts_with(name) && value.substr(name.size()).starts_with('.')));
  });
}

class Enumeration {
 public:
  Enumeration(const pugi::xml_document& document, const Simpler& simpler)
      : elements_{elements_of(document)}, simpler_{simpler} {}

  std::vector<Reduction> all() {
    cut_off();
    for (const auto index : by_size()) take_out(index);
    for (std::size_t index = 0; index < elements_.size(); ++index) {
      for (const auto& attribute : elements_[index].attributes()) vary(index, attribute);
    }
    std::ranges::move(values_, std::back_inserter(all_));
    return std::move(all_);
  }

 private:
  [[nodiscard]] std::vector<std::size_t> by_size() const {
    std::vector<std::size_t> indices;
    for (std::size_t index = 1; index < elements_.size(); ++index) {
      const std::string_view name = elements_[index].name();
      if (std::ranges::find(simpler_.kept, name) == simpler_.kept.end()) indices.push_back(index);
    }
    std::ranges::stable_sort(indices, std::ranges::greater{},
                             [&](std::size_t index) { return size_of(elements_[index]); });
    return indices;
  }

  // "home-a.outside" -> "home-a".
  static std::string end_of(const pugi::xml_node& join, const char* attribute) {
    const std::string end = join.attribute(attribute).value();
    return end.substr(0, end.find('.'));
  }

  [[nodiscard]] std::vector<pugi::xml_node> joins() const {
    std::vector<pugi::xml_node> found;
    for (const auto& node : elements_) {
      if (node.name() == simpler_.join) found.push_back(node);
    }
    return found;
  }

  // All that can be reached from `start` without `cut`.
  [[nodiscard]] std::set<std::string> part(const std::string& start,
                                           const pugi::xml_node& cut) const {
    std::set<std::string> reached{start};
    for (bool grows = true; grows;) {
      grows = false;
      for (const auto& join : joins()) {
        if (join == cut) continue;
        const auto a = end_of(join, "a");
        const auto b = end_of(join, "b");
        if (reached.contains(a) == reached.contains(b)) continue;
        reached.insert(reached.contains(a) ? b : a);
        grows = true;
      }
    }
    return reached;
  }

  void cut_off() {
    for (const auto& join : joins()) {
      for (const auto& [keep, lose] : {std::pair{"a", "b"}, std::pair{"b", "a"}}) {
        const auto gone = part(end_of(join, lose), join);
        if (gone.contains(end_of(join, keep))) continue;  // they hang together otherwise
        std::vector<std::size_t> together;
        for (std::size_t index = 1; index < elements_.size(); ++index) {
          const auto& node = elements_[index];
          const bool is_gone =
              node.name() == simpler_.join
                  ? gone.contains(end_of(node, "a")) || gone.contains(end_of(node, "b"))
                  : gone.contains(node.attribute("name").value());
          if (is_gone) together.push_back(index);
        }
        all_.push_back({.elements = std::move(together),
                        .what = "all behind " + std::string{join.attribute(keep).value()} +
                                " goes: " + joined(gone)});
      }
    }
  }

  static std::string joined(const std::set<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  void take_out(std::size_t index) {
    const auto angles = in_angles(elements_[index]);
    all_.push_back({.elements = {index}, .what = angles + " goes"});
    const std::string name = elements_[index].attribute("name").value();
    if (name.empty()) return;
    std::vector<std::size_t> together{index};
    for (std::size_t other = 1; other < elements_.size(); ++other) {
      if (other != index && speaks_of(elements_[other], name)) together.push_back(other);
    }
    std::ranges::sort(together);
    if (together.size() > 1)
      all_.push_back({.elements = std::move(together),
                      .what = angles + " " + name + " goes, and all that speaks of it"});
  }

  void vary(std::size_t index, const pugi::xml_attribute& attribute) {
    const std::string name = attribute.name();
    const auto place = std::string{elements_[index].name()} + "/" + name;
    if (std::ranges::find(simpler_.kept_attributes, place) != simpler_.kept_attributes.end())
      return;
    const auto of = name + " of " + in_angles(elements_[index]);
    all_.push_back({.elements = {index}, .attribute = name, .what = of + " goes"});
    auto values = simpler(attribute.value());
    const auto words = simpler_.words.find(place);
    if (words != simpler_.words.end()) {
      const auto now = std::ranges::find(words->second, attribute.value());
      if (now != words->second.end()) values.assign(words->second.begin(), now);
    }
    for (auto& value : values) {
      values_.push_back({.elements = {index},
                         .attribute = name,
                         .value = value,
                         .what = of + ": " + attribute.value() + " becomes " + value});
    }
  }

  std::vector<pugi::xml_node> elements_;
  const Simpler& simpler_;
  std::vector<Reduction> all_;
  std::vector<Reduction> values_;
};

}  // namespace

std::vector<Reduction> reductions(const std::string& text, const Simpler& simpler) {
  const auto document = parsed(text);
  return Enumeration{document, simpler}.all();
}

std::string reduced(const std::string& text, const Reduction& reduction) {
  const auto document = parsed(text);
  const auto elements = elements_of(document);
  const auto* const name = reduction.attribute.c_str();
  // From the end, so that none has gone with one that it stood in.
  for (auto index = reduction.elements.rbegin(); index != reduction.elements.rend(); ++index) {
    auto element = elements.at(*index);
    if (reduction.attribute.empty()) {
      element.parent().remove_child(element);
    } else if (reduction.value) {
      element.attribute(name).set_value(reduction.value->c_str());
    } else {
      element.remove_attribute(name);
    }
  }
  return written(document);
}

std::string without(const std::string& text, std::string_view element) {
  const auto document = parsed(text);
  for (auto node : elements_of(document)) {
    if (node.name() == element) node.parent().remove_child(node);
  }
  return written(document);
}

std::string with_comment(const std::string& text, const std::string& comment) {
  auto document = parsed(text);
  document.insert_child_before(pugi::node_comment, document.document_element())
      .set_value(comment.c_str());
  return written(document);
}

}  // namespace rtclab::xml
