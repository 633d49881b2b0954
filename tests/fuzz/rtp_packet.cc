// RTP: any datagram is read; what was read is written, and read again it is the same.
#include "agents/rtp/extensions.h"
#include "agents/rtp/packet.h"
#include "agents/rtp/rtx.h"
#include "tests/fuzz/target.h"

#include <algorithm>

namespace rtclab::fuzz {
namespace {

using namespace rtp;

// All that an agent may ask the data of an extension element.
void look_through(ByteView data) {
  static_cast<void>(read_mid(data));
  static_cast<void>(read_rid(data));
  static_cast<void>(read_transport_sequence_number(data));
  if (const auto level = read_audio_level(data)) {
    require(read_audio_level(write_audio_level(*level)) == level, "an audio level survives");
  }
  if (const auto time = read_absolute_send_time(data)) {
    require(std::ranges::equal(write_absolute_send_time(*time), data), "a send time survives");
  }
  if (const auto offset = read_time_offset(data)) {
    require(std::ranges::equal(write_time_offset(*offset), data), "a time offset survives");
  }
  if (const auto delay = read_playout_delay(data)) {
    require(std::ranges::equal(write_playout_delay(*delay), data), "a playout delay survives");
  }
}

}  // namespace

void rtp_packet(ByteView input) {
  static_cast<void>(looks_like_rtcp(input));
  const auto view = HeaderView::parse(input);
  const auto packet = Packet::parse(input);
  if (!packet) {
    require(packet.error().offset <= input.size(), "a flaw is found inside the datagram");
    return;
  }
  require(view.has_value() && view->size <= input.size() && view->ssrc == packet->ssrc,
          "who can read a packet can read its header");
  require(view->size + packet->payload.size() + packet->padding == input.size(),
          "header, payload and padding are all of it");
  const auto again = Packet::parse(packet->serialize());
  require(again.has_value() && *again == *packet, "what is written is what was read");
  if (packet->extension) {
    for (const auto& element : packet->extension->elements) look_through(element.data);
  }
  const auto rtx = to_rtx(*packet, {PayloadType{97}, SequenceNumber{1}, Ssrc{2}});
  auto original = *packet;
  original.padding = 0;
  require(from_rtx(rtx, packet->payload_type, packet->ssrc) == original,
          "a retransmission is what was lost");
}

}  // namespace rtclab::fuzz
