// What a session tells its owner. Each has a record for the trace; the owner decides which to keep.
#pragma once

#include "agents/base/event.h"
#include "agents/base/time.h"
#include "agents/media/configuration.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::media {

// The first packet of a source arrived, and this is the section that it belongs to: a track's
// "unmute".
struct SourceAdded {
  static constexpr std::string_view kName = "media:source_added";
  std::uint32_t ssrc;
  std::string mid, rid;
  std::string_view by;  // "mid", "rid", "ssrc", "payload type": what told (RFC 9143 §9.2)
  [[nodiscard]] Event describe() const;
};

// A source has said BYE, or was silent for five intervals (RFC 3550 §6.3.5).
struct SourceRemoved {
  static constexpr std::string_view kName = "media:source_removed";
  std::uint32_t ssrc;
  std::string mid;
  std::string_view why;  // "bye", "timeout", "section"
  [[nodiscard]] Event describe() const;
};

// A packet that belongs to no section (RFC 9143 §9.2), or cannot be used there. Told once for each
// SSRC.
struct UnknownPacket {
  static constexpr std::string_view kName = "media:unknown_packet";
  std::uint32_t ssrc;
  std::uint8_t payload_type;
  std::string_view why;
  [[nodiscard]] Event describe() const;
};

// Somebody uses an SSRC of ours; we left it with a BYE and go on with another (RFC 3550 §8.2).
struct SsrcChanged {
  static constexpr std::string_view kName = "media:ssrc_changed";
  std::string mid, rid;
  std::uint32_t from, to;
  std::uint32_t rtx;  // what retransmissions of `to` have
  [[nodiscard]] Event describe() const;
};

enum class Fate : std::uint8_t {
  Shown,      // complete when it was due
  ShownLate,  // complete after it was due: video stood still, and goes on with it
  Lost,       // never complete
  Skipped,    // complete, but what it builds upon was lost
};
[[nodiscard]] std::string_view to_string(Fate fate);  // "shown", "shown late", "lost", "skipped"

// The fate of a frame: for video all packets of one picture, for audio one packet.
struct FrameFate {
  static constexpr std::string_view kName = "media:frame";
  std::uint32_t ssrc;
  std::uint32_t timestamp;  // RTP
  Fate fate;
  bool key;
  std::uint16_t packets;   // of it that arrived
  std::uint16_t repaired;  // … by RTX
  Duration delay;          // from the arrival of its first packet until it was shown
  [[nodiscard]] Event describe() const;
};

enum class PacketFate : std::uint8_t { Late, Lost, Repaired, Duplicate };
[[nodiscard]] std::string_view to_string(PacketFate fate);

// The fate of a packet where it is not the usual one.
struct PacketFateKnown {
  static constexpr std::string_view kName = "media:packet";
  std::uint32_t ssrc;
  std::uint16_t sequence;
  PacketFate fate;
  [[nodiscard]] Event describe() const;
};

struct FirstFrame {
  static constexpr std::string_view kName = "media:first_frame";
  std::uint32_t ssrc;
  std::string mid;
  Duration after;  // since the section was to be received
  [[nodiscard]] Event describe() const;
};

struct FreezeEnded {
  static constexpr std::string_view kName = "media:freeze";
  std::uint32_t ssrc;
  Duration lasted;
  [[nodiscard]] Event describe() const;
};

enum class KeyFrameCause : std::uint8_t { Pli, Fir };

// The remote asked for a key frame of ours.
struct KeyFrameRequested {
  static constexpr std::string_view kName = "media:key_frame_requested";
  std::uint32_t ssrc;
  KeyFrameCause cause;
  [[nodiscard]] Event describe() const;
};

// What we may send has changed by at least a twentieth, or its reason has.
struct TargetChanged {
  static constexpr std::string_view kName = "media:target_changed";
  std::uint64_t bitrate;  // bit/s
  std::string_view reason;
  [[nodiscard]] Event describe() const;
};

// RFC 8083: reports stopped coming, or tell of losses that no control would leave; sending has
// stopped.
struct CircuitBroken {
  static constexpr std::string_view kName = "media:circuit_broken";
  std::uint32_t ssrc;
  std::string_view why;  // "no reports", "media timeout", "congestion"
  [[nodiscard]] Event describe() const;
};

using SessionEvent = std::variant<PacketDiscarded, SourceAdded, SourceRemoved, UnknownPacket,
                                  SsrcChanged, FrameFate, PacketFateKnown, FirstFrame, FreezeEnded,
                                  KeyFrameRequested, TargetChanged, CircuitBroken>;

[[nodiscard]] Event describe(const SessionEvent& event);

}  // namespace rtclab::media
