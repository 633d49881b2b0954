#include "reports/diagrams/svg.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>
#include <cstdint>

namespace rtclab::diagrams {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the UTF-8 sequence at `at`, and whether it is one that XML allows.
struct Character {
  std::size_t length;
  bool allowed;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) -> std::uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto first = octet(0);
  if (first < 0x80) return {1, first >= 0x20 || first == '\t' || first == '\n' || first == '\r'};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return {1, false};
  std::uint32_t code = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xc0u) != 0x80u) return {1, false};
    code = code << 6u | (octet(i) & 0x3fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool outside = code > 0x10ffff || code == 0xfffe || code == 0xffff;
  return {length, !overlong && !surrogate && !outside};
}

}  // namespace

std::string escape_xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto character = character_at(text, at);
    const auto part = text.substr(at, character.length);
    at += character.length;
    if (!character.allowed)
      out += kReplacement;
    else if (part == "&")
      out += "&amp;";
    else if (part == "<")
      out += "&lt;";
    else if (part == ">")
      out += "&gt;";
    else if (part == "\"")
      out += "&quot;";
    else if (part == "'")
      out += "&#39;";
    else if (part == "\r")
      continue;
    else
      out += part;
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t most) {
  std::size_t count = 0;
  std::size_t cut = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (count + 1 == most) cut = at;
    at += character_at(text, at).length;
  }
  if (count <= most) return std::string{text};
  return std::string{text.substr(0, cut)} + "…";
}

double text_width(std::string_view text, double size) {
  double units = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = character_at(text, at);
    const auto c = text[at];
    if (character.length > 1)
      units += 0.75;
    else if (std::string_view{"iljtf.,:;'|!()[] "}.find(c) != std::string_view::npos)
      units += 0.34;
    else if (c == 'm' || c == 'w' || c == 'M' || c == 'W')
      units += 0.88;
    else if (c >= 'A' && c <= 'Z')
      units += 0.7;
    else
      units += 0.58;
    at += character.length;
  }
  return units * size;
}

std::string fit(std::string_view text, double width, double size) {
  if (text_width(text, size) <= width) return std::string{text};
  std::vector<std::string_view> characters;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = character_at(text, at).length;
    characters.push_back(text.substr(at, length));
    at += length;
  }
  for (std::size_t kept = characters.size(); kept-- > 0;) {
    std::string made;
    for (std::size_t i = 0; i < kept - kept / 2; ++i) made += characters[i];
    made += "…";
    for (std::size_t i = characters.size() - kept / 2; i < characters.size(); ++i)
      made += characters[i];
    if (text_width(made, size) <= width) return made;
  }
  return "…";
}

std::string Svg::number(double value) {
  auto text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

void Svg::start(std::string_view element, const Attributes& attributes) {
  out_ += '<';
  out_ += element;
  for (const auto& [name, value] : attributes) {
    out_ += fmt::format(" {}=\"{}\"", name, escape_xml(value));
  }
}

Svg& Svg::open(std::string_view element, const Attributes& attributes) {
  start(element, attributes);
  out_ += ">\n";
  open_.emplace_back(element);
  return *this;
}

Svg& Svg::close() {
  assert(!open_.empty());
  out_ += fmt::format("</{}>\n", open_.back());
  open_.pop_back();
  return *this;
}

Svg& Svg::leaf(std::string_view element, const Attributes& attributes) {
  start(element, attributes);
  out_ += "/>\n";
  return *this;
}

Svg& Svg::text_leaf(std::string_view element, const Attributes& attributes, std::string_view text) {
  start(element, attributes);
  out_ += fmt::format(">{}</{}>\n", escape_xml(text), element);
  return *this;
}

Svg& Svg::line(std::string_view css_class, Point from, Point to) {
  return leaf("line", {{"class", std::string{css_class}},
                       {"x1", number(from.x)},
                       {"y1", number(from.y)},
                       {"x2", number(to.x)},
                       {"y2", number(to.y)}});
}

Svg& Svg::polyline(std::string_view css_class, const std::vector<Point>& points) {
  std::string list;
  for (const auto& point : points) {
    if (!list.empty()) list += ' ';
    list += number(point.x) + ',' + number(point.y);
  }
  return leaf("polyline", {{"class", std::string{css_class}}, {"points", std::move(list)}});
}

Svg& Svg::rectangle(std::string_view css_class, Point corner, double width, double height,
                    double radius) {
  return leaf("rect", {{"class", std::string{css_class}},
                       {"x", number(corner.x)},
                       {"y", number(corner.y)},
                       {"width", number(width)},
                       {"height", number(height)},
                       {"rx", number(radius)}});
}

Svg& Svg::text(std::string_view css_class, Point at, std::string_view text) {
  return text_leaf(
      "text", {{"class", std::string{css_class}}, {"x", number(at.x)}, {"y", number(at.y)}}, text);
}

Svg& Svg::tooltip(std::string_view text) {
  return text_leaf("title", {}, text);
}

Svg& Svg::raw(std::string_view markup) {
  out_ += markup;
  return *this;
}

std::string Svg::take() {
  assert(open_.empty());
  return std::move(out_);
}

}  // namespace rtclab::diagrams
