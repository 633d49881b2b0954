#include "reports/evidence/media_streams.h"

#include "agents/rtp/extensions.h"
#include "agents/rtp/packet.h"
#include "agents/rtp/rtcp.h"
#include "agents/sdp/session_description.h"
#include "reports/evidence/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>

namespace rtclab::evidence {
namespace {

// Only the first packets of a layer say its rid (RFC 8852 §3.3).
constexpr std::size_t kPacketsWithRid = 200;

struct Format {
  std::string kind;
  std::string encoding;
  std::optional<std::uint8_t> repairs;  // RTX: the payload type that it repeats (RFC 4588 §8.1)
};

std::optional<std::uint8_t> associated_payload_type(const sdp::Section& section,
                                                    std::uint8_t payload_type) {
  for (const auto& format : section.format_parameters()) {
    if (format.format != std::to_string(payload_type)) continue;
    const auto apt = format.apt();
    return apt ? std::optional{apt->value()} : std::nullopt;
  }
  return std::nullopt;
}

// What the payload types of a call mean. Both peers of a call agree on them, so that one table for
// each peer, and the other's where its own has nothing, is enough to name a stream.
class Formats {
 public:
  explicit Formats(const Evidence& evidence) {
    for (const auto& message : evidence.signalling) {
      if (message.sdp.empty()) continue;
      const auto description = sdp::SessionDescription::parse_structure(message.sdp).description;
      for (std::size_t i = 0; i < description.sections.size(); ++i)
        read(message.from, description.section(i));
    }
  }

  // In packets to this receiver: it said how it reads them (RFC 3264 §5.1).
  [[nodiscard]] const Format* find(const std::string& receiver, std::uint8_t payload_type) const {
    if (const auto own = formats_.find({receiver, payload_type}); own != formats_.end())
      return &own->second;
    const auto any = std::ranges::find_if(
        formats_, [&](const auto& entry) { return entry.first.second == payload_type; });
    return any == formats_.end() ? nullptr : &any->second;
  }

  // Which simulcast layer a packet says that it is of. Header extensions stand in the clear.
  [[nodiscard]] std::string rid_in(ByteView octets) const {
    if (!rid_extension_) return {};
    const auto packet = rtp::Packet::parse(octets);
    const auto rid =
        packet ? packet->find_extension(rtp::ExtensionId{*rid_extension_}) : std::nullopt;
    return rid ? std::string{as_text(*rid)} : std::string{};
  }

 private:
  void read(const std::string& from, const sdp::Section& section) {
    for (const auto& map : section.ext_maps())
      if (map.uri == rtp::extension_uri::kRid) rid_extension_ = static_cast<std::uint8_t>(map.id);
    for (const auto& map : section.rtp_maps()) {
      const auto number = map.payload_type.value();
      Format format{section.media().kind, map.encoding, std::nullopt};
      if (map.encoding == "rtx") format.repairs = associated_payload_type(section, number);
      formats_.insert_or_assign(std::pair{from, number}, std::move(format));
    }
  }

  std::map<std::pair<std::string, std::uint8_t>, Format> formats_;
  std::optional<std::uint8_t> rid_extension_;
};

class Collector {
 public:
  explicit Collector(const Evidence& evidence) : evidence_{evidence}, formats_{evidence} {}

  std::vector<MediaStream> collect_all() {
    for (const auto& datagram : evidence_.datagrams) {
      for (const auto& place : places_in(evidence_.first_packet(datagram))) {
        if (place.dissection->kind == Kind::Rtcp)
          take_rtcp(datagram, place);
        else if (place.dissection->kind == Kind::Rtp && place.dissection->rtp)
          take_rtp(datagram, place);
      }
    }
    std::ranges::stable_sort(streams_, {}, [](const auto& stream) {
      return std::pair{stream.from, stream.packets.front().sent};
    });
    return std::move(streams_);
  }

 private:
  // Where a packet stands: in `packets` of a stream, or in its `again`.
  struct Sent {
    std::size_t stream;
    bool again;
    std::size_t index;
    std::optional<std::size_t> repeats;  // index into the stream's packets
  };

  [[nodiscard]] bool is_peer(std::optional<PartyIndex> party) const {
    return party && evidence_.parties[*party].kind == PartyKind::Peer;
  }

  // Who it is for when it goes by way of a relay, which is nobody's peer.
  [[nodiscard]] PartyIndex receiver(const Datagram& datagram, PartyIndex from) const {
    if (is_peer(datagram.to)) return *datagram.to;
    for (const auto peer : evidence_.peers())
      if (peer != from) return peer;
    return datagram.to.value_or(from);
  }

  void take_rtp(const Datagram& datagram, const Place& place) {
    const auto key = std::pair{place.dissection->rtp->ssrc, place.dissection->rtp->sequence};
    if (is_peer(datagram.from)) latest_.insert_or_assign(key, sent(datagram, place));
    const auto known = latest_.find(key);
    if (known == latest_.end()) return;
    const auto& sending = known->second;
    auto& stream = streams_[sending.stream];
    auto& packet = (sending.again ? stream.again : stream.packets)[sending.index];
    if (datagram.fate == Fate::Lost || datagram.fate == Fate::Filtered) packet.lost = true;
    const bool there =
        datagram.fate == Fate::Delivered && is_peer(datagram.to) && *datagram.to != stream.from;
    if (!there || packet.arrived) return;
    packet.arrived = evidence_.last_packet(datagram).at;
    if (!sending.repeats) return;
    auto& original = stream.packets[*sending.repeats];
    if (original.lost && !original.repaired) original.repaired = packet.arrived;
  }

  Sent sent(const Datagram& datagram, const Place& place) {
    const auto& header = *place.dissection->rtp;
    const MediaPacket packet{header.sequence,
                             header.timestamp,
                             evidence_.first_packet(datagram).at,
                             place.octets.size(),
                             {},
                             false,
                             {}};
    const auto from = *datagram.from;
    if (const auto original = original_of(from, receiver(datagram, from), place))
      return add_again(*original, packet);
    const auto stream = stream_of(from, receiver(datagram, from), header);
    const auto before = places_.find({stream, header.sequence});
    // The same number soon after is the same packet; much later the numbers have come round.
    if (before != places_.end() && streams_[stream].packets.size() - before->second < 0x8000)
      return add_again({stream, before->second}, packet);
    auto& packets = streams_[stream].packets;
    if (streams_[stream].rid.empty() && packets.size() < kPacketsWithRid)
      streams_[stream].rid = formats_.rid_in(place.octets);
    packets.push_back(packet);
    const auto index = packets.size() - 1;
    places_.insert_or_assign(std::pair{stream, header.sequence}, index);
    return {stream, false, index, std::nullopt};
  }

  Sent add_again(std::pair<std::size_t, std::size_t> original, const MediaPacket& packet) {
    auto& again = streams_[original.first].again;
    again.push_back(packet);
    return {original.first, true, again.size() - 1, original.second};
  }

  // Stream and index of what an RTX packet repeats.
  std::optional<std::pair<std::size_t, std::size_t>> original_of(PartyIndex from, PartyIndex to,
                                                                 const Place& place) const {
    const auto* const format =
        formats_.find(evidence_.parties[to].name, place.dissection->rtp->payload_type);
    if (format == nullptr || !format->repairs || !place.dissection->media) return std::nullopt;
    const auto packet = rtp::Packet::parse(place.dissection->media->plain);
    if (!packet) return std::nullopt;
    ByteReader in{packet->payload};
    const auto number = in.u16();  // RFC 4588 §4: the original's
    if (!in.ok()) return std::nullopt;
    // Several streams may have sent that number (simulcast); the timestamp tells them apart.
    for (std::size_t i = streams_.size(); i-- > 0;) {
      if (streams_[i].from != from || streams_[i].payload_type != *format->repairs) continue;
      const auto original = places_.find({i, number});
      if (original == places_.end()) continue;
      if (streams_[i].packets[original->second].timestamp == place.dissection->rtp->timestamp)
        return std::pair{i, original->second};
    }
    return std::nullopt;
  }

  std::size_t stream_of(PartyIndex from, PartyIndex to, const RtpHeader& header) {
    const auto found = std::ranges::find_if(streams_, [&](const auto& stream) {
      return stream.from == from && stream.ssrc == header.ssrc;
    });
    if (found != streams_.end()) return static_cast<std::size_t>(found - streams_.begin());
    MediaStream stream{.from = from,
                       .to = to,
                       .ssrc = header.ssrc,
                       .payload_type = header.payload_type,
                       .kind = {},
                       .encoding = {},
                       .rid = {},
                       .packets = {},
                       .again = {},
                       .requests = {}};
    if (const auto* const format = formats_.find(evidence_.parties[to].name, header.payload_type)) {
      stream.kind = format->kind;
      stream.encoding = format->encoding;
    } else {
      stream.encoding = fmt::format("payload type {}", header.payload_type);
    }
    streams_.push_back(std::move(stream));
    return streams_.size() - 1;
  }

  void take_rtcp(const Datagram& datagram, const Place& place) {
    if (!is_peer(datagram.from) || !place.dissection->media) return;
    const auto compound = rtp::CompoundPacket::parse(place.dissection->media->plain);
    if (!compound) return;
    const auto at = evidence_.first_packet(datagram).at;
    for (const auto& packet : compound->packets) {
      if (const auto* const nack = std::get_if<rtp::Nack>(&packet))
        request(*datagram.from, nack->media.value(),
                {MediaRequest::Kind::Nack, at, nack->lost().size()});
      if (const auto* const pli = std::get_if<rtp::PictureLossIndication>(&packet))
        request(*datagram.from, pli->media.value(), {MediaRequest::Kind::Pli, at, 0});
      if (const auto* const fir = std::get_if<rtp::FullIntraRequest>(&packet)) {
        for (const auto& entry : fir->entries)
          request(*datagram.from, entry.ssrc.value(), {MediaRequest::Kind::Fir, at, 0});
      }
    }
  }

  void request(PartyIndex by, std::uint32_t ssrc, const MediaRequest& request) {
    for (auto& stream : streams_)
      if (stream.from != by && stream.ssrc == ssrc) stream.requests.push_back(request);
  }

  const Evidence& evidence_;
  Formats formats_;
  std::vector<MediaStream> streams_;
  std::map<std::pair<std::size_t, std::uint16_t>, std::size_t> places_;  // stream, number -> index
  std::map<std::pair<std::uint32_t, std::uint16_t>, Sent> latest_;  // SSRC, number -> last sending
};

}  // namespace

std::string MediaStream::name() const {
  auto name = kind.empty() ? encoding : kind + " " + encoding;
  return rid.empty() ? name : name + " " + rid;
}

std::vector<MediaStream> media_streams(const Evidence& evidence) {
  return Collector{evidence}.collect_all();
}

}  // namespace rtclab::evidence
