// The servers that the command line names, with their names resolved.
#pragma once

#include "agents/peer/configuration.h"

#include <tl/expected.hpp>

#include <string>
#include <vector>

namespace rtclab::program {

struct ServerWishes {
  std::vector<std::string> stun;  // URLs, or the short form "192.0.2.1:3478"
  std::vector<std::string> turn;
  std::string username;    // for every TURN server
  std::string credential;  // likewise
};

// One sentence when a URL is wrong or a name is unknown. A name with several addresses gives a
// server for each.
[[nodiscard]] tl::expected<std::vector<peer::IceServer>, std::string> resolve(
    const ServerWishes& wishes);

}  // namespace rtclab::program
