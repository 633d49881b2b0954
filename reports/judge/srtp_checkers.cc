// RFC 3711, RFC 5764, RFC 8827 §6.5: how media is protected, as the keys of the capture show it.
#include "reports/judge/checkers.h"
#include "reports/judge/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace rtclab::judge {
namespace {

constexpr std::uint8_t kClientHello = 1;

void check_packet_index(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide& side, const RtpStream& stream) {
    const auto opened = std::ranges::find_if(
        stream.packets, [](const RtpSent& packet) { return packet.media() != nullptr; });
    if (opened == stream.packets.end()) return;
    std::set<const Transmission*> sealed{side.sealed.begin(), side.sealed.end()};
    std::size_t wrong = 0;
    const RtpSent* shown = &*opened;
    for (auto packet = opened; packet != stream.packets.end(); ++packet) {
      if (!sealed.contains(packet->by)) continue;
      if (wrong++ == 0) shown = &*packet;
    }
    findings.check(wrong == 0, *shown->by,
                   fmt::format("SSRC {:08x}: {} packets that the key of those before does not open",
                               stream.ssrc, wrong));
  });
}

// Under which key, and whose.
using RtcpSource = std::tuple<std::size_t, bool, std::uint32_t>;

void check_srtcp_index(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    struct Indices {
      std::uint32_t latest = 0;
      std::size_t count = 0, wrong = 0;
      const RtcpSent* shown = nullptr;
    };
    std::map<RtcpSource, Indices> sources;
    for (const auto& rtcp : side.rtcp) {
      const auto& media = rtcp.media();
      const auto sender = rtp::sender(rtcp.compound.packets.front());
      if (!media.srtcp_index || !sender) continue;
      auto& source = sources[{media.association, media.by_client, sender->value()}];
      const bool rises = source.count == 0 || *media.srtcp_index > source.latest;
      if (source.shown == nullptr || (!rises && source.wrong == 0)) source.shown = &rtcp;
      if (!rises) ++source.wrong;
      ++source.count;
      source.latest = *media.srtcp_index;
    }
    for (const auto& [key, source] : sources) {
      if (source.count < 2) continue;
      findings.check(source.wrong == 0, *source.shown->by,
                     fmt::format("SSRC {:08x}: {} of {} indices do not rise", std::get<2>(key),
                                 source.wrong, source.count));
    }
  });
}

void check_srtcp_encrypted(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    for (const auto& rtcp : side.rtcp) {
      findings.check(
          rtcp.media().encrypted, *rtcp.by,
          rtcp.media().encrypted ? "RTCP encrypted" : "RTCP authenticated and in the clear");
    }
  });
}

// Of packets that came more than once, how often more.
std::size_t copies_of(const MediaSide& sender, const Transmission** shown) {
  std::size_t copies = 0;
  for (const auto& [ssrc, stream] : sender.streams) {
    std::map<rtp::LongSequenceNumber, ByteView> seen;
    for (const auto& packet : stream.packets) {
      if (!packet.received) continue;
      const auto [entry, is_new] = seen.try_emplace(packet.sequence, packet.by->payload);
      if (is_new || !std::ranges::equal(entry->second, packet.by->payload)) continue;
      if (copies++ == 0) *shown = packet.by;
    }
  }
  return copies;
}

void check_replay(const Docket& docket, Findings& findings) {
  if (!docket.evidence().has_trace) return;
  for_each_media_side(
      docket.media(), [&](const MediaSide& side, const MediaSide& other, const auto&) {
        const Transmission* shown = nullptr;
        const auto copies = copies_of(other, &shown);
        if (copies == 0) return;
        const auto refused = static_cast<std::size_t>(
            std::ranges::count_if(docket.evidence().trace, [&](const evidence::TraceEvent& event) {
              return event.vantage == side.name && event.name == "srtp:packet_refused" &&
                     event.text("kind") == "RTP" && event.text("why").starts_with("replayed");
            }));
        findings.check_of(side.name, refused >= copies, *shown,
                          fmt::format("{} of {} packets that came again refused", refused, copies));
      });
}

// Who sent ClientHello to the other of the two; nullopt where both did, or none.
std::optional<evidence::PartyIndex> dtls_client(const Docket& docket, const MediaTraffic& traffic) {
  std::optional<evidence::PartyIndex> client;
  for (const auto& t : docket.transmissions()) {
    const bool from_one = t.from == traffic.sides[0].party || t.from == traffic.sides[1].party;
    if (!from_one) continue;
    for (const auto& record : t.dissection->dtls) {
      const bool hello = std::ranges::any_of(
          record.handshakes, [](const auto& handshake) { return handshake.type == kClientHello; });
      if (!hello) continue;
      if (client && client != t.from) return std::nullopt;
      client = t.from;
    }
  }
  return client;
}

void check_keys(const Docket& docket, Findings& findings) {
  for_each_media_side(
      docket.media(), [&](const MediaSide& side, const auto&, const MediaTraffic& traffic) {
        const auto client = dtls_client(docket, traffic);
        if (!client) return;
        const bool is_client = side.party == client;
        for (const auto& [ssrc, stream] : side.streams) {
          const auto wrong = std::ranges::find_if(stream.packets, [&](const RtpSent& packet) {
            return packet.media() != nullptr && packet.media()->by_client != is_client;
          });
          const auto opened = std::ranges::find_if(
              stream.packets, [](const RtpSent& packet) { return packet.media() != nullptr; });
          if (opened == stream.packets.end()) continue;
          const bool good = wrong == stream.packets.end();
          findings.check(
              good, *(good ? opened : wrong)->by,
              fmt::format("SSRC {:08x}, of the DTLS {}: protected with the key that {} writes with",
                          ssrc, is_client ? "client" : "server",
                          is_client == good ? "the client" : "the server"));
        }
      });
}

void check_after_handshake(const Docket& docket, Findings& findings) {
  for_each_media_side(docket.media(), [&](const MediaSide& side, const auto&, const auto&) {
    const Transmission* first = nullptr;
    const auto consider = [&](const Transmission* t) {
      if (first == nullptr || t->sent < first->sent) first = t;
    };
    for (const auto& [ssrc, stream] : side.streams) consider(stream.packets.front().by);
    for (const auto& rtcp : side.rtcp) consider(rtcp.by);
    for (const auto* const t : side.sealed) consider(t);
    if (first == nullptr) return;
    bool hello = false, finished = false;
    for (const auto& t : docket.transmissions()) {
      if (t.from != side.party || t.sent > first->sent) continue;
      for (const auto& record : t.dissection->dtls) {
        hello = true;
        finished |= record.encrypted;
      }
    }
    if (!hello) return;  // the handshake was not captured
    findings.check(finished, *first,
                   fmt::format("first packet of media {} own handshake was finished",
                               finished ? "after its" : "before its"));
  });
}

void check_no_two_time_pad(const Docket& docket, Findings& findings) {
  for_each_rtp_stream(docket.media(), [&](const MediaSide&, const RtpStream& stream) {
    std::map<std::tuple<std::size_t, bool, rtp::LongSequenceNumber>, const RtpSent*> sealed;
    const RtpSent* again = nullptr;
    bool any = false;
    for (const auto& packet : stream.packets) {
      const auto* const media = packet.media();
      if (media == nullptr) continue;
      any = true;
      const auto [entry, is_new] =
          sealed.try_emplace({media->association, media->by_client, packet.sequence}, &packet);
      if (!is_new && again == nullptr &&
          !std::ranges::equal(entry->second->by->payload, packet.by->payload))
        again = &packet;
    }
    if (!any) return;
    const auto& shown = again != nullptr ? *again : stream.packets.front();
    findings.check(again == nullptr, *shown.by,
                   fmt::format("SSRC {:08x}: {}", stream.ssrc,
                               again == nullptr ? "each index protects one packet"
                                                : "an index protects two different packets"));
  });
}

// clang-format off
constexpr std::array kSrtpCheckers{
    Checker{{"srtp-3711-3.3.1-index", "RFC 3711", "3.3.1", Level::Must,
             "Packets are protected under an index that counts the turns of the sequence number."},
            "streams of SRTP that keys open", check_packet_index},
    Checker{{"srtp-3711-3.4-srtcp-index", "RFC 3711", "3.4", Level::Must,
             "The index of SRTCP rises with each packet of a source."},
            "sources with two packets of SRTCP", check_srtcp_index},
    Checker{{"sec-8827-6.5-srtp-only", "RFC 8827", "6.5", Level::Must,
             "RTCP is encrypted, not authenticated alone."},
            "packets of SRTCP that keys open", check_srtcp_encrypted},
    Checker{{"srtp-3711-3.3.2-replay", "RFC 3711", "3.3.2", Level::Must,
             "A packet that comes again is dropped."},
            "packets of SRTP that came again, at peers with a trace", check_replay},
    Checker{{"dtlssrtp-5764-4.2-key-split", "RFC 5764", "4.2", Level::Must,
             "The DTLS client protects with the client's key, the server with the server's."},
            "streams of SRTP that keys open", check_keys},
    Checker{{"dtlssrtp-5764-5.1-no-srtp-before", "RFC 5764", "5.1", Level::Must,
             "No media leaves before the sender has finished the handshake."},
            "sides that sent media and a handshake", check_after_handshake},
    Checker{{"srtp-3711-4.1.1-no-two-time-pad", "RFC 3711", "9.1", Level::Must,
             "One key protects no two packets under one index."},
            "streams of SRTP that keys open", check_no_two_time_pad},
};
// clang-format on

}  // namespace

std::span<const Checker> srtp_checkers() {
  return kSrtpCheckers;
}

}  // namespace rtclab::judge
