#include "topologies/xml_file.h"

#include "agents/base/text.h"
#include "topologies/grammar_check.h"
#include "topologies/source_text.h"
#include "topologies/text_file.h"
#include "topologies/units.h"
#include "topologies/wording.h"
#include "topologies/xml_document.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <limits>
#include <utility>

namespace rtclab::xml {
namespace {

bool is_name(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// The elements of a path. Where there are none and the path ends in a plain name, a child of that
// name in each element that the rest leads to.
std::vector<pugi::xml_node> find_or_add(const pugi::xml_document& tree, const std::string& path) {
  std::vector<pugi::xml_node> nodes;
  for (const auto& found : tree.select_nodes(path.c_str())) nodes.push_back(found.node());
  const auto slash = path.rfind('/');
  const auto name = slash == std::string::npos ? "" : path.substr(slash + 1);
  const auto rest = slash == std::string::npos ? "" : path.substr(0, slash);
  if (!nodes.empty() || !is_name(name) || rest.empty() || rest.ends_with('/')) return nodes;
  for (const auto& found : tree.select_nodes(rest.c_str())) {
    auto parent = found.node();
    nodes.push_back(parent.append_child(name.c_str()));
  }
  return nodes;
}

void remove_terms(pugi::xml_node node, const Grammar& grammar) {
  const auto* const rule = grammar.find(node.name());
  if (rule == nullptr) return;
  for (const auto term : rule->of_preset)
    if (term != "preset") node.remove_attribute(std::string{term}.c_str());
}

// Sets the attributes that a Variation names, before anything is looked at.
void apply(const Element::Document& document, const Grammar& grammar, const Edit& edit) {
  const auto root = document.offset_of(document.tree.document_element());
  const auto slash = edit.path.rfind("/@");
  const auto attribute = slash == std::string::npos ? "" : edit.path.substr(slash + 2);
  if (!is_name(attribute)) {
    return document.complain(root, in_quotes(edit.path) +
                                       ": expected a path to an attribute such as "
                                       "//nat[@name='home']/@preset");
  }
  if (first_foreign_octet(edit.value)) {
    return document.complain(root, in_quotes(edit.path) + ": its value is no UTF-8 text");
  }
  try {
    auto elements = find_or_add(document.tree, edit.path.substr(0, slash));
    for (auto& node : elements) {
      if (attribute == "preset") remove_terms(node, grammar);
      auto old = node.attribute(attribute.c_str());
      (old ? old : node.append_attribute(attribute.c_str())).set_value(edit.value.c_str());
    }
    if (!elements.empty()) return;
    document.complain(root, "there is no element " + in_quotes(edit.path.substr(0, slash)));
  } catch (const pugi::xpath_exception& broken) {
    document.complain(root, in_quotes(edit.path) + " is no path: " + broken.what());
  }
}

std::string collapsed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

// The words of a list, xs:list's way: any white space between them.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  const auto plain = collapsed(text);
  for (const auto word : split(plain, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

std::optional<std::vector<Prefix>> parse_interface_addresses(std::string_view text) {
  std::vector<Prefix> addresses;
  for (const auto& word : words_of(text)) {
    const auto address = Prefix::parse(word);
    if (!address) return std::nullopt;
    addresses.push_back(*address);
  }
  return addresses.empty() ? std::nullopt : std::optional{addresses};
}

}  // namespace

FileResult<XmlFile> XmlFile::load(const std::filesystem::path& path, const Grammar& grammar,
                                  const Variation& variation) {
  return read_text(path, ", expected an XML file with " + in_brackets(grammar.root), kMostOctets)
      .and_then([&](std::string text) {
        return parse(path.string(), std::move(text), grammar, variation);
      });
}

FileResult<std::string> root_name(const std::filesystem::path& path) {
  return read_text(path, ", expected an XML file", XmlFile::kMostOctets)
      .map([](const std::string& text) { return root_name_in(text); });
}

std::string root_name_in(std::string_view text) {
  if (first_too_deep(text)) return {};
  pugi::xml_document document;
  (void)document.load_buffer(text.data(), text.size());  // a fault in it is for parse() to tell
  return document.document_element().name();
}

FileResult<XmlFile> XmlFile::parse(std::string name, std::string text, const Grammar& grammar,
                                   const Variation& variation) {
  assert(grammar.find(grammar.root) != nullptr);
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  auto document = std::make_unique<Element::Document>(std::move(name), std::move(text), grammar);
  read_tree(*document);
  if (!document->complaint()) check_top(*document, grammar);
  if (!document->complaint()) check_references(*document);
  if (!document->complaint()) {
    for (const auto& edit : variation.edits) apply(*document, grammar, edit);
    check_elements(*document, grammar);
  }
  if (!document->complaint()) (void)read_parameters(*document, variation.parameters);
  if (document->complaint()) return tl::make_unexpected(*document->complaint());
  return XmlFile{std::move(document)};
}

XmlFile::XmlFile(std::unique_ptr<Element::Document> document) : document_{std::move(document)} {}
XmlFile::XmlFile(XmlFile&&) noexcept = default;
XmlFile& XmlFile::operator=(XmlFile&&) noexcept = default;
XmlFile::~XmlFile() = default;

Element XmlFile::root() const {
  return {*document_, document_->tree.document_element().internal_object(),
          document_->scopes.front()};
}

const std::string& XmlFile::name() const {
  return document_->name;
}

std::optional<FileError> XmlFile::error() const {
  return document_->complaint();
}

std::string_view Element::name() const {
  return pugi::xml_node{node_}.name();
}

std::size_t Element::line() const {
  return document_->source.line(document_->offset_of(pugi::xml_node{node_}));
}

std::size_t Element::column() const {
  return document_->source.position(document_->offset_of(pugi::xml_node{node_})).column;
}

void Element::add_child(const pugi::xml_node& node, std::vector<Element>& children) const {
  if (node.type() != pugi::node_element) return;
  const std::string_view word = node.name();
  if (word == "parameter") return;
  if (word != "include") {
    children.emplace_back(*document_, node.internal_object(), *scope_);
    return;
  }
  const auto& included = document_->included(node, *scope_);
  if (!included.document) return;
  const Element fragment{*included.document,
                         included.document->tree.document_element().internal_object(),
                         *included.scope};
  std::ranges::move(fragment.children(), std::back_inserter(children));
}

std::vector<Element> Element::children() const {
  std::vector<Element> found;
  for (const auto& node : pugi::xml_node{node_}.children()) add_child(node, found);
  return found;
}

Element Element::with(const std::string& name, std::string value) const {
  return {*document_, node_, document_->new_scope({{name, std::move(value)}}, scope_)};
}

std::vector<Element> Element::children(std::string_view element) const {
  auto found = children();
  std::erase_if(found, [&](const Element& child) { return child.name() != element; });
  return found;
}

std::optional<Element> Element::child(std::string_view element) const {
  const auto found = children(element);
  if (found.empty()) return std::nullopt;
  return found.front();
}

std::string Element::content() const {
  std::string text;
  for (const auto& node : pugi::xml_node{node_}.children()) text += node.value();
  return collapsed(text);
}

std::string Element::content_of(std::string_view element) const {
  const auto found = child(element);
  return found ? found->content() : "";
}

std::optional<std::string_view> Element::raw(std::string_view attribute) const {
  for (const auto& candidate : pugi::xml_node{node_}.attributes()) {
    if (candidate.name() != attribute) continue;
    const pugi::xml_node node{node_};
    return document_->substituted(candidate.value(), document_->offset_of(node, candidate),
                                  *scope_);
  }
  return std::nullopt;
}

bool Element::has(std::string_view attribute) const {
  return raw(attribute).has_value();
}

void Element::complain(std::string message) const {
  document_->complain(document_->offset_of(pugi::xml_node{node_}), std::move(message));
}

void Element::complain(std::string_view attribute, std::string message) const {
  const pugi::xml_node node{node_};
  for (const auto& candidate : node.attributes()) {
    if (candidate.name() != attribute) continue;
    document_->complain(document_->offset_of(node, candidate), std::move(message));
    return;
  }
  complain(std::move(message));
}

void Element::complain_unknown(std::string_view attribute, std::string_view what,
                               std::span<const std::string> known) const {
  constexpr std::size_t kFew = 20;
  const auto wrong = raw(attribute).value_or("");
  auto tail = suggestion(wrong, known);
  if (tail.empty() && !known.empty() && known.size() <= kFew) tail = ", expected " + listed(known);
  if (known.empty()) tail = ", there is none";
  complain(attribute, "unknown " + std::string{what} + " " + in_quotes(wrong) + tail);
}

std::size_t Element::choice_index(std::string_view attribute,
                                  std::span<const std::string> names) const {
  const auto found = std::ranges::find(names, raw(attribute).value_or(""));
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const auto wrong = raw(attribute).value_or("");
  // Among three letters every word is near every other.
  const auto hint = wrong.size() > 3 ? suggestion(wrong, names) : "";
  complain(attribute, "unknown " + std::string{attribute} + " " + in_quotes(wrong) + ", expected " +
                          listed(names) + hint);
  return 0;
}

std::vector<std::size_t> Element::choice_indices(std::string_view attribute,
                                                 std::span<const std::string> names) const {
  if (!has(attribute)) return {};
  std::vector<std::size_t> indices;
  for (const auto& word : words_of(*raw(attribute))) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) {
      complain(attribute, "unknown " + std::string{attribute} + " " + in_quotes(word) +
                              ", expected " + listed(names));
      continue;
    }
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (std::ranges::find(indices, index) != indices.end()) {
      complain(attribute, word + " stands here twice");
    }
    indices.push_back(index);
  }
  if (indices.empty()) complain(attribute, "expected one or more of " + listed(names));
  return indices;
}

void Element::complain_value(std::string_view attribute, std::string_view expected) const {
  complain(attribute, std::string{attribute} + ": expected " + std::string{expected} + ", found " +
                          in_quotes(raw(attribute).value_or("")));
}

template <class T>
T Element::parsed(std::string_view attribute, const std::optional<T>& fallback, const T& harmless,
                  std::optional<T> (*parse)(std::string_view), std::string_view expected) const {
  const auto text = raw(attribute);
  if (!text) {
    if (!fallback) complain(in_brackets(name()) + " needs the attribute " + std::string{attribute});
    return fallback.value_or(harmless);
  }
  if (const auto value = parse(*text)) return *value;
  complain_value(attribute, expected);
  return harmless;
}

std::string Element::text(std::string_view attribute,
                          std::optional<std::string_view> fallback) const {
  const auto value = raw(attribute);
  if (!value && !fallback)
    complain(in_brackets(name()) + " needs the attribute " + std::string{attribute});
  return std::string{value.value_or(fallback.value_or(""))};
}

std::string Element::identifier(std::string_view attribute,
                                std::optional<std::string_view> fallback) const {
  auto value = text(attribute, fallback);
  if (!is_name(value)) {
    complain_value(attribute, "a name of at most 64 letters, digits, - and _");
  }
  return value;
}

std::uint64_t Element::number(std::string_view attribute, std::uint64_t least, std::uint64_t most,
                              std::optional<std::uint64_t> fallback) const {
  if (fallback && !has(attribute)) return *fallback;
  const auto expected = "a number from " + std::to_string(least) + " to " + std::to_string(most);
  const auto value = parsed<std::uint64_t>(
      attribute, std::nullopt, least,
      [](std::string_view digits) { return parse_unsigned(digits); }, expected);
  if (value >= least && value <= most) return value;
  complain_value(attribute, expected);
  return least;
}

Port Element::port(std::string_view attribute, std::optional<Port> fallback) const {
  const auto number_fallback =
      fallback ? std::optional<std::uint64_t>{fallback->value()} : std::nullopt;
  const auto value =
      number(attribute, 1, std::numeric_limits<std::uint16_t>::max(), number_fallback);
  return Port{static_cast<std::uint16_t>(value)};
}

Duration Element::duration(std::string_view attribute, std::optional<Duration> fallback) const {
  return parsed(attribute, fallback, Duration{0}, units::parse_duration, units::kDurationForm);
}

std::uint64_t Element::rate(std::string_view attribute,
                            std::optional<std::uint64_t> fallback) const {
  return parsed(attribute, fallback, std::uint64_t{1}, units::parse_rate, units::kRateForm);
}

double Element::probability(std::string_view attribute, std::optional<double> fallback) const {
  return parsed(attribute, fallback, 0.0, units::parse_probability, units::kProbabilityForm);
}

double Element::decimal(std::string_view attribute) const {
  return parsed(attribute, std::optional<double>{}, 0.0, units::parse_decimal, units::kDecimalForm);
}

bool Element::yes_no(std::string_view attribute, bool fallback) const {
  constexpr std::array kAnswers{Choice<bool>{"yes", true}, Choice<bool>{"no", false}};
  return choice<bool>(attribute, kAnswers, fallback);
}

std::vector<Prefix> Element::interface_addresses(std::string_view attribute) const {
  return parsed(attribute, std::optional<std::vector<Prefix>>{}, {Prefix{Ip::v4(0), 0}},
                parse_interface_addresses,
                "an address with the length of its net such as 192.168.1.10/24, or several with "
                "spaces between");
}

}  // namespace rtclab::xml
