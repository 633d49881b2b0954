#include "scenarios/grammar.h"

namespace rtclab::scenario {

const xml::Grammar& grammar() {
  // clang-format off
  static const xml::Grammar kGrammar{
      .root = "scenario",
      .elements = {
          {.name = "scenario", .required = {"name", "topology"}, .optional = {"duration", "signalling"},
           .children = {"title", "description", "peer", "server", "timeline", "expect"}},
          {.name = "title", .has_text = true},
          {.name = "description", .has_text = true},
          {.name = "peer", .required = {"name", "machine"},
           .optional = {"iceTransportPolicy", "bundlePolicy", "trickle", "iceLite", "tcpCandidates", "mdns",
                        "continualGathering", "renomination", "polite", "simulcast"},
           .children = {"iceServer", "deviation"}},
          {.name = "iceServer", .required = {"urls"}, .optional = {"username", "credential"}},
          {.name = "deviation", .required = {"name"}},
          {.name = "server", .required = {"machine"}, .children = {"deviation"}},

          {.name = "timeline",
           .children = {"createDataChannel", "createOffer", "createAnswer", "setLocalDescription", "sendDescription",
                        "setRemoteDescription", "discardDescription", "addIceCandidate", "restartIce",
                        "addTransceiver", "addTrack", "replaceTrack", "removeTrack", "stop", "setDirection",
                        "setConfiguration", "send", "closeChannel", "close", "interfaceUp", "interfaceDown",
                        "linkLoss", "wait"}},
          {.name = "createDataChannel", .required = {"peer", "label"},
           .optional = {"ordered", "maxRetransmits", "maxPacketLifeTime", "protocol", "negotiated", "id", "priority",
                        "at", "note", "error"}},
          {.name = "createOffer", .required = {"peer"}, .optional = {"iceRestart", "at", "note", "error"}},
          {.name = "createAnswer", .required = {"peer"}, .optional = {"at", "note", "error"}},
          {.name = "setLocalDescription", .required = {"peer"}, .optional = {"description", "at", "note", "error"}},
          {.name = "sendDescription", .required = {"peer", "to"}, .optional = {"at", "note"}},
          {.name = "setRemoteDescription", .required = {"peer"}, .optional = {"description", "at", "note", "error"}},
          {.name = "discardDescription", .required = {"peer"}, .optional = {"at", "note"}},
          {.name = "addIceCandidate", .required = {"peer"},
           .optional = {"candidate", "sdpMid", "sdpMLineIndex", "at", "note", "error"}},
          {.name = "restartIce", .required = {"peer"}, .optional = {"at", "note"}},
          {.name = "addTransceiver", .required = {"peer", "name", "kind"},
           .optional = {"direction", "track", "bitrate", "dtx", "pauses", "width", "height", "framerate", "at",
                        "note", "error"},
           .children = {"sendEncoding"}},
          {.name = "sendEncoding", .required = {"rid"},
           .optional = {"active", "scaleResolutionDownBy", "maxFramerate", "maxBitrate"}},
          {.name = "addTrack", .required = {"peer", "track", "kind"},
           .optional = {"bitrate", "dtx", "pauses", "width", "height", "framerate", "at", "note", "error"}},
          {.name = "replaceTrack", .required = {"peer", "transceiver"},
           .optional = {"track", "kind", "bitrate", "dtx", "pauses", "width", "height", "framerate", "at", "note",
                        "error"}},
          {.name = "removeTrack", .required = {"peer", "track"}, .optional = {"at", "note", "error"}},
          {.name = "stop", .required = {"peer", "transceiver"}, .optional = {"at", "note", "error"}},
          {.name = "setDirection", .required = {"peer", "transceiver", "direction"},
           .optional = {"at", "note", "error"}},
          {.name = "setConfiguration", .required = {"peer"},
           .optional = {"iceTransportPolicy", "bundlePolicy", "at", "note", "error"}, .children = {"iceServer"}},
          {.name = "send", .required = {"peer", "channel", "text"},
           .optional = {"count", "interval", "octets", "at", "note", "error"}},
          {.name = "closeChannel", .required = {"peer", "channel"}, .optional = {"at", "note"}},
          {.name = "close", .required = {"peer"}, .optional = {"at", "note"}},
          {.name = "interfaceUp", .required = {"machine", "interface"}, .optional = {"at", "note"}},
          {.name = "interfaceDown", .required = {"machine", "interface"}, .optional = {"at", "note"}},
          {.name = "linkLoss", .required = {"a", "b", "loss"}, .optional = {"at", "note"}},
          {.name = "wait",
           .optional = {"for", "atMost", "peer", "signalingState", "iceGatheringState", "iceConnectionState",
                        "connectionState", "channel", "readyState", "messages", "at", "note"}},

          {.name = "expect",
           .children = {"state", "selectedPair", "message", "event", "recorded", "transceiver", "statistic"}},
          {.name = "state", .required = {"peer"},
           .optional = {"signalingState", "iceGatheringState", "iceConnectionState", "connectionState", "channel",
                        "readyState", "messages", "by"}},
          {.name = "selectedPair", .required = {"peer"}, .optional = {"local", "remote", "protocol", "family"}},
          {.name = "message", .required = {"peer", "channel", "text"}},
          {.name = "event", .required = {"peer", "type"}, .optional = {"count", "atLeast", "atMost"}},
          {.name = "recorded", .required = {"by", "event"}, .optional = {"count", "atLeast", "atMost"}},
          {.name = "transceiver", .required = {"peer", "transceiver", "currentDirection"}},
          {.name = "statistic", .required = {"peer", "type", "member"}, .optional = {"kind", "rid", "atLeast", "atMost"}},
      }};
  // clang-format on
  return kGrammar;
}

}  // namespace rtclab::scenario
