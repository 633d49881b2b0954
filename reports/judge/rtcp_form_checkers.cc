// RFC 3550 §6, RFC 5506, RFC 8834 §4, RFC 8108 §5: what a datagram of RTCP holds and when it
// leaves.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

// Sections that ran out of use, and offers on their way, leave the terms of before in force for a
// while.
constexpr Duration kTermsChange = 2s;

bool may_reduce(const MediaSide& side, Duration at) {
  const auto says = [](const SideTerms* terms) {
    return terms == nullptr || std::ranges::any_of(terms->sections, &MediaTerms::reduced_size);
  };
  return says(side.terms_at(at)) || says(side.terms_at(at - kTermsChange)) ||
         says(side.terms_at(at + kTermsChange));
}

bool is_compound(const rtp::CompoundPacket& datagram) {
  const bool begins = std::holds_alternative<rtp::SenderReport>(datagram.packets.front()) ||
                      std::holds_alternative<rtp::ReceiverReport>(datagram.packets.front());
  return begins && std::ranges::any_of(datagram.packets, [](const rtp::RtcpPacket& packet) {
           const auto* const description = std::get_if<rtp::SourceDescription>(&packet);
           return description != nullptr &&
                  std::ranges::any_of(description->chunks, [](const auto& chunk) {
                    return chunk.find(rtp::SdesType::Cname).has_value();
                  });
         });
}

void check_compound(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    for (const auto& rtcp : side.rtcp) {
      if (may_reduce(side, rtcp.by->sent)) continue;
      const bool good = is_compound(rtcp.compound);
      findings.check(good, *rtcp.by,
                     fmt::format("{} {}", rtp::name(rtcp.compound.packets.front()),
                                 good ? "at the front of a compound packet"
                                      : "without a report before it or a CNAME with it"));
    }
  });
}

// f(ssrc, CNAME, by), for each SDES chunk.
template <class F>
void for_each_cname(const MediaSide& side, F f) {
  for (const auto& rtcp : side.rtcp) {
    for (const auto& packet : rtcp.compound.packets) {
      const auto* const description = std::get_if<rtp::SourceDescription>(&packet);
      if (description == nullptr) continue;
      for (const auto& chunk : description->chunks) {
        if (const auto name = chunk.find(rtp::SdesType::Cname))
          f(chunk.source.value(), *name, rtcp);
      }
    }
  }
}

struct NamedSource {
  std::string cname;
  std::size_t times = 0;
  const RtcpSent* changed = nullptr;  // the first datagram with another
  const RtcpSent* first = nullptr;
};
std::map<std::uint32_t, NamedSource> named_sources(const MediaSide& side) {
  std::map<std::uint32_t, NamedSource> sources;
  for_each_cname(side, [&](std::uint32_t ssrc, std::string_view cname, const RtcpSent& rtcp) {
    auto& source = sources[ssrc];
    if (source.times++ == 0) source = {std::string{cname}, 1, nullptr, &rtcp};
    if (source.cname != cname && source.changed == nullptr) source.changed = &rtcp;
  });
  return sources;
}

void check_cname_stays(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    for (const auto& [ssrc, source] : named_sources(side)) {
      if (source.times < 2) continue;
      const bool good = source.changed == nullptr;
      findings.check(good, *(good ? source.first : source.changed)->by,
                     fmt::format("SSRC {:08x} {} its CNAME", ssrc, good ? "keeps" : "changes"));
    }
  });
}

// Sources that change their names say nothing of each other.
void check_one_cname(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    const NamedSource* first = nullptr;
    for (const auto& [ssrc, source] : named_sources(side)) {
      if (source.times < 2 || source.changed != nullptr) continue;
      if (first == nullptr) {
        first = &source;
        continue;
      }
      const bool good = source.cname == first->cname;
      findings.check(good, *source.first->by,
                     fmt::format("SSRC {:08x} has {} CNAME as another source", ssrc,
                                 good ? "the same" : "not the same"));
    }
  });
}

// The first datagram that waited for nothing: it left with the first packet of media.
constexpr Duration kWithFirstMedia = 1ms;

void check_initial_delay(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    if (side.rtcp.empty() || side.streams.empty()) return;
    auto first_media = Duration::max();
    for (const auto& [ssrc, stream] : side.streams)
      first_media = std::min(first_media, stream.packets.front().by->sent);
    const auto& first = side.rtcp.front();
    if (!first.has_report()) return;
    const auto wait = first.by->sent - first_media;
    findings.check(wait > kWithFirstMedia, *first.by,
                   fmt::format("first report {:.1f} ms after the first media", milliseconds(wait)));
  });
}

// The times between reports. Where each datagram needs one, feedback may have made it leave.
std::vector<double> report_intervals(const MediaSide& side) {
  std::vector<double> intervals;
  const RtcpSent* before = nullptr;
  for (const auto& rtcp : side.rtcp) {
    if (!rtcp.has_report()) continue;
    if (rtcp.has_feedback() && !may_reduce(side, rtcp.by->sent)) continue;
    if (rtcp.compound.find<rtp::Goodbye>() != nullptr) continue;
    // Several datagrams of one moment are one report.
    if (before != nullptr && rtcp.by->sent - before->by->sent < 5ms) continue;
    if (before != nullptr) intervals.push_back(seconds(rtcp.by->sent - before->by->sent));
    before = &rtcp;
  }
  return intervals;
}

constexpr std::size_t kEnoughIntervals = 6;
// The part of the shortest one by which intervals may differ from a multiple of it and still be
// fixed.
constexpr double kRigid = 0.03;

void check_random_interval(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    const auto intervals = report_intervals(side);
    if (intervals.size() < kEnoughIntervals) return;
    const auto [least, most] = std::ranges::minmax(intervals);
    const bool rigid = std::ranges::all_of(intervals, [least = least](double interval) {
      const auto times = interval / least;
      return std::abs(times - std::round(times)) <= kRigid;
    });
    findings.check(!rigid, *side.rtcp.back().by,
                   fmt::format("{} intervals between reports, from {:.2f} to {:.2f} s{}",
                               intervals.size(), least, most, rigid ? ", all by one measure" : ""));
  });
}

// When the side ended the stream for good: its section was refused, or it closed its transport.
std::optional<Duration> end_of(const Docket& docket, const MediaSide& side,
                               const RtpStream& stream) {
  const auto last = stream.packets.back().by->sent;
  for (const auto& terms : side.terms) {
    const auto* const section = terms.find(stream.mid);
    if (terms.since >= last && section != nullptr && section->refused) return terms.since;
  }
  for (const auto& t : docket.transmissions()) {
    if (t.from != side.party || t.sent < last) continue;
    for (const auto& record : t.dissection->dtls) {
      if (record.alert && record.alert->description == 0) return t.sent;
    }
  }
  return std::nullopt;
}

void check_bye(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    if (side.rtcp.empty() || stream.is_rtx()) return;
    const auto end = end_of(docket, side, stream);
    if (!end) return;
    const auto bye = side.goodbye(stream.ssrc);
    findings.check(bye.has_value(), *stream.packets.back().by,
                   fmt::format("SSRC {:08x} leaves {} BYE", stream.ssrc, bye ? "with" : "without"));
  });
}

// RFC 8834 §4.1 with RFC 3550 §6.2: five intervals of 5 s are a long time even for audio alone.
constexpr Duration kLongSilence = 25s;

void check_reports_come(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const MediaTraffic& traffic) {
    // Unreadable RTCP is a report as well as any.
    std::vector<const Transmission*> sent;
    for (const auto& rtcp : side.rtcp) sent.push_back(rtcp.by);
    for (const auto* const t : side.sealed) {
      if (t->dissection->kind == evidence::Kind::Rtcp) sent.push_back(t);
    }
    std::optional<Duration> since;
    const Transmission* shown = nullptr;
    for (const auto& [ssrc, stream] : other.streams) {
      for (const auto& packet : stream.packets) {
        if (packet.received && (!since || *packet.received < *since)) since = packet.received;
        shown = packet.by;
      }
    }
    if (!since || traffic.last - *since < kLongSilence) return;
    const auto* const by = sent.empty() ? shown : sent.front();
    findings.check_of(side.name, !sent.empty(), *by,
                      fmt::format("{} datagrams of RTCP while media came for {:.0f} s", sent.size(),
                                  seconds(traffic.last - *since)));
  });
}

// clang-format off
constexpr std::array kRtcpFormCheckers{
    Checker{{"rtp-3550-6.1-compound-first", "RFC 3550", "6.1", Level::Must,
             "Where reduced size is not agreed on, RTCP begins with a report and has a CNAME."},
            "datagrams of RTCP where reduced size is not agreed on", check_compound},
    Checker{{"rtp-3550-6.5.1-cname", "RFC 3550", "6.5.1", Level::Must,
             "A source keeps its CNAME."},
            "sources that named themselves twice", check_cname_stays},
    Checker{{"rtp-8834-4.9-one-cname", "RFC 8834", "4.9", Level::Must,
             "All sources of a connection have one CNAME."},
            "sides with several named sources", check_one_cname},
    Checker{{"rtp-3550-6.2-initial-delay", "RFC 3550", "6.2", Level::Should,
             "The first report waits for a part of the interval."},
            "sides that send media and reports", check_initial_delay},
    Checker{{"rtp-3550-6.2-interval", "RFC 3550", "6.2", Level::Must,
             "The time between reports is varied at random."},
            "sides with enough reports", check_random_interval},
    Checker{{"rtp-3550-6.3.7-bye", "RFC 3550", "6.3.7", Level::Should,
             "A source that leaves says BYE."},
            "streams whose section or transport ended", check_bye},
    Checker{{"rtp-8834-4.1-rtcp-sent", "RFC 8834", "4.1", Level::Must,
             "Who receives media reports on it."},
            "sides that received media for some time", check_reports_come},
};
// clang-format on

}  // namespace

std::span<const Checker> rtcp_form_checkers() {
  return kRtcpFormCheckers;
}

}  // namespace rtclab::judge
