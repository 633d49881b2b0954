// RFC 4585, RFC 5104: feedback of receivers, what it names and whether it may be sent.
#include "reports/judge/checkers.h"
#include "reports/judge/vp8_key_frame.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

// f(packet, rtcp), for each packet of this kind that the side sent.
template <class Kind, class F>
void for_each_rtcp(const MediaSide& side, F f) {
  for (const auto& rtcp : side.rtcp) {
    for (const auto& packet : rtcp.compound.packets) {
      if (const auto* const found = std::get_if<Kind>(&packet)) f(*found, rtcp);
    }
  }
}

void check_media_ssrc(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const auto&) {
    const auto judge = [&](std::string_view what, rtp::Ssrc sender, rtp::Ssrc media,
                           const RtcpSent& in) {
      const bool good = sender.value() != 0 && other.streams.contains(media.value());
      findings.check(good, *in.by,
                     fmt::format("{} from {:08x} on {:08x}{}", what, sender.value(), media.value(),
                                 good ? "" : ", which is no source of the other side"));
    };
    for_each_rtcp<rtp::Nack>(side, [&](const auto& nack, const RtcpSent& in) {
      judge("NACK", nack.sender, nack.media, in);
    });
    for_each_rtcp<rtp::PictureLossIndication>(side, [&](const auto& pli, const RtcpSent& in) {
      judge("PLI", pli.sender, pli.media, in);
    });
    for_each_rtcp<rtp::FullIntraRequest>(side, [&](const auto& fir, const RtcpSent& in) {
      for (const auto& entry : fir.entries) judge("FIR", fir.sender, entry.ssrc, in);
    });
  });
}

void check_nack_names_missing(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const auto&) {
    std::map<std::pair<std::uint32_t, std::uint16_t>, Duration> arrived;
    std::set<std::uint32_t> watched;  // streams whose arrivals somebody saw
    for (const auto& [ssrc, stream] : other.streams) {
      for (const auto& packet : stream.packets) {
        if (!packet.received) continue;
        watched.insert(ssrc);
        if (!side.could_open(*packet.received)) continue;
        const std::pair key{ssrc, packet.header.sequence_number.value()};
        const auto [entry, is_new] = arrived.try_emplace(key, *packet.received);
        if (!is_new) entry->second = std::min(entry->second, *packet.received);
      }
    }
    for_each_rtcp<rtp::Nack>(side, [&](const rtp::Nack& nack, const RtcpSent& in) {
      if (!watched.contains(nack.media.value())) return;
      std::size_t there = 0;
      const auto lost = nack.lost();
      for (const auto number : lost) {
        const auto found = arrived.find({nack.media.value(), number.value()});
        if (found != arrived.end() && found->second < in.by->sent) ++there;
      }
      findings.check(there == 0, *in.by,
                     fmt::format("NACK of {} packets, of which {} had come", lost.size(), there));
    });
  });
}

std::string_view mechanism_of(const rtp::RtcpPacket& packet) {
  if (std::holds_alternative<rtp::Nack>(packet)) return "nack";
  if (std::holds_alternative<rtp::PictureLossIndication>(packet)) return "nack pli";
  if (std::holds_alternative<rtp::FullIntraRequest>(packet)) return "ccm fir";
  if (std::holds_alternative<rtp::Tmmbr>(packet)) return "ccm tmmbr";
  if (std::holds_alternative<rtp::TransportFeedback>(packet)) return "transport-cc";
  if (std::holds_alternative<rtp::ReceiverEstimatedMaximumBitrate>(packet)) return "goog-remb";
  return {};
}

// An answer is on its way, and what was agreed on before is still heard.
constexpr Duration kFeedbackOverlap = 2s;

bool has_mechanism(const MediaSide& sender, std::string_view mechanism, Duration at) {
  return std::ranges::any_of(
      std::array{at - kFeedbackOverlap, at, at + kFeedbackOverlap}, [&](Duration when) {
        const auto* const terms = sender.terms_at(when);
        return std::ranges::any_of(terms->sections, [&](const MediaTerms& section) {
          return section.feedback.contains(mechanism);
        });
      });
}

void check_feedback_negotiated(const Docket& docket, Findings& findings) {
  for_each_media_side(
      docket.media(), [&](const MediaSide& side, const MediaSide& other, const auto&) {
        if (other.terms.empty()) return;
        for (const auto& rtcp : side.rtcp) {
          for (const auto& packet : rtcp.compound.packets) {
            const auto mechanism = mechanism_of(packet);
            if (mechanism.empty()) continue;
            const bool good = has_mechanism(other, mechanism, rtcp.by->sent);
            findings.check(good, *rtcp.by,
                           fmt::format("{}, {}", rtp::name(packet),
                                       good ? "which both have in a=rtcp-fb"
                                            : "which is in no a=rtcp-fb that both have"));
          }
        }
      });
}

// When the first packet of a key frame had come.
bool key_frame_came(const RtpStream& stream, Duration after, Duration before) {
  return std::ranges::any_of(stream.packets, [&](const RtpSent& packet) {
    return packet.received && *packet.received > after && *packet.received < before &&
           packet.payload && packet.format != nullptr && packet.format->codec == "vp8" &&
           begins_vp8_key_frame(*packet.payload);
  });
}

// RFC 5104 §4.3.1.1: a request for what has not come yet is repeated under its number; one that
// comes after a key frame asks for another.
void check_fir_numbers(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const auto&) {
    struct Asked {
      std::uint8_t number;
      Duration at;
    };
    std::map<std::pair<std::uint32_t, std::uint32_t>, Asked> before;
    for_each_rtcp<rtp::FullIntraRequest>(side, [&](const auto& fir, const RtcpSent& in) {
      for (const auto& entry : fir.entries) {
        const std::pair key{fir.sender.value(), entry.ssrc.value()};
        const Asked now{entry.sequence_number, in.by->sent};
        const auto [known, is_new] = before.try_emplace(key, now);
        const auto stream = other.streams.find(entry.ssrc.value());
        if (!is_new && stream != other.streams.end()) {
          const auto step = static_cast<std::uint8_t>(now.number - known->second.number);
          const bool fresh = key_frame_came(stream->second, known->second.at, now.at);
          findings.check(fresh ? step == 1 : step <= 1, *in.by,
                         fmt::format("FIR number {} behind {}, {} key frame between", now.number,
                                     known->second.number, fresh ? "with a" : "without a"));
        }
        known->second = now;
      }
    });
  });
}

constexpr Duration kTimeToConfirm = 2s;

void check_tmmbn(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const MediaTraffic& traffic) {
    for_each_rtcp<rtp::Tmmbr>(other, [&](const rtp::Tmmbr&, const RtcpSent& in) {
      if (!in.received || *in.received + kTimeToConfirm > traffic.last) return;
      bool confirmed = false;
      for_each_rtcp<rtp::Tmmbn>(side, [&](const auto&, const RtcpSent& answer) {
        confirmed |=
            answer.by->sent >= *in.received && answer.by->sent <= *in.received + kTimeToConfirm;
      });
      findings.check_of(side.name, confirmed, *in.by,
                        confirmed ? "TMMBR answered with TMMBN" : "TMMBR without TMMBN");
    });
  });
}

// What RTCP of both sides may take of the bandwidth of the session, and what is not worth a word.
constexpr double kRtcpShare = 0.05;
constexpr double kShareSlack = 1.25;
constexpr std::size_t kUdpAndIp = 28;  // RFC 3550 §6.2: lower layers count
constexpr Duration kEnoughToCount = 8s;

// bit/s by b= of all sections; nullopt where one of them has none.
std::optional<double> told_bandwidth(const MediaSide& side, Duration at) {
  const auto* const terms = side.terms_at(at);
  if (terms == nullptr) return std::nullopt;
  double sum = 0;
  for (const auto& section : terms->sections) {
    if (section.refused) continue;
    if (!section.bandwidth) return std::nullopt;
    sum += static_cast<double>(*section.bandwidth);
  }
  return sum > 0 ? std::optional{sum} : std::nullopt;
}

void check_rtcp_share(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    if (side.rtcp.empty()) return;
    const auto& first = *side.rtcp.front().by;
    const auto& last = *side.rtcp.back().by;
    const auto bandwidth = told_bandwidth(side, first.sent);
    if (!bandwidth || last.sent - first.sent < kEnoughToCount) return;
    std::size_t octets = 0;
    for (const auto& rtcp : side.rtcp) octets += rtcp.by->payload.size() + kUdpAndIp;
    const auto rate = 8 * static_cast<double>(octets) / seconds(last.sent - first.sent);
    const auto share = kRtcpShare * *bandwidth;
    findings.check(rate <= kShareSlack * share, last,
                   fmt::format("RTCP of {:.0f} bit/s in {} datagrams, {:.0f} are its share", rate,
                               side.rtcp.size(), share));
  });
}

// clang-format off
constexpr std::array kFeedbackCheckers{
    Checker{{"fb-4585-4585.3.5-early", "RFC 4585", "3.5.2", Level::Must,
             "Early feedback is no more than what keeps RTCP in its share of the bandwidth."},
            "sides whose bandwidth b= tells", check_rtcp_share},
    Checker{{"fb-4585-6.1-media-ssrc", "RFC 4585", "6.1", Level::Must,
             "Feedback names its sender and the source that it is about."},
            "NACK, PLI and FIR packets", check_media_ssrc},
    Checker{{"fb-4585-4585.6.2.1-nack-bitmask", "RFC 4585", "6.2.1", Level::Must,
             "NACK names packets that have not come."},
            "NACK packets on streams whose arrival was captured", check_nack_names_missing},
    Checker{{"fb-4585-4585.4.2-fb-negotiated", "RFC 4585", "4.2", Level::Must,
             "Only feedback that both have in a=rtcp-fb is sent."},
            "packets of feedback", check_feedback_negotiated},
    Checker{{"fb-4585-5104.4.3.1-fir-seq", "RFC 5104", "4.3.1", Level::Must,
             "Each new request for a key frame has the next number."},
            "FIR packets after another", check_fir_numbers},
    Checker{{"fb-4585-5104.4.2.1-tmmbn", "RFC 5104", "4.2.1", Level::Must,
             "TMMBR is answered with TMMBN."},
            "TMMBR packets", check_tmmbn},
};
// clang-format on

}  // namespace

std::span<const Checker> feedback_checkers() {
  return kFeedbackCheckers;
}

}  // namespace rtclab::judge
