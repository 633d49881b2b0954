#include "agents/base/event.h"

#include <algorithm>

namespace rtclab {

const Value* Event::find(std::string_view key) const {
  const auto field = std::ranges::find(fields, key, &Field::key);
  return field == fields.end() ? nullptr : &field->value;
}

Event PacketDiscarded::describe() const {
  return {
      .name = kName,
      .fields = {{"flaw", std::string{to_string(why.flaw)}}, {"offset", std::uint64_t{why.offset}}},
      .rule = why.rule};
}

}  // namespace rtclab
