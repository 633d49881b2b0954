#include "reports/judge/consent_phase.h"

#include "agents/stun/attributes.h"
#include "reports/judge/docket.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace rtclab::judge {
namespace {

// A pair in one generation, as one agent sees it. A restart begins anew on the same addresses.
using Path = std::tuple<std::string, Endpoint, Endpoint, std::pair<std::string, std::string>>;

// Both fragments, whoever of the two names them first.
std::pair<std::string, std::string> generation_of(const Transmission& check) {
  const auto username = check.stun()->find<stun::Username>();
  if (!username) return {};
  const auto colon = std::min(username->value.find(':'), username->value.size());
  auto first = username->value.substr(0, colon);
  auto second = username->value.substr(std::min(colon + 1, username->value.size()));
  if (second < first) std::swap(first, second);
  return {std::move(first), std::move(second)};
}

Path path_of_sender(const Docket& docket, const Transmission& check) {
  return {docket.name(check.from), check.source, check.destination, generation_of(check)};
}

Path path_of_receiver(const Docket& docket, const Transmission& check) {
  return {docket.name(check.to), check.destination_as_received, check.source_as_received,
          generation_of(check)};
}

void note_earliest(std::map<Path, Duration>& times, const Path& path, Duration at) {
  const auto [entry, is_new] = times.try_emplace(path, at);
  if (!is_new) entry->second = std::min(entry->second, at);
}

}  // namespace

std::set<const Transmission*> consent_checks(const Docket& docket) {
  std::map<Path, Duration> valid, nominated;
  for (const auto* check : docket.checks()) {
    const auto at = docket.answered_at(*check);
    if (!at) continue;
    note_earliest(valid, path_of_sender(docket, *check), *at);
    if (!check->stun()->has<stun::UseCandidate>()) continue;
    note_earliest(nominated, path_of_sender(docket, *check), *at);
  }
  // The receiver's side from all that arrives, for a nomination may come from a relay.
  for (const auto& t : docket.transmissions()) {
    if (!t.is(stun::Class::Request, stun::Method::Binding) || !t.stun()->has<stun::UseCandidate>())
      continue;
    if (const auto at = docket.answered_at(t))
      note_earliest(nominated, path_of_receiver(docket, t), *at);
  }

  std::set<const Transmission*> consent;
  std::set<stun::TransactionId> earlier;
  for (const auto* check : docket.checks()) {
    if (!docket.is_peer(check->from)) continue;
    const auto path = path_of_sender(docket, *check);
    const auto found_valid = valid.find(path);
    const auto found_nominated = nominated.find(path);
    const bool counts = found_valid != valid.end() && found_nominated != nominated.end() &&
                        check->sent > std::max(found_valid->second, found_nominated->second);
    if (!counts)
      earlier.insert(check->stun()->transaction);
    else if (!earlier.contains(check->stun()->transaction))
      consent.insert(check);
  }
  return consent;
}

}  // namespace rtclab::judge
