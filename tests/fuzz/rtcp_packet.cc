// RTCP: any datagram is read; what was read is written, and read again it is the same.
#include "agents/rtp/rtcp.h"
#include "tests/fuzz/target.h"

namespace rtclab::fuzz {
namespace {

using namespace rtp;

// All that an agent may ask a packet.
void look_through(const RtcpPacket& packet) {
  require(!name(packet).empty(), "a packet has a name");
  static_cast<void>(sender(packet));
  if (const auto* const nack = std::get_if<Nack>(&packet)) {
    const auto lost = nack->lost();
    require(lost.size() >= nack->items.size() && lost.size() <= 17 * nack->items.size(),
            "an item names 1 to 17 packets");
  }
  if (const auto* const feedback = std::get_if<TransportFeedback>(&packet)) {
    require(feedback->arrivals().size() == feedback->packets.size(),
            "each packet has arrived or not");
  }
  if (const auto* const report = std::get_if<SenderReport>(&packet)) {
    static_cast<void>(to_instant(report->ntp));
    for (const auto& block : report->blocks) {
      require(round_trip_time(compact(report->ntp), block.last_sr, block.delay_since_last_sr) >=
                  Duration{},
              "no round trip is negative");
    }
  }
}

}  // namespace

void rtcp_packet(ByteView input) {
  const auto compound = CompoundPacket::parse(input);
  const auto strict = CompoundPacket::parse(input, RtcpForm::Compound);
  require(!strict || compound == strict, "the strict form is a part of the reduced");
  if (!compound) {
    require(compound.error().offset <= input.size(), "a flaw is found inside the datagram");
    return;
  }
  for (const auto& packet : compound->packets) look_through(packet);
  const auto octets = compound->serialize();
  const auto again = CompoundPacket::parse(octets);
  require(again.has_value() && *again == *compound, "what is written is what was read");
}

}  // namespace rtclab::fuzz
