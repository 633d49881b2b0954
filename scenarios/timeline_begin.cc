// How each kind of step begins.
#include "scenarios/pattern.h"
#include "scenarios/timeline.h"
#include "sim/link/simulation.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::scenario {

using sim::Simulation;

// A thousand times what a call has; it bounds what munging again and again can ask for.
constexpr std::size_t kLongestSdp = 4 << 20;

struct Timeline::Begin {
  Timeline& timeline;
  StepIndex index;

  [[nodiscard]] Participant& peer(const std::string& name) const {
    return *timeline.stage_.participants.at(name);
  }
  [[nodiscard]] sim::World& world() const { return timeline.stage_.world; }
  [[nodiscard]] Progress& progress() const { return timeline.progress_[index]; }

  // A call that may fail before it promises anything.
  std::optional<peer::Error> begun(const peer::Outcome<peer::OperationId>& operation) const {
    if (!operation) return operation.error();
    progress().operation = *operation;
    return std::nullopt;
  }
  // The description of that name, as of another type if one is given; the error when no step has
  // made it by now.
  [[nodiscard]] peer::Outcome<peer::Description> described(
      const std::string& name, std::optional<peer::SdpType> type = std::nullopt) const {
    const auto found = timeline.descriptions_.find(name);
    if (found != timeline.descriptions_.end())
      return peer::Description{type.value_or(found->second.type), found->second.sdp};
    return peer::reject(peer::Error::invalid_state("there is no description \"" + name + "\" yet"));
  }

  std::optional<peer::Error> operator()(const CreateDataChannel& a) const {
    return peer(a.peer).create_data_channel(a);
  }
  std::optional<peer::Error> operator()(const CreateOffer& a) const {
    progress().operation = peer(a.peer).create_offer({.ice_restart = a.ice_restart});
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const CreateAnswer& a) const {
    progress().operation = peer(a.peer).create_answer();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetLocalDescription& a) const {
    if (a.what == SetLocalDescription::What::Named) {
      const auto description = described(a.description, a.type);
      if (!description) return description.error();
      return begun(peer(a.peer).set_local_description(*description));
    }
    return begun(peer(a.peer).set_local_description(a.what, a.type));
  }
  std::optional<peer::Error> operator()(const SetRemoteDescription& a) const {
    if (a.rollback) progress().operation = peer(a.peer).roll_back_remote();
    if (a.description.empty()) return std::nullopt;  // a received one is taken when it is there
    const auto description = described(a.description, a.type);
    if (!description) return description.error();
    return begun(peer(a.peer).set_remote_description(*description));
  }
  std::optional<peer::Error> operator()(const ReceiveDescription& /*action*/) const {
    return std::nullopt;  // when it is there
  }
  std::optional<peer::Error> operator()(const Munge& a) const {
    auto description = described(a.description);
    if (!description) return description.error();
    auto text = replace_all(description->sdp, a.pattern, a.with);
    if (text == description->sdp) {
      return peer::Error::invalid_modification("nothing in \"" + a.description +
                                               "\" is changed by that");
    }
    if (text.size() > kLongestSdp) {
      return peer::Error::invalid_modification(
          fmt::format("\"{}\" would have {} octets by that, and {} are the most", a.as, text.size(),
                      kLongestSdp));
    }
    description->sdp = std::move(text);
    timeline.descriptions_.insert_or_assign(a.as, *std::move(description));
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const HoldCandidates& a) const {
    peer(a.peer).hold_candidates();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SendCandidates& a) const {
    peer(a.peer).send_candidates(a);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const DiscardDescription& /*action*/) const {
    return std::nullopt;  // when it is there
  }
  std::optional<peer::Error> operator()(const AddIceCandidate& a) const {
    progress().operation = peer(a.peer).add_ice_candidate(a.candidate);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const RestartIce& a) const {
    peer(a.peer).restart_ice();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const AddTransceiver& a) const {
    return peer(a.peer).add_transceiver(a);
  }
  std::optional<peer::Error> operator()(const ReplaceTrack& a) const {
    return begun(peer(a.peer).replace_track(a));
  }
  std::optional<peer::Error> operator()(const AddTrack& a) const {
    return peer(a.peer).add_track(a);
  }
  std::optional<peer::Error> operator()(const RemoveTrack& a) const {
    return peer(a.peer).remove_track(a);
  }
  std::optional<peer::Error> operator()(const StopTransceiver& a) const {
    return peer(a.peer).stop(a);
  }
  std::optional<peer::Error> operator()(const SetDirection& a) const {
    return peer(a.peer).set_direction(a);
  }
  std::optional<peer::Error> operator()(const SetCodecPreferences& a) const {
    return peer(a.peer).set_codec_preferences(a);
  }
  std::optional<peer::Error> operator()(const SetConfiguration& a) const {
    return peer(a.peer).set_configuration(
        timeline.configure_(*timeline.scenario_.find_peer(a.peer), a.configuration));
  }
  std::optional<peer::Error> operator()(const SetInterface& a) const {
    world().set_up(a.machine, a.interface, a.up);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetLink& a) const {
    if (a.a_to_b) world().set_quality(a.a, a.b, *a.a_to_b);
    if (a.b_to_a) world().set_quality(a.b, a.a, *a.b_to_a);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const RestartNat& a) const {
    world().restart_nat(a.nat);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetNat& a) const {
    world().set_nat(a.nat, a.behaviour);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetAddress& a) const {
    world().set_addresses(a.machine, a.interface, a.addresses);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetServer& a) const {
    world().set_running(a.machine, a.runs);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SetSignalling& a) const {
    timeline.stage_.carrier.set(a.terms);
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const SendDescription& a) const {
    if (a.description.empty()) return peer(a.peer).reason_not_to_send();
    const auto description = described(a.description);
    return description ? std::nullopt : std::optional{description.error()};
  }
  std::optional<peer::Error> operator()(const SendMessage& /*action*/) const {
    progress().sent = 0;
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const CloseChannel& a) const {
    return peer(a.peer).close_channel(a.channel);
  }
  std::optional<peer::Error> operator()(const ClosePeer& a) const {
    peer(a.peer).close();
    return std::nullopt;
  }
  std::optional<peer::Error> operator()(const Wait& a) const {
    if (!a.for_ever) timeline.wake_at(index, Simulation::now() + a.at_most);
    const auto* const packet = a.until ? std::get_if<PacketTrigger>(&*a.until) : nullptr;
    if (packet == nullptr) return std::nullopt;
    timeline.stage_.packets->arm(*packet, [&to = timeline, at = index] {
      to.progress_[at].packet_seen = true;
      to.wake();
    });
    return std::nullopt;
  }
};

std::optional<peer::Error> Timeline::begin_action(StepIndex index) {
  return std::visit(Begin{*this, index}, scenario_.steps[index].action);
}

}  // namespace rtclab::scenario
