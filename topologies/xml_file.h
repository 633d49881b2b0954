// An XML file that a person wrote, read with suspicion and answered with one clear sentence.
//
// Topologies and scenarios are both read through this. XmlFile::load() refuses what is no such file
// at all (a directory, nothing, 100 MB, a DOCTYPE, broken XML) and every element or attribute that
// its Grammar does not know. What is left to the loader is the meaning.
//
// Reading values. An accessor that meets a bad value remembers the first complaint and answers with
// something harmless, as ByteReader does; so a loader reads everything in order and asks error() at
// the end:
//
//   const auto file = XmlFile::load(path, kGrammar);
//   if (!file) return tl::make_unexpected(file.error());
//   for (const auto& link : file->root().children("link")) {
//     delays.push_back(link.duration("delay"));
//   }
//   if (const auto error = file->error()) return tl::make_unexpected(*error);
//
// An accessor with a fallback reads an optional attribute; without one the attribute must be there
// (which Grammar::required has checked already). Elements point into the file and must not outlive
// it.
//
// Reuse. Where the grammar has these elements, a file can be written once for many cases:
//
//   <parameter name="loss" default="5%"/>   at the top; ${loss} in any attribute then stands for it
//   <include file="call.xml">               in place of it come the children of that file's
//     <set name="loss" value="9%"/>         <fragment>, whose own parameters these are
//   </include>
//
// A reader sees what they stand for and never the words themselves. Whoever loads a file can vary
// it: give parameters other values, or set attributes before anything is read (Variation).
#pragma once

#include "agents/base/address.h"
#include "agents/base/result.h"
#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pugi {
struct xml_node_struct;
class xml_node;
}  // namespace pugi

namespace rtclab::xml {

// What an element may hold; an element means the same wherever it stands.
struct ElementRule {
  std::string_view name;
  std::vector<std::string_view> required{};  // attributes
  std::vector<std::string_view> optional{};  // attributes
  std::vector<std::string_view> children{};
  bool has_text = false;  // <title>text</title>
  bool once = false;      // stands in its parent once at most
  // What a preset="…" stands for: an Edit of `preset` takes these away, or nothing would change.
  std::vector<std::string_view> of_preset{};
};

struct Grammar {
  std::string_view root;
  std::vector<ElementRule> elements;

  [[nodiscard]] const ElementRule* find(std::string_view element) const;
};

// An attribute that is to be set before the file is read: "//nat[@name='home-a']/@preset", XPath
// that ends in the attribute, which need not be there yet. One of a preset takes the place of the
// terms that stand there (ElementRule::of_preset).
struct Edit {
  std::string path;
  std::string value;
};

// How a file is to differ from what stands in it.
struct Variation {
  std::map<std::string, std::string> parameters{};  // in place of their defaults
  std::vector<Edit> edits{};
};

// One value of an attribute that has a closed set of them.
template <class E>
struct Choice {
  std::string_view text;
  E value;
};

class XmlFile;

class Element {
 public:
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] std::size_t line() const;    // of its '<', from 1
  [[nodiscard]] std::size_t column() const;  // in characters, from 1

  [[nodiscard]] std::vector<Element> children() const;
  [[nodiscard]] std::vector<Element> children(std::string_view element) const;
  [[nodiscard]] std::optional<Element> child(std::string_view element) const;  // the first
  // The text inside, with each run of white space as one space and none at the ends.
  [[nodiscard]] std::string content() const;
  // The same of a child; empty without it.
  [[nodiscard]] std::string content_of(std::string_view element) const;

  [[nodiscard]] bool has(std::string_view attribute) const;
  [[nodiscard]] std::string text(std::string_view attribute,
                                 std::optional<std::string_view> fallback = {}) const;
  // A name that may stand in file names, captures and references: letters, digits, '-' and '_'.
  [[nodiscard]] std::string identifier(std::string_view attribute,
                                       std::optional<std::string_view> fallback = {}) const;
  [[nodiscard]] std::uint64_t number(std::string_view attribute, std::uint64_t least,
                                     std::uint64_t most,
                                     std::optional<std::uint64_t> fallback = {}) const;
  [[nodiscard]] Port port(std::string_view attribute, std::optional<Port> fallback = {}) const;
  // "20ms", "1.5s"; see topologies/units.h for these three.
  [[nodiscard]] Duration duration(std::string_view attribute,
                                  std::optional<Duration> fallback = {}) const;
  [[nodiscard]] std::uint64_t rate(std::string_view attribute,
                                   std::optional<std::uint64_t> fallback = {}) const;
  [[nodiscard]] double decimal(std::string_view attribute) const;  // "0.25", "-3"
  [[nodiscard]] double probability(std::string_view attribute,
                                   std::optional<double> fallback = {}) const;
  [[nodiscard]] bool yes_no(std::string_view attribute, bool fallback) const;
  // "192.168.1.10/24 2001:db8::10/64": at least one, with a space between.
  [[nodiscard]] std::vector<Prefix> interface_addresses(std::string_view attribute) const;

  template <class E>
  [[nodiscard]] E choice(std::string_view attribute, std::span<const Choice<E>> choices,
                         std::optional<E> fallback = {}) const {
    if (!has(attribute) && fallback) return *fallback;
    std::vector<std::string> names;
    for (const auto& choice : choices) names.emplace_back(choice.text);
    return choices[choice_index(attribute, names)].value;
  }

  // One or more of the words, with a space between, none of them twice; nothing without the
  // attribute.
  template <class E>
  [[nodiscard]] std::vector<E> choices(std::string_view attribute,
                                       std::span<const Choice<E>> choices) const {
    std::vector<std::string> names;
    for (const auto& choice : choices) names.emplace_back(choice.text);
    std::vector<E> values;
    for (const auto index : choice_indices(attribute, names)) {
      values.push_back(choices[index].value);
    }
    return values;
  }

  // Remembers `message` as the file's error, at this element or at one of its attributes, unless
  // there is one already.
  void complain(std::string message) const;
  void complain(std::string_view attribute, std::string message) const;
  // "unknown machine "alise", did you mean "alice"?" at the attribute.
  void complain_unknown(std::string_view attribute, std::string_view what,
                        std::span<const std::string> known) const;
  // "width: expected a number from 16 to 7680, found "9"" at the attribute.
  void complain_value(std::string_view attribute, std::string_view expected) const;

  // The same element where ${name} stands for the value, also in everything inside.
  [[nodiscard]] Element with(const std::string& name, std::string value) const;

  struct Document;  // private to this folder: xml_document.h
  struct Scope;
  struct Writer;
  Element(const Document& document, pugi::xml_node_struct* node, const Scope& scope)
      : document_{&document}, node_{node}, scope_{&scope} {}

 private:
  [[nodiscard]] std::optional<std::string_view> raw(std::string_view attribute) const;
  [[nodiscard]] std::size_t choice_index(std::string_view attribute,
                                         std::span<const std::string> names) const;
  [[nodiscard]] std::vector<std::size_t> choice_indices(std::string_view attribute,
                                                        std::span<const std::string> names) const;
  template <class T>
  [[nodiscard]] T parsed(std::string_view attribute, const std::optional<T>& fallback,
                         const T& harmless, std::optional<T> (*parse)(std::string_view),
                         std::string_view expected) const;

  void add_child(const pugi::xml_node& node, std::vector<Element>& children) const;

  const Document* document_;
  pugi::xml_node_struct* node_;
  const Scope* scope_;
};

class XmlFile {
 public:
  static constexpr std::size_t kMostOctets = 8 * 1024 * 1024;

  // The grammar outlives the file.
  [[nodiscard]] static FileResult<XmlFile> load(const std::filesystem::path& path,
                                                const Grammar& grammar,
                                                const Variation& variation = {});
  // The same for text at hand; `name` stands for the path in messages.
  [[nodiscard]] static FileResult<XmlFile> parse(std::string name, std::string text,
                                                 const Grammar& grammar,
                                                 const Variation& variation = {});

  XmlFile(XmlFile&&) noexcept;
  XmlFile& operator=(XmlFile&&) noexcept;
  ~XmlFile();

  [[nodiscard]] Element root() const;
  [[nodiscard]] const std::string& name() const;  // the path as given
  // The first complaint, if any.
  [[nodiscard]] std::optional<FileError> error() const;
  // The file as its reader sees it, on its own: edited, with parameters replaced by their values
  // and what is included in its place. Comments are gone.
  [[nodiscard]] std::string to_text() const;

 private:
  explicit XmlFile(std::unique_ptr<Element::Document> document);
  std::unique_ptr<Element::Document> document_;
};

// The name of the outermost element, for who takes files of several kinds; empty when there is none
// to be seen. The file may still be full of faults.
[[nodiscard]] FileResult<std::string> root_name(const std::filesystem::path& path);
[[nodiscard]] std::string root_name_in(std::string_view text);

}  // namespace rtclab::xml
