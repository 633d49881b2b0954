// Candidates, the peer's and ours: W3C webrtc-pc §4.4.2 (addIceCandidate) and §5.6.1 ("surface a
// candidate"), RFC 8838 §13 and §14.
#include "agents/peer/candidate_conversion.h"
#include "agents/peer/conductor.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

// RFC 8445 §5.1.2. The grammar (RFC 8839 §5.1) has room for more, and in a description, where one
// bad line would cost all that the rest says, more is passed on. No implementation is known to send
// it.
bool has_good_priority(const sdp::Candidate& candidate) {
  constexpr std::uint32_t kHighest = 0x7fffffff;
  return candidate.priority > 0 && candidate.priority <= kHighest;
}

}  // namespace

// --- addIceCandidate ---

Outcome<std::vector<std::size_t>> PeerConnection::Impl::sections_of(
    const IceCandidateInit& candidate) const {
  const auto& remote = descriptions_.latest(Side::Remote)->sdp;
  // Deviation from W3C webrtc-pc §4.4.2: an empty sdpMid beside an index counts as none, because
  // Pion trickles so.
  const bool has_mid =
      candidate.sdp_mid && (!candidate.sdp_mid->empty() || !candidate.sdp_mline_index);
  if (has_mid) {
    const auto index = remote.index_of(*candidate.sdp_mid);
    if (!index) return reject(Error::operation("no section has the mid " + *candidate.sdp_mid));
    return std::vector{*index};
  }
  if (candidate.sdp_mline_index) {
    if (*candidate.sdp_mline_index >= remote.sections.size())
      return reject(Error::operation("there is no such section"));
    return std::vector{std::size_t{*candidate.sdp_mline_index}};
  }
  std::vector<std::size_t> all(remote.sections.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

Outcome<void> PeerConnection::Impl::apply_candidate(const IceCandidateInit& candidate) {
  const auto* const remote = descriptions_.latest(Side::Remote);
  if (remote == nullptr) return reject(Error::invalid_state("there is no remote description yet"));
  const auto sections = sections_of(candidate);
  if (!sections) return reject(sections.error());
  const bool names_one = candidate.sdp_mid || candidate.sdp_mline_index;
  if (names_one) {
    const auto* const transceiver = transceivers_.in_section(sections->front());
    if (transceiver != nullptr && transceiver->stopped) return {};
  }
  const auto has_generation = [&](std::size_t section, const std::string& ufrag) {
    const auto& current = descriptions_.current(Side::Remote);
    return remote->has_generation(section, ufrag) ||
           (current && current->has_generation(section, ufrag));
  };
  const auto& ufrag = candidate.username_fragment;
  if (ufrag && std::ranges::none_of(*sections, [&](auto i) { return has_generation(i, *ufrag); }))
    return reject(Error::operation("no remote description has the user name fragment " + *ufrag));
  const auto parsed = sdp::Candidate::parse(candidate.candidate);
  if (!candidate.candidate.empty() && !parsed)
    return reject(Error::operation("this is not a candidate"));
  if (parsed && !has_good_priority(*parsed)) {
    return reject(Error::operation("a candidate's priority is from 1 to 2147483647, not " +
                                   std::to_string(parsed->priority)));
  }
  for (const auto section : *sections) {
    const auto generation = ufrag.value_or(remote->ufrag(section));
    // Without any ufrag the section is rejected, or not one that we use: nothing to do.
    if (has_generation(section, generation)) apply_to_section(section, generation, parsed);
  }
  return {};
}

void PeerConnection::Impl::apply_to_section(std::size_t section, const std::string& ufrag,
                                            const std::optional<sdp::Candidate>& candidate) {
  if (candidate) {
    descriptions_.add_candidate(Side::Remote, section, ufrag, *candidate);
  } else {
    descriptions_.add_end_of_candidates(Side::Remote, section, ufrag);
  }
  // Before the answer is set the description only collects; then all of it is handed to ICE.
  for (auto& transport : transports_.all()) {
    auto* const session = transport.find_remote(ufrag);
    if (session == nullptr) continue;
    if (candidate) {
      give(*session, *candidate);
    } else {
      end(*session);
    }
  }
}

// §4.4.2, "administratively prohibited": under the policy "relay" nothing is resolved, for a query
// would tell where we are.
bool PeerConnection::Impl::is_prohibited(const sdp::Candidate& candidate) const {
  return configuration_.ice_transport_policy == IceTransportPolicy::Relay && !candidate.ip();
}

void PeerConnection::Impl::give(IceSession& session, const sdp::Candidate& candidate) {
  auto text = candidate.attribute_value();
  if (std::ranges::find(session.given, text) != session.given.end()) return;
  session.given.push_back(std::move(text));
  if (session.looks_back) return;
  const auto usable = to_ice(candidate);
  if (usable && !is_prohibited(candidate)) ice_.add_remote_candidate(now_, session.stream, *usable);
}

void PeerConnection::Impl::end(IceSession& session) {
  if (!std::exchange(session.remote_ended, true))
    ice_.end_of_remote_candidates(now_, session.stream);
}

// RFC 8838 §5: who does not trickle has said everything. But Pion trickles without saying so: only
// a description that had candidates of its own, and to which none has been added, can have been
// everything, and even then one may come and prove us wrong.
bool PeerConnection::Impl::has_said_everything() const {
  const auto& remote = *descriptions_.latest(Side::Remote);
  return can_trickle_ == false && !remote.trickled;
}

// What the peer's description has for the transport; `section` speaks for it. Sections that repeat
// its user name fragment may have candidates too, if nobody knew yet that they would be bundled.
void PeerConnection::Impl::give_candidates(Transport& transport, std::size_t section) {
  const auto& remote = descriptions_.latest(Side::Remote)->sdp;
  auto* const session = transport.find_remote(transport.remote()->credentials.ufrag);
  bool any = false;
  bool ended = false;
  for (std::size_t i = 0; i < remote.sections.size(); ++i) {
    const auto each = remote.section(i);
    const auto credentials = each.ice_credentials();
    const bool is_its =
        i == section || (credentials && credentials->ufrag == session->remote->ufrag);
    if (!is_its) continue;
    for (const auto& candidate : each.candidates()) {
      give(*session, candidate);
      any = true;
    }
    ended |= i == section && each.end_of_candidates();
  }
  if (ended) end(*session);
  if (!ended && any && has_said_everything())
    ice_.end_of_remote_candidates(now_, session->stream, ice::RemoteEnd::Inferred);
}

// --- ours ---

std::optional<std::size_t> PeerConnection::Impl::section_with(std::string_view ufrag) const {
  for (const auto* slot :
       {&descriptions_.pending(Side::Local), &descriptions_.current(Side::Local)}) {
    if (!*slot) continue;
    const auto& sdp = (*slot)->sdp;
    for (std::size_t i = 0; i < sdp.sections.size(); ++i) {
      if (sdp.sections[i].attribute("ice-ufrag") == ufrag) return i;
    }
  }
  return std::nullopt;
}

IceCandidateInit PeerConnection::Impl::init_for(std::size_t section, std::string ufrag) const {
  return {.candidate = {},
          .sdp_mid = descriptions_.latest(Side::Local)->sdp.section(section).mid(),
          .sdp_mline_index = static_cast<std::uint16_t>(section),
          .username_fragment = std::move(ufrag)};
}

void PeerConnection::Impl::surface(const ice::Candidate& candidate, const std::string& ufrag) {
  const auto section = section_with(ufrag);
  if (!section) return;
  const auto text = to_sdp(candidate, ufrag, configuration_.deviations);
  descriptions_.add_candidate(Side::Local, *section, ufrag, text);
  auto init = init_for(*section, ufrag);
  init.candidate = text.serialize();
  if (configuration_.deviations.has(Deviation::TrickleUnknownMid)) init.sdp_mid = "nowhere";
  last_surfaced_ = init;
  if (configuration_.deviations.has(Deviation::TrickleTwice)) emit(IceCandidateEvent{init});
  emit(IceCandidateEvent{std::move(init)});
}

void PeerConnection::Impl::surface_end(IceSession& session, const std::string& ufrag) {
  session.local_ended = true;
  const bool says_so = !configuration_.deviations.has(Deviation::TrickleNeverEnds);
  if (const auto section = section_with(ufrag); section && says_so) {
    descriptions_.add_end_of_candidates(Side::Local, *section, ufrag);
    auto init = init_for(*section, ufrag);
    if (configuration_.deviations.has(Deviation::TrickleEndWithoutUfrag))
      init.username_fragment.reset();
    emit(IceCandidateEvent{std::move(init)});
    if (configuration_.deviations.has(Deviation::TrickleAfterEndOfCandidates) && last_surfaced_)
      emit(IceCandidateEvent{last_surfaced_});
  }
  update_gathering_state();
  if (gathering_state_ == IceGatheringState::Complete) emit(IceCandidateEvent{std::nullopt});
}

// RFC 9429 §3.5.4: what the pool had gathered is surfaced at once.
void PeerConnection::Impl::release_pooled() {
  for (auto& [stream, ended] : std::exchange(taken_from_pool_, {})) {
    auto* const transport = transports_.owner_of(stream);
    if (transport == nullptr) continue;
    const auto ufrag = ice_.local_credentials(stream).ufrag;
    for (const auto& candidate : ice_.local_candidates(stream)) surface(candidate, ufrag);
    if (ended) surface_end(*transport->find(stream), ufrag);
  }
}

}  // namespace rtclab::peer
