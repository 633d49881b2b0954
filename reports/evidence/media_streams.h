// The RTP streams of a call: what each peer sent, when it arrived, what was lost on the way and
// what of that came again.
//
// Spec: RFC 3550 §5.1 (SSRC and sequence number stand in the clear, so a recording without keys has
// them too), RFC 4588 §4 (which packet a retransmission repeats: readable with the capture's keys
// only), RFC 4585 §6.2, §6.3 and RFC 5104 §4.3.1 (what a receiver asks for; likewise).
#pragma once

#include "reports/evidence/evidence.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::evidence {

struct MediaPacket {
  std::uint16_t sequence_number = 0;
  std::uint32_t timestamp = 0;
  Duration sent{};
  std::size_t octets = 0;  // of the RTP packet, as it was on the wire
  std::optional<Duration> arrived;
  bool lost = false;                 // somebody on the way dropped it, and the capture says so
  std::optional<Duration> repaired;  // of a lost one: when it came again

  [[nodiscard]] bool is_missing() const { return lost && !repaired; }
};

// What a receiver asked the sender of the stream for.
struct MediaRequest {
  enum class Kind : std::uint8_t { Nack, Pli, Fir };
  Kind kind = Kind::Nack;
  Duration sent{};
  std::size_t packets = 0;  // a NACK's: how many it names
};

struct MediaStream {
  PartyIndex from = 0;
  PartyIndex to = 0;
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 0;  // of its first packet
  std::string kind;      // "audio", "video"; empty when no description has its payload type
  std::string encoding;  // "opus", "VP8"; "payload type 96" without a description
  std::string rid;       // of a simulcast layer (RFC 8852 §3.1); else empty
  std::vector<MediaPacket> packets;  // as first sent, in that order
  std::vector<MediaPacket>
      again;  // what was sent once more, in this stream or in an RTX stream of it
  std::vector<MediaRequest> requests;

  [[nodiscard]] std::string name() const;  // "video VP8", "video VP8 half"
};

// By sender, then by first packet. RTX streams are united with those that they repair, if the
// capture's keys open them; else they stand alone.
[[nodiscard]] std::vector<MediaStream> media_streams(const Evidence& evidence);

}  // namespace rtclab::evidence
