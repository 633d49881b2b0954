#include "scenarios/condition.h"

#include <fmt/format.h>

namespace rtclab::scenario {
namespace {

struct SayCondition {
  std::string operator()(const StateCondition& c) const {
    return fmt::format("{} {} = {}", c.peer, c.attribute, c.value);
  }
  std::string operator()(const ChannelCondition& c) const {
    return fmt::format("{} channel \"{}\" = {}", c.peer, c.channel, c.value);
  }
  std::string operator()(const MessagesCondition& c) const {
    return fmt::format("{} has {} message{} on \"{}\"", c.peer, c.count, c.count == 1 ? "" : "s",
                       c.channel);
  }
};

}  // namespace

std::string to_string(const Condition& condition) {
  return std::visit(SayCondition{}, condition);
}

}  // namespace rtclab::scenario
