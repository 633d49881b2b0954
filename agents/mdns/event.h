// What an mDNS agent tells its owner, and the trace.
#pragma once

#include "agents/base/address.h"
#include "agents/base/event.h"

#include <string>
#include <variant>

namespace rtclab::mdns {

// From now on queries for this name are answered (draft-ietf-mmusic-mdns-ice-candidates §3.1.1).
// Trace only.
struct NameRegistered {
  static constexpr std::string_view kName = "mdns:name_registered";
  std::string name;
  Ip address;
  [[nodiscard]] Event describe() const;
};
// The name was taken back with a goodbye (RFC 6762 §10.1). Trace only.
struct NameRemoved {
  static constexpr std::string_view kName = "mdns:name_removed";
  std::string name;
  [[nodiscard]] Event describe() const;
};
// A message could not leave, because too many wait already. Trace only.
struct MessageDropped {
  static constexpr std::string_view kName = "mdns:message_dropped";
  std::string reason;
  [[nodiscard]] Event describe() const;
};
// Outcomes of Agent::resolve(), each once.
struct Resolved {
  static constexpr std::string_view kName = "mdns:resolved";
  std::string name;  // as it was asked for
  Ip address;
  [[nodiscard]] Event describe() const;
};
struct ResolutionFailed {
  static constexpr std::string_view kName = "mdns:resolution_failed";
  std::string name;
  std::string reason;
  [[nodiscard]] Event describe() const;
};
using AgentEvent = std::variant<Resolved, ResolutionFailed>;

}  // namespace rtclab::mdns
