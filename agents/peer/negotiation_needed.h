// Whether the descriptions lag behind what the application has asked for. A pure function.
//
// Spec: W3C webrtc-pc §4.7.3 ("check if negotiation is needed").
#pragma once

#include "agents/peer/descriptions.h"
#include "agents/peer/transceivers.h"

#include <string>
#include <vector>

namespace rtclab::peer {

struct NegotiationFacts {
  bool replaces_credentials = false;  // [[LocalIceCredentialsToReplace]] is not empty
  bool has_channels = false;
  const StoredDescription* local = nullptr;  // the current ones; nullptr: none yet
  const StoredDescription* remote = nullptr;
};

[[nodiscard]] bool is_negotiation_needed(const NegotiationFacts& facts,
                                         const std::vector<Transceiver>& transceivers);

}  // namespace rtclab::peer
