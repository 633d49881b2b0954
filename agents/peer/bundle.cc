#include "agents/peer/bundle.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

std::optional<BundleGroup> group_with(const sdp::SessionDescription& description,
                                      std::size_t index) {
  const auto groups = bundle_groups(description);
  const auto group = group_of(groups, description.section(index).mid());
  if (!group) return std::nullopt;
  return groups[*group];
}

bool share_a_group(const sdp::SessionDescription& offer, std::size_t a, std::size_t b) {
  const auto groups = bundle_groups(offer);
  const auto first = group_of(groups, offer.section(a).mid());
  return first && first == group_of(groups, offer.section(b).mid());
}

}  // namespace

std::vector<BundleGroup> bundle_groups(const sdp::SessionDescription& description) {
  std::vector<BundleGroup> groups;
  for (const auto& group : description.groups()) {
    if (group.semantics == "BUNDLE" && !group.mids.empty()) groups.push_back(group.mids);
  }
  return groups;
}

std::optional<std::size_t> group_of(std::span<const BundleGroup> groups,
                                    const std::optional<std::string>& mid) {
  if (!mid) return std::nullopt;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (std::ranges::find(groups[i], *mid) != groups[i].end()) return i;
  }
  return std::nullopt;
}

std::size_t transport_section(const sdp::SessionDescription& description, std::size_t index,
                              bool is_answer) {
  const auto has_ice = [&](std::size_t i) {
    return description.section(i).ice_credentials().has_value();
  };
  if (!is_answer && has_ice(index)) return index;
  const auto group = group_with(description, index);
  if (!group) return index;
  for (const auto& mid : *group) {
    const auto at = description.index_of(mid);
    if (at && !description.section(*at).is_rejected() && has_ice(*at)) return *at;
  }
  return index;
}

Bundling bundling_for(BundlePolicy policy, std::span<const std::string> kinds) {
  const auto before = kinds.first(kinds.size() - 1);
  switch (policy) {
    case BundlePolicy::MaxCompat: return Bundling::OwnTransport;
    case BundlePolicy::MaxBundle:
      return before.empty() ? Bundling::OwnTransport : Bundling::BundleOnly;
    case BundlePolicy::Balanced:
      return std::ranges::find(before, kinds.back()) == before.end() ? Bundling::OwnTransport
                                                                     : Bundling::BundleOnly;
  }
  __builtin_unreachable();
}

bool may_accept(BundlePolicy policy, const sdp::SessionDescription& offer, std::size_t index) {
  if (policy == BundlePolicy::MaxCompat) return true;
  const auto kind = offer.section(index).media().kind;
  // A rejected section is no first one that others could be bundled with.
  for (std::size_t first = 0; first < index; ++first) {
    const auto section = offer.section(first);
    const bool counts = !section.is_rejected() &&
                        (policy == BundlePolicy::MaxBundle || section.media().kind == kind);
    if (counts) return share_a_group(offer, first, index);
  }
  return true;
}

}  // namespace rtclab::peer
