#include "tests/reports/judge/case.h"

#include "reports/evidence/dtls_records.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace rtclab::test {
namespace {

using evidence::Fate;
using evidence::SignallingType;

struct Character {
  std::string_view name;
  Endpoint endpoint;
  std::string_view ufrag, pwd;
};

const Character& character(Who who) {
  static const std::array kCast{
      Character{"alice", kAlice, "aliU", kAlicePwd},
      Character{"bob", kBob, "bobU", kBobPwd},
      Character{"turn", kTurn, "", ""},
      Character{"carol", kCarol, "carU", "carol+password+of+22+chars"},
      Character{"dave", kDave, "davU", "dave+password+of+22+letters"},
  };
  return kCast.at(static_cast<std::size_t>(who));
}

std::string name_of(Who who) {
  return std::string{character(who).name};
}

Who other(Who who) {
  switch (who) {
    case Who::Alice: return Who::Bob;
    case Who::Bob:
    case Who::Turn: return Who::Alice;
    case Who::Carol: return Who::Dave;
    case Who::Dave: return Who::Carol;
  }
  return Who::Alice;
}

bool offered(Who who) {
  return who == Who::Alice || who == Who::Carol;
}

}  // namespace

stun::TransactionId id(unsigned number) {
  stun::TransactionId id;
  auto state = number * 2654435761u + 12345u;
  for (auto& octet : id.octets) {
    state = state * 1664525u + 1013904223u;
    octet = static_cast<std::byte>(state >> 24u);
  }
  return id;
}

stun::Message message(stun::Class cls, stun::Method method, unsigned number) {
  stun::Message message;
  message.cls = cls;
  message.method = method;
  message.transaction = id(number);
  return message;
}

stun::Message check(const CheckOf& content) {
  auto check = message(stun::Class::Request, stun::Method::Binding, content.number);
  check
      .add(stun::Username{std::string{character(other(content.who)).ufrag} + ':' +
                          std::string{character(content.who).ufrag}})
      .add(stun::Priority{content.priority});
  if (content.controlling.value_or(offered(content.who)))
    check.add(stun::IceControlling{content.tie_breaker});
  else
    check.add(stun::IceControlled{content.tie_breaker});
  if (content.nominates) check.add(stun::UseCandidate{});
  return check;
}

Bytes sealed(const stun::Message& message, std::string_view pwd) {
  return stun::seal(message, {.key = stun::short_term_key(pwd), .fingerprint = true});
}

Bytes sealed_check(const CheckOf& content) {
  return sealed(check(content), character(other(content.who)).pwd);
}

Bytes success(Who who, unsigned number) {
  auto response = message(stun::Class::Success, stun::Method::Binding, number);
  response.add(stun::XorMappedAddress{character(other(who)).endpoint});
  return sealed(response, character(who).pwd);
}

Bytes error(Who who, unsigned number, int code) {
  auto response = message(stun::Class::Error, stun::Method::Binding, number);
  response.add(stun::ErrorCode::standard(code));
  return sealed(response, character(who).pwd);
}

std::string description(Who who, SignallingType type,
                        std::pair<std::string_view, std::string_view> changed) {
  std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
      "a=ice-options:trickle ice2\r\n";
  sdp += "a=ice-ufrag:" + std::string{character(who).ufrag} +
         "\r\na=ice-pwd:" + std::string{character(who).pwd} + "\r\n";
  sdp += "a=fingerprint:sha-256 ";
  for (int i = 0; i < 32; ++i) sdp += i == 0 ? "AB" : ":AB";
  sdp += std::string{"\r\na=setup:"} + (type == SignallingType::Offer ? "actpass" : "active") +
         "\r\na=sctp-port:5000\r\n";
  if (!changed.first.empty()) {
    const auto place = sdp.find(changed.first);
    if (place == std::string::npos)
      throw std::logic_error{"no \"" + std::string{changed.first} + "\" to change"};
    sdp.replace(place, changed.first.size(), changed.second);
  }
  return sdp;
}

Case::Case() {
  evidence_.has_trace = true;
  for (const auto who : {Who::Alice, Who::Bob, Who::Turn}) add_party(who);
}

void Case::add_party(Who who) {
  using evidence::PartyKind;
  const auto name = name_of(who);
  evidence_.parties.push_back({name,
                               who == Who::Turn ? PartyKind::TurnServer : PartyKind::Peer,
                               name,
                               {{"eth0", character(who).endpoint.ip}},
                               {}});
  evidence_.interfaces.push_back({name + ".eth0", "capture.pcapng", static_cast<std::size_t>(who)});
}

Case& Case::with_another_call() {
  for (const auto who : {Who::Carol, Who::Dave}) add_party(who);
  return *this;
}

namespace {

// What a capture with the keys of its DTLS shows of an SCTP packet.
evidence::Packet in_dtls(std::vector<sctp::Chunk> chunks) {
  evidence::DtlsRecord record;
  record.content_type = evidence::kApplicationData;
  record.encrypted = true;
  record.plaintext =
      std::make_shared<const Bytes>(sctp::Packet{.chunks = std::move(chunks)}.serialize());
  evidence::Packet seen;
  seen.payload = from_hex("17fefd0001000000000001 0002 aabb");
  seen.dissection.kind = evidence::Kind::Dtls;
  seen.dissection.dtls.push_back(std::move(record));
  return seen;
}

Ends straight(Who from, Who to) {
  return {character(from).endpoint, character(to).endpoint};
}

}  // namespace

Case& Case::packet(Duration at, Who from, Who to, Bytes payload, Fate fate) {
  evidence::Packet seen;
  seen.payload = std::move(payload);
  const auto ends = straight(from, to);
  seen.dissection = evidence::dissect_udp(ends.source, ends.destination, seen.payload);
  return add({at, from, to, ends, ends, fate}, std::move(seen));
}

Case& Case::translated(Duration at, Who from, Who to, Ends left, Ends arrived, Bytes payload) {
  evidence::Packet seen;
  seen.payload = std::move(payload);
  seen.dissection = evidence::dissect_udp(left.source, left.destination, seen.payload);
  return add({at, from, to, left, arrived, Fate::Delivered}, std::move(seen));
}

Case& Case::sctp(Duration at, Who from, std::vector<sctp::Chunk> chunks, Fate fate) {
  const auto ends = straight(from, other(from));
  return add({at, from, other(from), ends, ends, fate}, in_dtls(std::move(chunks)));
}

Case& Case::sctp(Duration at, Who from, std::vector<sctp::Chunk> chunks, Ends left, Ends arrived) {
  return add({at, from, other(from), left, arrived, Fate::Delivered}, in_dtls(std::move(chunks)));
}

Case& Case::rtcp(Duration at, Who from, rtp::CompoundPacket compound) {
  evidence::Packet seen;
  seen.payload = compound.serialize();
  evidence::UnprotectedMedia media;
  media.plain = seen.payload;
  seen.dissection.kind = evidence::Kind::Rtcp;
  seen.dissection.media = std::make_shared<const evidence::UnprotectedMedia>(std::move(media));
  const auto ends = straight(from, other(from));
  return add({at, from, other(from), ends, ends, Fate::Delivered}, std::move(seen));
}

Case& Case::finished(Duration at, Who from) {
  evidence::DtlsRecord record;
  record.content_type = evidence::kHandshake;
  record.epoch = 1;
  record.encrypted = true;
  evidence::Packet seen;
  seen.payload = from_hex("16fefd0001000000000000 0002 aabb");
  seen.dissection.kind = evidence::Kind::Dtls;
  seen.dissection.dtls.push_back(std::move(record));
  const auto ends = straight(from, other(from));
  return add({at, from, other(from), ends, ends, Fate::Delivered}, std::move(seen));
}

Case& Case::came(Duration at) {
  evidence_.packets.back().at = at;
  return *this;
}

Case& Case::add(const Passage& passage, evidence::Packet seen) {
  seen.datagram = evidence_.datagrams.size();
  evidence::Datagram datagram;
  datagram.from = static_cast<std::size_t>(passage.from);
  datagram.to = static_cast<std::size_t>(passage.to);
  datagram.fate = passage.fate;
  const auto see = [&](Duration when, Who where, const Ends& ends) {
    seen.at = when;
    seen.source = ends.source;
    seen.destination = ends.destination;
    seen.interface = static_cast<std::size_t>(where);
    seen.frame = evidence_.packets.size() + 1;
    datagram.packets.push_back(evidence_.packets.size());
    evidence_.packets.push_back(seen);
  };
  see(passage.at, passage.from, passage.left);
  if (passage.fate == Fate::Delivered) see(passage.at + kWay, passage.to, passage.arrived);
  evidence_.datagrams.push_back(std::move(datagram));
  return *this;
}

Case& Case::answered(Duration at, const CheckOf& content) {
  packet(at, content.who, other(content.who), sealed_check(content));
  return packet(at + kWay, other(content.who), content.who,
                success(other(content.who), content.number));
}

Case& Case::negotiated() {
  return offer(0s, Who::Alice, description(Who::Alice, SignallingType::Offer))
      .answer(1ms, Who::Bob, description(Who::Bob, SignallingType::Answer));
}

Case& Case::signal(Duration at, Who from, evidence::SignallingMessage message) {
  message.sent = at;
  message.delivered = at + kWay;
  message.from = name_of(from);
  message.to = name_of(other(from));
  evidence_.signalling.push_back(std::move(message));
  return *this;
}

Case& Case::offer(Duration at, Who from, std::string sdp) {
  evidence::SignallingMessage message;
  message.type = SignallingType::Offer;
  message.sdp = std::move(sdp);
  return signal(at, from, std::move(message));
}

Case& Case::answer(Duration at, Who from, std::string sdp) {
  evidence::SignallingMessage message;
  message.type = SignallingType::Answer;
  message.sdp = std::move(sdp);
  return signal(at, from, std::move(message));
}

Case& Case::delivered(std::optional<Duration> at) {
  evidence_.signalling.back().delivered = at;
  return *this;
}

Case& Case::candidate(Duration at, Who from, std::string text, std::string mid) {
  evidence::SignallingMessage message;
  message.type = SignallingType::Candidate;
  message.candidate = std::move(text);
  message.sdp_mid = std::move(mid);
  message.username_fragment = std::string{character(from).ufrag};
  return signal(at, from, std::move(message));
}

Case& Case::end_of_candidates(Duration at, Who from, std::optional<std::string> ufrag,
                              std::optional<std::string> mid) {
  evidence::SignallingMessage message;
  message.type = SignallingType::EndOfCandidates;
  message.sdp_mid = std::move(mid);
  message.username_fragment = std::move(ufrag);
  return signal(at, from, std::move(message));
}

Case& Case::event(Duration at, Who vantage, std::string name,
                  std::vector<std::pair<std::string, Value>> data) {
  evidence_.trace.push_back(
      {at, name_of(vantage), std::move(name), std::move(data), {}, evidence_.trace.size() + 2});
  return *this;
}

Case& Case::recorded() {
  evidence_.has_trace = false;
  return *this;
}

judge::Judgement Case::judged(std::string_view requirement) const {
  // Packets and datagrams may have been put in out of order.
  auto sorted = evidence_;
  std::ranges::stable_sort(sorted.datagrams, {}, [&](const evidence::Datagram& datagram) {
    return sorted.packets[datagram.packets.front()].at;
  });
  for (auto& judgement : judge::judge(sorted)) {
    if (judgement.requirement->id == requirement) return judgement;
  }
  throw std::logic_error{"no checker for " + std::string{requirement}};
}

std::string Case::verdict(std::string_view requirement) const {
  return std::string{to_string(judged(requirement).verdict)};
}

}  // namespace rtclab::test
