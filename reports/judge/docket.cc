#include "reports/judge/docket.h"

#include "agents/stun/attributes.h"

#include <algorithm>
#include <chrono>

namespace rtclab::judge {
namespace {

using evidence::Fate;
using evidence::PartyKind;
using evidence::SignallingType;

// Whether a Binding request has anything that only a connectivity check has. Where it goes tells less: a check
// to a relayed address goes to the TURN server's machine.
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
}

void Docket::add_transmissions() {
  transmissions_.reserve(evidence_.datagrams.size());
  for (const auto& datagram : evidence_.datagrams) {
    if (evidence_.first_packet(datagram).transport == Transport::Udp) add_transmission(datagram);
  }
}

void Docket::add_transmission(const evidence::Datagram& datagram) {
  const auto& first = evidence_.first_packet(datagram);
  const auto& last = evidence_.last_packet(datagram);
  // It has arrived when its receiver saw it; where only the sender was watched, nobody knows.
  const auto last_party = evidence_.party_of(last);
  const bool arrived = datagram.fate == Fate::Delivered && last_party && last_party == datagram.to;
  Transmission plain{.packet = datagram.packets.front(),
                     .payload = first.payload,
                     .dissection = &first.dissection,
                     .sent = first.at,
                     .received = arrived ? std::optional{last.at} : std::nullopt,
                     .source = first.source,
                     .destination = first.destination,
                     .source_as_received = last.source,
                     .destination_as_received = last.destination,
                     .from = datagram.from,
                     .to = datagram.to};
  transmissions_.push_back(plain);

  const auto* const carried = first.dissection.carried.get();
  if (carried == nullptr || !carried->peer) return;
  const auto client = carried->from_client ? first.source : last.destination;
  const auto local = carried->relayed.value_or(client);
  auto inner = plain;
  inner.payload = carried->payload;
  inner.dissection = &carried->dissection;
  inner.source = carried->from_client ? local : *carried->peer;
  inner.destination = carried->from_client ? *carried->peer : local;
  inner.source_as_received = inner.source;
  inner.destination_as_received = inner.destination;
  inner.carried = true;
  transmissions_.push_back(inner);
}

void Docket::sort_out_stun() {
  for (const auto& transmission : transmissions_) {
    const auto* const message = transmission.stun();
    if (message == nullptr) continue;
    if (message->cls == stun::Class::Success) successes_.emplace(message->transaction, &transmission);
    // What a TURN server hands on in either direction was judged where its author sent it.
    const bool handed_on = !is_peer(transmission.from) &&
                           (transmission.carried || (message->method == stun::Method::Binding &&
                                                     has_marks_of_a_check(*message)));
    if (handed_on) continue;
    stun_.push_back(&transmission);
    if (message->cls != stun::Class::Request) continue;
    first_requests_.try_emplace(message->transaction, &transmission);
    if (message->method == stun::Method::Binding &&
        (has_marks_of_a_check(*message) || is_peer(transmission.to))) {
      checks_.push_back(&transmission);
    }
  }
}

const Transmission* Docket::answer_to(const Transmission& check) const {
  const auto [begin, end] = successes_.equal_range(check.stun()->transaction);
  const auto found = std::find_if(begin, end, [&](const auto& entry) {
    return !check.from || !entry.second->to || entry.second->to == check.from;
  });
  return found == end ? nullptr : found->second;
}

bool Docket::is_first_send(const Transmission& check) const {
  const auto found = first_requests_.find(check.stun()->transaction);
  return found != first_requests_.end() && found->second == &check;
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
        candidates_.push_back({i, message.from, ufrag, message.candidate, std::move(candidate)});
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
    if (ice && credential(ice->ufrag) == nullptr) credentials_.push_back({ice->ufrag, ice->pwd, message.from});
    for (const auto text : section.lines().attributes("candidate")) {
      candidates_.push_back({index, message.from, ice ? ice->ufrag : "", std::string{text},
                             sdp::Candidate::parse(text)});
    }
  }
}

const Credential* Docket::credential(std::string_view ufrag) const {
  const auto found = std::ranges::find(credentials_, ufrag, &Credential::ufrag);
  return found == credentials_.end() ? nullptr : &*found;
}

std::string Docket::name(std::optional<evidence::PartyIndex> party) const {
  return party ? evidence_.parties[*party].name : "somebody";
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
