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
  static const xml::Grammar kTimeline{
      .root = "scenario",
      .elements = {
          {.name = "scenario", .required = {"name", "topology"}, .optional = {"duration"},
           .children = {"title", "description", "signalling", "peer", "server", "timeline", "expect"}},
          {.name = "title", .has_text = true},
          {.name = "description", .has_text = true},
          {.name = "signalling",
           .optional = {"via", "server", "delay", "jitter", "jitterDistribution", "overtaking", "loss", "duplication",
                        "collection", "capacity", "mailbox", "pieceSize", "receipt", "resend", "resendAtMost",
                        "giveUp"}},
          {.name = "peer", .required = {"name", "machine"},
           .optional = {"iceTransportPolicy", "bundlePolicy", "trickle", "iceLite", "tcpCandidates", "keepalive", "patience", "mdns",
                        "continualGathering", "renomination", "receiveBandwidth", "polite", "simulcast"},
           .children = {"iceServer", "deviation"}},
          {.name = "iceServer", .required = {"urls"}, .optional = {"username", "credential"}},
          {.name = "deviation", .required = {"name"}},
          {.name = "server", .required = {"machine"}, .children = {"deviation"}},

          {.name = "timeline",
           .children = {"createDataChannel", "createOffer", "createAnswer", "setLocalDescription", "sendDescription",
                        "setRemoteDescription", "discardDescription", "addIceCandidate", "restartIce",
                        "addTransceiver", "addTrack", "replaceTrack", "removeTrack", "stop", "setDirection",
                        "setConfiguration", "send", "closeChannel", "close", "interfaceUp", "interfaceDown",
                        "setLink", "linkDown", "linkUp", "restartNat", "setNat", "setAddress", "stopServer",
                        "startServer", "wait"}},
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
           .optional = {"candidate", "sdpMid", "sdpMLineIndex", "usernameFragment", "at", "note", "error"}},
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
          {.name = "setLink", .required = {"a", "b"},
           .optional = topology::link_attributes() + Words{"direction", "at", "note"},
           .children = topology::link_children()},
          topology::link_child_rules()[0],
          topology::link_child_rules()[1],
          topology::link_child_rules()[2],
          {.name = "linkDown", .required = {"a", "b"}, .optional = {"at", "note"}},
          {.name = "linkUp", .required = {"a", "b"}, .optional = {"at", "note"}},
          {.name = "restartNat", .required = {"nat"}, .optional = {"at", "note"}},
          {.name = "setNat", .required = {"nat"}, .optional = topology::nat_attributes() + Words{"at", "note"}},
          {.name = "setAddress", .required = {"machine", "interface", "address"}, .optional = {"at", "note"}},
          {.name = "stopServer", .required = {"machine"}, .optional = {"at", "note"}},
          {.name = "startServer", .required = {"machine"}, .optional = {"at", "note"}},
          {.name = "wait",
           .optional = {"for", "atMost", "peer", "signalingState", "iceGatheringState", "iceConnectionState",
                        "connectionState", "channel", "readyState", "messages", "at", "note"}},
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
