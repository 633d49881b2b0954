// RFC 8834 §5.1 and §7.1: what a sender makes of feedback, and what limits it.
#include "reports/judge/checkers.h"
#include "reports/judge/vp8_key_frame.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

// A key frame that left shortly before the request came answers it as well; one that waits behind
// others in a pacer leaves late.
constexpr Duration kOnItsWay = 400ms;
constexpr Duration kTimeToEncode = 5s;

bool sends_key_frame(const RtpStream& stream, Duration from, Duration to) {
  return std::ranges::any_of(stream.packets, [&](const RtpSent& packet) {
    return packet.by->sent >= from && packet.by->sent <= to && packet.payload &&
           begins_vp8_key_frame(*packet.payload);
  });
}

bool is_open_vp8(const RtpStream& stream) {
  return std::ranges::any_of(stream.packets, [](const RtpSent& packet) {
    return packet.payload && packet.format != nullptr && packet.format->codec == "vp8";
  });
}

// One request for a key frame of `ssrc`, which has come to its sender.
void judge_request(const MediaSide& sender, const MediaTraffic& traffic, std::uint32_t ssrc,
                   const RtcpSent& in, Findings& findings) {
  const auto stream = sender.streams.find(ssrc);
  if (stream == sender.streams.end() || !in.received || !is_open_vp8(stream->second)) return;
  const auto from = *in.received, until = from + kTimeToEncode;
  const auto& packets = stream->second.packets;
  // Who has stopped, or is about to, owes no more frames.
  if (until > traffic.last || packets.back().by->sent < until) return;
  const bool good = sends_key_frame(stream->second, from - kOnItsWay, until);
  findings.check_of(sender.name, good, *in.by,
                    fmt::format("{} key frame of {:08x} within {:.0f} s", good ? "a" : "no", ssrc,
                                seconds(kTimeToEncode)));
}

void check_pli(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const MediaTraffic& traffic) {
    for (const auto& rtcp : other.rtcp) {
      for (const auto& packet : rtcp.compound.packets) {
        if (const auto* const pli = std::get_if<rtp::PictureLossIndication>(&packet))
          judge_request(side, traffic, pli->media.value(), rtcp, findings);
      }
    }
  });
}

// RFC 5104 §4.3.1.2: under a number that has been seen the request is a repetition.
void check_fir(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const MediaTraffic& traffic) {
    std::set<std::tuple<std::uint32_t, std::uint32_t, unsigned>> seen;
    for (const auto& rtcp : other.rtcp) {
      for (const auto& packet : rtcp.compound.packets) {
        const auto* const fir = std::get_if<rtp::FullIntraRequest>(&packet);
        if (fir == nullptr) continue;
        for (const auto& entry : fir->entries) {
          if (!rtcp.received ||
              !seen.emplace(fir->sender.value(), entry.ssrc.value(), entry.sequence_number).second)
            continue;
          judge_request(side, traffic, entry.ssrc.value(), rtcp, findings);
        }
      }
    }
  });
}

// A frame may be a large one, and a rate control needs time to be heard by an encoder.
constexpr Duration kTimeToObey = 2s;
constexpr double kRateSlack = 1.25;

struct Fastest {
  std::uint64_t rate = 0;  // bit/s
  const Transmission* by = nullptr;
};
// Over the seconds from `from` to `to`.
Fastest fastest_second(const RtpStream& stream, Duration from, Duration to) {
  Fastest fastest;
  std::map<std::int64_t, Fastest> by_second;
  for (const auto& packet : stream.packets) {
    if (packet.by->sent < from || packet.by->sent >= to) continue;
    auto& second = by_second[(packet.by->sent - from) / Duration{1s}];
    const auto* const media = packet.media();
    second.rate += 8 * (media != nullptr ? media->plain.size() : packet.by->payload.size());
    second.by = packet.by;
  }
  for (const auto& [index, second] : by_second) {
    if (second.rate > fastest.rate || fastest.by == nullptr) fastest = second;
  }
  return fastest;
}

void check_tmmbr(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const MediaTraffic& traffic) {
    std::map<std::uint32_t, std::pair<std::uint64_t, Duration>>
        limits;  // the latest of each source
    for (const auto& rtcp : other.rtcp) {
      for (const auto& packet : rtcp.compound.packets) {
        const auto* const request = std::get_if<rtp::Tmmbr>(&packet);
        if (request == nullptr || !rtcp.received) continue;
        for (const auto& limit : request->limits) {
          const auto [known, is_new] =
              limits.try_emplace(limit.ssrc.value(), limit.bitrate, *rtcp.received);
          // A repetition leaves the time as it was.
          if (!is_new && known->second.first != limit.bitrate)
            known->second = {limit.bitrate, *rtcp.received};
        }
      }
    }
    for (const auto& [ssrc, limit] : limits) {
      const auto stream = side.streams.find(ssrc);
      if (stream == side.streams.end()) continue;
      const auto fastest = fastest_second(stream->second, limit.second + kTimeToObey, traffic.last);
      if (fastest.by == nullptr) continue;
      findings.check(
          static_cast<double>(fastest.rate) <= kRateSlack * static_cast<double>(limit.first),
          *fastest.by,
          fmt::format("SSRC {:08x}: {} bit/s at most, {} allowed by TMMBR", ssrc, fastest.rate,
                      limit.first));
    }
  });
}

void check_bandwidth(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    for (std::size_t i = 0; i < side.terms.size(); ++i) {
      const auto* const section = side.terms[i].find(stream.mid);
      if (section == nullptr || !section->bandwidth || stream.is_rtx()) continue;
      const auto until = i + 1 < side.terms.size() ? side.terms[i + 1].since : Duration::max();
      const auto fastest = fastest_second(stream, side.terms[i].since + kTimeToObey, until);
      if (fastest.by == nullptr) continue;
      findings.check(static_cast<double>(fastest.rate) <=
                         kRateSlack * static_cast<double>(*section->bandwidth),
                     *fastest.by,
                     fmt::format("SSRC {:08x}: {} bit/s at most, {} allowed by b=", stream.ssrc,
                                 fastest.rate, *section->bandwidth));
    }
  });
}

// RFC 8083 §4.1 has three intervals of reports at the least, 15 s where those are long; a sender
// looks at its own next report.
constexpr Duration kLongestUnreported = 30s;

void check_circuit_breaker(const Docket& docket, Findings& findings) {
  for_each_media_side(
      docket.media(), [&](const MediaSide& side, const MediaSide& other, const auto&) {
        std::vector<Duration> heard;  // RTCP of the other side, readable or not
        for (const auto& rtcp : other.rtcp) heard.push_back(rtcp.received.value_or(rtcp.by->sent));
        for (const auto* const t : other.sealed) {
          if (t->dissection->kind == evidence::Kind::Rtcp)
            heard.push_back(t->received.value_or(t->sent));
        }
        std::ranges::sort(heard);
        for (const auto& [ssrc, stream] : side.streams) {
          const RtpSent* worst = nullptr;
          Duration longest{};
          auto begin = stream.packets.front().by->sent;
          const RtpSent* before = nullptr;
          for (const auto& packet : stream.packets) {
            const auto at = packet.by->sent;
            // Silence of its own asks for no reports.
            if (before != nullptr && at - before->by->sent > Duration{1s}) begin = at;
            before = &packet;
            const auto next = std::ranges::upper_bound(heard, at);
            const auto since = next == heard.begin() ? begin : std::max(begin, *std::prev(next));
            if (at - since <= longest) continue;
            longest = at - since;
            worst = &packet;
          }
          if (worst == nullptr || longest < Duration{10s}) continue;
          findings.check(longest <= kLongestUnreported, *worst->by,
                         fmt::format("SSRC {:08x} sends for {:.0f} s without any report", ssrc,
                                     seconds(longest)));
        }
      });
}

// clang-format off
constexpr std::array kMediaControlCheckers{
    Checker{{"rtp-8834-5.1.2-pli", "RFC 8834", "5.1.2", Level::Must,
             "A sender answers PLI with a key frame."},
            "PLI packets on streams of VP8 that keys open", check_pli},
    Checker{{"rtp-8834-5.1.1-fir", "RFC 8834", "5.1.1", Level::Must,
             "A sender answers FIR under a new number with a key frame."},
            "FIR packets on streams of VP8 that keys open", check_fir},
    Checker{{"rtp-8834-5.1.6-tmmbr", "RFC 8834", "5.1.6", Level::Must,
             "A sender keeps to the rate that TMMBR allows."},
            "sources that TMMBR limits", check_tmmbr},
    Checker{{"rtp-8834-7.1-bandwidth-as", "RFC 8834", "7.1", Level::Must,
             "A sender keeps to the rate of b= in the other description."},
            "streams of sections with b=", check_bandwidth},
    Checker{{"rtp-8834-7.1-circuit-breaker", "RFC 8834", "7.1", Level::Must,
             "Who hears no reports on its media stops sending them."},
            "streams that nothing was reported on for ten seconds", check_circuit_breaker},
};
// clang-format on

}  // namespace

std::span<const Checker> media_control_checkers() {
  return kMediaControlCheckers;
}

}  // namespace rtclab::judge
