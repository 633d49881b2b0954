// The servers that the command line or a command names, with their names resolved.
#pragma once

#include "agents/peer/configuration.h"
#include "agents/peer/error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace rtclab::program {

struct ServerWishes {
  std::vector<std::string> stun;  // URLs; on a command line also "192.0.2.1:3478"
  std::vector<std::string> turn;
  std::string username;    // for every TURN server
  std::string credential;  // likewise
};

// In whose words an error is told.
enum class Wished : std::uint8_t { OnCommandLine, ByCommand };

// One sentence when a URL is wrong or a name is unknown, under the name that W3C webrtc-pc §4.4.1.6
// has for it. A name with several addresses gives a server for each.
[[nodiscard]] peer::Outcome<std::vector<peer::IceServer>> resolve(
    const ServerWishes& wishes, Wished wished = Wished::OnCommandLine);

}  // namespace rtclab::program
