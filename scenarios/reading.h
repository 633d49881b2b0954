// What the readers of a scenario's parts have in common. Private to this folder.
#pragma once

#include "scenarios/loader.h"
#include "scenarios/names.h"
#include "topologies/xml_file.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::scenario::reading {

// Each complains where something is wrong and fills in something harmless.
[[nodiscard]] Signalling read_signalling(const xml::Element& root,
                                         const topology::Topology& topology);
// A step that changes how a courier carries what is sent; `terms` are those that hold by then.
[[nodiscard]] Action read_signalling_change(const xml::Element& element, const Loaded& loaded,
                                            std::optional<signalling::CourierTerms>& terms);
void read_peers(const xml::Element& root, Loaded& loaded);
[[nodiscard]] Names read_timeline(const xml::Element& timeline, Loaded& loaded);
void read_expectations(const xml::Element& expect, const Names& names, Loaded& loaded);

// What a <peer> and a <setConfiguration> both have.
[[nodiscard]] PeerConfiguration read_configuration(const xml::Element& element,
                                                   const topology::Topology& topology);
// The attributes of a <wait> or a <state> that say what must be so.
[[nodiscard]] Condition read_condition(const xml::Element& element, const Names& names,
                                       const Loaded& loaded);
// The attributes of a <wait> or a <when> that say what to wait for, and whether there are any.
[[nodiscard]] Trigger read_trigger(const xml::Element& element, const Names& names,
                                   const Loaded& loaded);
[[nodiscard]] bool has_trigger(const xml::Element& element);
// The type of an event of RTCPeerConnection or of what belongs to it (moment_reader.cc).
[[nodiscard]] std::string read_event_type(const xml::Element& element, std::string_view attribute);
// The name of a peer of the scenario.
[[nodiscard]] std::string read_peer_name(const xml::Element& element, std::string_view attribute,
                                         const Loaded& loaded);

[[nodiscard]] bool is_one_of(const std::string& text, const std::vector<std::string>& known);
// "unknown TURN server "trun", did you mean "turn"? (there is: turn)"
[[nodiscard]] std::string unknown(std::string_view what, const std::string& name,
                                  const std::vector<std::string>& known);

// The same without the list, for long ones.
[[nodiscard]] std::string nearest(std::string_view what, const std::string& name,
                                  const std::vector<std::string>& known);

template <class Named>
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.name);
  return names;
}

}  // namespace rtclab::scenario::reading
