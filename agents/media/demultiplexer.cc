#include "agents/media/demultiplexer.h"

#include "agents/media/payload_format.h"

#include <algorithm>

namespace rtclab::media {

void Demultiplexer::configure(const Configuration& configuration) {
  const auto old = std::move(sections_);
  sections_ = configuration.sections;
  std::vector<Known> kept;
  for (auto& known : known_) {
    if (known.signalled && !known.heard) continue;
    const auto section = by_mid(old[known.section].mid);
    if (!section) continue;
    known.section = *section;
    kept.push_back(std::move(known));
  }
  known_ = std::move(kept);
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    for (const auto& source : sections_[i].remote_sources) {
      remember(source.ssrc, i).signalled = true;
      if (!source.rtx_ssrc) continue;
      auto& rtx = remember(*source.rtx_ssrc, i);
      rtx.signalled = true;
      rtx.repairs = source.ssrc;
    }
  }
}

std::optional<Route> Demultiplexer::route(const PacketView& packet) {
  const auto ssrc = packet.ssrc.value();
  const auto type = packet.payload_type.value();
  auto* known = find(ssrc);
  std::optional<std::size_t> section = known ? std::optional{known->section} : std::nullopt;
  std::string_view by = "ssrc";
  // Ids are the same in all sections of a group (RFC 9143 §12), so any section's will do.
  for (const auto& candidate : sections_) {
    const auto mid = packet.text(candidate.extensions.mid);
    if (mid.empty() || ignores_mids_) continue;
    section = by_mid(mid);
    if (!section) {
      why_ = "no section has its mid";
      return std::nullopt;
    }
    by = "mid";
    break;
  }
  if (!section) {
    section = by_payload_type(type);
    by = "payload type";
  }
  if (!section) {
    why_ = "nothing tells its section";
    return std::nullopt;
  }
  const auto* const payload = format(*section, type);
  if (payload == nullptr) {
    why_ = "its section has no such payload type";
    return std::nullopt;
  }
  auto& entry = remember(ssrc, *section);
  entry.heard = true;
  const auto& ids = sections_[*section].extensions;
  if (const auto rid = packet.text(ids.rid); !rid.empty()) entry.rid = rid;
  Route route{.section = *section, .format = payload, .stream = ssrc, .rid = entry.rid, .by = by};
  if (!same_codec(payload->codec, "rtx")) return route;
  if (!entry.repairs) entry.repairs = repaired_by(entry, packet.text(ids.repaired_rid));
  route.stream = entry.repairs;
  return route;
}

// RFC 8852 §3.2: the stream with that rid; without one, the only stream of the section (RFC 4588
// §5.3: of one stream at a time it can be inferred).
std::optional<std::uint32_t> Demultiplexer::repaired_by(const Known& rtx,
                                                        std::string_view repaired_rid) const {
  std::optional<std::uint32_t> only;
  for (const auto& other : known_) {
    if (other.section != rtx.section || other.ssrc == rtx.ssrc || other.repairs) continue;
    if (!repaired_rid.empty()) {
      if (other.rid == repaired_rid) return other.ssrc;
      continue;
    }
    if (!other.heard) continue;
    if (only) return std::nullopt;
    only = other.ssrc;
  }
  return only;
}

void Demultiplexer::learn(std::uint32_t ssrc, std::string_view mid) {
  if (const auto section = by_mid(mid)) remember(ssrc, *section);
}

void Demultiplexer::forget(std::uint32_t ssrc) {
  std::erase_if(known_,
                [ssrc](const Known& known) { return known.ssrc == ssrc && !known.signalled; });
}

std::optional<std::size_t> Demultiplexer::section_of(std::uint32_t ssrc) const {
  const auto found = std::ranges::find(known_, ssrc, &Known::ssrc);
  if (found == known_.end()) return std::nullopt;
  return found->section;
}

Demultiplexer::Known* Demultiplexer::find(std::uint32_t ssrc) {
  const auto found = std::ranges::find(known_, ssrc, &Known::ssrc);
  return found == known_.end() ? nullptr : &*found;
}

Demultiplexer::Known& Demultiplexer::remember(std::uint32_t ssrc, std::size_t section) {
  // A peer that makes SSRCs up must not fill our memory.
  constexpr std::size_t kMost = 256;
  auto* known = find(ssrc);
  if (known == nullptr) {
    if (known_.size() >= kMost) {
      const auto oldest = std::ranges::find(known_, false, &Known::signalled);
      if (oldest != known_.end()) known_.erase(oldest);
    }
    known = &known_.emplace_back(Known{.ssrc = ssrc});
  }
  if (known->section != section) known->repairs.reset();
  known->section = section;
  return *known;
}

std::optional<std::size_t> Demultiplexer::by_mid(std::string_view mid) const {
  const auto found = std::ranges::find(sections_, mid, &Section::mid);
  if (found == sections_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - sections_.begin());
}

// Only where the payload type is one section's alone.
std::optional<std::size_t> Demultiplexer::by_payload_type(std::uint8_t type) const {
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    if (format(i, type) == nullptr) continue;
    if (only) return std::nullopt;
    only = i;
  }
  return only;
}

const PayloadFormat* Demultiplexer::format(std::size_t section, std::uint8_t type) const {
  const auto& formats = sections_[section].receive;
  const auto found = std::ranges::find(formats, type, &PayloadFormat::type);
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace rtclab::media
