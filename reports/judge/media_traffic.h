// RTP and RTCP between two peers, each side by what it sent: streams by their SSRC, compound
// packets in their order, and what the descriptions say of both.
//
// Spec: RFC 3550 §5 and §6, RFC 9143 §9.2 (which section a packet is of). Headers of RTP stand open
// under SRTP (RFC 3711 §3.1); payloads and RTCP are here where keys of the capture open them.
#pragma once

#include "agents/rtp/packet.h"
#include "agents/rtp/rtcp.h"
#include "reports/judge/media_terms.h"
#include "reports/judge/transmission.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::judge {

class Docket;

struct RtpSent {
  const Transmission* by = nullptr;
  rtp::Packet header;                    // without its payload
  bool parsed = true;                    // false: `header` has no extension, for it cannot be read
  std::optional<ByteView> payload;       // where keys open it; without padding
  rtp::LongSequenceNumber sequence = 0;  // with its turns
  std::optional<Duration> received;      // by the other peer, when somebody saw it
  const MediaTerms* section = nullptr;   // what its MID, its SSRC or its payload type tells
  const RtpFormat* format = nullptr;

  [[nodiscard]] const evidence::UnprotectedMedia* media() const {
    return by->dissection->media.get();
  }
  // The text of an element that is negotiated under this name; empty when there is none.
  [[nodiscard]] std::string_view text(std::string_view uri) const;
};

struct RtpStream {
  std::uint32_t ssrc = 0;
  std::string mid;                // empty: nothing tells
  std::string rid, repaired_rid;  // as its packets say
  std::vector<RtpSent> packets;   // in the order in which they left; never empty

  [[nodiscard]] bool is_rtx() const;
  [[nodiscard]] bool is(std::string_view kind) const;  // "audio"; false where nothing tells
};

// Feedback of a receiver, in whose company a datagram may leave before its time.
[[nodiscard]] bool is_feedback(const rtp::RtcpPacket& packet);

struct RtcpSent {
  const Transmission* by = nullptr;
  rtp::CompoundPacket compound;
  std::optional<Duration> received;

  [[nodiscard]] const evidence::UnprotectedMedia& media() const { return *by->dissection->media; }
  [[nodiscard]] bool has_report() const;
  [[nodiscard]] bool has_feedback() const;
};

struct MediaSide {
  std::string name;
  evidence::PartyIndex party{};
  std::vector<SideTerms> terms;                // what it may send, by time
  std::map<std::uint32_t, RtpStream> streams;  // by SSRC
  std::vector<RtcpSent> rtcp;                  // what keys open and is readable
  std::vector<const Transmission*> sealed;     // RTP and RTCP that no key opens
  std::vector<const Transmission*> odd;        // datagrams that are of no protocol
  // When the other's Finished came: before that it has no keys, and what comes is lost to it (RFC
  // 5764 §5.1). nullopt where the handshake was not seen, or is one of DTLS 1.3.
  std::optional<Duration> keyed;
  // Whether a packet that came then was not lost to it.
  [[nodiscard]] bool could_open(Duration received) const { return !keyed || received > *keyed; }
  bool at_source = true;  // its packets were captured where they left, so that none is missing

  // What the descriptions said then: those of the latest exchange, or of the first one before it.
  [[nodiscard]] const SideTerms* terms_at(Duration at) const;
  // For a stream of RTX: whose packets it repeats; nullptr where nothing tells.
  [[nodiscard]] const RtpStream* repaired_by(const RtpStream& rtx) const;
  // When it said BYE for the SSRC.
  [[nodiscard]] std::optional<Duration> goodbye(std::uint32_t ssrc) const;
};

struct MediaTraffic {
  std::array<MediaSide, 2> sides;
  Duration first{};  // the first packet of media
  Duration last{};   // when a peer of it was last heard at all
};

// One for each pair of peers. `docket` outlives them.
[[nodiscard]] std::vector<MediaTraffic> media_traffic(const Docket& docket);

// f(traffic, side): for each side of all traffic.
template <class F>
void for_each_media_side(const std::vector<MediaTraffic>& all, F f) {
  for (const auto& traffic : all) {
    for (std::size_t i = 0; i < 2; ++i) f(traffic.sides[i], traffic.sides[1 - i], traffic);
  }
}

// f(side, stream): for each stream of RTP.
template <class F>
void for_each_rtp_stream(const std::vector<MediaTraffic>& all, F f) {
  for (const auto& traffic : all) {
    for (const auto& side : traffic.sides) {
      for (const auto& [ssrc, stream] : side.streams) f(side, stream);
    }
  }
}

}  // namespace rtclab::judge
