// All RTP media of one transport (a BUNDLE group): plaintext RTP and RTCP in and out, sources,
// jitter buffers, reports, repair and rate control. Sans-I/O; the owner protects (SRTP) and carries
// packets.
//
// Spec: RFC 3550 (RTP), RFC 4585 (AVPF), RFC 4588 (RTX), RFC 5104 (FIR), RFC 5506 (reduced size),
// RFC 8108 (several streams), RFC 8834 (of WebRTC), RFC 8852 (RID), RFC 9143 §9.2 (which section a
// packet is of).
//
// The contract is that of agents/base/io.h: after each call drain poll_packet() and poll_event()
// until both return nullopt; next_wakeup() is then later than `now`. Nothing is sent before
// set_writable(true).
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/media/configuration.h"
#include "agents/media/event.h"
#include "agents/media/rate_controller.h"
#include "agents/media/source.h"
#include "agents/media/statistics.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::media {

enum class PacketKind : std::uint8_t { Rtp, Rtcp };

// A packet for the owner to protect and send. There is room behind `bytes` for an SRTP trailer
// (kTrailerRoom), so that protecting in place needs no new memory.
struct OutgoingPacket {
  PacketKind kind = PacketKind::Rtp;
  Bytes bytes{};
};
inline constexpr std::size_t kTrailerRoom = 32;

// Which FrameFate and PacketFateKnown events are queued. Statistics count all in any case.
enum class FateReports : std::uint8_t {
  None,
  Exceptions,  // everything but frames that were shown in time
  All,
};

struct SessionOptions {
  Deviations deviations{};
  FateReports fates = FateReports::Exceptions;
  // The wall clock at Instant{0}, since 1900: for the NTP timestamps of SRs. 2026-01-01 by default.
  std::chrono::seconds ntp_origin{3976214400};
  std::size_t max_packet = 1200;  // octets of an RTP packet before SRTP
  RateLimits rate{};              // of each video; audio keeps its own bitrate
  // Full reports come at least this far apart (RFC 4585 §3.4, T_rr_interval); feedback does not
  // wait for them.
  Duration report_interval = std::chrono::seconds{1};
  // How long a lost packet of video is asked for before a key frame is (PLI).
  Duration repair_limit = std::chrono::milliseconds{1000};
};

class Session {
 public:
  // `rng` is drawn from during construction only; parts get streams of their own. No controller:
  // the delay and loss based one.
  Session(const SessionOptions& options, Rng& rng,
          std::unique_ptr<RateController> controller = nullptr);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // What holds from now on. Sections and encodings that are no longer there end with BYE.
  void configure(Instant now, const Configuration& configuration);
  // The keys stand and the path carries packets, or no longer does. Sources begin with the first
  // `true`.
  void set_writable(Instant now, bool writable);
  // What the section sends from now on; nullptr: nothing (replaceTrack(null)). May come before the
  // section.
  void set_source(Instant now, std::string_view mid, std::unique_ptr<EncodedSource> source);

  void handle_rtp(Instant now, ByteView packet);
  void handle_rtcp(Instant now, ByteView packet);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;
  [[nodiscard]] std::optional<OutgoingPacket> poll_packet();
  [[nodiscard]] std::optional<SessionEvent> poll_event();

  // BYE for all our sources (RFC 3550 §6.3.7): one packet to poll; nothing follows.
  void close(Instant now);

  [[nodiscard]] Statistics statistics() const;

 private:
  class Core;
  // For every call that may move a deadline.
  Core& changing();

  std::unique_ptr<Core> core_;
  mutable std::optional<std::optional<Wakeup>> wakeup_;  // as found last; asked for more often
};

}  // namespace rtclab::media
