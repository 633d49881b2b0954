#include "agents/peer/descriptions.h"

#include "agents/peer/bundle.h"
#include "agents/peer/description_plan.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

bool add_once(sdp::SectionLines& lines, const sdp::Candidate& candidate) {
  const auto known = lines.attributes("candidate");
  if (std::ranges::find(known, candidate.attribute_value()) != known.end()) return false;
  lines.add_candidate(candidate);
  return true;
}

std::optional<sdp::IceCredentials> credentials_of(const sdp::SessionDescription& description,
                                                  std::size_t section) {
  return description.section(transport_section(description, section)).ice_credentials();
}

// RFC 8445 §9: what is known of a generation is known until ICE restarts, so a description that
// takes the place of another says of the same generation what that one has come to say.
void keep_candidates(const StoredDescription& before, StoredDescription& after) {
  const auto sections = std::min(before.sdp.sections.size(), after.sdp.sections.size());
  for (std::size_t i = 0; i < sections; ++i) {
    const auto credentials = credentials_of(after.sdp, i);
    if (!credentials || credentials_of(before.sdp, i) != credentials) continue;
    auto& lines = after.sdp.sections[i];
    const auto earlier = before.sdp.section(i);
    for (const auto& candidate : earlier.candidates()) add_once(lines, candidate);
    if (earlier.end_of_candidates()) lines.set_attribute("end-of-candidates");
    after.trickled |= before.trickled;
  }
}

}  // namespace

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
  // Ours are asked of ICE, section by section.
  if (side == Side::Remote && own.pending) keep_candidates(*own.pending, description);
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
    if (!*slot || !(*slot)->has_generation(section, ufrag)) continue;
    (*slot)->trickled = true;
    auto& sdp = (*slot)->sdp;
    // Ours stand in the section that speaks for the transport, which may be another one in each
    // description; the peer's where the peer said.
    change_section(sdp, side == Side::Local ? transport_section(sdp, section) : section);
  }
}

void Descriptions::add_candidate(Side side, std::size_t section, std::string_view ufrag,
                                 const sdp::Candidate& candidate) {
  change(side, section, ufrag, [&](sdp::SessionDescription& description, std::size_t index) {
    const bool is_new = add_once(description.sections[index], candidate);
    if (is_new && side == Side::Local) set_default_candidate(description, index);
  });
}

void Descriptions::add_end_of_candidates(Side side, std::size_t section, std::string_view ufrag) {
  change(side, section, ufrag, [](sdp::SessionDescription& description, std::size_t index) {
    description.sections[index].set_attribute("end-of-candidates");
  });
}

}  // namespace rtclab::peer
