// What tests about descriptions and transceivers share: two peers that negotiate at once, and short
// questions about what they say.
#pragma once

#include "agents/sdp/session_description.h"
#include "tests/support/peer_pair.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

namespace rtclab::test {

using namespace std::chrono_literals;

// A description whose sections may be looked at while it is a temporary.
struct Parsed : sdp::SessionDescription {
  [[nodiscard]] sdp::Section section(std::size_t index) const {
    return static_cast<const sdp::SessionDescription&>(*this).section(index);
  }
};

inline Parsed parsed(const peer::Description& description) {
  auto sdp = sdp::SessionDescription::parse(description.sdp);
  BOOST_REQUIRE_MESSAGE(sdp.has_value(), description.sdp);
  return {std::move(*sdp)};
}

// Offer and answer without the signalling delay; both end in "stable".
inline void negotiate(PeerPair& pair, Party& offerer) {
  auto& answerer = pair.other(offerer);
  pair.set_local(offerer);
  pair.set_remote(answerer, *offerer.connection.pending_local_description());
  pair.set_local(answerer);
  pair.set_remote(offerer, *answerer.connection.current_local_description());
}

inline bool is_connected(const Party& party) {
  return party.connection.connection_state() == peer::ConnectionState::Connected;
}
inline bool run_until_connected(PeerPair& pair) {
  return pair.run_until([&] { return is_connected(pair.alice) && is_connected(pair.bob); }, 20s);
}

// "audio 9 sendrecv", one for each section.
inline std::vector<std::string> outline(const peer::Description& description) {
  std::vector<std::string> lines;
  const auto sdp = parsed(description);
  for (std::size_t i = 0; i < sdp.sections.size(); ++i) {
    const auto section = sdp.section(i);
    auto line = section.media().kind + ' ' + std::to_string(section.media().port.value());
    if (section.media().kind != "application" && !section.is_rejected())
      line += ' ' + std::string{to_string(section.direction())};
    if (section.bundle_only()) line += " bundle-only";
    if (sdp.sections[i].has_attribute("ice-ufrag")) line += " own transport";
    lines.push_back(line);
  }
  return lines;
}

// The names of all events from the `first` on, in their order; promises as "fulfilled" or the name
// of their error.
inline std::vector<std::string> events_of(const Party& party, std::size_t first = 0) {
  std::vector<std::string> names;
  for (std::size_t i = first; i < party.events.size(); ++i) {
    const auto& event = party.events[i].second;
    if (const auto* const settled = std::get_if<peer::OperationSettled>(&event)) {
      const auto* const error = std::get_if<peer::Error>(&settled->outcome);
      names.push_back(error == nullptr ? "fulfilled" : error->name);
    } else if (const auto* const state = std::get_if<peer::SignalingStateChange>(&event)) {
      names.push_back("signaling " + std::string{to_string(state->to)});
    } else {
      names.emplace_back(std::visit([](const auto& each) { return each.kName; }, event));
    }
  }
  return names;
}

}  // namespace rtclab::test
