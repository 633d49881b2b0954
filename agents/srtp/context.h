// The cryptographic contexts of the two directions: one master key each, and per SSRC what is
// needed to know the index of each packet.
//
// Spec: RFC 3711 §3.2, §3.3 (SRTP), §3.4 (SRTCP), §9.2 (key lifetime). No MKI (RFC 8827 §6.5) and
// no re-derivation (key derivation rate 0). Resources: neither copied nor shared.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/rtp/types.h"
#include "agents/srtp/failure.h"
#include "agents/srtp/keys.h"
#include "agents/srtp/packet_index.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

namespace rtclab::srtp {

class Transform;

// State is kept only for sources whose packets were authentic, and for no more than this many.
inline constexpr std::size_t kMaxSources = 4096;

// The most that protection adds to a packet, so that room can be left for it.
inline constexpr std::size_t kMaxRtpGrowth = 16;
inline constexpr std::size_t kMaxRtcpGrowth = kMaxRtpGrowth + kSrtcpIndexSize;

// What one master key may protect in one direction: RFC 3711 §9.2, RFC 7714 §12.
struct KeyLifetime {
  std::uint64_t rtp_packets = kIndexEnd;
  std::uint64_t rtcp_packets = kSrtcpIndexEnd;
};

// Protects what we send.
class OutboundContext {
 public:
  OutboundContext(Profile profile, const MasterKey& master, const Deviations& deviations = {},
                  KeyLifetime lifetime = {});
  ~OutboundContext();
  OutboundContext(OutboundContext&&) noexcept;
  OutboundContext& operator=(OutboundContext&&) noexcept;

  // The same packet may be protected again, which yields the same octets (a retransmission without
  // RFC 4588); another packet with an index that was used may not.
  [[nodiscard]] Outcome<Bytes> protect_rtp(ByteView packet);
  // A compound packet, or one of reduced size.
  [[nodiscard]] Outcome<Bytes> protect_rtcp(ByteView packet);
  // The turn in which this source begins, when not the first; for streams that move here from
  // elsewhere. Precondition: nothing of it was protected yet.
  void set_rollover_counter(rtp::Ssrc source, std::uint32_t turns);

 private:
  struct Source;
  Source* source(rtp::Ssrc ssrc);  // null: too many
  [[nodiscard]] bool is_exhausted() const;

  std::unique_ptr<Transform> transform_;
  std::map<rtp::Ssrc, std::unique_ptr<Source>> sources_;
  Deviations deviations_;
  KeyLifetime left_;
};

// Checks and opens what comes.
class InboundContext {
 public:
  InboundContext(Profile profile, const MasterKey& master, const Deviations& deviations = {});
  ~InboundContext();
  InboundContext(InboundContext&&) noexcept;
  InboundContext& operator=(InboundContext&&) noexcept;

  [[nodiscard]] Outcome<Bytes> unprotect_rtp(ByteView packet);
  [[nodiscard]] Outcome<Bytes> unprotect_rtcp(ByteView packet);
  // RFC 3711 §3.3.1: who joins late has to be told the sender's turn; without that it is taken to
  // be the first. Precondition: nothing of this source was accepted yet.
  void set_rollover_counter(rtp::Ssrc source, std::uint32_t turns);

 private:
  struct Source;
  [[nodiscard]] const Source& known(rtp::Ssrc ssrc) const;  // a new one when it is not
  Source* keep(rtp::Ssrc ssrc);                             // null: too many

  std::unique_ptr<Transform> transform_;
  std::map<rtp::Ssrc, std::unique_ptr<Source>> sources_;
  Deviations deviations_;
  Profile profile_;
};

}  // namespace rtclab::srtp
