// What a program can ask of a live peer: the calls of RTCPeerConnection, by their names.
//
// Spec: W3C webrtc-pc §4.4.2 (RTCPeerConnection), §6.2 (RTCDataChannel). docs/live.md shows each as
// a line.
#pragma once

#include "agents/peer/data_channel_init.h"
#include "agents/peer/description.h"
#include "agents/peer/event.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::program {

struct CreateOffer {
  bool ice_restart = false;
};
struct CreateAnswer {};
struct SetLocalDescription {
  std::optional<peer::Description> description;
};
struct SetRemoteDescription {
  peer::Description description;
};
struct AddIceCandidate {
  std::optional<peer::IceCandidateInit> candidate;
};
struct CreateDataChannel {
  std::string label;
  peer::DataChannelInit init;
};
// Channels are named by their label; the latest of that label is meant.
struct Send {
  std::string channel;
  peer::Message message;
};
struct CloseChannel {
  std::string channel;
};
struct Close {};
// Closes and ends the program.
struct Quit {};

using Command = std::variant<CreateOffer, CreateAnswer, SetLocalDescription, SetRemoteDescription,
                             AddIceCandidate, CreateDataChannel, Send, CloseChannel, Close, Quit>;

// The names of all commands, in the order of the variant: "createOffer".
[[nodiscard]] const std::vector<std::string>& command_names();
[[nodiscard]] const std::string& name_of(const Command& command);

}  // namespace rtclab::program
