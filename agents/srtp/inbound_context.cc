#include "agents/rtp/packet.h"
#include "agents/srtp/context.h"
#include "agents/srtp/octets.h"
#include "agents/srtp/replay_window.h"
#include "agents/srtp/srtcp_index.h"
#include "agents/srtp/transform.h"

#include <cassert>

namespace rtclab::srtp {
namespace {

std::optional<Failure> refusal(Freshness freshness) {
  switch (freshness) {
    case Freshness::Fresh: return std::nullopt;
    case Freshness::Replayed: return Failure::Replayed;
    case Freshness::TooOld: return Failure::TooOld;
  }
  __builtin_unreachable();
}

}  // namespace

struct InboundContext::Source {
  [[nodiscard]] PacketIndex index_of(rtp::SequenceNumber number) const {
    if (rtp.is_empty()) return PacketIndex{first_turn} << 16u | number.value();
    return estimate_index(number, rtp.highest());
  }

  std::uint32_t first_turn = 0;
  ReplayWindow rtp;
  ReplayWindow rtcp;
};

InboundContext::InboundContext(Profile profile, const MasterKey& master,
                               const Deviations& deviations)
    : transform_{make_transform(profile, master, Use::Unprotect)},
      deviations_{deviations},
      profile_{profile} {}
InboundContext::~InboundContext() = default;
InboundContext::InboundContext(InboundContext&&) noexcept = default;
InboundContext& InboundContext::operator=(InboundContext&&) noexcept = default;

const InboundContext::Source& InboundContext::known(rtp::Ssrc ssrc) const {
  static const Source kNew;
  const auto found = sources_.find(ssrc);
  return found == sources_.end() ? kNew : *found->second;
}

// Null when there are too many. Called for authentic packets only: a forger cannot make us keep
// state.
InboundContext::Source* InboundContext::keep(rtp::Ssrc ssrc) {
  const auto found = sources_.find(ssrc);
  if (found != sources_.end()) return found->second.get();
  if (sources_.size() == kMaxSources) return nullptr;
  return sources_.emplace(ssrc, std::make_unique<Source>()).first->second.get();
}

void InboundContext::set_rollover_counter(rtp::Ssrc ssrc, std::uint32_t turns) {
  auto* const source = keep(ssrc);
  if (source == nullptr) return;
  assert(source->rtp.is_empty());
  source->first_turn = turns;
}

Outcome<Bytes> InboundContext::unprotect_rtp(ByteView packet) {
  const auto header = rtp::HeaderView::parse(packet);
  if (!header || packet.size() < header->size + parameters(profile_).tag_size) {
    return tl::make_unexpected(Failure::Malformed);
  }
  const auto& before = known(header->ssrc);
  const auto index = before.index_of(header->sequence_number);
  if (index >= kIndexEnd) return tl::make_unexpected(Failure::KeyExhausted);
  // RFC 3711 §3.3: the replay list is asked before anything is computed.
  const auto freshness = before.rtp.check(index);
  const bool repeats = deviations_.has(Deviation::SrtpAcceptReplays);
  if (const auto why = refusal(freshness); why && !repeats) return tl::make_unexpected(*why);

  Bytes out{packet.begin(), packet.end()};
  const RtpPlace place{.ssrc = header->ssrc, .index = index, .header_size = header->size};
  if (!transform_->unprotect(place, out)) {
    return tl::make_unexpected(Failure::AuthenticationFailed);
  }
  auto* const source = keep(header->ssrc);
  if (source == nullptr) return tl::make_unexpected(Failure::TooManySources);
  if (freshness == Freshness::Fresh) source->rtp.add(index);
  return out;
}

Outcome<Bytes> InboundContext::unprotect_rtcp(ByteView packet) {
  const auto said = read_srtcp_index(profile_, packet);
  if (!said || !rtp::looks_like_rtp_or_rtcp(packet)) return tl::make_unexpected(Failure::Malformed);
  const rtp::Ssrc ssrc{ByteReader{packet.subspan(4)}.u32()};
  const auto freshness = known(ssrc).rtcp.check(said->index);
  const bool repeats = deviations_.has(Deviation::SrtpAcceptReplays);
  if (const auto why = refusal(freshness); why && !repeats) return tl::make_unexpected(*why);

  Bytes out{packet.begin(), packet.end()};
  const RtcpPlace place{.ssrc = ssrc, .index = said->index, .secrecy = said->secrecy};
  if (!transform_->unprotect(place, out)) {
    return tl::make_unexpected(Failure::AuthenticationFailed);
  }
  if (said->secrecy == Secrecy::Clear) return tl::make_unexpected(Failure::Unencrypted);
  auto* const source = keep(ssrc);
  if (source == nullptr) return tl::make_unexpected(Failure::TooManySources);
  if (freshness == Freshness::Fresh) source->rtcp.add(said->index);
  return out;
}

}  // namespace rtclab::srtp
