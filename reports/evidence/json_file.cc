#include "reports/evidence/json_file.h"

#include "reports/evidence/file.h"

#include <algorithm>
#include <cmath>

namespace rtclab::evidence {

FileResult<nlohmann::json> parse_json(const std::filesystem::path& file, std::string_view text,
                                      std::size_t first_line) {
  const auto complain = [&](std::string_view what, std::size_t line) {
    // The library's sentence begins "[json.exception.parse_error.101] parse error at line 1, column
    // 5: "; place and name of the exception are of no use to who edits the file.
    const auto colon = what.find(": ");
    const auto bracket = what.find("] ");
    std::string complaint{colon != std::string_view::npos     ? what.substr(colon + 2)
                          : bracket != std::string_view::npos ? what.substr(bracket + 2)
                                                              : what};
    // It quotes the file, which may hold anything; the sentence goes to a terminal.
    for (auto& c : complaint) {
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    }
    return refuse(file, "is not well-formed JSON: " + complaint, line);
  };
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const auto before = text.substr(0, error.byte);
    return complain(error.what(),
                    first_line + static_cast<std::size_t>(std::ranges::count(before, '\n')));
  } catch (const nlohmann::json::exception& error) {
    // A number beyond all doubles; it does not say where.
    return complain(error.what(), first_line);
  }
}

std::optional<std::string> optional_text_member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::string text_member(const nlohmann::json& object, const char* key) {
  return optional_text_member(object, key).value_or("");
}

std::optional<std::int64_t> time_member(const nlohmann::json& object, const char* key,
                                        double unit) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const auto nanoseconds = found->get<double>() * unit;
  constexpr double kYear2250 = 8.8e18;
  if (!(nanoseconds >= 0 && nanoseconds < kYear2250)) return std::nullopt;
  return std::llround(nanoseconds);
}

Value value_of(const nlohmann::json& json) {
  switch (json.type()) {
    case nlohmann::json::value_t::boolean: return json.get<bool>();
    case nlohmann::json::value_t::number_integer: return json.get<std::int64_t>();
    case nlohmann::json::value_t::number_unsigned: return json.get<std::uint64_t>();
    case nlohmann::json::value_t::number_float: return json.get<double>();
    case nlohmann::json::value_t::string: return json.get<std::string>();
    case nlohmann::json::value_t::null: return std::string{};
    default: return json.dump();
  }
}

}  // namespace rtclab::evidence
