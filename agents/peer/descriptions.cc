#include "agents/peer/descriptions.h"

#include "agents/peer/description_plan.h"
#include "agents/peer/remote_session.h"

#include <utility>

namespace rtclab::peer {

std::string StoredDescription::ufrag(std::size_t section) const {
  if (section >= sdp.sections.size()) return {};
  const auto credentials = sdp.section(transport_section(sdp, section)).ice_credentials();
  return credentials ? credentials->ufrag : std::string{};
}

bool StoredDescription::has_generation(std::size_t section, std::string_view wanted) const {
  return !wanted.empty() && ufrag(section) == wanted;
}

void Descriptions::set(Side side, StoredDescription description) {
  auto& own = slots(side);
  auto& other = slots(side == Side::Local ? Side::Remote : Side::Local);
  if (description.type == SdpType::Answer) {
    own.current = std::move(description);
    own.pending.reset();
    other.current = std::exchange(other.pending, std::nullopt);
  } else {
    own.pending = std::move(description);
  }
}

void Descriptions::rollback() {
  local_.pending.reset();
  remote_.pending.reset();
}

const StoredDescription* Descriptions::latest(Side side) const {
  const auto& own = slots(side);
  if (own.pending) return &*own.pending;
  return own.current ? &*own.current : nullptr;
}

template <class Change>
void Descriptions::change(Side side, std::size_t section, std::string_view ufrag,
                          Change change_section) {
  for (auto* slot : {&slots(side).pending, &slots(side).current}) {
    if (*slot && (*slot)->has_generation(section, ufrag)) change_section((*slot)->sdp);
  }
}

void Descriptions::add_candidate(Side side, std::size_t section, std::string_view ufrag,
                                 const sdp::Candidate& candidate) {
  change(side, section, ufrag, [&](sdp::SessionDescription& description) {
    description.sections[section].add_candidate(candidate);
    if (side == Side::Local) set_default_candidate(description, section);
  });
}

void Descriptions::add_end_of_candidates(Side side, std::size_t section, std::string_view ufrag) {
  change(side, section, ufrag, [&](sdp::SessionDescription& description) {
    description.sections[section].set_attribute("end-of-candidates");
  });
}

}  // namespace rtclab::peer
