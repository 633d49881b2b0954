// RFC 3550 §6.4.1, RFC 8108 §5.1: what reports say, against what was sent and what arrived.
#include "agents/rtp/interarrival_jitter.h"
#include "agents/rtp/ntp_time.h"
#include "reports/judge/checkers.h"
#include "reports/judge/tally.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

// An SR or RR of a source.
struct SentReport {
  const RtcpSent* in = nullptr;
  const rtp::SenderReport* sender = nullptr;  // nullptr: RR
  const std::vector<rtp::ReportBlock>* blocks = nullptr;
};
std::vector<SentReport> reports_of(const MediaSide& side, std::optional<std::uint32_t> ssrc) {
  std::vector<SentReport> reports;
  for (const auto& rtcp : side.rtcp) {
    for (const auto& packet : rtcp.compound.packets) {
      if (ssrc && rtp::sender(packet) != rtp::Ssrc{*ssrc}) continue;
      if (const auto* const sr = std::get_if<rtp::SenderReport>(&packet))
        reports.push_back({&rtcp, sr, &sr->blocks});
      if (const auto* const rr = std::get_if<rtp::ReceiverReport>(&packet))
        reports.push_back({&rtcp, nullptr, &rr->blocks});
    }
  }
  return reports;
}

bool sent_between(const RtpStream& stream, Duration after, Duration before) {
  return std::ranges::any_of(stream.packets, [&](const RtpSent& packet) {
    return packet.by->sent > after && packet.by->sent < before;
  });
}

void check_sender_report(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    auto before = Duration::min();
    Tally<const RtcpSent*> tally;
    for (const auto& report : reports_of(side, stream.ssrc)) {
      const auto at = report.in->by->sent;
      if (sent_between(stream, before, at)) tally.count(report.sender == nullptr, report.in);
      before = at;
    }
    if (!tally.shown) return;
    findings.check(tally.wrong == 0, *(*tally.shown)->by,
                   fmt::format("SSRC {:08x}: {} of {} reports after its media are RR", stream.ssrc,
                               tally.wrong, tally.cases));
  });
}

// What two clocks may drift apart between reports, and how late a stack may ask its media clock.
constexpr double kClockError = 0.04;  // s
constexpr double kClockDrift = 0.01;

void check_report_times(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    const auto* const format = stream.packets.front().format;
    if (format == nullptr || stream.is_rtx()) return;
    const SentReport* before = nullptr;
    const auto reports = reports_of(side, stream.ssrc);
    struct Apart {
      const RtcpSent* in;
      double by;  // s
    };
    Tally<Apart> tally;
    for (const auto& report : reports) {
      if (report.sender == nullptr) continue;
      if (before != nullptr) {
        const auto real =
            seconds(rtp::to_instant(report.sender->ntp) - rtp::to_instant(before->sender->ntp));
        const auto media = report.sender->timestamp.ahead_of(before->sender->timestamp) /
                           static_cast<double>(format->clock_rate);
        const bool bad = std::abs(media - real) > kClockError + kClockDrift * std::abs(real);
        tally.count(bad, {report.in, media - real});
      }
      before = &report;
    }
    if (!tally.shown) return;
    const auto first = tally.wrong == 0
                           ? std::string{}
                           : fmt::format(", first by {:.0f} ms", tally.shown->by * 1000);
    findings.check(tally.wrong == 0, *tally.shown->in->by,
                   fmt::format("SSRC {:08x}: {} of {} SRs whose two times go apart{}", stream.ssrc,
                               tally.wrong, tally.cases, first));
  });
}

constexpr Duration kLongEnoughToReport = 8s;

void check_each_source_reports(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    if (side.rtcp.empty() || stream.is_rtx()) return;
    const auto& first = *stream.packets.front().by;
    const auto& last = *stream.packets.back().by;
    if (last.sent - first.sent < kLongEnoughToReport) return;
    const auto count = reports_of(side, stream.ssrc).size();
    findings.check(count > 0, count > 0 ? first : last,
                   fmt::format("SSRC {:08x}: {} reports in {:.0f} s", stream.ssrc, count,
                               seconds(last.sent - first.sent)));
  });
}

// A block of one side about a stream of the other, and when it left.
struct BlockOn {
  const RtcpSent* in;
  const rtp::ReportBlock* block;
};
// What a block told, beside what was so.
template <class Value>
struct BlockTold {
  const RtcpSent* in;
  Value said, was;
};
std::vector<BlockOn> blocks_on(const MediaSide& reporter, std::uint32_t ssrc) {
  std::vector<BlockOn> blocks;
  for (const auto& report : reports_of(reporter, std::nullopt)) {
    for (const auto& block : *report.blocks) {
      if (block.source.value() == ssrc) blocks.push_back({report.in, &block});
    }
  }
  return blocks;
}

// f(reporter, stream, blocks): blocks on a stream whose arrivals somebody saw.
template <class F>
void for_each_reported_stream(const Docket& docket, F f) {
  for_each_media_side(
      docket.media(), [&](const MediaSide& reporter, const MediaSide& sender, const auto&) {
        for (const auto& [ssrc, stream] : sender.streams) {
          const bool seen = std::ranges::any_of(
              stream.packets, [](const RtpSent& packet) { return packet.received.has_value(); });
          const auto blocks = blocks_on(reporter, ssrc);
          if (seen && !blocks.empty()) f(reporter, sender, stream, blocks);
        }
      });
}

rtp::LongSequenceNumber highest(const RtpStream& stream, const rtp::ReportBlock& block) {
  return rtp::unwrap(
      rtp::SequenceNumber{static_cast<std::uint16_t>(block.extended_highest_sequence_number)},
      stream.packets.front().sequence);
}

// RFC 3550 §6.4.1, §A.3: what was missing at the moment of the report, up to the highest number
// that had come. What comes later, because the network reordered it, is no loss any more then.
std::int64_t missing_then(const MediaSide& reporter, const RtpStream& stream, const BlockOn& on) {
  const auto up_to = highest(stream, *on.block);
  const auto first = stream.packets.front().sequence;
  std::set<rtp::LongSequenceNumber> arrived;
  for (const auto& packet : stream.packets) {
    const bool came = packet.received && *packet.received <= on.in->by->sent &&
                      reporter.could_open(*packet.received);
    if (came && packet.sequence <= up_to) arrived.insert(packet.sequence);
  }
  return static_cast<std::int64_t>(up_to - first) + 1 - static_cast<std::int64_t>(arrived.size());
}

// Packets that were being read at the moment of a report, and those that came double.
constexpr std::int64_t kLossSlack = 3;
constexpr double kLossShare = 0.1;

void check_reported_loss(const Docket& docket, Findings& findings) {
  for_each_reported_stream(docket, [&](const MediaSide& reporter, const MediaSide& sender,
                                       const RtpStream& stream,
                                       const std::vector<BlockOn>& blocks) {
    if (!sender.at_source || stream.packets.size() > 30000) return;  // no turn: numbers are plain
    const auto lost = missing_then(reporter, stream, blocks.back()) -
                      missing_then(reporter, stream, blocks.front());
    const auto said = blocks.back().block->cumulative_lost - blocks.front().block->cumulative_lost;
    const auto slack =
        kLossSlack + static_cast<std::int64_t>(kLossShare * static_cast<double>(std::abs(lost)));
    findings.check(
        std::abs(said - lost) <= slack, *blocks.back().in->by,
        fmt::format("on SSRC {:08x}: {} packets told as lost, {} were", stream.ssrc, said, lost));
  });
}

// Between the arrival of an SR and its reading.
constexpr Duration kDelayError = 30ms;

void check_reported_delay(const Docket& docket, Findings& findings) {
  for_each_reported_stream(
      docket, [&](const MediaSide&, const MediaSide& sender, const RtpStream& stream,
                  const std::vector<BlockOn>& blocks) {
        std::map<std::uint32_t, Duration> arrivals;  // of SRs, by what a block calls them
        for (const auto& report : reports_of(sender, stream.ssrc)) {
          if (report.sender != nullptr && report.in->received)
            arrivals.emplace(rtp::compact(report.sender->ntp).value(), *report.in->received);
        }
        Tally<BlockTold<Duration>> tally;
        for (const auto& on : blocks) {
          const auto arrival = arrivals.find(on.block->last_sr.value());
          if (arrival == arrivals.end()) continue;
          const auto was = on.in->by->sent - arrival->second;
          const auto said = rtp::to_duration(on.block->delay_since_last_sr);
          const bool bad = was < Duration{} || said > was + kDelayError || was > said + kDelayError;
          tally.count(bad, {on.in, said, was});
        }
        if (!tally.shown) return;
        const auto& shown = *tally.shown;
        findings.check(
            tally.wrong == 0, *shown.in->by,
            fmt::format("on SSRC {:08x}: {} of {} blocks with another delay since SR; {:.0f} ms "
                        "told, {:.0f} ms passed",
                        stream.ssrc, tally.wrong, tally.cases, milliseconds(shown.said),
                        milliseconds(shown.was)));
      });
}

// The estimate follows a formula, but which packets it is fed with and when the clock is read
// differs.
constexpr double kLeastJitter = 0.0015;  // s
constexpr double kJitterFactor = 4;

void check_reported_jitter(const Docket& docket, Findings& findings) {
  for_each_reported_stream(docket, [&](const MediaSide&, const MediaSide&, const RtpStream& stream,
                                       const std::vector<BlockOn>& blocks) {
    const auto* const format = stream.packets.front().format;
    if (format == nullptr || format->clock_rate == 0) return;
    std::vector<const RtpSent*> arrived;
    for (const auto& packet : stream.packets) {
      if (packet.received) arrived.push_back(&packet);
    }
    std::ranges::stable_sort(arrived, {}, [](const RtpSent* packet) { return *packet->received; });
    rtp::InterarrivalJitter jitter{format->clock_rate};
    auto next = arrived.begin();
    Tally<BlockTold<double>> tally;
    for (const auto& on : blocks) {
      for (; next != arrived.end() && *(*next)->received <= on.in->by->sent; ++next)
        jitter.note(Instant{*(*next)->received}, (*next)->header.timestamp);
      const auto was = static_cast<double>(jitter.value()) / format->clock_rate;
      const auto said = static_cast<double>(on.block->jitter) / format->clock_rate;
      if (was < kLeastJitter) continue;
      const bool bad = said * kJitterFactor < was || said > was * kJitterFactor;
      tally.count(bad, {on.in, said, was});
    }
    if (!tally.shown) return;
    const auto& shown = *tally.shown;
    // One moment may mislead: a burst that was being read while the report was made.
    findings.check(
        tally.wrong * 2 < tally.cases, *shown.in->by,
        fmt::format("on SSRC {:08x}: {} of {} blocks with another jitter; {:.2f} ms told, "
                    "{:.2f} ms measured",
                    stream.ssrc, tally.wrong, tally.cases, shown.said * 1000, shown.was * 1000));
  });
}

// clang-format off
constexpr std::array kRtcpReportCheckers{
    Checker{{"rtp-3550-6.4.1-sr-if-sent", "RFC 3550", "6.4.1", Level::Must,
             "A source that has sent media since its last report sends SR, not RR."},
            "sources that sent media and reports", check_sender_report},
    Checker{{"rtp-3550-6.4.1-ntp-rtp", "RFC 3550", "6.4.1", Level::Must,
             "The two times of an SR are of one moment, so they advance together."},
            "sources with two SRs", check_report_times},
    Checker{{"rtp-8108-5.1-multi-ssrc-report", "RFC 8108", "5.1", Level::Must,
             "Each source of a side sends reports of its own."},
            "sources that sent for eight seconds", check_each_source_reports},
    Checker{{"rtp-3550-6.4.1-fraction-lost", "RFC 3550", "6.4.1", Level::Must,
             "Report blocks tell how many packets were lost."},
            "streams with report blocks, whose arrival was captured", check_reported_loss},
    Checker{{"rtp-3550-6.4.1-lsr-dlsr", "RFC 3550", "6.4.1", Level::Must,
             "Report blocks tell how long ago the latest SR came."},
            "streams with report blocks on a known SR", check_reported_delay},
    Checker{{"rtp-3550-6.4.1-jitter", "RFC 3550", "6.4.1", Level::Must,
             "Report blocks tell the interarrival jitter."},
            "streams with jitter, whose arrival was captured", check_reported_jitter},
};
// clang-format on

}  // namespace

std::span<const Checker> rtcp_report_checkers() {
  return kRtcpReportCheckers;
}

}  // namespace rtclab::judge
