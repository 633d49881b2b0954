// The JSON around a signalling message, read with the distrust that input from a network deserves.
//
// nlohmann's reader takes any depth and its writer recurses, so the depth is limited here.
#pragma once

#include "sim/server/channel.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace rtclab::signalling {

using Json = nlohmann::ordered_json;

// nullopt when `text` is not JSON or nests deeper than any message of ours (64).
[[nodiscard]] std::optional<Json> parse_json(std::string_view text);
// The member as a string; nullopt when there is none, or it is something else.
[[nodiscard]] std::optional<std::string> string_member(const Json& object, std::string_view key);
// Compact; octets that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_text(const Json& json);

// `text` as the "body" of a message: as JSON if it is an object that comes back octet for octet, so
// that a capture shows its members; as a string otherwise.
[[nodiscard]] Json to_body(std::string_view text);
[[nodiscard]] std::string from_body(const Json& body);

}  // namespace rtclab::signalling
