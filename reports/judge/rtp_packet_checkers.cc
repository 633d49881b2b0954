// RFC 3550 §5 and §8, RFC 3551 §4.1: what stands in the headers of RTP, stream by stream. SRTP
// leaves them in the clear.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace rtclab::judge {
namespace {

using namespace std::chrono_literals;

std::string stream_name(const RtpStream& stream) {
  return fmt::format("SSRC {:08x}", stream.ssrc);
}

void check_rtp_version(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    for (const auto& [ssrc, stream] : side.streams) {
      findings.kept(*stream.packets.front().by, "RTP of version 2");
    }
    for (const auto* const t : side.odd) {
      findings.broken(*t, fmt::format("a datagram that begins with 0x{:02x}, as version 1 would",
                                      std::to_integer<unsigned>(t->payload[0])));
    }
  });
}

// A sender that has stopped may have numbered packets that it then threw away.
constexpr Duration kWithoutPause = 100ms;

void check_sequence(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    if (!side.at_source || stream.packets.size() < 2) return;
    std::vector<const RtpSent*> packets;
    for (const auto& packet : stream.packets) packets.push_back(&packet);
    std::ranges::stable_sort(packets, {}, &RtpSent::sequence);
    std::size_t gaps = 0;
    const RtpSent* behind_gap = nullptr;
    for (std::size_t i = 1; i < packets.size(); ++i) {
      const auto pause = packets[i]->by->sent - packets[i - 1]->by->sent;
      if (packets[i]->sequence <= packets[i - 1]->sequence + 1 || pause > kWithoutPause) continue;
      ++gaps;
      if (behind_gap == nullptr) behind_gap = packets[i];
    }
    const auto& shown = behind_gap != nullptr ? *behind_gap : stream.packets.front();
    findings.check(gaps == 0, *shown.by,
                   fmt::format("{}: {} packets, {} gaps in their sequence numbers",
                               stream_name(stream), packets.size(), gaps));
  });
}

// Timestamps are of when media was captured, so pacing and encoding move packets against them.
constexpr Duration kEnoughToMeasure = 4s;
constexpr Duration kPauseOfSource = 1s;
constexpr double kClockSlack = 0.05;

struct ClockSpan {
  const RtpSent* first;
  const RtpSent* last;
  [[nodiscard]] Duration length() const { return last->by->sent - first->by->sent; }
  // Timestamp units in a second.
  [[nodiscard]] double rate() const {
    return last->header.timestamp.ahead_of(first->header.timestamp) / seconds(length());
  }
};

// The longest time without a pause and under one clock.
std::optional<ClockSpan> longest_span(const RtpStream& stream) {
  std::optional<ClockSpan> longest, span;
  for (const auto& packet : stream.packets) {
    if (packet.format == nullptr || packet.format->codec == "telephone-event") continue;
    const bool goes_on = span && packet.format->clock_rate == span->first->format->clock_rate &&
                         packet.by->sent - span->last->by->sent <= kPauseOfSource;
    if (!goes_on) span = ClockSpan{&packet, &packet};
    span->last = &packet;
    if (!longest || span->length() > longest->length()) longest = span;
  }
  return longest;
}

void check_timestamps(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide&, const RtpStream& stream) {
    if (stream.is_rtx()) return;  // those of what it repeats
    const auto span = longest_span(stream);
    if (!span || span->length() < kEnoughToMeasure) return;
    const double clock = span->first->format->clock_rate;
    const auto rate = span->rate();
    findings.check(
        std::abs(rate - clock) <= kClockSlack * clock, *span->last->by,
        fmt::format("{}: timestamps advance by {:.0f} a second, the clock rate is {:.0f}",
                    stream_name(stream), rate, clock));
  });
}

bool is_seen_from_start(const MediaSide& side) {
  return !side.terms.empty();  // a recording that has the signalling has the first packets
}

// Two streams that begin with one number have not drawn it.
void check_random_start(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    if (!is_seen_from_start(side) || side.streams.size() < 2) return;
    std::set<std::uint16_t> begins;
    for (const auto& [ssrc, stream] : side.streams) {
      const auto begin = stream.packets.front().header.sequence_number.value();
      findings.check(begins.insert(begin).second, *stream.packets.front().by,
                     fmt::format("{}: begins with sequence number {}", stream_name(stream), begin));
    }
  });
}

constexpr std::uint16_t kUpperHalf = 1u << 15u;

void check_lower_half(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    if (!is_seen_from_start(side)) return;
    for (const auto& [ssrc, stream] : side.streams) {
      const auto begin = stream.packets.front().header.sequence_number.value();
      findings.check(begin < kUpperHalf, *stream.packets.front().by,
                     fmt::format("{}: begins with sequence number {}", stream_name(stream), begin));
    }
  });
}

// Nearer to each other than chance brings two of 2^32.
constexpr std::uint32_t kNeighbours = 8;

void check_random_ssrcs(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    std::optional<std::uint32_t> before;
    for (const auto& [ssrc, stream] : side.streams) {
      if (before) {
        findings.check(ssrc - *before > kNeighbours, *stream.packets.front().by,
                       fmt::format("SSRC {:08x} beside {:08x}", ssrc, *before));
      }
      before = ssrc;
    }
  });
}

// What a side spoke under, in RTP and in RTCP, and when first and last.
struct Spoken {
  const Transmission* first;
  const Transmission* last;
};
std::map<std::uint32_t, Spoken> spoken(const MediaSide& side) {
  std::map<std::uint32_t, Spoken> all;
  const auto note = [&](std::uint32_t ssrc, const Transmission* by) {
    auto& entry = all.try_emplace(ssrc, Spoken{by, by}).first->second;
    if (by->sent < entry.first->sent) entry.first = by;
    if (by->sent > entry.last->sent) entry.last = by;
  };
  for (const auto& [ssrc, stream] : side.streams) {
    note(ssrc, stream.packets.front().by);
    note(ssrc, stream.packets.back().by);
  }
  for (const auto& rtcp : side.rtcp) {
    for (const auto& packet : rtcp.compound.packets) {
      if (const auto sender = rtp::sender(packet); sender && sender->value() != 0)
        note(sender->value(), rtcp.by);
    }
  }
  return all;
}

// Whoever came second, and has known for so long, does not do it by chance.
constexpr Duration kLongKnown = 1s;

void check_own_ssrcs(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const MediaSide& other,
                                          const auto&) {
    const auto theirs = spoken(other);
    for (const auto& [ssrc, own] : spoken(side)) {
      const auto found = theirs.find(ssrc);
      const auto heard = found == theirs.end() ? std::nullopt : found->second.first->received;
      const bool takes = heard && own.first->sent >= *heard && own.last->sent > *heard + kLongKnown;
      findings.check(!takes, *own.last,
                     fmt::format("speaks under SSRC {:08x}{}", ssrc,
                                 takes ? ", which it has heard of the other side" : ""));
    }
  });
}

// When something of the other side under this SSRC had arrived.
std::optional<Duration> heard_under(const MediaSide& other, std::uint32_t ssrc, Duration since) {
  for (const auto& rtcp : other.rtcp) {
    const bool is_it = std::ranges::any_of(rtcp.compound.packets, [&](const auto& packet) {
      return rtp::sender(packet) == rtp::Ssrc{ssrc};
    });
    if (is_it && rtcp.received && *rtcp.received >= since) return rtcp.received;
  }
  const auto stream = other.streams.find(ssrc);
  if (stream == other.streams.end()) return std::nullopt;
  for (const auto& packet : stream->second.packets) {
    if (packet.received && *packet.received >= since) return packet.received;
  }
  return std::nullopt;
}

constexpr Duration kTimeToChange = 1s;

void check_collision(const Docket& docket, Findings& findings) {
  for_each_media_side(
      docket.media(), [&](const MediaSide& side, const MediaSide& other, const auto&) {
        for (const auto& [ssrc, stream] : side.streams) {
          const auto heard = heard_under(other, ssrc, stream.packets.front().by->sent);
          if (!heard) continue;
          const auto& last = stream.packets.back();
          const bool left = last.by->sent <= *heard + kTimeToChange && side.goodbye(ssrc);
          findings.check(left, *last.by,
                         fmt::format("SSRC {:08x}, which the other side used, {}", ssrc,
                                     left ? "given up with BYE" : "kept, or given up without BYE"));
        }
      });
}

// Markers that stand on a packet which follows the one before without a break.
void check_audio_marker(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide&, const RtpStream& stream) {
    if (!stream.is("audio") || stream.packets.size() < 3) return;
    std::int32_t usual = 0;  // between two packets: the least
    for (std::size_t i = 1; i < stream.packets.size(); ++i) {
      const auto step =
          stream.packets[i].header.timestamp.ahead_of(stream.packets[i - 1].header.timestamp);
      if (step > 0 && (usual == 0 || step < usual)) usual = step;
    }
    std::size_t wrong = 0;
    const RtpSent* shown = &stream.packets.front();
    for (std::size_t i = 1; i < stream.packets.size(); ++i) {
      const auto& before = stream.packets[i - 1];
      const auto& packet = stream.packets[i];
      const bool follows = packet.sequence == before.sequence + 1 &&
                           packet.header.payload_type == before.header.payload_type &&
                           packet.header.timestamp.ahead_of(before.header.timestamp) == usual;
      if (!follows || !packet.header.marker || !before.header.marker) continue;
      if (wrong++ == 0) shown = &packet;
    }
    findings.check(wrong == 0, *shown->by,
                   fmt::format("{}: {} packets of {} marked though they follow a marked one",
                               stream_name(stream), wrong, stream.packets.size()));
  });
}

// RFC 3264 §5.1: an answerer may be heard before its answer, and an offerer goes on under the terms
// before until the answer has come.
constexpr Duration kTermsOverlap = 2s;

void check_payload_types(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    const RtpSent* stranger = nullptr;
    for (const auto& packet : stream.packets) {
      const auto type = packet.header.payload_type.value();
      const auto knows = [&](const SideTerms* terms) {
        return terms == nullptr || std::ranges::any_of(terms->sections, [&](const auto& section) {
                 return section.formats.contains(type);
               });
      };
      const auto at = packet.by->sent;
      if (!knows(side.terms_at(at)) && !knows(side.terms_at(at - kTermsOverlap)) &&
          !knows(side.terms_at(at + kTermsOverlap)))
        stranger = stranger == nullptr ? &packet : stranger;
    }
    if (side.terms.empty()) return;
    const auto& shown = stranger != nullptr ? *stranger : stream.packets.front();
    findings.check(
        stranger == nullptr, *shown.by,
        fmt::format("{}: payload type {}{}", stream_name(stream), shown.header.payload_type.value(),
                    stranger != nullptr ? ", which the receiver has not" : ""));
  });
}

// clang-format off
constexpr std::array kRtpPacketCheckers{
    Checker{{"rtp-3550-5.1-version2", "RFC 3550", "5.1", Level::Must,
             "RTP is of version 2."},
            "streams of RTP", check_rtp_version},
    Checker{{"rtp-3550-5.1-seq-inc", "RFC 3550", "5.1", Level::Must,
             "The sequence number rises by one with each packet that a source sends."},
            "streams of RTP, captured where they left", check_sequence},
    Checker{{"rtp-3550-5.1-ts-clock", "RFC 3550", "5.1", Level::Must,
             "Timestamps advance with the clock rate of the payload format."},
            "streams of RTP of four seconds", check_timestamps},
    Checker{{"rtp-3550-5.1-ts-random-start", "RFC 3550", "5.1", Level::Should,
             "The first sequence number of each source is drawn at random."},
            "sides with several streams", check_random_start},
    Checker{{"srtp-3711-3.3.1-seq-start", "RFC 3711", "3.3.1", Level::Should,
             "Under SRTP a source begins in the lower half of its numbers, so that losses at the start hide no turn."},
            "streams of RTP", check_lower_half},
    Checker{{"rtp-3550-8.1-ssrc-random", "RFC 3550", "8.1", Level::Must,
             "SSRCs are drawn at random, not counted."},
            "pairs of SSRCs of one side", check_random_ssrcs},
    Checker{{"rtp-3550-8-ssrc-unique", "RFC 3550", "8", Level::Must,
             "Nobody begins to speak under an SSRC that it has heard somebody else use."},
            "SSRCs", check_own_ssrcs},
    Checker{{"rtp-3550-8.2-ssrc-collision", "RFC 3550", "8.2", Level::Must,
             "Who hears its own SSRC from another says BYE for it and goes on under a fresh one."},
            "SSRCs that both sides used", check_collision},
    Checker{{"rtp-3551-4.1-marker", "RFC 3551", "4.1", Level::Must,
             "In audio the marker stands on the first packet after a silence, on no other."},
            "streams of audio", check_audio_marker},
    Checker{{"oa-3264-6.1-send-with-peer-pt", "RFC 3264", "6.1", Level::Must,
             "RTP is sent under payload types of the receiver's description."},
            "streams of RTP with their signalling", check_payload_types},
};
// clang-format on

}  // namespace

std::span<const Checker> rtp_packet_checkers() {
  return kRtpPacketCheckers;
}

}  // namespace rtclab::judge
