#include "agents/rtp/source_table.h"

#include <utility>

namespace rtclab::rtp {

std::string_view to_string(SourceVerdict verdict) {
  switch (verdict) {
    case SourceVerdict::New: return "new";
    case SourceVerdict::Known: return "known";
    case SourceVerdict::Moved: return "moved";
    case SourceVerdict::ThirdPartyCollision: return "third-party collision";
    case SourceVerdict::ThirdPartyLoop: return "third-party loop";
    case SourceVerdict::OwnLoop: return "own loop";
    case SourceVerdict::OwnCollision: return "own collision";
  }
  __builtin_unreachable();
}

Ssrc SourceTable::draw_own(Rng& rng) {
  Ssrc drawn{static_cast<std::uint32_t>(rng.next())};
  while (sources_.contains(drawn)) drawn = Ssrc{static_cast<std::uint32_t>(rng.next())};
  add_own(drawn);
  return drawn;
}

void SourceTable::add_own(Ssrc ssrc) {
  sources_[ssrc].own = true;
}

SourceVerdict SourceTable::note(Instant now, const Sighting& sighting) {
  const auto [found, is_new] = sources_.try_emplace(sighting.ssrc);
  auto& source = found->second;
  if (source.own) return note_own(now, sighting);
  if (!is_new) return note_other(source, sighting);
  source.from.emplace(sighting.channel, sighting.from);
  source.cname = sighting.cname;
  return SourceVerdict::New;
}

// What carries our SSRC and comes from elsewhere: a new address is a collision, and our SSRC
// changes; the same address again sends our own packets back, and no SSRC would help (§8.2).
SourceVerdict SourceTable::note_own(Instant now, const Sighting& sighting) {
  const auto [conflict, is_new] = conflicts_.try_emplace({sighting.channel, sighting.from}, now);
  conflict->second = now;
  if (!is_new) return SourceVerdict::OwnLoop;
  Source other;
  other.from.emplace(sighting.channel, sighting.from);
  other.cname = sighting.cname;
  sources_[sighting.ssrc] = std::move(other);
  return SourceVerdict::OwnCollision;
}

SourceVerdict SourceTable::note_other(Source& source, const Sighting& sighting) {
  const bool is_renamed = sighting.cname && source.cname && *sighting.cname != *source.cname;
  const auto known = source.from.find(sighting.channel);
  const bool is_elsewhere = known != source.from.end() && known->second != sighting.from;
  if (is_renamed) return SourceVerdict::ThirdPartyCollision;
  if (is_elsewhere && policy_ == AddressPolicy::Fixed) return SourceVerdict::ThirdPartyLoop;
  source.from.insert_or_assign(sighting.channel, sighting.from);
  if (sighting.cname) source.cname = sighting.cname;
  return is_elsewhere ? SourceVerdict::Moved : SourceVerdict::Known;
}

void SourceTable::forget_conflicts_before(Instant instant) {
  std::erase_if(conflicts_, [&](const auto& conflict) { return conflict.second < instant; });
}

}  // namespace rtclab::rtp
