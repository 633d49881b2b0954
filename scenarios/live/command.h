// What a program can ask of a live peer: the calls of RTCPeerConnection, by their names.
//
// Spec: W3C webrtc-pc §4.4.2 (RTCPeerConnection), §5 (RTP media), §6.2 (RTCDataChannel), §8
// (statistics). docs/live.md shows each as a line.
#pragma once

#include "agents/peer/data_channel_init.h"
#include "agents/peer/description.h"
#include "agents/peer/event.h"
#include "agents/peer/transceiver.h"
#include "scenarios/live/server_address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::program {

struct CreateOffer {
  peer::OfferOptions options;
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
// A track, and the file of frames that it shows; without one they are made up.
struct TrackWishes {
  std::string id;
  std::optional<peer::MediaKind> kind;  // nullopt: the file's
  std::string file;                     // a path; empty: none

  friend bool operator==(const TrackWishes&, const TrackWishes&) = default;
};
// A track, or only the kind of what may be sent one day.
struct AddTransceiver {
  std::variant<peer::MediaKind, TrackWishes> what;
  peer::TransceiverInit init;
};
struct AddTrack {
  TrackWishes track;
  std::vector<std::string> streams;
};
// A sender goes by the name of its transceiver, a number that addTransceiver or addTrack gave.
struct RemoveTrack {
  peer::TransceiverId sender;
};
struct ReplaceTrack {
  peer::TransceiverId sender;
  std::optional<TrackWishes> track;
};
struct SetDirection {
  peer::TransceiverId transceiver;
  peer::Direction direction;
};
struct StopTransceiver {
  peer::TransceiverId transceiver;
};
struct SetStreams {
  peer::TransceiverId sender;
  std::vector<std::string> streams;
};
struct SetCodecPreferences {
  peer::TransceiverId transceiver;
  std::vector<peer::Codec> codecs;
};
struct GetTransceivers {};
struct RestartIce {};
// What is left out stays as it is.
struct SetConfiguration {
  std::optional<std::vector<ServerWishes>> servers;  // each with its own credentials
  std::optional<peer::IceTransportPolicy> ice_transport_policy;
  std::optional<peer::BundlePolicy> bundle_policy;
};
struct GetStats {};
struct CreateDataChannel {
  std::string label;
  peer::DataChannelInit init;
};
// Channels are named by their label; the latest of that label is meant.
struct Send {
  std::string channel;
  peer::Message message;
};
struct SetBufferedAmountLowThreshold {
  std::string channel;
  std::uint64_t octets;
};
struct CloseChannel {
  std::string channel;
};
struct Close {};
// Closes and ends the program.
struct Quit {};

using Command =
    std::variant<CreateOffer, CreateAnswer, SetLocalDescription, SetRemoteDescription,
                 AddIceCandidate, AddTransceiver, AddTrack, RemoveTrack, ReplaceTrack, SetDirection,
                 StopTransceiver, SetStreams, SetCodecPreferences, GetTransceivers, RestartIce,
                 SetConfiguration, GetStats, CreateDataChannel, Send, SetBufferedAmountLowThreshold,
                 CloseChannel, Close, Quit>;

// The names of all commands, in the order of the variant: "createOffer".
[[nodiscard]] const std::vector<std::string>& command_names();
[[nodiscard]] const std::string& name_of(const Command& command);

}  // namespace rtclab::program
