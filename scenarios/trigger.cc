#include "scenarios/trigger.h"

#include <fmt/format.h>

#include <string_view>

namespace rtclab::scenario {
namespace {

std::string_view ending(std::size_t number) {
  const auto tens = number / 10 % 10;
  if (tens == 1) return "th";
  switch (number % 10) {
    case 1: return "st";
    case 2: return "nd";
    case 3: return "rd";
    default: return "th";
  }
}

struct SayTrigger {
  std::string operator()(const Condition& condition) const { return to_string(condition); }
  std::string operator()(const RecordTrigger& t) const {
    if (t.number == 1) return fmt::format("{} reports {}", t.by, t.event);
    return fmt::format("{} reports {} for the {}{} time", t.by, t.event, t.number,
                       ending(t.number));
  }
  std::string operator()(const PacketTrigger& t) const {
    return fmt::format("the {}{} {} {} {}", t.packet.number, ending(t.packet.number),
                       topology::to_string(t.packet.what), t.leaves ? "leaves" : "reaches",
                       t.machine);
  }
  std::string operator()(const StepTrigger& t) const {
    return fmt::format("step \"{}\" has {}", t.id, t.has_begun ? "begun" : "ended");
  }
};

}  // namespace

std::string to_string(const Trigger& trigger) {
  return std::visit(SayTrigger{}, trigger);
}

}  // namespace rtclab::scenario
