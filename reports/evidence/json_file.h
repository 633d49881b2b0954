// JSON out of files that people may have edited: a flaw is answered with the line it stands in.
#pragma once

#include "agents/base/event.h"
#include "agents/base/result.h"
#include "agents/base/time.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::evidence {

// `first_line`: the number of the line that `text` begins with.
[[nodiscard]] FileResult<nlohmann::json> parse_json(const std::filesystem::path& file,
                                                    std::string_view text,
                                                    std::size_t first_line = 1);

// A member that is a string; empty when it is missing or something else.
[[nodiscard]] std::string text_member(const nlohmann::json& object, const char* key);
[[nodiscard]] std::optional<std::string> optional_text_member(const nlohmann::json& object,
                                                              const char* key);
// A number that can be a time in our lives, in nanoseconds: `unit` is how many of them 1 means.
[[nodiscard]] std::optional<std::int64_t> time_member(const nlohmann::json& object, const char* key,
                                                      double unit);
// Scalars as they are; objects and arrays as their JSON text.
[[nodiscard]] Value value_of(const nlohmann::json& json);

}  // namespace rtclab::evidence
