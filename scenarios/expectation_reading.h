// What the readers of expectations have in common. Private to this folder.
#pragma once

#include "scenarios/expectation.h"
#include "scenarios/reading.h"
#include "topologies/xml_file.h"

#include <string>
#include <string_view>
#include <vector>

namespace rtclab::scenario::reading {

// moment_reader.cc
// The attributes of a <from>, <to>, <after> or <before>: one thing that happens.
[[nodiscard]] Moment read_moment(const xml::Element& element, const Names& names,
                                 const Loaded& loaded);
// What an event has besides its peer; `attribute` holds its type.
[[nodiscard]] EventFilter read_event_filter(const xml::Element& element, std::string_view attribute,
                                            const Names& names, const Loaded& loaded);
[[nodiscard]] RecordFilter read_record_filter(const xml::Element& element,
                                              std::string_view attribute, const Loaded& loaded);
[[nodiscard]] MessageFilter read_message_filter(const xml::Element& element, const Names& names,
                                                const Loaded& loaded);
// from, until (or by), after, before. In a <recorded> `by` is who reported it.
enum class ByIs { Time, Somebody };
[[nodiscard]] Window read_window(const xml::Element& element, const Names& names,
                                 const Loaded& loaded, ByIs by = ByIs::Time);
// The moment that `after` names, as a step's id or as a child; nullopt without.
[[nodiscard]] std::optional<Moment> read_after(const xml::Element& element, const Names& names,
                                               const Loaded& loaded);
[[nodiscard]] Duration read_time_of_run(const xml::Element& element, std::string_view attribute,
                                        const Loaded& loaded);
// always, never
[[nodiscard]] When read_when(const xml::Element& element, const Window& window);
// count, atLeast, atMost, never. Without any of them: `usual`, or a complaint when that is any.
[[nodiscard]] Times read_times(const xml::Element& element, const Times& usual = {});
[[nodiscard]] bool has_times(const xml::Element& element);
void refuse_range(const xml::Element& element);
// "udp", "tcp", empty without the attribute; and so on.
[[nodiscard]] std::string read_word(const xml::Element& element, std::string_view attribute,
                                    const std::vector<std::string>& known);
[[nodiscard]] std::vector<std::string> words(std::string_view text);
// One or more candidate types; nothing without the attribute.
[[nodiscard]] std::vector<std::string> read_candidate_types(const xml::Element& element,
                                                            std::string_view attribute);
[[nodiscard]] const std::vector<std::string>& candidate_types();
// The values that an attribute of RTCPeerConnection, or readyState, can have; nullptr: there is no
// such attribute.
[[nodiscard]] const std::vector<std::string>* find_state_values(std::string_view attribute);
[[nodiscard]] std::vector<std::string> state_attribute_names();
[[nodiscard]] bool has_condition(const xml::Element& element);

// expectation_readers of each family
[[nodiscard]] Expectation read_state(const xml::Element& element, const Names& names,
                                     const Loaded& loaded);
[[nodiscard]] Expectation read_states(const xml::Element& element, const Names& names,
                                      const Loaded& loaded);
[[nodiscard]] Expectation read_duration(const xml::Element& element, const Names& names,
                                        const Loaded& loaded);
[[nodiscard]] Expectation read_step(const xml::Element& element, const Names& names,
                                    const Loaded& loaded);
[[nodiscard]] Expectation read_selected_pair(const xml::Element& element, const Names& names,
                                             const Loaded& loaded);
[[nodiscard]] Expectation read_selected_pairs(const xml::Element& element, const Names& names,
                                              const Loaded& loaded);
[[nodiscard]] Expectation read_candidates(const xml::Element& element, const Names& names,
                                          const Loaded& loaded);
[[nodiscard]] Expectation read_description(const xml::Element& element, const Names& names,
                                           const Loaded& loaded);
[[nodiscard]] Expectation read_statistic(const xml::Element& element, const Names& names,
                                         const Loaded& loaded);

// contradictions.cc
// Complains at an element whose expectation cannot be met together with one before it.
void refuse_contradictions(const std::vector<xml::Element>& elements, const Scenario& scenario);

}  // namespace rtclab::scenario::reading
