// RTP media on one transport: what media::Session makes is protected and leaves, what arrives is
// opened and handed to it.
//
// Spec: RFC 5764 §4 and §5.1 (keys out of DTLS, demultiplexing), RFC 5761 §4 (RTP or RTCP), RFC
// 8842 §5.5 (another association has other keys). Without keys nothing leaves, and what arrives is
// lost: its sender has finished the handshake before us, and repeats what matters.
#pragma once

#include "agents/media/session.h"
#include "agents/srtp/session.h"

#include <deque>
#include <optional>

namespace rtclab::peer {

class MediaPath {
 public:
  // `rng` is only read during construction.
  MediaPath(const media::SessionOptions& options, Rng& rng)
      : deviations_{options.deviations}, session_{options, rng} {}

  [[nodiscard]] media::Session& session() { return session_; }
  [[nodiscard]] const media::Session& session() const { return session_; }

  // The association stands, or another one does: RFC 3711 §9.1 forbids to use a key stream twice.
  void set_keys(srtp::Profile profile, srtp::DtlsRole role, ByteView keying_material);
  void drop_keys(Instant now);
  // Whether the path carries packets; they leave once there are keys, too.
  void set_path(Instant now, bool carries);

  void handle_datagram(Instant now, ByteView datagram);
  // A protected packet to send.
  [[nodiscard]] std::optional<Bytes> poll_datagram();
  // What SRTP has to say: that there are keys, and what it refused.
  [[nodiscard]] std::optional<rtclab::Event> poll_trace();

 private:
  [[nodiscard]] srtp::Outcome<Bytes> seal(srtp::PacketKind kind, Bytes packet);
  void refuse(srtp::PacketKind kind, srtp::Failure failure);

  Deviations deviations_;
  media::Session session_;
  std::optional<srtp::Session> srtp_;
  bool writable_ = false;
  unsigned sent_ = 0;           // Deviation::SrtpSendTwice
  std::optional<Bytes> again_;  // likewise
  std::deque<rtclab::Event> trace_;
};

}  // namespace rtclab::peer
