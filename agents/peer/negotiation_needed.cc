#include "agents/peer/negotiation_needed.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

// The section, when the description has it.
std::optional<sdp::Section> section_of(const StoredDescription* description, std::size_t index) {
  if (description == nullptr || index >= description->sdp.sections.size()) return std::nullopt;
  return description->sdp.section(index);
}

bool has_data(const StoredDescription* description) {
  if (description == nullptr) return false;
  for (std::size_t i = 0; i < description->sdp.sections.size(); ++i) {
    const auto section = description->sdp.section(i);
    if (section.is_data_channel() && !section.is_rejected()) return true;
  }
  return false;
}

// What the section says of the sender's streams; "-" stands for none.
bool shows_streams(const sdp::Section& section, std::vector<std::string> streams) {
  const auto msids = section.msids();
  if (msids.empty()) return false;
  std::vector<std::string> shown;
  for (const auto& msid : msids) {
    if (msid.stream != "-") shown.push_back(msid.stream);
  }
  std::ranges::sort(shown);
  std::ranges::sort(streams);
  return shown == streams;
}

bool shows_direction(const NegotiationFacts& facts, const sdp::Section& local,
                     const std::optional<sdp::Section>& remote, Direction wanted) {
  const auto ours = to_direction(local.direction());
  if (facts.local->type == SdpType::Offer)
    return ours == wanted || (remote && reversed(to_direction(remote->direction())) == wanted);
  const auto offered = remote ? reversed(to_direction(remote->direction())) : Direction::SendRecv;
  return ours == intersection(wanted, offered);
}

bool needs(const NegotiationFacts& facts, const Transceiver& transceiver) {
  if (transceiver.stopping && !transceiver.stopped) return true;
  const auto local =
      transceiver.section ? section_of(facts.local, *transceiver.section) : std::nullopt;
  if (transceiver.stopped) {
    const auto remote =
        transceiver.section ? section_of(facts.remote, *transceiver.section) : std::nullopt;
    return local && !local->is_rejected() && !(remote && remote->is_rejected());
  }
  const bool associated =
      local && transceiver.mid && local->media().kind == to_string(transceiver.kind);
  if (!associated) return true;
  const auto remote = section_of(facts.remote, *transceiver.section);
  if (sends(transceiver.direction) && !shows_streams(*local, transceiver.streams)) return true;
  return !shows_direction(facts, *local, remote, transceiver.direction);
}

}  // namespace

bool is_negotiation_needed(const NegotiationFacts& facts,
                           const std::vector<Transceiver>& transceivers) {
  if (facts.replaces_credentials) return true;
  if (facts.has_channels && !has_data(facts.local)) return true;
  return std::ranges::any_of(transceivers,
                             [&](const Transceiver& each) { return needs(facts, each); });
}

}  // namespace rtclab::peer
