// What an agent reports. A log line, a sequence diagram and a conformance verdict are renderings of
// one list of events, so an event states a fact and never how to show it.
//
// Each agent declares its events as structs in its own event.h, with a kName of the form
// "ice:role_changed" and a describe() that turns it into this general record; the owner of an agent
// acts on the structs, the trace stores the records. The driver adds the time and the machine.
#pragma once

#include "agents/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab {

using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string>;

struct Field {
  std::string_view key;  // a literal, snake_case
  Value value;
  friend bool operator==(const Field&, const Field&) = default;
};

struct Event {
  std::string_view name;  // a literal, "layer:what_happened"
  std::vector<Field> fields;
  std::optional<Rule> rule;  // the clause that the fact bears on, if any

  [[nodiscard]] const Value* find(std::string_view key) const;
  friend bool operator==(const Event&, const Event&) = default;
};

// A datagram that an agent received and could not use.
struct PacketDiscarded {
  static constexpr std::string_view kName = "transport:packet_discarded";
  ParseError why;
  [[nodiscard]] Event describe() const;
};

}  // namespace rtclab
