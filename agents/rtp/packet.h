// RTP packets: the fixed header, CSRCs, the header extension, payload and padding, as a value.
//
// Spec: RFC 3550 §5.1, §5.3.1; RFC 8285 (header extensions); RFC 5761 §4 (telling RTP from RTCP).
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/rtp/header_extension.h"
#include "agents/rtp/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::rtp {

inline constexpr std::size_t kFixedHeaderSize = 12;
inline constexpr std::size_t kMaxCsrcs = 15;

struct Packet {
  bool marker = false;
  PayloadType payload_type{0};
  SequenceNumber sequence_number{0};
  RtpTimestamp timestamp{0};
  Ssrc ssrc{0};
  std::vector<Ssrc> csrcs;  // at most kMaxCsrcs
  std::optional<HeaderExtension> extension;
  Bytes payload;
  std::uint8_t padding = 0;  // octets behind the payload, the one that counts them included

  [[nodiscard]] static Result<Packet> parse(ByteView octets);
  [[nodiscard]] Bytes serialize() const;

  // The data of the extension element with this id.
  [[nodiscard]] std::optional<ByteView> find_extension(ExtensionId id) const;
  // Sets or adds an element; see HeaderExtension::set().
  void set_extension(ExtensionId id, ByteView data);
  friend bool operator==(const Packet&, const Packet&) = default;
};

// What SRTP and a demultiplexer need before they can or care to read the rest. SRTP leaves all of
// it in the clear (RFC 3711 §3.1).
struct HeaderView {
  PayloadType payload_type;
  SequenceNumber sequence_number;
  Ssrc ssrc;
  std::size_t size;  // of fixed header, CSRCs and header extension: where the payload begins

  [[nodiscard]] static Result<HeaderView> parse(ByteView octets);
};

// RFC 5761 §4: of datagrams whose first octet is 128 to 191 (RFC 7983 §7), those with a second
// octet of 192 to 223 are RTCP, all others RTP.
[[nodiscard]] bool looks_like_rtp_or_rtcp(ByteView datagram);
[[nodiscard]] bool looks_like_rtcp(ByteView datagram);

}  // namespace rtclab::rtp
