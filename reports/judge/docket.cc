#include "reports/judge/docket.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "reports/judge/consent_phase.h"
#include "reports/judge/relayed_arrivals.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

namespace rtclab::judge {
namespace {

using evidence::Fate;
using evidence::PartyKind;
using evidence::SignallingType;

// Whether a Binding request has anything that only a connectivity check has. Where it goes tells
// less: a check to a relayed address goes to the TURN server's machine.
bool has_marks_of_a_check(const stun::Message& message) {
  using enum stun::AttributeType;
  return message.has(Priority) || message.has(UseCandidate) || message.has(IceControlling) ||
         message.has(IceControlled);
}

}  // namespace

Docket::Docket(const evidence::Evidence& evidence) : evidence_{evidence} {
  add_transmissions();
  sort_out_stun();
  read_signalling();
  is_consent_ = consent_checks(*this);
  by_relay_ = relayed_arrivals(*this);
  sctp_ = sctp_associations(*this);
  media_ = media_traffic(*this);
  nats_ = nat_traffic(evidence_);
}

namespace {

// When each message of a TCP connection was complete where it was going, in order: a lost segment's
// octets come in another one.
class Arrivals {
 public:
  struct Arrival {
    Duration at;
    Endpoint source, destination;
  };

  explicit Arrivals(const evidence::Evidence& evidence) {
    for (const auto& packet : evidence.packets) {
      if (packet.direction != evidence::Direction::Inbound) continue;
      for (const auto& message : packet.dissection.framed) {
        arrivals_[{evidence.party_of(packet), message.payload}].push_back(
            {packet.at, packet.source, packet.destination});
      }
    }
  }

  std::optional<Arrival> take(std::optional<evidence::PartyIndex> at, const Bytes& payload,
                              Duration sent) {
    const auto found = arrivals_.find({at, payload});
    if (found == arrivals_.end()) return std::nullopt;
    auto& waiting = found->second;
    const auto next =
        std::ranges::find_if(waiting, [&](const Arrival& arrival) { return arrival.at >= sent; });
    if (next == waiting.end()) return std::nullopt;
    const auto arrival = *next;
    waiting.erase(next);
    return arrival;
  }

 private:
  std::map<std::pair<std::optional<evidence::PartyIndex>, Bytes>, std::vector<Arrival>> arrivals_;
};

}  // namespace

void Docket::add_transmissions() {
  transmissions_.reserve(evidence_.datagrams.size());
  Arrivals arrivals{evidence_};
  for (const auto& datagram : evidence_.datagrams) {
    const auto& first = evidence_.first_packet(datagram);
    if (first.transport == Transport::Udp) add_transmission(datagram);
    for (const auto& message : first.dissection.framed) {
      Transmission plain{.packet = datagram.packets.front(),
                         .payload = message.payload,
                         .dissection = &message.dissection,
                         .sent = first.at,
                         .source = first.source,
                         .destination = first.destination,
                         .source_as_received = first.source,
                         .destination_as_received = first.destination,
                         .from = datagram.from,
                         .to = datagram.to,
                         .framing = message.framing};
      if (const auto arrival = arrivals.take(datagram.to, message.payload, first.at)) {
        plain.received = arrival->at;
        plain.source_as_received = arrival->source;
        plain.destination_as_received = arrival->destination;
      }
      add(plain);
    }
  }
}

void Docket::add_transmission(const evidence::Datagram& datagram) {
  const auto& first = evidence_.first_packet(datagram);
  const auto& last = evidence_.last_packet(datagram);
  // It has arrived when its receiver saw it; where only the sender was watched, nobody knows.
  const auto last_party = evidence_.party_of(last);
  const bool arrived = datagram.fate == Fate::Delivered && last_party && last_party == datagram.to;
  add({.packet = datagram.packets.front(),
       .payload = first.payload,
       .dissection = &first.dissection,
       .sent = first.at,
       .received = arrived ? std::optional{last.at} : std::nullopt,
       .source = first.source,
       .destination = first.destination,
       .source_as_received = last.source,
       .destination_as_received = last.destination,
       .from = datagram.from,
       .to = datagram.to,
       .dropped = datagram.fate == Fate::Lost || datagram.fate == Fate::Filtered});
}

// And what it carries, when it is TURN's.
void Docket::add(const Transmission& plain) {
  transmissions_.push_back(plain);
  const auto* const carried = plain.dissection->carried.get();
  if (carried == nullptr || !carried->peer) return;
  const auto client = carried->from_client ? plain.source : plain.destination_as_received;
  const auto local = carried->relayed.value_or(client);
  auto inner = plain;
  inner.payload = carried->payload;
  inner.dissection = &carried->dissection;
  inner.source = carried->from_client ? local : *carried->peer;
  inner.destination = carried->from_client ? *carried->peer : local;
  inner.source_as_received = inner.source;
  inner.destination_as_received = inner.destination;
  inner.framing.reset();
  inner.carried = true;
  transmissions_.push_back(inner);
}

// Where servers listen. Whatever else a TURN server sends from one of its other ports was relayed.
std::set<Endpoint> Docket::listening_endpoints() const {
  std::set<Endpoint> found;
  for (const auto& t : transmissions_) {
    const auto* const message = t.stun();
    if (message == nullptr || message->cls != stun::Class::Request || t.carried) continue;
    const bool for_a_server =
        message->method == stun::Method::Allocate ||
        (message->method == stun::Method::Binding && !has_marks_of_a_check(*message));
    if (!for_a_server || !is_server(t.to)) continue;
    found.insert(t.destination);
    found.insert(t.destination_as_received);
  }
  return found;
}

void Docket::sort_out_stun() {
  const auto listening = listening_endpoints();
  for (const auto& transmission : transmissions_) {
    const auto* const message = transmission.stun();
    if (message == nullptr) continue;
    const bool is_response =
        message->cls == stun::Class::Success || message->cls == stun::Class::Error;
    if (is_response) responses_[message->transaction].push_back(&transmission);
    // What a TURN server hands on in either direction was judged where its author sent it.
    const bool relayed = is_server(transmission.from) && !listening.contains(transmission.source);
    // Of a server whose requests are in the evidence, all that comes from elsewhere was relayed.
    const bool known = std::ranges::any_of(
        listening, [&](const Endpoint& endpoint) { return endpoint.ip == transmission.source.ip; });
    const bool is_binding = message->method == stun::Method::Binding;
    const bool handed_on = !is_peer(transmission.from) &&
                           (transmission.carried || (relayed && (known || is_binding)) ||
                            (is_binding && has_marks_of_a_check(*message)));
    if (handed_on) continue;
    stun_.push_back(&transmission);
    if (message->cls != stun::Class::Request) continue;
    requests_[message->transaction].push_back(&transmission);
    if (message->method == stun::Method::Binding &&
        (has_marks_of_a_check(*message) || is_peer(transmission.to))) {
      checks_.push_back(&transmission);
      is_check_.insert(&transmission);
    }
  }
}

std::optional<Duration> Docket::received_by(const Transmission& t,
                                            evidence::PartyIndex peer) const {
  if (t.to == peer) return t.received;
  const auto found = by_relay_.find(&t);
  return found != by_relay_.end() && peer_behind(t) == peer ? std::optional{found->second}
                                                            : std::nullopt;
}

std::vector<const Transmission*> Docket::responses_to(const Transmission& request) const {
  const auto found = responses_.find(request.stun()->transaction);
  if (found == responses_.end()) return {};
  auto responses = found->second;
  // RFC 8489 §6.3.1.2: it comes from where the request went; ids alone may collide.
  std::erase_if(responses, [&](const Transmission* response) {
    return (request.from && response->to && response->to != request.from) ||
           response->source_as_received != request.destination;
  });
  return responses;
}

std::vector<const Transmission*> Docket::replies_to(const Transmission& request) const {
  const auto found = responses_.find(request.stun()->transaction);
  if (found == responses_.end()) return {};
  auto replies = found->second;
  std::erase_if(replies, [&](const Transmission* reply) {
    return reply->from != request.to || reply->source != request.destination_as_received ||
           reply->destination != request.source_as_received;
  });
  return replies;
}

const Transmission* Docket::success_of(const Transmission& request) const {
  for (const auto* response : responses_to(request)) {
    if (response->stun()->cls == stun::Class::Success) return response;
  }
  return nullptr;
}

const Transmission* Docket::answer_to(const Transmission& request) const {
  for (const auto* response : responses_to(request)) {
    if (response->stun()->cls == stun::Class::Success && is_believable(request, *response))
      return response;
  }
  return nullptr;
}

// A request that a link has copied is answered twice, and either answer may come first.
std::optional<Duration> Docket::answered_at(const Transmission& request) const {
  std::optional<Duration> earliest;
  for (const auto* response : responses_to(request)) {
    if (response->stun()->cls != stun::Class::Success || !is_believable(request, *response))
      continue;
    const auto at = response->received.value_or(response->sent);
    if (!earliest || at < *earliest) earliest = at;
  }
  return earliest;
}

// RFC 8489 §9.1.4 and §9.2.5: to a signed request only a signed response counts. The key is known
// only where the descriptions tell it: the password of whom USERNAME names first.
bool Docket::is_believable(const Transmission& request, const Transmission& response) const {
  if (response.dropped) return false;
  if (!request.stun()->has<stun::MessageIntegrity>()) return true;
  if (!response.stun()->has<stun::MessageIntegrity>()) return false;
  const auto username = request.stun()->find<stun::Username>();
  const auto* const key =
      username ? credential(username->value.substr(0, username->value.find(':'))) : nullptr;
  return key == nullptr ||
         stun::check_integrity(response.payload, stun::short_term_key(key->pwd)) == stun::Check::Ok;
}

std::vector<const Transmission*> Docket::sends_of(const Transmission& request) const {
  const auto found = requests_.find(request.stun()->transaction);
  if (found == requests_.end()) return {};
  auto sends = found->second;
  std::erase_if(sends, [&](const Transmission* other) {
    return other->source != request.source || other->destination != request.destination ||
           !std::ranges::equal(other->payload, request.payload);
  });
  return sends;
}

bool Docket::is_lite(std::optional<evidence::PartyIndex> party) const {
  return party && std::ranges::any_of(descriptions_, [&](const DescriptionRecord& record) {
           return record.reading.description.ice_lite() &&
                  evidence().signalling[record.signalling].from == name(party);
         });
}

bool Docket::renominates() const {
  const auto announces = [](const DescriptionRecord& record) {
    const auto& sdp = record.reading.description;
    return !sdp.sections.empty() && sdp.section(0).has_ice_option("renomination");
  };
  return !descriptions_.empty() && std::ranges::all_of(descriptions_, announces);
}

bool Docket::is_first_send(const Transmission& request) const {
  const auto sends = sends_of(request);
  return !sends.empty() && sends.front() == &request;
}

void Docket::read_signalling() {
  for (std::size_t i = 0; i < evidence_.signalling.size(); ++i) {
    const auto& message = evidence_.signalling[i];
    switch (message.type) {
      case SignallingType::Offer:
      case SignallingType::Answer:
      case SignallingType::Pranswer: read_description(i); break;
      case SignallingType::Candidate: {
        auto candidate = sdp::Candidate::parse(message.candidate);
        auto ufrag = message.username_fragment.value_or("");
        if (ufrag.empty() && candidate) {
          if (const auto* extension = candidate->find_extension("ufrag")) ufrag = *extension;
        }
        candidates_.push_back(
            {i, message.from, stream_of(message), ufrag, message.candidate, std::move(candidate)});
        break;
      }
      case SignallingType::EndOfCandidates:
      case SignallingType::Rollback:
      case SignallingType::Note: break;
    }
  }
}

void Docket::read_description(std::size_t index) {
  const auto& message = evidence_.signalling[index];
  descriptions_.push_back({index, sdp::SessionDescription::parse_structure(message.sdp)});
  const auto& description = descriptions_.back().reading.description;
  for (std::size_t s = 0; s < description.sections.size(); ++s) {
    const auto section = description.section(s);
    const auto ice = section.ice_credentials();
    if (ice && credential(ice->ufrag) == nullptr)
      credentials_.push_back({ice->ufrag, ice->pwd, message.from});
    for (const auto text : section.lines().attributes("candidate")) {
      candidates_.push_back({index, message.from, section.mid().value_or(fmt::format("#{}", s)),
                             ice ? ice->ufrag : "", std::string{text},
                             sdp::Candidate::parse(text)});
    }
  }
}

std::string Docket::stream_of(const evidence::SignallingMessage& message) const {
  if (message.sdp_mid && !message.sdp_mid->empty()) return *message.sdp_mid;
  if (!message.sdp_mline_index) return {};
  const auto index = static_cast<std::size_t>(*message.sdp_mline_index);
  for (const auto& record : descriptions_) {
    const auto& description = record.reading.description;
    if (evidence_.signalling[record.signalling].from != message.from) continue;
    if (index < description.sections.size()) {
      if (const auto mid = description.section(index).mid()) return std::string{*mid};
    }
  }
  return fmt::format("#{}", index);
}

const Credential* Docket::credential(std::string_view ufrag) const {
  const auto found = std::ranges::find(credentials_, ufrag, &Credential::ufrag);
  return found == credentials_.end() ? nullptr : &*found;
}

std::string Docket::name(std::optional<evidence::PartyIndex> party) const {
  return party ? evidence_.parties[*party].name : "somebody";
}

// What goes to a relay says nothing of the peer behind it; in a call of two it is the other one.
std::optional<evidence::PartyIndex> Docket::peer_behind(const Transmission& t) const {
  if (is_peer(t.to)) return t.to;
  const auto peers = evidence_.peers();
  if (peers.size() != 2) return std::nullopt;
  return peers[0] == *t.from ? peers[1] : peers[0];
}

bool Docket::is_peer(std::optional<evidence::PartyIndex> party) const {
  return party && evidence_.parties[*party].kind == PartyKind::Peer;
}

bool Docket::is_server(std::optional<evidence::PartyIndex> party) const {
  if (!party) return false;
  const auto kind = evidence_.parties[*party].kind;
  return kind == PartyKind::StunServer || kind == PartyKind::TurnServer;
}

Duration Docket::tolerance() const {
  return evidence_.has_trace ? Duration{0} : Duration{std::chrono::milliseconds{2}};
}

}  // namespace rtclab::judge
