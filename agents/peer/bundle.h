// BUNDLE: which sections share a transport, and whose attributes speak for it. Pure functions.
//
// Spec: RFC 9143 §7 (offers and answers), RFC 9429 §4.1.1 and §5.2.1 (bundle policies), §5.3.1
// (what an answer rejects).
#pragma once

#include "agents/peer/configuration.h"
#include "agents/sdp/session_description.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::peer {

using BundleGroup = std::vector<std::string>;  // mids, the tag first

[[nodiscard]] std::vector<BundleGroup> bundle_groups(const sdp::SessionDescription& description);
// The index of the group that has the mid.
[[nodiscard]] std::optional<std::size_t> group_of(std::span<const BundleGroup> groups,
                                                  const std::optional<std::string>& mid);

// The index of the section whose transport attributes hold for section `index`. In an answer that
// is the tag of its group (RFC 9143 §7.3.1); in an offer a section's own come first, and one that
// has none goes by the group's tag, or by the first of the group that has any.
[[nodiscard]] std::size_t transport_section(const sdp::SessionDescription& description,
                                            std::size_t index, bool is_answer = false);

// How a new section of an offer is to be offered, when no group has been negotiated.
enum class Bundling : std::uint8_t { OwnTransport, BundleOnly };

// `kinds`: of the sections that are offered, in order, up to and including the one in question.
[[nodiscard]] Bundling bundling_for(BundlePolicy policy, std::span<const std::string> kinds);

// RFC 9429 §5.3.1: whether an answer under this policy can take the section of the offer, by how it
// is bundled.
[[nodiscard]] bool may_accept(BundlePolicy policy, const sdp::SessionDescription& offer,
                              std::size_t index);

}  // namespace rtclab::peer
