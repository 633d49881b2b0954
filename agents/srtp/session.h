// SRTP of one transport, keyed by its DTLS association: both directions.
//
// Spec: RFC 5764 §4.2 and §5.1 (keys from DTLS), RFC 3711. Feed it what a demultiplexer takes for
// RTP or RTCP (rtp::looks_like_rtcp()). What is not accepted is a value; describe it with
// PacketRefused.
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/event.h"
#include "agents/srtp/context.h"

#include <cstdint>
#include <string_view>

namespace rtclab::srtp {

class Session {
 public:
  // `material` is what the association exports for kExporterLabel: keying_material_size(profile)
  // octets.
  Session(Profile profile, DtlsRole role, ByteView material, const Deviations& deviations = {});

  [[nodiscard]] Outcome<Bytes> protect(PacketKind kind, ByteView packet);
  [[nodiscard]] Outcome<Bytes> unprotect(PacketKind kind, ByteView packet);

  [[nodiscard]] Profile profile() const { return profile_; }
  [[nodiscard]] OutboundContext& outbound() { return outbound_; }
  [[nodiscard]] InboundContext& inbound() { return inbound_; }

 private:
  Session(Profile profile, const DirectionKeys& keys, const Deviations& deviations);

  Profile profile_;
  OutboundContext outbound_;
  InboundContext inbound_;
};

// The session has its keys.
struct Keyed {
  static constexpr std::string_view kName = "srtp:keyed";
  Profile profile;
  [[nodiscard]] Event describe() const;
};

// A packet that came and was not accepted, or one of ours that must not leave.
struct PacketRefused {
  static constexpr std::string_view kName = "srtp:packet_refused";
  PacketKind kind;
  Failure failure;
  [[nodiscard]] Event describe() const;
};

}  // namespace rtclab::srtp
