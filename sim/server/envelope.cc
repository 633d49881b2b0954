#include "sim/server/envelope.h"

#include <algorithm>

namespace rtclab::signalling {
namespace {

constexpr int kDeepest = 64;

// Brackets inside strings do not count.
bool is_shallow(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDeepest) return false;
  }
  return true;
}

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  if (!is_shallow(text)) return std::nullopt;
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

std::optional<std::string> string_member(const Json& object, std::string_view key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(std::string{key});
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json to_body(std::string_view text) {
  if (const auto json = parse_json(text); json && json->is_object() && to_text(*json) == text) {
    return *json;
  }
  return std::string{text};
}

std::string from_body(const Json& body) {
  return body.is_string() ? body.get<std::string>() : to_text(body);
}

}  // namespace rtclab::signalling
