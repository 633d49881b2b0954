#include "agents/rtp/packet.h"
#include "agents/srtp/context.h"
#include "agents/srtp/octets.h"
#include "agents/srtp/replay_window.h"
#include "agents/srtp/transform.h"

#include <array>
#include <cassert>

namespace rtclab::srtp {
namespace {

// A part of a packet's tag, by which a repetition is told from another packet under the same index.
std::uint64_t digest_of(ByteView protected_packet) {
  return ByteReader{protected_packet.last(8)}.u64();
}

}  // namespace

struct OutboundContext::Source {
  [[nodiscard]] PacketIndex index_of(rtp::SequenceNumber number) const {
    if (sent.is_empty()) return PacketIndex{first_turn} << 16u | number.value();
    return estimate_index(number, sent.highest());
  }
  // Whether a packet that came out as `protected_packet` may leave under this index.
  [[nodiscard]] Outcome<void> admit(PacketIndex index, ByteView protected_packet) {
    auto& digest = digests[index % kReplayWindow];
    switch (sent.check(index)) {
      case Freshness::Fresh:
        sent.add(index);
        digest = digest_of(protected_packet);
        return {};
      case Freshness::Replayed:
        if (digest == digest_of(protected_packet)) return {};
        return tl::make_unexpected(Failure::IndexReused);
      case Freshness::TooOld: return tl::make_unexpected(Failure::TooOld);
    }
    __builtin_unreachable();
  }

  std::uint32_t first_turn = 0;
  ReplayWindow sent;
  std::array<std::uint64_t, kReplayWindow> digests{};
  std::uint32_t next_rtcp_index = 0;  // RFC 3711 §3.2.1: zero before the first SRTCP packet
};

OutboundContext::OutboundContext(Profile profile, const MasterKey& master,
                                 const Deviations& deviations, KeyLifetime lifetime)
    : transform_{make_transform(profile, master, Use::Protect)},
      deviations_{deviations},
      left_{lifetime} {}
OutboundContext::~OutboundContext() = default;
OutboundContext::OutboundContext(OutboundContext&&) noexcept = default;
OutboundContext& OutboundContext::operator=(OutboundContext&&) noexcept = default;

OutboundContext::Source* OutboundContext::source(rtp::Ssrc ssrc) {
  const auto found = sources_.find(ssrc);
  if (found != sources_.end()) return found->second.get();
  if (sources_.size() == kMaxSources) return nullptr;
  return sources_.emplace(ssrc, std::make_unique<Source>()).first->second.get();
}

void OutboundContext::set_rollover_counter(rtp::Ssrc ssrc, std::uint32_t turns) {
  auto* const known = source(ssrc);
  if (known == nullptr) return;
  assert(known->sent.is_empty());
  known->first_turn = turns;
}

Outcome<Bytes> OutboundContext::protect_rtp(ByteView packet) {
  const auto header = rtp::HeaderView::parse(packet);
  if (!header) return tl::make_unexpected(Failure::Malformed);
  auto* const known = source(header->ssrc);
  if (known == nullptr) return tl::make_unexpected(Failure::TooManySources);
  const auto index = known->index_of(header->sequence_number);
  const bool fresh = known->sent.check(index) == Freshness::Fresh;
  if (index >= kIndexEnd || (fresh && is_exhausted())) {
    return tl::make_unexpected(Failure::KeyExhausted);
  }
  const bool forgets_turns = deviations_.has(Deviation::SrtpRolloverStuck);
  Bytes out;
  out.reserve(packet.size() + kMaxRtpGrowth);
  out.assign(packet.begin(), packet.end());
  transform_->protect(RtpPlace{.ssrc = header->ssrc,
                               .index = forgets_turns ? index & 0xffffu : index,
                               .header_size = header->size},
                      out);
  // Who sends lost packets again as they were changes what their header extensions say of now.
  const auto admitted = known->admit(index, out);
  if (!admitted && !deviations_.has(Deviation::RtxAsOriginal)) {
    return tl::make_unexpected(admitted.error());
  }
  if (fresh) --left_.rtp_packets;
  return out;
}

Outcome<Bytes> OutboundContext::protect_rtcp(ByteView packet) {
  if (!rtp::looks_like_rtp_or_rtcp(packet)) return tl::make_unexpected(Failure::Malformed);
  const rtp::Ssrc ssrc{ByteReader{packet.subspan(4)}.u32()};
  auto* const known = source(ssrc);
  if (known == nullptr) return tl::make_unexpected(Failure::TooManySources);
  if (is_exhausted()) return tl::make_unexpected(Failure::KeyExhausted);
  const bool in_clear = deviations_.has(Deviation::SrtpRtcpUnencrypted);
  Bytes out;
  out.reserve(packet.size() + kMaxRtcpGrowth);
  out.assign(packet.begin(), packet.end());
  transform_->protect(RtcpPlace{.ssrc = ssrc,
                                .index = known->next_rtcp_index,
                                .secrecy = in_clear ? Secrecy::Clear : Secrecy::Encrypted},
                      out);
  if (!deviations_.has(Deviation::SrtpRtcpIndexStuck)) ++known->next_rtcp_index;
  --left_.rtcp_packets;
  return out;
}

// RFC 3711 §9.2: SRTP and SRTCP share the master key, so whichever limit comes first ends both.
bool OutboundContext::is_exhausted() const {
  return left_.rtp_packets == 0 || left_.rtcp_packets == 0;
}

}  // namespace rtclab::srtp
