#include "reports/evidence/dissection.h"

#include "agents/mdns/message.h"
#include "agents/rtp/rtcp.h"
#include "agents/sctp/packet.h"
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"
#include "reports/evidence/dtls_records.h"
#include "reports/evidence/sctp_chunks.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::evidence {
namespace {

constexpr Port kMdnsPort{5353};

Dissection dissect_payload(ByteView payload);

std::shared_ptr<const Carried> carry(bool from_client, std::optional<Endpoint> peer,
                                     ByteView data) {
  // One level deep: a TURN message inside a TURN message is not followed further, so that nested
  // input cannot cost more than its size.
  Dissection inside;
  const auto first = data.empty() ? 0u : std::to_integer<unsigned>(data[0]);
  if (stun::looks_like_stun(data)) {
    inside.kind = Kind::Stun;
    if (auto message = stun::Message::parse_structure(data).message) {
      inside.stun = std::make_shared<const stun::Message>(std::move(*message));
    }
  } else if (first >= 20 && first <= 191 && !(first >= 64 && first <= 79)) {
    inside = dissect_payload(data);
  }
  return std::make_shared<const Carried>(
      Carried{from_client, std::nullopt, peer, {data.begin(), data.end()}, std::move(inside)});
}

Dissection dissect_stun(ByteView payload) {
  Dissection dissection;
  dissection.kind = Kind::Stun;
  auto reading = stun::Message::parse_structure(payload);
  if (!reading.message) return dissection;
  const auto message = std::make_shared<const stun::Message>(std::move(*reading.message));
  dissection.stun = message;
  const bool send = message->method == stun::Method::Send;
  if (message->cls == stun::Class::Indication && (send || message->method == stun::Method::Data)) {
    const auto data = message->find<stun::Data>();
    const auto peer = message->find<stun::XorPeerAddress>();
    if (data && peer) dissection.carried = carry(send, peer->endpoint, data->value);
  }
  return dissection;
}

// RFC 8656 §12.4: number, length, data; the length leaves out padding.
Dissection dissect_channel_data(ByteView payload) {
  Dissection dissection;
  ByteReader reader{payload};
  const auto channel = reader.u16();
  const auto data = reader.take(reader.u16());
  if (!reader.ok()) return dissection;
  dissection.kind = Kind::ChannelData;
  dissection.channel = channel;
  dissection.carried = carry(true, std::nullopt, data);
  return dissection;
}

Dissection dissect_media(ByteView payload) {
  Dissection dissection;
  ByteReader reader{payload};
  reader.skip(1);
  const auto second = reader.u8();
  // RFC 5761 §4: packet types 192 to 223 are RTCP's.
  if (second >= 192 && second <= 223) {
    dissection.kind = Kind::Rtcp;
    return dissection;
  }
  RtpHeader header{};
  header.payload_type = second & 0x7fu;
  header.sequence = reader.u16();
  header.timestamp = reader.u32();
  header.ssrc = reader.u32();
  if (!reader.ok()) return dissection;
  dissection.kind = Kind::Rtp;
  dissection.rtp = header;
  return dissection;
}

// RFC 7983 §7.
Dissection dissect_payload(ByteView payload) {
  if (payload.empty()) return {};
  const auto first = std::to_integer<unsigned>(payload[0]);
  if (first <= 3) return stun::looks_like_stun(payload) ? dissect_stun(payload) : Dissection{};
  if (first >= 64 && first <= 79) return dissect_channel_data(payload);
  if (first >= 128 && first <= 191) return dissect_media(payload);
  if (first >= 20 && first <= 63) {
    Dissection dissection;
    dissection.dtls = read_dtls_records(payload);
    if (!dissection.dtls.empty()) dissection.kind = Kind::Dtls;
    return dissection;
  }
  return {};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string stun_summary(const stun::Message& message) {
  auto text = message.name();
  if (const auto error = message.find<stun::ErrorCode>()) text += fmt::format(" {}", error->code);
  if (message.has<stun::UseCandidate>()) text += " USE-CANDIDATE";
  return text;
}

std::string dtls_summary(const std::vector<DtlsRecord>& records) {
  std::vector<std::string> names;
  for (const auto& record : records) {
    auto name = record.name();
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return joined(names);
}

// "1f4712db….local": a name of 36 characters says no more than its beginning.
std::string short_name(const mdns::Name& name) {
  auto text = name.to_string();
  // Names come from anybody: nothing of them may steer a terminal.
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  const auto dot = text.find('.');
  return dot == std::string::npos || dot <= 12 ? text : text.substr(0, 8) + "…" + text.substr(dot);
}

std::string mdns_words(const mdns::Message& message) {
  std::vector<std::string> parts;
  const auto add = [&](std::string part) {
    if (std::ranges::find(parts, part) == parts.end()) parts.push_back(std::move(part));
  };
  if (message.response) {
    for (const auto& record : message.answers) {
      const auto* const ip = record.find_address();
      if (ip == nullptr) continue;
      add(short_name(record.name) +
          (record.ttl == 0 ? " is gone" : fmt::format(" is {}", ip->to_string())));
    }
    return parts.empty() ? "response" : joined(parts);
  }
  for (const auto& question : message.questions) add("who is " + short_name(question.name) + "?");
  return parts.empty() ? "query" : joined(parts);
}

Dissection dissect_mdns(ByteView payload) {
  Dissection dissection;
  dissection.kind = Kind::Mdns;
  auto message = mdns::Message::parse(payload);
  if (!message) return dissection;
  dissection.words = mdns_words(*message);
  dissection.mdns = std::make_shared<const mdns::Message>(*std::move(message));
  return dissection;
}

std::string tcp_summary(const TcpSegment& segment) {
  if (segment.again) return "TCP, sent again";
  std::vector<std::string> flags;
  if (segment.syn) flags.emplace_back("SYN");
  if (segment.fin) flags.emplace_back("FIN");
  if (segment.rst) flags.emplace_back("RST");
  if (segment.ack && flags.size() < 2) flags.emplace_back("ACK");
  return "TCP " + joined(flags);
}

// "RTCP", or with keys "RTCP: SR, SDES".
std::string rtcp_summary(const UnprotectedMedia* media) {
  if (media == nullptr) return "RTCP";
  const auto compound = rtp::CompoundPacket::parse(media->plain);
  if (!compound) return "RTCP";
  std::vector<std::string> names;
  for (const auto& packet : compound->packets) names.emplace_back(rtp::name(packet));
  return "RTCP: " + joined(names);
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::Unknown: return "unknown";
    case Kind::Stun: return "STUN";
    case Kind::ChannelData: return "ChannelData";
    case Kind::Dtls: return "DTLS";
    case Kind::Rtp: return "RTP";
    case Kind::Rtcp: return "RTCP";
    case Kind::Sctp: return "SCTP";
    case Kind::Tcp: return "TCP";
    case Kind::WebSocket: return "WebSocket";
    case Kind::Tls: return "TLS";
    case Kind::Mdns: return "mDNS";
    case Kind::Icmp: return "ICMP";
    case Kind::Fragment: return "IP fragment";
  }
  return "unknown";
}

Dissection dissect_udp(const Endpoint& source, const Endpoint& destination, ByteView payload) {
  if (source.port == kMdnsPort || destination.port == kMdnsPort) {
    return dissect_mdns(payload);
  }
  return dissect_payload(payload);
}

Dissection dissect_sctp(ByteView packet) {
  Dissection dissection;
  if (packet.size() < sctp::kCommonHeaderSize) return dissection;
  dissection.kind = Kind::Sctp;
  dissection.sctp = read_sctp_chunks(packet);
  return dissection;
}

std::vector<const stun::Message*> Dissection::messages() const {
  std::vector<const stun::Message*> found;
  if (stun) found.push_back(stun.get());
  for (const auto& message : framed) {
    if (message.dissection.stun) found.push_back(message.dissection.stun.get());
  }
  return found;
}

std::string Dissection::summary() const {
  switch (kind) {
    case Kind::Stun: {
      auto text = stun ? stun_summary(*stun) : std::string{"malformed STUN"};
      if (carried) text += ": " + carried->dissection.summary();
      return text;
    }
    case Kind::ChannelData:
      return fmt::format("ChannelData 0x{:04x}: {}", channel.value_or(0),
                         carried ? carried->dissection.summary() : "");
    case Kind::Dtls: return dtls_summary(dtls);
    case Kind::Sctp: return text_of(sctp);
    case Kind::Tcp: {
      std::vector<std::string> parts;
      for (const auto& message : framed) parts.push_back(message.dissection.summary());
      if (!parts.empty()) return "TCP: " + joined(parts);
      return tcp ? tcp_summary(*tcp) : "TCP";
    }
    case Kind::Tls: return words.empty() ? "TLS" : "TLS " + words;
    case Kind::Mdns: return words.empty() ? "mDNS" : "mDNS " + words;
    case Kind::Rtp: return rtp ? fmt::format("RTP, payload type {}", rtp->payload_type) : "RTP";
    case Kind::Rtcp: return rtcp_summary(media.get());
    default: return std::string{to_string(kind)};
  }
}

}  // namespace rtclab::evidence
