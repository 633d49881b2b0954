// RFC 9429 §5.2.1, RFC 8834 §5.1: what descriptions say of RTCP and its feedback.
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

using sdp::SessionDescription;

// RFC 9429 §5.2.1: in a bundle the section that speaks for the transport says it for all.
bool speaks_for_transport(const SessionDescription& description, std::size_t index) {
  const auto bundle = description.bundle();
  const auto mid = description.section(index).mid();
  return !mid || std::ranges::count(bundle, *mid) == 0 || bundle.front() == *mid;
}

bool says_reduced_size(const sdp::Section& section) {
  return section.lines().has_attribute("rtcp-rsize");
}

void check_reduced_size(const Docket& docket, Findings& findings) {
  const Negotiation negotiation{docket};
  for_each_section(docket, [&](const DescriptionRecord& record,
                               const SessionDescription& description, std::size_t index,
                               const sdp::Section& section) {
    if (!is_rtp(section) || !speaks_for_transport(description, index)) return;
    if (negotiation.own_before(record) != nullptr) return;  // later ones follow the first
    if (const auto* const offer =
            negotiation.is_offer(record) ? nullptr : negotiation.offer_of(record)) {
      const auto& offered = offer->reading.description;
      if (index >= offered.sections.size() || !says_reduced_size(offered.section(index))) return;
    }
    const bool good = says_reduced_size(section);
    findings.check_signal(good, record.signalling,
                          fmt::format("{}: {} a=rtcp-rsize", name_of_section(description, index),
                                      good ? "with" : "without"));
  });
}

void check_picture_loss(const Docket& docket, Findings& findings) {
  for_each_section(docket, [&](const DescriptionRecord& record,
                               const SessionDescription& description, std::size_t index,
                               const sdp::Section& section) {
    if (!is_rtp(section) || section.media().kind != "video") return;
    const auto feedback = section.rtcp_feedback();
    const bool good = std::ranges::count(feedback, "nack pli", &sdp::RtcpFeedback::mechanism) > 0;
    findings.check_signal(
        good, record.signalling,
        fmt::format("{}: {} a=rtcp-fb nack pli", name_of_section(description, index),
                    good ? "with" : "without"));
  });
}

// clang-format off
constexpr std::array kRtpSdpCheckers{
    Checker{{"jsep-9429-5.2.1-rtcp-rsize", "RFC 9429", "5.2.1", Level::Should,
             "First offers, and answers to those that do, say a=rtcp-rsize."},
            "RTP sections of first offers and answers", check_reduced_size},
    Checker{{"rtp-8834-5.1.2-pli-told", "RFC 8834", "5.1.2", Level::Should,
             "Descriptions of video say a=rtcp-fb nack pli, which every sender has to know."},
            "sections of video", check_picture_loss},
};
// clang-format on

}  // namespace

std::span<const Checker> rtp_sdp_checkers() {
  return kRtpSdpCheckers;
}

}  // namespace rtclab::judge
