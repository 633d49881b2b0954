#include "agents/peer/states.h"

namespace rtclab::peer {

std::string_view to_string(SignalingState state) {
  switch (state) {
    case SignalingState::Stable: return "stable";
    case SignalingState::HaveLocalOffer: return "have-local-offer";
    case SignalingState::HaveRemoteOffer: return "have-remote-offer";
    case SignalingState::HaveLocalPranswer: return "have-local-pranswer";
    case SignalingState::HaveRemotePranswer: return "have-remote-pranswer";
    case SignalingState::Closed: return "closed";
  }
  __builtin_unreachable();
}

std::string_view to_string(IceGatheringState state) {
  switch (state) {
    case IceGatheringState::New: return "new";
    case IceGatheringState::Gathering: return "gathering";
    case IceGatheringState::Complete: return "complete";
  }
  __builtin_unreachable();
}

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::New: return "new";
    case ConnectionState::Connecting: return "connecting";
    case ConnectionState::Connected: return "connected";
    case ConnectionState::Disconnected: return "disconnected";
    case ConnectionState::Failed: return "failed";
    case ConnectionState::Closed: return "closed";
  }
  __builtin_unreachable();
}

std::string_view to_string(IceConnectionState state) {
  switch (state) {
    case IceConnectionState::New: return "new";
    case IceConnectionState::Checking: return "checking";
    case IceConnectionState::Connected: return "connected";
    case IceConnectionState::Completed: return "completed";
    case IceConnectionState::Disconnected: return "disconnected";
    case IceConnectionState::Failed: return "failed";
    case IceConnectionState::Closed: return "closed";
  }
  __builtin_unreachable();
}

std::string_view to_string(DataChannelState state) {
  switch (state) {
    case DataChannelState::Connecting: return "connecting";
    case DataChannelState::Open: return "open";
    case DataChannelState::Closing: return "closing";
    case DataChannelState::Closed: return "closed";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::peer
