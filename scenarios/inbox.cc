#include "scenarios/inbox.h"

#include <algorithm>
#include <utility>

namespace rtclab::scenario {
namespace {

bool is_description(const Inbox::Entry& entry) {
  return std::holds_alternative<peer::Description>(entry.signal);
}

}  // namespace

// RFC 8839 §5.4: the ufrag names the ICE session; RFC 8838 §4 tells candidates' generations by it.
bool has_place_for(const peer::IceCandidateInit& candidate,
                   const std::optional<peer::Description>& remote) {
  if (!remote) return false;
  if (!candidate.username_fragment) return true;
  const auto line = "a=ice-ufrag:" + *candidate.username_fragment;
  const auto at = remote->sdp.find(line);
  if (at == std::string::npos) return false;
  const auto end = at + line.size();
  return end == remote->sdp.size() || remote->sdp[end] == '\r' || remote->sdp[end] == '\n';
}

std::optional<Inbox::Entry> Inbox::take_candidate(const std::optional<peer::Description>& remote) {
  const bool takes_all = receipt_ == signalling::Receipt::AsItComes;
  for (auto each = entries_.begin(); each != entries_.end() && !is_description(*each); ++each) {
    if (!takes_all && !has_place_for(std::get<peer::IceCandidateInit>(each->signal), remote))
      continue;
    auto entry = std::move(*each);
    entries_.erase(each);
    return entry;
  }
  return std::nullopt;
}

// Those in front of it are candidates that wait for one.
std::optional<Inbox::Entry> Inbox::take_description() {
  const auto found = std::ranges::find_if(entries_, is_description);
  if (found == entries_.end()) return std::nullopt;
  auto entry = std::move(*found);
  entries_.erase(found);
  return entry;
}

std::vector<Inbox::Entry> Inbox::newly_held() {
  std::vector<Entry> held;
  for (auto& entry : entries_) {
    if (is_description(entry)) break;
    if (!std::exchange(entry.is_noted, true)) held.push_back(entry);
  }
  return held;
}

}  // namespace rtclab::scenario
