// draft-holmer-rmcat-transport-wide-cc-extensions-01: the numbers that packets of a transport
// share, and what receivers tell of them.
#include "agents/rtp/extensions.h"
#include "reports/judge/checkers.h"
#include "reports/judge/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

constexpr std::string_view kDraft = "draft-holmer-rmcat-transport-wide-cc-extensions-01";

struct NumberedPacket {
  const RtpSent* packet;
  rtp::SequenceNumber number;
};

// Those of a side that carry a transport-wide number, in the order in which they left.
std::vector<NumberedPacket> numbered_packets(const MediaSide& side) {
  std::vector<NumberedPacket> numbered;
  for (const auto& [ssrc, stream] : side.streams) {
    for (const auto& packet : stream.packets) {
      const auto id = packet.section != nullptr
                          ? packet.section->extension(rtp::extension_uri::kTransportWideCc)
                          : std::nullopt;
      const auto data = id ? packet.header.find_extension(*id) : std::nullopt;
      const auto number = data ? rtp::read_transport_sequence_number(*data) : std::nullopt;
      if (number) numbered.push_back({&packet, *number});
    }
  }
  // Transmissions stand in one list, in the order of the capture.
  std::ranges::sort(numbered, {}, [](const NumberedPacket& each) { return each.packet->by; });
  return numbered;
}

void check_transport_numbers(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    const auto numbered = numbered_packets(side);
    if (!side.at_source || numbered.size() < 2) return;
    Tally<const RtpSent*> tally;
    tally.count(false, numbered.front().packet);
    for (std::size_t i = 1; i < numbered.size(); ++i) {
      const auto& before = numbered[i - 1];
      const auto& each = numbered[i];
      const bool is_again =
          std::ranges::equal(each.packet->by->payload, before.packet->by->payload);
      tally.count(!is_again && each.number != before.number.plus(1), each.packet);
    }
    findings.check(tally.wrong == 0, *(*tally.shown)->by,
                   fmt::format("{} packets with a transport-wide number, {} of them not the next",
                               tally.cases, tally.wrong));
  });
}

void check_told_arrivals(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const auto&) {
    const auto numbered = numbered_packets(other);
    const bool seen = std::ranges::any_of(
        numbered, [](const NumberedPacket& each) { return each.packet->received.has_value(); });
    if (!seen || numbered.size() > 60000) return;
    std::map<std::uint16_t, std::vector<const RtpSent*>> by_number;
    for (const auto& each : numbered) by_number[each.number.value()].push_back(each.packet);
    Tally<const RtcpSent*> tally;
    for (const auto& rtcp : side.rtcp) {
      for (const auto& packet : rtcp.compound.packets) {
        const auto* const feedback = std::get_if<rtp::TransportFeedback>(&packet);
        if (feedback == nullptr) continue;
        std::size_t invented = 0;
        for (std::size_t i = 0; i < feedback->packets.size(); ++i) {
          if (!feedback->packets[i].received) continue;
          const auto number = feedback->base_sequence_number.plus(static_cast<int>(i)).value();
          const auto sent = by_number.find(number);
          const bool came = sent != by_number.end() &&
                            std::ranges::any_of(sent->second, [&](const RtpSent* each) {
                              return each->received && *each->received <= rtcp.by->sent;
                            });
          if (!came) ++invented;
        }
        tally.count(invented > 0, &rtcp);
      }
    }
    if (!tally.shown) return;
    findings.check(tally.wrong == 0, *(*tally.shown)->by,
                   fmt::format("{} transport-wide reports, {} of them on packets that had not come",
                               tally.cases, tally.wrong));
  });
}

// clang-format off
constexpr std::array kTransportFeedbackCheckers{
    Checker{{"twcc-holmer-2-sequence", kDraft, "2", Level::Must,
             "The transport-wide number rises by one with each packet of the transport."},
            "sides whose packets have transport-wide numbers", check_transport_numbers},
    Checker{{"twcc-holmer-3.1-received", kDraft, "3.1", Level::Must,
             "Transport-wide feedback tells of packets that have come as received, of no others."},
            "sides that send transport-wide feedback", check_told_arrivals},
};
// clang-format on

}  // namespace

std::span<const Checker> transport_feedback_checkers() {
  return kTransportFeedbackCheckers;
}

}  // namespace rtclab::judge
