// setLocalDescription: W3C webrtc-pc §4.4.2 and §4.4.1.5, RFC 9429 §5.5 and §5.9.
#include "agents/peer/candidate_conversion.h"
#include "agents/peer/conductor.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {

Outcome<void> PeerConnection::Impl::apply_local(std::optional<Description> description) {
  const bool offers_by_default = signaling_state_ == SignalingState::Stable ||
                                 signaling_state_ == SignalingState::HaveLocalOffer ||
                                 signaling_state_ == SignalingState::HaveRemotePranswer;
  const auto type = description         ? description->type
                    : offers_by_default ? SdpType::Offer
                                        : SdpType::Answer;
  const auto sdp = description ? description->sdp : std::string{};
  if (type == SdpType::Rollback) return rollback(Side::Local);

  const auto& created = type == SdpType::Offer ? last_offer_ : last_answer_;
  if (!sdp.empty() && (!created || created->text != sdp)) {
    return reject(
        Error::invalid_modification("the description is not the one that was created last"));
  }
  if (sdp.empty() && (!created || created->revision != revision_)) {
    const auto made = type == SdpType::Offer ? make_offer({}) : make_answer();
    if (!made) return reject(made.error());
  }
  return set_local(type, CreatedDescription{*created});
}

Outcome<void> PeerConnection::Impl::set_local(SdpType type, const CreatedDescription& created) {
  const auto state = next(signaling_state_, Side::Local, type);
  if (!state) {
    return reject(Error::invalid_state("a local \"" + std::string{to_string(type)} +
                                       "\" cannot be set in the state \"" +
                                       std::string{to_string(signaling_state_)} + '"'));
  }
  has_set_local_ = true;
  if (signaling_state_ == SignalingState::Stable) {
    transceivers_.save_stable();
    transports_.save_stable();
    stable_plan_ = plan_;
  }
  descriptions_.set(Side::Local, {type, created.sdp});
  describe_set(Side::Local, type);
  TrackChanges changes;
  adopt_sections(type, created);
  if (type == SdpType::Offer)
    set_ice_role(configuration_.ice_lite ? ice::Role::Controlled : ice::Role::Controlling);
  adopt_transports();
  remember_bindings(Side::Local);
  if (type == SdpType::Offer) {
    prepare_media();
  } else {
    commit(Side::Local, type, changes);
  }
  if (!transports_.all().empty()) ice_.gather(now_);
  add_known_candidates();
  enter(*state, changes);
  return {};
}

// The transceivers that the offer was made of are associated with its sections (RFC 9429 §5.9).
void PeerConnection::Impl::adopt_sections(SdpType type, const CreatedDescription& created) {
  plan_ = created.sections;
  if (type != SdpType::Offer) return;
  // SdpLaterDropsSection: what was written can have a section less than what was planned.
  for (std::size_t i = 0; i < std::min(plan_.size(), created.sdp.sections.size()); ++i) {
    auto* const transceiver =
        plan_[i].transceiver ? transceivers_.find(*plan_[i].transceiver) : nullptr;
    if (transceiver == nullptr || transceiver->stopped) continue;
    transceiver->section = i;
    transceiver->mid = created.sdp.section(i).mid();
  }
}

ice::StreamId PeerConnection::Impl::add_stream(const TransportPlan& plan) {
  return ice_.add_stream(now_, plan.credentials);
}

TransportSetup PeerConnection::Impl::transport_setup() const {
  return {certificate_, configuration_.mtu, configuration_.deviations};
}

void PeerConnection::Impl::adopt_transports() {
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    if (!plan_[i].transport) continue;
    const auto& planned = *plan_[i].transport;
    auto* transport = transports_.find(planned.existing);
    // A description that is set again has begun its transport the first time.
    if (transport == nullptr) transport = transports_.with_credentials(planned.credentials);
    if (transport == nullptr) {
      const auto pooled = planned.pooled ? pool_.take(*planned.pooled) : std::nullopt;
      transport = &transports_.create(pooled ? pooled->stream : add_stream(planned), planned.tls_id,
                                      transport_setup());
      if (pooled) taken_from_pool_.push_back(*pooled);
    } else if (transport->local_credentials() != planned.credentials) {
      // An offer that replaces one that restarted too takes that restart back first.
      transport->rollback(now_);
      transport->restart(add_stream(planned));
    }
    plan_[i].own = transport->id();
    transports_.assign(i, transport->id());
  }
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    const auto speaker = plan_[i].speaker;
    if (speaker && *speaker != i) transports_.assign(i, plan_[*speaker].own);
  }
}

// §4.4.2: the description has what was gathered since it was created, too.
void PeerConnection::Impl::add_known_candidates() {
  for (const auto& transport : transports_.all()) {
    const auto& session = transport.session();
    const auto& ufrag = transport.local_credentials().ufrag;
    const auto section = section_with(ufrag);
    if (!section) continue;
    for (const auto& candidate : ice_.local_candidates(session.stream)) {
      descriptions_.add_candidate(Side::Local, *section, ufrag,
                                  to_sdp(candidate, ufrag, configuration_.deviations));
    }
    if (session.local_ended) descriptions_.add_end_of_candidates(Side::Local, *section, ufrag);
  }
}

// W3C webrtc-pc §4.4.1.5: the first offer decides, and only it.
void PeerConnection::Impl::set_ice_role(ice::Role role) {
  if (std::exchange(ice_role_known_, true)) return;
  const bool usurps = configuration_.deviations.has(Deviation::IceAnswererControls);
  ice_.set_role(now_, usurps ? ice::Role::Controlling : role);
}

}  // namespace rtclab::peer
