#include "reports/diagrams/labels.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace rtclab::diagrams {

using evidence::Dissection;
using evidence::Kind;
using namespace std::chrono_literals;

namespace {

constexpr Duration kPause = 2s;  // of data or media: what comes later is worth an arrow of its own

Label plain(Lane lane, std::string text) {
  return {lane, std::move(text), {}, {}, {}, 2};
}

Label repeated(Lane lane, std::string text, std::string folded_text, Duration patience,
               std::size_t fewest) {
  auto topic = folded_text;
  return {lane, std::move(text), std::move(topic), std::move(folded_text), patience, fewest};
}

bool is_response(const stun::Message& message) {
  return message.cls == stun::Class::Success || message.cls == stun::Class::Error;
}

// A connectivity check has a USERNAME; a request to a STUN server has none (RFC 8445 §7.2.2).
bool is_check(const stun::Message& message) {
  return message.method == stun::Method::Binding && message.cls == stun::Class::Request &&
         message.has<stun::Username>();
}

// Records that hold no more than what flows once the handshake is done.
bool is_data(const std::vector<evidence::DtlsRecord>& records) {
  constexpr std::uint8_t kApplicationData = 23;
  constexpr std::uint16_t kFirstDataEpoch13 = 3;  // RFC 9147 §6.1
  return std::ranges::all_of(records, [](const auto& record) {
    if (record.content_type) return *record.content_type == kApplicationData;
    return record.epoch == kFirstDataEpoch13;
  });
}

// One association's packets: what sets it up stands alone, what flows in it may be folded.
Label label_sctp(const std::vector<evidence::SctpChunk>& chunks) {
  if (chunks.empty()) return plain(Lane::Data, "SCTP");
  const auto text = text_of(chunks);
  const auto all = [&](auto predicate) { return std::ranges::all_of(chunks, predicate); };
  const auto is = [](std::string_view name) {
    return [name](const evidence::SctpChunk& chunk) { return chunk.name == name; };
  };
  if (std::ranges::any_of(chunks, &evidence::SctpChunk::sets_up)) return plain(Lane::Data, text);
  if (all(is("SACK"))) return repeated(Lane::Data, text, "SACK", kPause, 3);
  // As with consent: who is still there is asked twice a minute.
  if (all(is("HEARTBEAT")) || all(is("HEARTBEAT ACK"))) {
    return repeated(Lane::Data, text, text, 40s, 2);
  }
  // A few messages are worth reading one by one; of many, the number is.
  return repeated(Lane::Data, text, "DATA", kPause, 4);
}

// Also of several records, each of which holds one packet (RFC 8261 §4).
std::vector<evidence::SctpChunk> sctp_in(const std::vector<evidence::DtlsRecord>& records) {
  std::vector<evidence::SctpChunk> chunks;
  for (const auto& record : records) {
    if (record.sctp.empty()) return {};
    chunks.insert(chunks.end(), record.sctp.begin(), record.sctp.end());
  }
  return chunks;
}

Label label_dtls(const Dissection& dissection) {
  if (const auto chunks = sctp_in(dissection.dtls); !chunks.empty()) return label_sctp(chunks);
  if (is_data(dissection.dtls))
    return repeated(Lane::Data, "data (DTLS)", "data (DTLS)", kPause, 2);
  const bool hidden =
      std::ranges::all_of(dissection.dtls, [](const auto& record) { return !record.content_type; });
  if (hidden) {
    return repeated(Lane::Dtls, "handshake (encrypted)", "handshake (encrypted)", kPause, 3);
  }
  return plain(Lane::Dtls, dissection.summary());
}

}  // namespace

Labeller::Labeller(const evidence::Evidence& evidence) : evidence_{evidence} {
  const auto note = [&](const Dissection& dissection) {
    if (dissection.stun && is_response(*dissection.stun)) {
      answered_.insert(dissection.stun->transaction.to_hex());
    }
  };
  const auto note_all = [&](const Dissection& dissection) {
    note(dissection);
    if (dissection.carried) note(dissection.carried->dissection);
  };
  for (const auto& packet : evidence.packets) {
    note_all(packet.dissection);
    for (const auto& message : packet.dissection.framed) note_all(message.dissection);
  }
}

Label Labeller::label(const evidence::Datagram& datagram) {
  const auto& packet = evidence_.first_packet(datagram);
  return label_one(packet.dissection, {packet.source, packet.destination});
}

Label Labeller::label_one(const Dissection& dissection, const Route& route) {
  switch (dissection.kind) {
    case Kind::Stun: return label_stun(dissection, route);
    case Kind::ChannelData: return label_carried(dissection, route);
    case Kind::Dtls: return label_dtls(dissection);
    case Kind::Rtp: return repeated(Lane::Media, "RTP", "RTP", kPause, 2);
    case Kind::Rtcp: return repeated(Lane::Media, "RTCP", "RTCP", kPause * 5, 2);
    case Kind::Sctp: return label_sctp(dissection.sctp);
    case Kind::Tcp: {
      const auto& tcp = dissection.tcp;
      if (!dissection.framed.empty()) return label_framed(dissection, route);
      if (tcp && tcp->again) return plain(Lane::Tcp, dissection.summary());
      if (tcp && (tcp->syn || tcp->fin || tcp->rst)) return plain(Lane::Tcp, dissection.summary());
      return repeated(Lane::Tcp, "TCP", "TCP", kPause, 2);
    }
    case Kind::WebSocket: return repeated(Lane::Tcp, "WebSocket", "WebSocket", kPause, 2);
    case Kind::Tls:
      if (dissection.words != "application data") return plain(Lane::Tcp, dissection.words);
      return repeated(Lane::Tcp, "application data", "application data", kPause, 2);
    case Kind::Mdns:
      return repeated(Lane::Other, dissection.summary(), dissection.summary(), kPause, 2);
    case Kind::Icmp:
      return repeated(Lane::Other, "ICMP unreachable", "ICMP unreachable", kPause, 3);
    default: return repeated(Lane::Other, dissection.summary(), dissection.summary(), kPause, 3);
  }
}

Label Labeller::label_stun(const Dissection& dissection, const Route& route) {
  if (!dissection.stun) return plain(Lane::Stun, "malformed STUN");
  const auto& message = *dissection.stun;
  if (dissection.carried) return label_carried(dissection, route);
  if (is_check(message)) return label_check(message, route);
  if (checks_.contains(message.transaction.to_hex())) return label_answer(message);

  const auto lane = message.method == stun::Method::Binding ? Lane::Stun : Lane::Turn;
  auto text = dissection.summary();
  if (message.cls == stun::Class::Indication) return repeated(lane, text, text, 60s, 3);
  if (const auto mapped = message.find<stun::XorMappedAddress>()) {
    text += ": you are " + mapped->endpoint.to_string();
  }
  if (const auto relayed = message.find<stun::XorRelayedAddress>()) {
    text = "Allocate success: relay " + relayed->endpoint.to_string();
  }
  if (message.method == stun::Method::CreatePermission ||
      message.method == stun::Method::ChannelBind) {
    if (const auto peer = message.find<stun::XorPeerAddress>()) {
      text += " for " + peer->endpoint.to_string();
    }
  }
  // What keeps an allocation or a mapping alive comes at its own pace for as long as it is needed:
  // the first few are read one by one, of a day's the number is.
  const auto error = message.find<stun::ErrorCode>();
  const bool is_stale = error && error->code == stun::error::kStaleNonce;
  if (is_stale && lane == Lane::Turn) return repeated(lane, text, text, 2h, 4);
  const bool renews = message.method != stun::Method::Allocate &&
                      message.cls != stun::Class::Error && lane == Lane::Turn;
  if (renews || lane == Lane::Stun) return repeated(lane, text, text, 15min, 8);
  return plain(lane, text);
}

Label Labeller::label_check(const stun::Message& message, const Route& route) {
  const auto transaction = message.transaction.to_hex();
  const bool nominates = message.has<stun::UseCandidate>();
  const bool first_nomination = nominates && nominated_.insert(route).second;
  // A relayed check is seen twice, on each leg; both mean what the first one meant.
  const auto known = checks_.find(transaction);
  const bool consent = known != checks_.end() ? known->second.consent
                                              : working_.contains(route) && !first_nomination;
  checks_[transaction].consent = consent;
  checks_[transaction].routes.push_back(route);
  const bool answered = answered_.contains(transaction);
  if (consent) {
    // Consent that fails is the news of a recording: it must not hide among the answered ones.
    const std::string text =
        answered ? "Binding request (consent)" : "Binding request (consent): no answer";
    return repeated(Lane::Stun, text, text, 40s, 2);
  }
  std::string text = "Binding request";
  if (nominates) text += " USE-CANDIDATE";
  if (answered) return plain(Lane::Stun, text);
  // Sent again and again into silence: one arrow, with the times in its tooltip.
  text += " to " + route.second.to_string() + ": no answer";
  auto label = repeated(Lane::Stun, text, text, 40s, 3);
  label.topic += route.first.to_string();
  return label;
}

Label Labeller::label_answer(const stun::Message& message) {
  const auto& check = checks_.at(message.transaction.to_hex());
  if (message.cls == stun::Class::Success)
    working_.insert(check.routes.begin(), check.routes.end());
  if (check.consent && message.cls == stun::Class::Success) {
    return repeated(Lane::Stun, "Binding success (consent)", "Binding success (consent)", 40s, 2);
  }
  std::string text = message.name();
  if (const auto error = message.find<stun::ErrorCode>()) text += fmt::format(" {}", error->code);
  return plain(Lane::Stun, text);
}

// A segment says what it completes. Its colour is that of the first message.
Label Labeller::label_framed(const Dissection& dissection, const Route& route) {
  std::vector<Label> labels;
  for (const auto& message : dissection.framed) {
    auto label = label_one(message.dissection, route);
    if (labels.empty() || labels.back().text != label.text) labels.push_back(std::move(label));
  }
  const std::string wrapping =
      dissection.framed.front().framing == evidence::Framing::Tls ? "TLS ▸ " : "TCP ▸ ";
  auto label = labels.front();
  for (std::size_t i = 1; i < labels.size(); ++i) {
    label.text += ", " + labels[i].text;
    label.topic.clear();  // several things at once are told one by one
  }
  label.text = wrapping + label.text;
  if (!label.topic.empty()) {
    label.topic = wrapping + label.topic;
    label.folded_text = wrapping + label.folded_text;
  }
  return label;
}

// What travels inside TURN has the colour of the inside, for that is what the reader follows.
Label Labeller::label_carried(const Dissection& dissection, const Route& route) {
  const auto& carried = dissection.carried;
  if (!carried) return plain(Lane::Turn, dissection.summary());
  const Route inner{carried->relayed.value_or(route.first), carried->peer.value_or(route.second)};
  auto label = label_one(carried->dissection,
                         carried->from_client ? inner : Route{inner.second, inner.first});
  const std::string wrapping = dissection.channel     ? "Channel"
                               : carried->from_client ? "Send"
                                                      : "Data";
  label.text = wrapping + " ▸ " + label.text;
  if (!label.topic.empty()) {
    label.topic = wrapping + label.topic;
    label.folded_text = wrapping + " ▸ " + label.folded_text;
  }
  return label;
}

}  // namespace rtclab::diagrams
