// An RTP packet as borrowed views: what the way of a packet through a session needs, without memory
// of its own. rtp::Packet is the same as a value.
//
// Spec: RFC 3550 §5.1, RFC 8285 §4.2 and §4.3.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/rtp/types.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::media {

struct PacketView {
  bool marker = false;
  rtp::PayloadType payload_type{0};
  rtp::SequenceNumber sequence{0};
  rtp::RtpTimestamp timestamp{0};
  rtp::Ssrc ssrc{0};
  std::uint16_t profile = 0;  // of the header extension
  ByteView extensions{};      // its elements; empty where there are none
  ByteView payload{};         // without padding
  std::size_t header_size = 0;

  [[nodiscard]] static Result<PacketView> parse(ByteView octets);
  // The data of the element with this id; nullopt: absent, or `id` is.
  [[nodiscard]] std::optional<ByteView> find(const std::optional<std::uint8_t>& id) const;
  [[nodiscard]] std::string_view text(const std::optional<std::uint8_t>& id) const;
};

}  // namespace rtclab::media
