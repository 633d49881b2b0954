// RFC 8285, 9143, 8852, 4588: how packets of RTP name their section and stream, what a receiver
// makes of that, and how lost ones are sent again.
#include "agents/rtp/extensions.h"
#include "agents/rtp/rtx.h"
#include "reports/judge/checkers.h"
#include "reports/judge/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace rtclab::judge {
namespace {

namespace uri = rtp::extension_uri;

// The ids in a block of the one-byte form, up to the first that cannot be; empty of any other form.
std::vector<unsigned> one_byte_ids(ByteView packet) {
  ByteReader in{packet};
  const unsigned first = in.u8();
  in.skip(rtp::kFixedHeaderSize - 1 + std::size_t{4} * (first & 0x0fu));
  if (!in.ok() || (first & 0x10u) == 0) return {};
  if (in.u16() != rtp::HeaderExtension::kOneByteProfile) return {};
  ByteReader block{in.take(std::size_t{4} * in.u16())};
  std::vector<unsigned> ids;
  while (in.ok() && block.remaining() > 0) {
    const unsigned head = block.u8();
    if (head == 0) continue;  // padding
    ids.push_back(head >> 4u);
    block.skip((head & 0x0fu) + 1u);
    if (!block.ok()) ids.push_back(0);  // longer than the block: as good as none
  }
  return ids;
}

void check_extension_ids(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide&, const RtpStream& stream) {
    const RtpSent* shown = nullptr;
    unsigned wrong = 0;
    bool any = false;
    for (const auto& packet : stream.packets) {
      for (const auto id : one_byte_ids(packet.by->payload)) {
        any = true;
        if ((id >= 1 && id <= 14) || shown != nullptr) continue;
        shown = &packet;
        wrong = id;
      }
    }
    if (!any) return;
    findings.check(shown == nullptr, *(shown != nullptr ? shown : &stream.packets.front())->by,
                   shown == nullptr
                       ? fmt::format("SSRC {:08x}: ids from 1 to 14", stream.ssrc)
                       : fmt::format("SSRC {:08x}: an element with id {}", stream.ssrc, wrong));
  });
}

// How soon a stream has to have named itself.
constexpr std::size_t kFirstPackets = 3;

bool names_itself(const RtpStream& stream, std::string_view extension) {
  const auto count = std::min(stream.packets.size(), kFirstPackets);
  return std::any_of(stream.packets.begin(),
                     stream.packets.begin() + static_cast<std::ptrdiff_t>(count),
                     [&](const RtpSent& packet) { return !packet.text(extension).empty(); });
}

// What the terms said when the stream began; nullptr where nothing tells.
const MediaTerms* section_of(const RtpStream& stream) {
  return stream.packets.front().section;
}

void check_mid_extension(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    const auto* const section = section_of(stream);
    const auto* const terms = side.terms_at(stream.packets.front().by->sent);
    if (section == nullptr || !section->bundled || !section->extension(uri::kMid)) return;
    const auto bundled = std::ranges::count(terms->sections, true, &MediaTerms::bundled);
    if (bundled < 2) return;
    const bool named = names_itself(stream, uri::kMid);
    findings.check(
        named, *stream.packets.front().by,
        fmt::format("SSRC {:08x} begins {} MID", stream.ssrc, named ? "with a" : "without"));
  });
}

void check_rid_extension(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide&, const RtpStream& stream) {
    const auto* const section = section_of(stream);
    if (section == nullptr || section->rids.empty() || stream.is_rtx()) return;
    const bool named =
        names_itself(stream, uri::kRid) && std::ranges::count(section->rids, stream.rid) > 0;
    findings.check(named, *stream.packets.front().by,
                   fmt::format("SSRC {:08x} of a simulcast begins with the rid \"{}\"", stream.ssrc,
                               stream.rid));
  });
}

void check_repaired_rid(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide&, const RtpStream& stream) {
    const auto* const section = section_of(stream);
    if (section == nullptr || section->rids.empty() || !stream.is_rtx()) return;
    const bool good = names_itself(stream, uri::kRepairedRid) && stream.rid.empty();
    findings.check(good, *stream.packets.front().by,
                   fmt::format("SSRC {:08x} of RTX: repaired rid \"{}\", rid \"{}\"", stream.ssrc,
                               stream.repaired_rid, stream.rid));
  });
}

// Whether the section of the stream sent nothing any more when it came: what was still on its way
// then, be it the first of the stream, is of nobody, and rightly (RFC 3264 §8.4).
bool is_on_hold(const MediaSide& sender, const RtpStream& stream, Duration at) {
  const auto* const terms = sender.terms_at(at);
  const auto* const section = terms != nullptr ? terms->find(stream.mid) : nullptr;
  return section != nullptr && !section->sends;
}

// f(event, stream): where a trace tells what this side made of a stream of the other one. What was
// still on its way when its section ended is of nobody, and rightly.
template <class F>
void for_each_source_event(const Docket& docket, F f) {
  std::set<std::pair<std::string, std::string>> known;  // by whom, SSRC
  for (const auto& event : docket.evidence().trace) {
    const bool is_known = event.name == "media:source_added";
    if (!is_known && event.name != "media:unknown_packet") continue;
    const std::pair source{event.vantage, event.text("ssrc")};
    if (is_known)
      known.insert(source);
    else if (known.contains(source))
      continue;
    for_each_media_side(
        docket.media(), [&](const MediaSide& side, const MediaSide& other, const auto&) {
          if (side.name != event.vantage) return;
          const auto ssrc = event.number("ssrc");
          const auto stream =
              ssrc ? other.streams.find(static_cast<std::uint32_t>(*ssrc)) : other.streams.end();
          if (stream == other.streams.end()) return;
          if (is_known || !is_on_hold(other, stream->second, event.at))
            f(event, is_known, other, stream->second);
        });
  }
}

void check_mid_demultiplexing(const Docket& docket, Findings& findings) {
  for_each_source_event(
      docket, [&](const auto& event, bool is_known, const MediaSide&, const RtpStream& stream) {
        const auto* const section = section_of(stream);
        if (section == nullptr || !section->sends || !names_itself(stream, uri::kMid)) return;
        const auto mid = is_known ? event.text("mid") : std::string{};
        findings.check_trace(
            mid == stream.mid, event,
            fmt::format("SSRC {:08x}, whose packets have the MID {}, is {}", stream.ssrc,
                        stream.mid, is_known ? "of section " + mid : "of no section"));
      });
}

void check_unsignalled(const Docket& docket, Findings& findings) {
  for_each_source_event(docket, [&](const auto& event, bool is_known, const MediaSide& sender,
                                    const RtpStream& stream) {
    const auto* const terms = sender.terms_at(stream.packets.front().by->sent);
    if (terms == nullptr || terms->sources.contains(stream.ssrc)) return;
    const auto* const only = terms->only_with(stream.packets.front().header.payload_type.value());
    if (only == nullptr || !only->sends) return;
    findings.check_trace(is_known, event,
                         fmt::format("SSRC {:08x}, which no description names, is {}", stream.ssrc,
                                     is_known ? "taken" : "dropped"));
  });
}

// Whether the RTX packet names a packet of the stream that has its timestamp.
bool names_original(const RtpSent& rtx, const RtpStream& source) {
  const rtp::SequenceNumber number{ByteReader{*rtx.payload}.u16()};
  return std::ranges::any_of(source.packets, [&](const RtpSent& packet) {
    return packet.header.sequence_number == number &&
           packet.header.timestamp == rtx.header.timestamp && packet.by->sent <= rtx.by->sent;
  });
}

void check_original_number(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    if (!stream.is_rtx() || !side.at_source) return;
    const auto* const source = side.repaired_by(stream);
    if (source == nullptr) return;
    Tally<const RtpSent*> tally;
    for (const auto& packet : stream.packets) {
      if (!packet.payload || packet.payload->size() < rtp::kRtxHeaderSize)
        continue;  // sealed, or a probe
      tally.count(!names_original(packet, *source), &packet);
    }
    if (!tally.shown) return;
    findings.check(tally.wrong == 0, *(*tally.shown)->by,
                   fmt::format("SSRC {:08x}: {} of {} retransmissions name no packet of {:08x}",
                               stream.ssrc, tally.wrong, tally.cases, source->ssrc));
  });
}

void check_not_as_original(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    const auto* const section = section_of(stream);
    if (section == nullptr || !side.at_source || stream.is_rtx()) return;
    const auto type = stream.packets.front().header.payload_type.value();
    const bool has_rtx = std::ranges::any_of(
        section->formats, [&](const auto& format) { return format.second.apt == type; });
    if (!has_rtx) return;
    std::set<rtp::LongSequenceNumber> seen;
    const RtpSent* again = nullptr;
    for (const auto& packet : stream.packets) {
      if (!seen.insert(packet.sequence).second && again == nullptr) again = &packet;
    }
    const auto& shown = again != nullptr ? *again : stream.packets.front();
    findings.check(
        again == nullptr, *shown.by,
        fmt::format("SSRC {:08x}: {}", stream.ssrc,
                    again == nullptr ? "each packet left once"
                                     : fmt::format("packet {} left again as it was",
                                                   again->header.sequence_number.value())));
  });
}

// clang-format off
constexpr std::array kRtpStreamCheckers{
    Checker{{"rtp-8834-5.1-reserved-ext-ids", "RFC 8285", "4.2", Level::Must,
             "Elements in the one-byte form have ids from 1 to 14 and fit their block."},
            "streams with header extensions of the one-byte form", check_extension_ids},
    Checker{{"rtp-8834-5.2.4-mid-ext", "RFC 9143", "15", Level::Must,
             "In a bundle of several sections each stream begins with its MID."},
            "streams of bundled sections", check_mid_extension},
    Checker{{"bundle-9143-9.2-mid-demux", "RFC 9143", "9.2", Level::Must,
             "A stream belongs to the section that its MID names."},
            "sources that a trace tells of", check_mid_demultiplexing},
    Checker{{"rtp-8834-4.8-unsignalled-ssrc", "RFC 8834", "4.8", Level::Must,
             "Sources that no description names are taken, too."},
            "sources that no description names", check_unsignalled},
    Checker{{"rid-8852-3.1-rid-ext", "RFC 8852", "3.1", Level::Must,
             "Each stream of a simulcast begins with its rid."},
            "streams of a simulcast", check_rid_extension},
    Checker{{"rid-8852-3.2-repaired-rid", "RFC 8852", "3.2", Level::Must,
             "RTX of a simulcast names the stream that it repairs as repaired rid, and has no rid."},
            "streams of RTX of a simulcast", check_repaired_rid},
    Checker{{"rtx-4588-4-original-number", "RFC 4588", "4", Level::Must,
             "A retransmission names the sequence number of the packet that it repeats."},
            "streams of RTX that keys open", check_original_number},
    Checker{{"rtp-8834-6.1-nack-rtx", "RFC 8834", "6.1", Level::Must,
             "Where RTX is negotiated, lost packets are sent again as RTX, not as they were."},
            "streams that RTX can repair, captured where they left", check_not_as_original},
};
// clang-format on

}  // namespace

std::span<const Checker> rtp_stream_checkers() {
  return kRtpStreamCheckers;
}

}  // namespace rtclab::judge
