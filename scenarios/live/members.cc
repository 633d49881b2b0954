#include "scenarios/live/members.h"

#include "agents/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rtclab::program {

Members::Members(const Json& object, std::string what) : object_{&object}, what_{std::move(what)} {
  if (!object.is_object()) complain(fmt::format("{}: expected a JSON object", what_));
}

void Members::complain(std::string sentence) {
  if (complaint_.empty()) complaint_ = std::move(sentence);
}

const Json* Members::find(const char* name) const {
  if (!object_->is_object()) return nullptr;
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

bool Members::is_null(const char* name) const {
  if (!object_->is_object()) return false;
  const auto found = object_->find(name);
  return found != object_->end() && found->is_null();
}

std::optional<std::string> Members::text(const char* name) {
  const auto* const member = find(name);
  if (member == nullptr) return std::nullopt;
  if (member->is_string()) return member->get<std::string>();
  complain(fmt::format("{}: \"{}\" must be a string", what_, name));
  return std::nullopt;
}

std::optional<bool> Members::flag(const char* name) {
  const auto* const member = find(name);
  if (member == nullptr) return std::nullopt;
  if (member->is_boolean()) return member->get<bool>();
  complain(fmt::format("{}: \"{}\" must be true or false", what_, name));
  return std::nullopt;
}

std::optional<std::uint16_t> Members::number(const char* name) {
  const auto* const member = find(name);
  if (member == nullptr) return std::nullopt;
  if (member->is_number_unsigned() && member->get<std::uint64_t>() <= 65535)
    return member->get<std::uint16_t>();
  complain(fmt::format("{}: \"{}\" must be a whole number from 0 to 65535", what_, name));
  return std::nullopt;
}

const Json* Members::object(const char* name) {
  const auto* const member = find(name);
  if (member == nullptr || member->is_object()) return member;
  complain(fmt::format("{}: \"{}\" must be an object", what_, name));
  return nullptr;
}

std::string Members::required_text(const char* name) {
  if (!has(name)) complain(fmt::format("{}: \"{}\" is missing", what_, name));
  return text(name).value_or("");
}

void Members::only(std::span<const std::string> known) {
  if (!object_->is_object()) return;
  for (const auto& [name, value] : object_->items()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    complain(
        fmt::format("{}: there is no member \"{}\"{}", what_, name, did_you_mean(name, known)));
  }
}

}  // namespace rtclab::program
