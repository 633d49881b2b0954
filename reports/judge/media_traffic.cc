#include "reports/judge/media_traffic.h"

#include "agents/rtp/extensions.h"
#include "reports/evidence/dtls_records.h"
#include "reports/judge/docket.h"

#include <algorithm>
#include <utility>

namespace rtclab::judge {
namespace {

using evidence::Kind;
using PartyPair = std::pair<evidence::PartyIndex, evidence::PartyIndex>;

// The header of a packet whose payload may be sealed: what P says of it cannot be believed then.
struct HeaderReading {
  rtp::Packet header;
  bool parsed = true;
  std::size_t size = 0;
};
std::optional<HeaderReading> read_header(ByteView octets) {
  const auto view = rtp::HeaderView::parse(octets);
  if (!view) return std::nullopt;
  Bytes own{octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(view->size)};
  constexpr std::byte kPadding{0x20}, kExtension{0x10};
  own[0] &= ~kPadding;
  if (auto packet = rtp::Packet::parse(own))
    return HeaderReading{*std::move(packet), true, view->size};
  own[0] &= ~kExtension;
  auto packet = rtp::Packet::parse(own);
  if (!packet) return std::nullopt;
  packet->payload.clear();
  return HeaderReading{*std::move(packet), false, view->size};
}

// What stands behind the header in a packet that is open, without padding.
std::optional<ByteView> payload_of(const evidence::UnprotectedMedia* media, std::size_t header) {
  if (media == nullptr || media->plain.size() < header) return std::nullopt;
  auto payload = ByteView{media->plain}.subspan(header);
  const bool padded = (std::to_integer<unsigned>(media->plain[0]) & 0x20u) != 0;
  if (!padded || payload.empty()) return payload;
  const auto padding = std::to_integer<std::size_t>(payload.back());
  if (padding == 0 || padding > payload.size()) return std::nullopt;
  return payload.first(payload.size() - padding);
}

// RFC 7983 §7: no first octet of STUN, DTLS, RTP or RTCP, nor one of a channel of TURN, which goes
// to a server.
bool is_of_no_protocol(const Docket& docket, const Transmission& t) {
  const auto first = t.payload.empty() ? 0u : std::to_integer<unsigned>(t.payload[0]);
  return t.dissection->kind == Kind::Unknown && !t.is_tcp() && docket.is_peer(t.to) &&
         first >= 64 && first < 128;
}

std::string_view element(const rtp::Packet& header, const MediaTerms& section,
                         std::string_view uri) {
  const auto id = section.extension(uri);
  const auto data = id ? header.find_extension(*id) : std::nullopt;
  return data ? as_text(*data) : std::string_view{};
}

class MediaReader {
 public:
  explicit MediaReader(const Docket& docket) : docket_{docket}, terms_{media_terms(docket)} {}

  std::vector<MediaTraffic> read() {
    for (const auto& t : docket_.transmissions()) {
      if (!docket_.is_peer(t.from)) continue;
      heard_[*t.from] = t.sent;
      const auto kind = t.dissection->kind;
      if (kind == Kind::Dtls) note_keys(t);
      const bool odd = is_of_no_protocol(docket_, t);
      if (kind != Kind::Rtp && kind != Kind::Rtcp && !odd) continue;
      // With its two top bits set it looks like RTP, and is none.
      if (t.means_to_be_stun()) continue;
      const auto other = docket_.peer_behind(t);
      if (!other || *other == *t.from) continue;
      auto& side = side_of(t, *other);
      if (odd) {
        side.odd.push_back(&t);
      } else {
        add(t, docket_.received_by(t, *other), side);
      }
    }
    for (auto& traffic : all_) complete(traffic);
    return std::move(all_);
  }

 private:
  MediaSide& side_of(const Transmission& t, evidence::PartyIndex other) {
    const PartyPair pair = std::minmax(*t.from, other);
    const auto [found, is_new] = indices_.try_emplace(pair, all_.size());
    if (is_new) {
      auto& traffic = all_.emplace_back();
      traffic.first = t.sent;
      begin(pair.first, traffic.sides[0]);
      begin(pair.second, traffic.sides[1]);
    }
    return all_[found->second].sides[*t.from == pair.first ? 0 : 1];
  }

  // Finished is the first record of the handshake that is encrypted (RFC 5246 §7.4.9).
  void note_keys(const Transmission& t) {
    const auto other = docket_.peer_behind(t);
    const auto finishes = [](const evidence::DtlsRecord& record) {
      return record.encrypted && record.content_type == evidence::kHandshake;
    };
    if (!other || std::ranges::none_of(t.dissection->dtls, finishes)) return;
    const auto at = docket_.received_by(t, *other);
    if (!at) return;
    const auto [known, is_new] = keyed_.try_emplace({*t.from, *other}, *at);
    if (!is_new) known->second = std::min(known->second, *at);
  }

  void begin(evidence::PartyIndex party, MediaSide& side) {
    side.party = party;
    side.name = docket_.name(party);
    side.terms = terms_[side.name];
  }

  void add(const Transmission& t, std::optional<Duration> received, MediaSide& side) {
    const auto& packet = docket_.evidence().packets[t.packet];
    if (docket_.evidence().party_of(packet) != t.from) side.at_source = false;
    const auto* const media = t.dissection->media.get();
    if (media == nullptr && !packet.cut) side.sealed.push_back(&t);
    if (t.dissection->kind == Kind::Rtcp) {
      if (media == nullptr) return;
      if (auto compound = rtp::CompoundPacket::parse(media->plain))
        side.rtcp.push_back({&t, *std::move(compound), received});
      return;
    }
    auto reading = read_header(t.payload);
    if (!reading) return;
    const auto ssrc = reading->header.ssrc.value();
    auto& stream = side.streams[ssrc];
    stream.ssrc = ssrc;
    const auto number = reading->header.sequence_number;
    const auto sequence = stream.packets.empty()
                              ? rtp::unwrap_first(number)
                              : rtp::unwrap(number, stream.packets.back().sequence);
    stream.packets.push_back({.by = &t,
                              .header = std::move(reading->header),
                              .parsed = reading->parsed,
                              .payload = payload_of(media, reading->size),
                              .sequence = sequence,
                              .received = received});
  }

  void complete(MediaTraffic& traffic) {
    for (std::size_t i = 0; i < 2; ++i) {
      auto& side = traffic.sides[i];
      const auto keys = keyed_.find({traffic.sides[1 - i].party, side.party});
      if (keys != keyed_.end()) side.keyed = keys->second;
      traffic.last = std::max(traffic.last, heard_[side.party]);
      for (auto& [ssrc, stream] : side.streams) place(side, stream);
    }
  }

  // RFC 9143 §9.2. A stream is of one section; what names it may stand in some of its packets only.
  static void place(const MediaSide& side, RtpStream& stream) {
    for (const auto& packet : stream.packets) {
      const auto* const terms = side.terms_at(packet.by->sent);
      if (terms == nullptr) continue;
      for (const auto& section : terms->sections) {
        take(packet.header, section, rtp::extension_uri::kMid, stream.mid);
        take(packet.header, section, rtp::extension_uri::kRid, stream.rid);
        take(packet.header, section, rtp::extension_uri::kRepairedRid, stream.repaired_rid);
      }
    }
    for (auto& packet : stream.packets) name_format(side, stream, packet);
  }

  static void take(const rtp::Packet& header, const MediaTerms& section, std::string_view uri,
                   std::string& name) {
    if (name.empty()) name = element(header, section, uri);
  }

  static void name_format(const MediaSide& side, RtpStream& stream, RtpSent& packet) {
    const auto* const terms = side.terms_at(packet.by->sent);
    if (terms == nullptr) return;
    const auto type = packet.header.payload_type.value();
    if (stream.mid.empty()) {
      const auto signalled = terms->sources.find(stream.ssrc);
      const auto* const only = terms->only_with(type);
      if (signalled != terms->sources.end()) {
        stream.mid = signalled->second;
      } else if (only != nullptr) {
        stream.mid = only->mid;
      }
    }
    packet.section = terms->find(stream.mid);
    if (packet.section == nullptr) return;
    const auto format = packet.section->formats.find(type);
    if (format != packet.section->formats.end()) packet.format = &format->second;
  }

  const Docket& docket_;
  std::map<std::string, std::vector<SideTerms>> terms_;
  std::vector<MediaTraffic> all_;
  std::map<PartyPair, std::size_t> indices_;  // the lesser first
  std::map<evidence::PartyIndex, Duration> heard_;
  std::map<PartyPair, Duration> keyed_;  // by whose Finished it was, and to whom it came
};

}  // namespace

std::string_view RtpSent::text(std::string_view uri) const {
  return section != nullptr ? element(header, *section, uri) : std::string_view{};
}

bool RtpStream::is_rtx() const {
  return std::ranges::any_of(packets, [](const RtpSent& packet) {
    return packet.format != nullptr && packet.format->codec == "rtx";
  });
}

bool RtpStream::is(std::string_view kind) const {
  return packets.front().section != nullptr && packets.front().section->kind == kind;
}

bool is_feedback(const rtp::RtcpPacket& packet) {
  return std::holds_alternative<rtp::Nack>(packet) || std::holds_alternative<rtp::Tmmbr>(packet) ||
         std::holds_alternative<rtp::Tmmbn>(packet) ||
         std::holds_alternative<rtp::TransportFeedback>(packet) ||
         std::holds_alternative<rtp::PictureLossIndication>(packet) ||
         std::holds_alternative<rtp::FullIntraRequest>(packet) ||
         std::holds_alternative<rtp::ReceiverEstimatedMaximumBitrate>(packet);
}

bool RtcpSent::has_feedback() const {
  return std::ranges::any_of(compound.packets, is_feedback);
}

bool RtcpSent::has_report() const {
  return compound.find<rtp::SenderReport>() != nullptr ||
         compound.find<rtp::ReceiverReport>() != nullptr;
}

const SideTerms* MediaSide::terms_at(Duration at) const {
  const SideTerms* found = terms.empty() ? nullptr : &terms.front();
  for (const auto& each : terms) {
    if (each.since <= at) found = &each;
  }
  return found;
}

// RFC 8852 §3.2; without names the only stream of its section (RFC 4588 §5.3).
const RtpStream* MediaSide::repaired_by(const RtpStream& rtx) const {
  const RtpStream* only = nullptr;
  for (const auto& [ssrc, stream] : streams) {
    if (stream.mid != rtx.mid || stream.is_rtx()) continue;
    const auto& named = rtx.repaired_rid.empty() ? rtx.rid : rtx.repaired_rid;
    if (!named.empty()) {
      if (stream.rid == named) return &stream;
      continue;
    }
    if (only != nullptr) return nullptr;
    only = &stream;
  }
  return only;
}

std::optional<Duration> MediaSide::goodbye(std::uint32_t ssrc) const {
  for (const auto& each : rtcp) {
    for (const auto& packet : each.compound.packets) {
      const auto* const bye = std::get_if<rtp::Goodbye>(&packet);
      if (bye != nullptr && std::ranges::count(bye->sources, rtp::Ssrc{ssrc}) > 0)
        return each.by->sent;
    }
  }
  return std::nullopt;
}

std::vector<MediaTraffic> media_traffic(const Docket& docket) {
  return MediaReader{docket}.read();
}

}  // namespace rtclab::judge
