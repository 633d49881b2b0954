// The RTP header of a packet of ours, written into the octets that will be sent.
//
// Spec: RFC 3550 §5.1, RFC 8285 §4.2 (one-byte form), §4.3 (two-byte form, where an id or a length
// asks for it).
#pragma once

#include "agents/base/bytes.h"
#include "agents/media/configuration.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::media {

struct OutgoingHeader {
  bool marker = false;
  std::uint8_t payload_type = 0;
  rtp::SequenceNumber sequence{0};
  rtp::RtpTimestamp timestamp{0};
  std::uint32_t ssrc = 0;
  // Extensions: written where there is something to say and an id for it.
  std::string_view mid{}, rid{}, repaired_rid{};
  std::optional<std::uint8_t> audio_level{};
  bool voice = false;
  bool reserved_id = false;  // Deviation::RtpReservedExtensionId
};

struct HeaderPlaces {
  std::uint16_t size = 0;
  std::uint16_t transport_sequence =
      0;                        // where its two octets stand, filled in when the packet leaves;
  std::uint16_t send_time = 0;  // … its three; 0: not there
};

// Appends to `out`, which is empty.
HeaderPlaces write_header(Bytes& out, const OutgoingHeader& header, const ExtensionIds& ids);

void patch_u16(Bytes& bytes, std::size_t at, std::uint16_t value);
void patch_u24(Bytes& bytes, std::size_t at, std::uint32_t value);

}  // namespace rtclab::media
