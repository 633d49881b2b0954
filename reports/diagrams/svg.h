// Writes SVG. Whatever text comes in, well-formed XML comes out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::diagrams {

// Escapes for element content and attribute values; invalid UTF-8 and characters that XML 1.0 §2.2
// forbids become U+FFFD, since packets and comments may hold anything.
[[nodiscard]] std::string escape_xml(std::string_view text);

// At most `most` characters (not octets); "…" ends a text that was cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t most);

// How wide a system sans-serif sets `text`, in units of its size; a little more rather than less.
[[nodiscard]] double text_width(std::string_view text, double size);

// `text`, or as much of its begin and its end as goes into `width`, with "…" in between: the end of
// an address is its port.
[[nodiscard]] std::string fit(std::string_view text, double width, double size);

struct Point {
  double x = 0;
  double y = 0;
};

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

class Svg {
 public:
  // One decimal is a tenth of a pixel: enough, and the same on every machine.
  [[nodiscard]] static std::string number(double value);

  Svg& open(std::string_view element, const Attributes& attributes = {});
  Svg& close();
  Svg& leaf(std::string_view element, const Attributes& attributes);
  Svg& text_leaf(std::string_view element, const Attributes& attributes, std::string_view text);

  Svg& line(std::string_view css_class, Point from, Point to);
  Svg& polyline(std::string_view css_class, const std::vector<Point>& points);
  Svg& rectangle(std::string_view css_class, Point corner, double width, double height,
                 double radius);
  Svg& text(std::string_view css_class, Point at, std::string_view text);
  Svg& tooltip(std::string_view text);
  // Markup that is known to be well-formed: a style sheet of ours.
  Svg& raw(std::string_view markup);

  [[nodiscard]] std::string take();

 private:
  void start(std::string_view element, const Attributes& attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace rtclab::diagrams
