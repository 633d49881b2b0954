// All that can be taken out of an XML text, or be said in it more simply, one thing at a time: what
// a search for the smallest file that still does something has to try.
//
// Whether what is left still makes sense is for who reads it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::xml {

// Elements are counted in the order of the file, from 0; the outermost is never taken out.
struct Reduction {
  std::vector<std::size_t> elements{};  // one, but where several go together
  std::string attribute{};              // empty: the element goes, with all in it
  std::optional<std::string> value{};   // nullopt: the attribute goes

  // "<setLink> goes", "delay of <link> goes", "loss of <setLink>: 30% becomes 15%".
  std::string what{};
};

// What the words of a language allow besides.
struct Simpler {
  std::vector<std::string_view> kept{};  // elements that stay
  std::vector<std::string_view> kept_attributes{};  // "element/attribute" that stay as they are
  // Of "element/attribute": what it can be, the simplest first.
  std::map<std::string, std::vector<std::string>, std::less<>> words{};
  // Elements that join two others by their attributes a and b: a part that hangs on one of them
  // goes as a whole.
  std::string_view join{};
};

// The largest elements first, each alone and, when it has a name, with all that speak of it
// ("alice" or "alice.eth0"); then attributes; then values: a number becomes 0 or half of itself, a
// word a simpler one. Precondition: the text is well-formed.
[[nodiscard]] std::vector<Reduction> reductions(const std::string& text,
                                                const Simpler& simpler = {});
// Precondition: one of reductions(text).
[[nodiscard]] std::string reduced(const std::string& text, const Reduction& reduction);

// The text without the elements of that name. Precondition: none of them stands in another.
[[nodiscard]] std::string without(const std::string& text, std::string_view element);
// The text with a comment before its outermost element.
[[nodiscard]] std::string with_comment(const std::string& text, const std::string& comment);

}  // namespace rtclab::xml
