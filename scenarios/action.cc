#include "scenarios/action.h"

#include <fmt/format.h>

#include <chrono>

namespace rtclab::scenario {
namespace {

struct SayAction {
  std::string operator()(const CreateDataChannel& a) const {
    return fmt::format("{} createDataChannel(\"{}\")", a.peer, a.label);
  }
  std::string operator()(const CreateOffer& a) const {
    return fmt::format("{} createOffer({})", a.peer, a.ice_restart ? "iceRestart" : "");
  }
  std::string operator()(const CreateAnswer& a) const { return a.peer + " createAnswer()"; }
  std::string operator()(const SetLocalDescription& a) const {
    using enum SetLocalDescription::What;
    const auto* const what = a.what == Rollback ? "rollback" : a.what == Created ? "created" : "";
    return fmt::format("{} setLocalDescription({})", a.peer, what);
  }
  std::string operator()(const SendDescription& a) const {
    return fmt::format("{} sends its description to {}", a.peer, a.to);
  }
  std::string operator()(const SetRemoteDescription& a) const {
    return fmt::format("{} setRemoteDescription({})", a.peer, a.rollback ? "rollback" : "received");
  }
  std::string operator()(const DiscardDescription& a) const {
    return a.peer + " takes no notice of a description";
  }
  std::string operator()(const AddIceCandidate& a) const {
    const auto what = !a.candidate                     ? std::string{"null"}
                      : a.candidate->candidate.empty() ? std::string{"\"\""}
                                                       : a.candidate->candidate;
    return fmt::format("{} addIceCandidate({})", a.peer, what);
  }
  std::string operator()(const RestartIce& a) const { return a.peer + " restartIce()"; }
  std::string operator()(const AddTransceiver& a) const {
    std::string layers;
    for (const auto& encoding : a.send_encodings)
      layers += (layers.empty() ? ", in layers " : ", ") + encoding.rid;
    return fmt::format("{} addTransceiver(\"{}\", {}{}): \"{}\"", a.peer, a.kind, a.direction,
                       layers, a.name);
  }
  std::string operator()(const AddTrack& a) const {
    return fmt::format("{} addTrack(\"{}\", {})", a.peer, a.track.id, to_string(a.track.kind));
  }
  std::string operator()(const ReplaceTrack& a) const {
    if (!a.track) return fmt::format("{} \"{}\" replaceTrack(null)", a.peer, a.transceiver);
    return fmt::format("{} \"{}\" replaceTrack(\"{}\")", a.peer, a.transceiver, a.track->id);
  }
  std::string operator()(const RemoveTrack& a) const {
    return fmt::format("{} removeTrack(\"{}\")", a.peer, a.track);
  }
  std::string operator()(const StopTransceiver& a) const {
    return fmt::format("{} stops transceiver \"{}\"", a.peer, a.transceiver);
  }
  std::string operator()(const SetDirection& a) const {
    return fmt::format("{} transceiver \"{}\" direction = {}", a.peer, a.transceiver, a.direction);
  }
  std::string operator()(const SetConfiguration& a) const { return a.peer + " setConfiguration()"; }
  std::string operator()(const SetInterface& a) const {
    return fmt::format("{}.{} goes {}", a.machine, a.interface, a.up ? "up" : "down");
  }
  std::string operator()(const SetLoss& a) const {
    return fmt::format("link {}—{} loses {:g} %", a.a, a.b, a.loss * 100);
  }
  std::string operator()(const SendMessage& a) const {
    return fmt::format("{} send(\"{}\") on \"{}\"{}", a.peer, a.text, a.channel,
                       a.count == 1 ? "" : fmt::format(" × {}", a.count));
  }
  std::string operator()(const CloseChannel& a) const {
    return fmt::format("{} closes channel \"{}\"", a.peer, a.channel);
  }
  std::string operator()(const ClosePeer& a) const { return a.peer + " close()"; }
  std::string operator()(const Wait& a) const {
    const auto seconds = fmt::format("{} s", std::chrono::duration<double>(a.at_most).count());
    return a.until ? fmt::format("wait until {}, at most {}", to_string(*a.until), seconds)
                   : "wait " + seconds;
  }
};

struct Actor {
  std::string_view operator()(const Wait& /*action*/) const { return {}; }
  std::string_view operator()(const SetInterface& action) const { return action.machine; }
  std::string_view operator()(const SetLoss& action) const {
    return std::string_view{action.a}.substr(0, action.a.find('.'));
  }
  template <class Act>
  std::string_view operator()(const Act& action) const {
    return action.peer;
  }
};

}  // namespace

std::string to_string(const Action& action) {
  return std::visit(SayAction{}, action);
}

std::string_view actor(const Action& action) {
  return std::visit(Actor{}, action);
}

}  // namespace rtclab::scenario
