#include "scenarios/action.h"

#include <fmt/format.h>

#include <chrono>
#include <type_traits>

namespace rtclab::scenario {
namespace {

std::string in_quotes(const std::string& name) {
  return '"' + name + '"';
}

std::string named(const std::string& name) {
  return name.empty() ? "" : ": " + in_quotes(name);
}

std::string typed(const std::optional<peer::SdpType>& type) {
  return type ? fmt::format(" as {}", to_string(*type)) : std::string{};
}

struct SayAction {
  std::string operator()(const CreateDataChannel& a) const {
    return fmt::format("{} createDataChannel(\"{}\")", a.peer, a.label);
  }
  std::string operator()(const CreateOffer& a) const {
    return fmt::format("{} createOffer({}){}", a.peer, a.ice_restart ? "iceRestart" : "",
                       named(a.as));
  }
  std::string operator()(const CreateAnswer& a) const {
    return fmt::format("{} createAnswer(){}", a.peer, named(a.as));
  }
  std::string operator()(const SetLocalDescription& a) const {
    using enum SetLocalDescription::What;
    const auto what = a.what == Rollback  ? std::string{"rollback"}
                      : a.what == Created ? std::string{"created"}
                                          : a.description;
    return fmt::format("{} setLocalDescription({}{})", a.peer, what, typed(a.type));
  }
  std::string operator()(const SendDescription& a) const {
    const auto what = a.description.empty() ? "its description" : in_quotes(a.description);
    const auto times = a.times == 1 ? std::string{} : fmt::format(", {} times", a.times);
    return fmt::format("{} sends {} to {}{}", a.peer, what, a.to, times);
  }
  std::string operator()(const SetRemoteDescription& a) const {
    const auto what = !a.description.empty() ? a.description : a.rollback ? "rollback" : "received";
    return fmt::format("{} setRemoteDescription({}{})", a.peer, what, typed(a.type));
  }
  std::string operator()(const DiscardDescription& a) const {
    return a.peer + " takes no notice of a description";
  }
  std::string operator()(const ReceiveDescription& a) const {
    return fmt::format("{} receives a description{}", a.peer, named(a.as));
  }
  std::string operator()(const Munge& a) const {
    const auto name = a.as == a.description ? "" : named(a.as);
    return fmt::format("{} munges \"{}\": /{}/ becomes \"{}\"{}", a.peer, a.description, a.pattern,
                       a.with, name);
  }
  std::string operator()(const HoldCandidates& a) const {
    return a.peer + " keeps its candidates for itself";
  }
  std::string operator()(const SendCandidates& a) const {
    return fmt::format("{} sends its candidates to {}{}{}", a.peer, a.to,
                       a.reversed ? ", the last one first" : "",
                       a.username_fragment ? ", as of " + in_quotes(*a.username_fragment) : "");
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
  std::string operator()(const SetCodecPreferences& a) const {
    return fmt::format("{} \"{}\" setCodecPreferences({})", a.peer, a.transceiver,
                       fmt::join(a.codecs, ", "));
  }
  std::string operator()(const SetConfiguration& a) const { return a.peer + " setConfiguration()"; }
  std::string operator()(const SetInterface& a) const {
    return fmt::format("{}.{} goes {}", a.machine, a.interface, a.up ? "up" : "down");
  }
  std::string operator()(const SetLink& a) const {
    const auto* const way = a.a_to_b && a.b_to_a ? "—" : a.a_to_b ? "→" : "←";
    return fmt::format("link {}{}{} {}", a.a, way, a.b, a.what);
  }
  std::string operator()(const RestartNat& a) const {
    return a.nat + " restarts and forgets its mappings";
  }
  std::string operator()(const SetNat& a) const {
    return fmt::format("{} becomes {}", a.nat, a.what);
  }
  std::string operator()(const SetAddress& a) const {
    std::string addresses;
    for (const auto& address : a.addresses)
      addresses += (addresses.empty() ? "" : " ") + address.ip.to_string();
    return fmt::format("{}.{} gets address {}", a.machine, a.interface, addresses);
  }
  std::string operator()(const SetServer& a) const {
    return fmt::format("{} {}", a.machine, a.runs ? "starts" : "stops");
  }
  std::string operator()(const SendMessage& a) const {
    return fmt::format("{} send(\"{}\") on \"{}\"{}", a.peer, a.text, a.channel,
                       a.count == 1 ? "" : fmt::format(" × {}", a.count));
  }
  std::string operator()(const CloseChannel& a) const {
    return fmt::format("{} closes channel \"{}\"", a.peer, a.channel);
  }
  std::string operator()(const ClosePeer& a) const { return a.peer + " close()"; }
  std::string operator()(const SetSignalling& a) const { return "signalling has " + a.what; }
  std::string operator()(const Wait& a) const {
    if (a.for_ever && a.until) return "when " + to_string(*a.until);
    const auto seconds = fmt::format("{} s", std::chrono::duration<double>(a.at_most).count());
    return a.until ? fmt::format("wait until {}, at most {}", to_string(*a.until), seconds)
                   : "wait " + seconds;
  }
};

// "home-a.outside" -> "home-a".
std::string_view machine_of(std::string_view end) {
  return end.substr(0, end.find('.'));
}

struct Actor {
  std::string_view operator()(const Wait& /*action*/) const { return {}; }
  std::string_view operator()(const SetLink& action) const { return machine_of(action.a); }
  template <class Act>
  std::string_view operator()(const Act& action) const {
    if constexpr (requires { action.peer; }) {
      return action.peer;
    } else if constexpr (requires { action.nat; }) {
      return action.nat;
    } else {
      return action.machine;
    }
  }
};

}  // namespace

std::string to_string(const Action& action) {
  return std::visit(SayAction{}, action);
}

std::string_view actor(const Action& action) {
  return std::visit(Actor{}, action);
}

std::string_view far_end(const Action& action) {
  const auto* const link = std::get_if<SetLink>(&action);
  return link == nullptr ? std::string_view{} : machine_of(link->b);
}

bool is_of_network(const Action& action) {
  return std::visit(
      []<class Act>(const Act& /*action*/) {
        return !requires(const Act& act) {
          act.peer;
        }
        &&!std::is_same_v<Act, Wait>;
      },
      action);
}

}  // namespace rtclab::scenario
