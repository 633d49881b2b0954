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

bool Members::is_list(const char* name) const {
  const auto* const member = find(name);
  return member != nullptr && member->is_array();
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

std::optional<std::uint64_t> Members::large_number(const char* name) {
  const auto* const member = find(name);
  if (member == nullptr) return std::nullopt;
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 53u;
  if (member->is_number_unsigned() && member->get<std::uint64_t>() <= kLimit)
    return member->get<std::uint64_t>();
  complain(fmt::format("{}: \"{}\" must be a whole number from 0 to 2^53", what_, name));
  return std::nullopt;
}

std::optional<double> Members::real(const char* name) {
  const auto* const member = find(name);
  if (member == nullptr) return std::nullopt;
  if (member->is_number()) return member->get<double>();
  complain(fmt::format("{}: \"{}\" must be a number", what_, name));
  return std::nullopt;
}

std::vector<std::string> Members::texts(const char* name) {
  std::vector<std::string> found;
  const auto* const members = list(name);
  if (members == nullptr) return found;
  for (const auto& each : *members) {
    if (each.is_string())
      found.push_back(each.get<std::string>());
    else
      complain(fmt::format("{}: \"{}\" must be a list of strings", what_, name));
  }
  return found;
}

const Json* Members::list(const char* name) {
  const auto* const member = find(name);
  if (member == nullptr || member->is_array()) return member;
  complain(fmt::format("{}: \"{}\" must be a list", what_, name));
  return nullptr;
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
