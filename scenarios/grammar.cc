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
          {.name = "peer", .required = {"name", "machine"}, .optional = {"iceTransportPolicy", "trickle"},
           .children = {"iceServer", "deviation"}},
          {.name = "iceServer", .required = {"urls"}, .optional = {"username", "credential"}},
          {.name = "deviation", .required = {"name"}},
          {.name = "server", .required = {"machine"}, .children = {"deviation"}},

          {.name = "timeline",
           .children = {"createDataChannel", "createOffer", "createAnswer", "setLocalDescription", "sendDescription",
                        "setRemoteDescription", "send", "closeChannel", "close", "wait"}},
          {.name = "createDataChannel", .required = {"peer", "label"}, .optional = {"ordered", "at", "note"}},
          {.name = "createOffer", .required = {"peer"}, .optional = {"at", "note"}},
          {.name = "createAnswer", .required = {"peer"}, .optional = {"at", "note"}},
          {.name = "setLocalDescription", .required = {"peer"}, .optional = {"description", "at", "note"}},
          {.name = "sendDescription", .required = {"peer", "to"}, .optional = {"at", "note"}},
          {.name = "setRemoteDescription", .required = {"peer"}, .optional = {"description", "at", "note"}},
          {.name = "send", .required = {"peer", "channel", "text"}, .optional = {"count", "interval", "at", "note"}},
          {.name = "closeChannel", .required = {"peer", "channel"}, .optional = {"at", "note"}},
          {.name = "close", .required = {"peer"}, .optional = {"at", "note"}},
          {.name = "wait",
           .optional = {"for", "atMost", "peer", "signalingState", "iceGatheringState", "iceConnectionState",
                        "connectionState", "channel", "readyState", "messages", "at", "note"}},

          {.name = "expect", .children = {"state", "selectedPair", "message"}},
          {.name = "state", .required = {"peer"},
           .optional = {"signalingState", "iceGatheringState", "iceConnectionState", "connectionState", "channel",
                        "readyState", "messages", "by"}},
          {.name = "selectedPair", .required = {"peer"}, .optional = {"local", "remote"}},
          {.name = "message", .required = {"peer", "channel", "text"}},
      }};
  // clang-format on
  return kGrammar;
}

}  // namespace rtclab::scenario
