#include "agents/mdns/event.h"

namespace rtclab::mdns {

Event NameRegistered::describe() const {
  return {.name = kName,
          .fields = {{"name", name}, {"address", address.to_string()}},
          .rule = Rule{6762, "8.3"}};
}

Event NameRemoved::describe() const {
  return {.name = kName, .fields = {{"name", name}}, .rule = Rule{6762, "10.1"}};
}

Event MessageDropped::describe() const {
  return {.name = kName, .fields = {{"reason", reason}}, .rule = std::nullopt};
}

Event Resolved::describe() const {
  return {.name = kName,
          .fields = {{"name", name}, {"address", address.to_string()}},
          .rule = std::nullopt};
}

Event ResolutionFailed::describe() const {
  return {.name = kName, .fields = {{"name", name}, {"reason", reason}}, .rule = std::nullopt};
}

}  // namespace rtclab::mdns
