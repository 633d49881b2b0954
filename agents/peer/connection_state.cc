#include "agents/peer/connection_state.h"

#include <algorithm>
#include <initializer_list>

namespace rtclab::peer {
namespace {

bool is_one_of(auto state, std::initializer_list<decltype(state)> states) {
  return std::ranges::find(states, state) != states.end();
}

}  // namespace

IceConnectionState ice_connection_state(std::span<const TransportStates> transports) {
  using enum ice::State;
  const auto any = [&](std::initializer_list<ice::State> states) {
    return std::ranges::any_of(transports,
                               [&](const TransportStates& t) { return is_one_of(t.ice, states); });
  };
  const auto all = [&](std::initializer_list<ice::State> states) {
    return std::ranges::all_of(transports,
                               [&](const TransportStates& t) { return is_one_of(t.ice, states); });
  };
  if (any({Failed})) return IceConnectionState::Failed;
  if (any({Disconnected})) return IceConnectionState::Disconnected;
  if (all({New, Closed})) return IceConnectionState::New;
  if (any({New, Checking})) return IceConnectionState::Checking;
  if (all({Completed, Closed})) return IceConnectionState::Completed;
  return IceConnectionState::Connected;
}

ConnectionState connection_state(std::span<const TransportStates> transports) {
  using enum dtls::State;
  const auto ice = ice_connection_state(transports);
  const auto all = [&](std::initializer_list<dtls::State> states) {
    return std::ranges::all_of(transports,
                               [&](const TransportStates& t) { return is_one_of(t.dtls, states); });
  };
  const bool dtls_failed =
      std::ranges::any_of(transports, [](const TransportStates& t) { return t.dtls == Failed; });
  if (ice == IceConnectionState::Failed || dtls_failed) return ConnectionState::Failed;
  if (ice == IceConnectionState::Disconnected) return ConnectionState::Disconnected;
  if (ice == IceConnectionState::New && all({New, Closed})) return ConnectionState::New;
  // "completed" is a form of "connected" here, as its description says.
  const bool ice_up =
      is_one_of(ice, {IceConnectionState::Connected, IceConnectionState::Completed});
  if (ice_up && all({Connected, Closed})) return ConnectionState::Connected;
  return ConnectionState::Connecting;
}

}  // namespace rtclab::peer
