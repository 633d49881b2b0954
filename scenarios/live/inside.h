// Objects within objects. Private to this folder.
#pragma once

#include "scenarios/live/members.h"

#include <optional>
#include <utility>

namespace rtclab::program {

// Reads the object that is the member `name` with `read`; its complaints become those of `members`.
template <class Read>
auto read_inside(Members& members, const char* name, Read read) {
  using Value = decltype(read(members));
  const auto* const object = members.object(name);
  if (object == nullptr) return std::optional<Value>{};
  Members inside{*object, name};
  std::optional<Value> value{read(inside)};
  if (!inside.complaint().empty()) members.complain(inside.complaint());
  return value;
}

}  // namespace rtclab::program
