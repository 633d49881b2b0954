#include "scenarios/grammar.h"

#include "scenarios/expectation_grammar.h"
#include "topologies/link_reader.h"
#include "topologies/nat_reader.h"

namespace rtclab::scenario {
namespace {

using Words = std::vector<std::string_view>;

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

const xml::Grammar& grammar() {
  // clang-format off
  // What a timeline, or a part of one, is made of.
  static const Words kSteps{
      "include", "sequence", "parallel", "repeat", "when", "createDataChannel", "createOffer", "createAnswer",
      "setLocalDescription", "sendDescription", "setRemoteDescription", "receiveDescription", "discardDescription",
      "munge", "holdCandidates", "sendCandidates", "addIceCandidate", "restartIce", "addTransceiver", "addTrack",
      "replaceTrack", "removeTrack", "stop", "setDirection", "setCodecPreferences", "setConfiguration", "send", "closeChannel", "close",
      "interfaceUp", "interfaceDown", "setLink", "linkDown", "linkUp", "restartNat", "setNat", "setAddress",
      "stopServer", "startServer", "setSignalling", "wait"};
  // When a step begins, and what it is called.
  static const Words kTimed{"at", "after", "pause", "called", "note"};
  static const Words kCall = kTimed + Words{"error"};
  // What <wait> and <when> can name.
  static const Words kAwaited{"peer", "signalingState", "iceGatheringState", "iceConnectionState", "connectionState",
                              "channel", "readyState", "messages", "event", "by", "packet", "leaves", "reaches",
                              "number", "step", "has"};
  static const xml::Grammar kTimeline{
      .root = "scenario",
      .elements = {
          {.name = "scenario", .required = {"name", "topology"}, .optional = {"duration", "theme"},
           .children = {"title", "description", "parameter", "include", "adjust", "signalling", "peer", "server",
                        "timeline", "expect"}},
          {.name = "parameter", .required = {"name", "default"}, .optional = {"about"}},
          {.name = "include", .required = {"file"}, .children = {"set"}},
          {.name = "set", .required = {"name", "value"}},
          {.name = "adjust", .required = {"topology", "to"}},
          {.name = "title", .has_text = true, .once = true},
          {.name = "description", .has_text = true, .once = true},
          {.name = "signalling",
           .optional = {"via", "server", "delay", "jitter", "jitterDistribution", "overtaking", "loss", "duplication",
                        "collection", "capacity", "mailbox", "pieceSize", "receipt", "resend", "resendAtMost",
                        "giveUp"},
           .once = true},
          {.name = "peer", .required = {"name", "machine"},
           .optional = {"iceTransportPolicy", "bundlePolicy", "trickle", "iceLite", "tcpCandidates", "keepalive", "patience", "mdns",
                        "continualGathering", "renomination", "receiveBandwidth", "polite", "simulcast"},
           .children = {"iceServer", "deviation"}},
          {.name = "iceServer", .required = {"urls"}, .optional = {"username", "credential"}},
          {.name = "deviation", .required = {"name"}},
          {.name = "server", .required = {"machine"}, .children = {"deviation"}},

          {.name = "timeline", .children = kSteps, .once = true},
          {.name = "sequence", .children = kSteps},
          {.name = "parallel", .children = kSteps},
          {.name = "repeat", .required = {"count"}, .optional = {"every", "as"}, .children = kSteps},
          {.name = "when", .optional = kAwaited + Words{"at", "called", "note"}, .children = kSteps},
          {.name = "createDataChannel", .required = {"peer", "label"},
           .optional = Words{"ordered", "maxRetransmits", "maxPacketLifeTime", "protocol", "negotiated", "id",
            "priority"} + kCall},
          {.name = "createOffer", .required = {"peer"}, .optional = Words{"iceRestart", "as"} + kCall},
          {.name = "createAnswer", .required = {"peer"}, .optional = Words{"as"} + kCall},
          {.name = "setLocalDescription", .required = {"peer"}, .optional = Words{"description", "type"} + kCall},
          {.name = "sendDescription", .required = {"peer", "to"}, .optional = Words{"description", "times"} + kCall},
          {.name = "setRemoteDescription", .required = {"peer"}, .optional = Words{"description", "type"} + kCall},
          {.name = "receiveDescription", .required = {"peer", "as"}, .optional = kTimed},
          {.name = "munge", .required = {"peer", "description", "replace", "with"}, .optional = Words{"as"} + kCall},
          {.name = "holdCandidates", .required = {"peer"}, .optional = kTimed},
          {.name = "sendCandidates", .required = {"peer", "to"}, .optional = Words{"order", "usernameFragment"} + kTimed},
          {.name = "discardDescription", .required = {"peer"}, .optional = kTimed},
          {.name = "addIceCandidate", .required = {"peer"},
           .optional = Words{"candidate", "sdpMid", "sdpMLineIndex", "usernameFragment"} + kCall},
          {.name = "restartIce", .required = {"peer"}, .optional = kTimed},
          {.name = "addTransceiver", .required = {"peer", "name", "kind"},
           .optional = Words{"direction", "track", "bitrate", "dtx", "pauses", "width", "height", "framerate"} + kCall,
            .children = {"sendEncoding"}},
          {.name = "sendEncoding", .required = {"rid"},
           .optional = {"active", "scaleResolutionDownBy", "maxFramerate", "maxBitrate"}},
          {.name = "addTrack", .required = {"peer", "track", "kind"},
           .optional = Words{"bitrate", "dtx", "pauses", "width", "height", "framerate"} + kCall},
          {.name = "replaceTrack", .required = {"peer", "transceiver"},
           .optional = Words{"track", "kind", "bitrate", "dtx", "pauses", "width", "height", "framerate"} + kCall},
          {.name = "removeTrack", .required = {"peer", "track"}, .optional = kCall},
          {.name = "stop", .required = {"peer", "transceiver"}, .optional = kCall},
          {.name = "setDirection", .required = {"peer", "transceiver", "direction"}, .optional = kCall},
          {.name = "setCodecPreferences", .required = {"peer", "transceiver"}, .optional = Words{"codecs"} + kCall},
          {.name = "setConfiguration", .required = {"peer"},
           .optional = Words{"iceTransportPolicy", "bundlePolicy"} + kCall, .children = {"iceServer"}},
          {.name = "send", .required = {"peer", "channel", "text"},
           .optional = Words{"count", "interval", "octets"} + kCall},
          {.name = "closeChannel", .required = {"peer", "channel"}, .optional = kTimed},
          {.name = "close", .required = {"peer"}, .optional = kTimed},
          {.name = "interfaceUp", .required = {"machine", "interface"}, .optional = kTimed},
          {.name = "interfaceDown", .required = {"machine", "interface"}, .optional = kTimed},
          {.name = "setLink", .required = {"a", "b"},
           .optional = topology::link_attributes() + Words{"direction"} + kTimed, .children = topology::link_children()},
          topology::link_child_rules()[0],
          topology::link_child_rules()[1],
          topology::link_child_rules()[2],
          {.name = "linkDown", .required = {"a", "b"}, .optional = kTimed},
          {.name = "linkUp", .required = {"a", "b"}, .optional = kTimed},
          {.name = "restartNat", .required = {"nat"}, .optional = kTimed},
          {.name = "setNat", .required = {"nat"}, .optional = topology::nat_attributes() + kTimed},
          {.name = "setAddress", .required = {"machine", "interface", "address"}, .optional = kTimed},
          {.name = "stopServer", .required = {"machine"}, .optional = kTimed},
          {.name = "startServer", .required = {"machine"}, .optional = kTimed},
          {.name = "setSignalling",
           .optional = Words{"delay", "jitter", "jitterDistribution", "overtaking", "loss", "duplication", "collection",
                             "capacity", "mailbox"} + kTimed},
          {.name = "wait", .optional = kAwaited + Words{"for", "atMost"} + kTimed},
      }};
  // clang-format on
  static const xml::Grammar kGrammar = [] {
    auto whole = kTimeline;
    const auto expectations = expectation_rules();
    whole.elements.insert(whole.elements.end(), expectations.begin(), expectations.end());
    return whole;
  }();
  return kGrammar;
}

}  // namespace rtclab::scenario
