// setRemoteDescription: W3C webrtc-pc §4.4.2 and §4.4.1.5, RFC 9429 §5.6 and §5.10. All checks come
// before the first change, so that a description that fails leaves no trace.
#include "agents/peer/conductor.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

auto bad_section(std::size_t index, std::string_view why) {
  return reject(
      Error::invalid_access("section " + std::to_string(index) + ": " + std::string{why}));
}

}  // namespace

Outcome<void> PeerConnection::Impl::apply_remote(const Description& description) {
  if (description.type == SdpType::Rollback) return rollback(Side::Remote);
  if (description.type == SdpType::Offer && !remote_move(SdpType::Offer)) {
    // The implicit rollback of a polite peer.
    if (auto undone = rollback(Side::Local); !undone) return undone;
  }
  return set_remote(description);
}

std::optional<SignalingState> PeerConnection::Impl::remote_move(SdpType type) const {
  if (type == SdpType::Offer && signaling_state_ == SignalingState::HaveLocalOffer &&
      configuration_.deviations.has(Deviation::JsepOfferOverOffer))
    return SignalingState::HaveRemoteOffer;
  return next(signaling_state_, Side::Remote, type);
}

Outcome<void> PeerConnection::Impl::set_remote(const Description& description) {
  const bool hurries = description.type == SdpType::Pranswer &&
                       configuration_.deviations.has(Deviation::JsepPranswerFinal);
  const auto type = hurries ? SdpType::Answer : description.type;
  const auto state = remote_move(type);
  if (!state) {
    return reject(Error::invalid_state("a remote \"" + std::string{to_string(type)} +
                                       "\" cannot be set in the state \"" +
                                       std::string{to_string(signaling_state_)} + '"'));
  }
  auto sdp = sdp::SessionDescription::parse(description.sdp);
  if (!sdp) return reject(Error::sdp_syntax(sdp.error().message, sdp.error().line));
  auto session = read_remote(type, *sdp);
  if (!session) return reject(std::move(session.error()));
  if (auto fits = check_remote(type, *sdp, *session); !fits) return fits;

  if (signaling_state_ == SignalingState::Stable) {
    transceivers_.save_stable();
    transports_.save_stable();
    stable_plan_ = plan_;
  }
  can_trickle_ = session->trickles;
  pending_session_ = std::move(*session);
  TrackChanges changes;
  associate_sections(type, *sdp, changes);
  // JsepOfferOverOffer: our offer is forgotten, and nothing of it is taken back.
  if (signaling_state_ == SignalingState::HaveLocalOffer && type == SdpType::Offer)
    descriptions_.rollback();
  descriptions_.set(Side::Remote, {type, std::move(*sdp)});
  describe_set(Side::Remote, type);
  remember_bindings(Side::Remote);
  if (type == SdpType::Offer) {
    // A lite agent is controlled, whoever offers (RFC 8445 §6.1.1).
    set_ice_role(pending_session_->ice_lite ? ice::Role::Controlling : ice::Role::Controlled);
    ++revision_;  // an answer made before would be to another offer
  } else {
    commit(Side::Remote, type, changes);
  }
  enter(*state, changes);
  return {};
}

// --- checks ---

Outcome<void> PeerConnection::Impl::check_remote(SdpType type, const sdp::SessionDescription& sdp,
                                                 const RemoteSession& session) const {
  if (type == SdpType::Offer) {
    const auto& before = descriptions_.current(Side::Remote);
    const auto& ours = descriptions_.current(Side::Local);
    if (auto fits = check_oddities(sdp, session); !fits) return fits;
    if (before) {
      auto fits = check_continues(before->sdp, ours ? &ours->sdp : nullptr, sdp);
      if (!fits) return fits;
    }
  } else {
    if (auto fits = check_answers(descriptions_.pending(Side::Local)->sdp, sdp); !fits) return fits;
    if (auto fits = check_media(session); !fits) return fits;
  }
  return check_transports(type, session);
}

// What some real stacks do not take: SdpRefuseMovedExtension (Chromium), SdpRefuseManyUfrags
// (Pion).
Outcome<void> PeerConnection::Impl::check_oddities(const sdp::SessionDescription& offer,
                                                   const RemoteSession& session) const {
  const auto& deviations = configuration_.deviations;
  std::optional<std::string> ufrag;
  for (std::size_t i = 0; i < session.sections.size(); ++i) {
    const auto& section = session.sections[i];
    if (deviations.has(Deviation::SdpRefuseMovedExtension) && section.media &&
        bindings_.moves_extension(*section.media))
      return bad_section(i, "reassignment of header extension ids is not supported");
    const auto own = offer.section(i).ice_credentials();
    if (!own || section.rejected || !group_of(session.groups, section.mid)) continue;
    if (deviations.has(Deviation::SdpRefuseManyUfrags) && ufrag.value_or(own->ufrag) != own->ufrag)
      return bad_section(i, "conflicting ice-ufrag values");
    ufrag = own->ufrag;
  }
  return {};
}

Outcome<void> PeerConnection::Impl::check_transports(SdpType type,
                                                     const RemoteSession& session) const {
  for (std::size_t i = 0; i < session.sections.size(); ++i) {
    const auto& section = session.sections[i];
    if (!section.transport) continue;
    const bool is_answer = type != SdpType::Offer;
    // An answer can leave out of the group only what was offered with a transport of its own.
    if (is_answer && !group_of(session.groups, section.mid) && !plan_[i].own)
      return bad_section(i, "it was offered for bundling only (RFC 9143 §7.4)");
    if (is_answer && !offered_transport(section.speaker))
      return bad_section(i, "the section that speaks for it was not offered");
    const auto* const transport = transports_.of_section(section.speaker);
    if (transport == nullptr || !transport->remote() || section.speaker != i) continue;
    const auto& known = *transport->remote();
    const bool restarts = known.credentials != section.transport->credentials;
    const bool we_restart = transport->session().provisional;
    if (is_answer && restarts && !we_restart && signaling_state_ == SignalingState::HaveLocalOffer)
      return bad_section(i, "ICE restarts, but the offer did not ask for it (RFC 9429 §5.10)");
    if (is_answer && !restarts && we_restart && signaling_state_ == SignalingState::HaveLocalOffer)
      return bad_section(i, "the offer restarts ICE, and the answer does not (RFC 9429 §5.10)");
    if (transport->is_other_association(*section.transport)) {
      if (!restarts)
        return bad_section(i,
                           "another fingerprint or tls-id needs an ICE restart (RFC 9429 §5.11)");
      continue;
    }
    const auto role = transport->dtls_role();
    const bool conflicts =
        (role == dtls::Role::Client && section.transport->setup == sdp::Setup::Active) ||
        (role == dtls::Role::Server && section.transport->setup == sdp::Setup::Passive);
    if (conflicts && transport->states().dtls == dtls::State::Connected)
      return bad_section(i, "a=setup contradicts the association that runs (RFC 8842 §5.5)");
  }
  return {};
}

Outcome<void> PeerConnection::Impl::check_media(const RemoteSession& answer) const {
  for (std::size_t i = 0; i < answer.sections.size(); ++i) {
    const auto& section = answer.sections[i];
    if (!section.media) continue;
    if (!plan_[i].media) return bad_section(i, "it was not offered (RFC 3264 §6)");
    auto negotiated = negotiate_media(*plan_[i].media, *section.media, Side::Local);
    if (!negotiated) return reject(std::move(negotiated.error()));
  }
  return {};
}

// --- sections and transceivers ---

void PeerConnection::Impl::associate_sections(SdpType type, const sdp::SessionDescription& sdp,
                                              TrackChanges& changes) {
  for (std::size_t i = 0; i < pending_session_->sections.size(); ++i) {
    const auto& section = pending_session_->sections[i];
    const auto lines = sdp.section(i);
    if (type == SdpType::Offer && is_free(i)) transports_.assign(i, std::nullopt);
    auto* transceiver = transceivers_.in_section(i);
    // A rejected section gets no transceiver; the one it had goes, unless the section is recycled.
    if (section.media) {
      const auto wanted = to_direction(section.media->direction);
      const auto mid = section.mid                                  ? *section.mid
                       : transceiver != nullptr && transceiver->mid ? *transceiver->mid
                                                                    : unused_mid({});
      transceiver = &transceivers_.associate_remote(i, mid, section.media->kind, receives(wanted));
      if (type == SdpType::Offer) propose_encodings(*transceiver, *section.media);
    }
    if (transceiver == nullptr || transceiver->stopped) continue;
    const auto direction =
        section.media ? reversed(to_direction(section.media->direction)) : Direction::Inactive;
    std::vector<std::string> streams;
    if (section.media && receives(direction)) {
      for (const auto& msid : section.media->msids) {
        if (msid.stream != "-") streams.push_back(msid.stream);
      }
    }
    Transceivers::process_remote_tracks(*transceiver, direction, streams, changes);
    if (type != SdpType::Offer) Transceivers::set_current_direction(*transceiver, direction);
    if (lines.is_rejected()) transceivers_.stop(*transceiver, changes);
  }
}

void PeerConnection::Impl::remember_bindings(Side side) {
  if (side == Side::Local) {
    for (const auto& section : plan_) {
      if (section.media) bindings_.note(*section.media);
    }
    return;
  }
  for (const auto& section : pending_session_->sections) {
    if (section.media) bindings_.note(*section.media);
  }
}

}  // namespace rtclab::peer
