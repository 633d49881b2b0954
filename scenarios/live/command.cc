#include "scenarios/live/command.h"

namespace rtclab::program {

const std::vector<std::string>& command_names() {
  static const std::vector<std::string> names{"createOffer",
                                              "createAnswer",
                                              "setLocalDescription",
                                              "setRemoteDescription",
                                              "addIceCandidate",
                                              "addTransceiver",
                                              "addTrack",
                                              "removeTrack",
                                              "replaceTrack",
                                              "setDirection",
                                              "stopTransceiver",
                                              "setStreams",
                                              "setCodecPreferences",
                                              "getTransceivers",
                                              "restartIce",
                                              "setConfiguration",
                                              "getStats",
                                              "createDataChannel",
                                              "send",
                                              "setBufferedAmountLowThreshold",
                                              "closeChannel",
                                              "close",
                                              "quit"};
  return names;
}

const std::string& name_of(const Command& command) {
  static_assert(std::variant_size_v<Command> == 23);
  return command_names()[command.index()];
}

}  // namespace rtclab::program
