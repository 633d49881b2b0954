// RTCDataChannelInit: how a channel treats its messages.
//
// Spec: W3C webrtc-pc §6.2 (dictionary), W3C webrtc-priority §4.2 (priority), RFC 8832 §5.1 (what
// of it the peer learns).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rtclab::peer {

// The W3C's RTCPriorityType: RFC 8831 §6.4 calls them below normal, normal, high and extra high.
enum class Priority : std::uint8_t { VeryLow, Low, Medium, High };

struct DataChannelInit {
  bool ordered = true;
  std::optional<std::uint16_t> max_packet_life_time;  // milliseconds
  std::optional<std::uint16_t> max_retransmits;       // at most one of the two
  std::string protocol;
  bool negotiated = false;          // both sides create it themselves, with the same id
  std::optional<std::uint16_t> id;  // the SCTP stream; required when negotiated, ignored otherwise
  Priority priority = Priority::Low;
};

}  // namespace rtclab::peer
