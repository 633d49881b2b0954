// Offers and answers: the operations of a peer connection, as W3C webrtc-pc §4.4.1 and §4.4.2 and
// RFC 9429 §4 and §5 order their steps.
#include "agents/peer/candidate_conversion.h"
#include "agents/peer/conductor.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace rtclab::peer {
namespace {

Settlement to_settlement(Outcome<void> outcome) {
  if (!outcome) return std::move(outcome.error());
  return std::monostate{};
}
Settlement to_settlement(Outcome<Description> outcome) {
  if (!outcome) return std::move(outcome.error());
  return std::move(*outcome);
}

std::string quoted(auto value) {
  return '"' + std::string{to_string(value)} + '"';
}

Error wrong_state(Side side, SdpType type, SignalingState state) {
  return Error::invalid_state("a " + std::string{to_string(side)} + ' ' + quoted(type) +
                              " cannot be set in the state " + quoted(state));
}

bool is_one_of(SignalingState state, std::initializer_list<SignalingState> states) {
  return std::ranges::find(states, state) != states.end();
}

bool offers_trickle(const sdp::SessionDescription& description) {
  for (std::size_t i = 0; i < description.sections.size(); ++i) {
    if (description.section(i).has_ice_option("trickle")) return true;
  }
  return false;
}

}  // namespace

// --- the calls ---

OperationId PeerConnection::Impl::reject_now(Instant now, std::string method, Error error) {
  now_ = now;
  const auto id = chain_.draw_id();
  settle(id, std::move(method), std::move(error));
  return id;
}

OperationId PeerConnection::Impl::chain(Instant now, std::string method,
                                        std::vector<Field> arguments,
                                        std::function<Settlement()> run) {
  now_ = now;
  arguments.insert(arguments.begin(), {"method", method});
  trace("api:call", std::move(arguments));
  if (closed_)
    return reject_now(now, std::move(method), Error::invalid_state("the connection is closed"));
  return chain_.append(std::move(method), std::move(run));
}

OperationId PeerConnection::Impl::create_offer(Instant now) {
  return chain(now, "createOffer", {}, [this] { return to_settlement(make_offer()); });
}

OperationId PeerConnection::Impl::create_answer(Instant now) {
  return chain(now, "createAnswer", {}, [this] { return to_settlement(make_answer()); });
}

OperationId PeerConnection::Impl::set_local_description(Instant now,
                                                        std::optional<Description> description) {
  std::vector<Field> arguments;
  if (description)
    arguments = {{"type", std::string{to_string(description->type)}}, {"sdp", description->sdp}};
  return chain(now, "setLocalDescription", std::move(arguments),
               [this, description = std::move(description)] {
                 return to_settlement(apply_local(description));
               });
}

OperationId PeerConnection::Impl::set_remote_description(Instant now, Description description) {
  std::vector<Field> arguments{{"type", std::string{to_string(description.type)}},
                               {"sdp", description.sdp}};
  return chain(now, "setRemoteDescription", std::move(arguments),
               [this, description = std::move(description)] {
                 return to_settlement(apply_remote(description));
               });
}

OperationId PeerConnection::Impl::add_ice_candidate(Instant now,
                                                    std::optional<IceCandidateInit> candidate) {
  // null is read as a dictionary without members: the end of candidates for every section and
  // generation.
  const auto given = std::move(candidate).value_or(IceCandidateInit{});
  if (!closed_ && !given.candidate.empty() && !given.sdp_mid && !given.sdp_mline_index) {
    trace("api:call", {{"method", std::string{"addIceCandidate"}}, {"candidate", given.candidate}});
    return reject_now(now, "addIceCandidate",
                      Error::type_error("neither sdpMid nor sdpMLineIndex is given"));
  }
  return chain(now, "addIceCandidate", {{"candidate", given.candidate}},
               [this, given] { return to_settlement(apply_candidate(given)); });
}

// --- createOffer, createAnswer ---

Outcome<Description> PeerConnection::Impl::make_offer() {
  if (!is_one_of(signaling_state_, {SignalingState::Stable, SignalingState::HaveLocalOffer})) {
    return reject(Error::invalid_state("createOffer in the state " + quoted(signaling_state_)));
  }
  const auto sdp = write_description(plan_offer());
  last_offer_ = Created{sdp.serialize(), sdp, revision_};
  return Description{SdpType::Offer, last_offer_->text};
}

Outcome<Description> PeerConnection::Impl::make_answer() {
  if (!is_one_of(signaling_state_,
                 {SignalingState::HaveRemoteOffer, SignalingState::HaveLocalPranswer})) {
    return reject(Error::invalid_state("createAnswer in the state " + quoted(signaling_state_)));
  }
  const auto sdp = write_description(plan_answer());
  last_answer_ = Created{sdp.serialize(), sdp, revision_};
  return Description{SdpType::Answer, last_answer_->text};
}

// RFC 9429 §5.2.2: the number goes up with each description, also past those that were never
// applied.
sdp::Origin PeerConnection::Impl::next_origin() {
  return {.session_id = session_id_, .version = ++session_version_, .address = "0.0.0.0"};
}

std::string PeerConnection::Impl::unused_mid() const {
  const auto is_used = [&](const std::string& mid) {
    for (const auto side : {Side::Local, Side::Remote}) {
      for (const auto* slot : {&descriptions_.pending(side), &descriptions_.current(side)}) {
        if (*slot && (*slot)->sdp.index_of(mid)) return true;
      }
    }
    return false;
  };
  for (unsigned number = 0;; ++number) {
    if (auto mid = std::to_string(number); !is_used(mid)) return mid;
  }
}

TransportPart PeerConnection::Impl::transport_part(sdp::Setup setup) const {
  TransportPart part{.credentials = transport_->local_credentials(),
                     .fingerprint = certificate_.fingerprint(),
                     .setup = setup,
                     .tls_id = transport_->tls_id(),
                     .candidates = {},
                     .end_of_candidates = end_of_candidates_};
  if (gathering_state_ == IceGatheringState::New) return part;
  for (const auto& candidate : ice_.local_candidates(transport_->stream())) {
    part.candidates.push_back(to_sdp(candidate, part.credentials.ufrag, configuration_.deviations));
  }
  return part;
}

DescriptionPlan PeerConnection::Impl::plan_offer() {
  DescriptionPlan plan{.type = SdpType::Offer,
                       .origin = next_origin(),
                       .sections = {},
                       .deviations = configuration_.deviations};
  std::optional<std::size_t> free_section;
  bool has_data = false;
  if (const auto& current = descriptions_.current(Side::Local)) {
    // RFC 9429 §5.2.2: the sections keep their places; a rejected one may be used again.
    for (std::size_t i = 0; i < current->sdp.sections.size(); ++i) {
      const auto section = current->sdp.section(i);
      PlannedSection planned{
          .media = section.media(), .mid = section.mid(), .bundled = true, .transport = {}};
      if (section.is_rejected() || !transport_) {
        planned.media.port = Port{0};
        if (!free_section) free_section = i;
      } else {
        planned.media.port = Port{9};
        planned.transport = transport_part(sdp::Setup::ActPass);
        has_data = true;
      }
      plan.sections.push_back(std::move(planned));
    }
  }
  if (has_channels_ && !has_data) {
    ensure_transport();
    PlannedSection data{.media = data_media_line(),
                        .mid = unused_mid(),
                        .bundled = true,
                        .transport = transport_part(sdp::Setup::ActPass)};
    if (free_section) {
      plan.sections[*free_section] = std::move(data);
    } else {
      plan.sections.push_back(std::move(data));
    }
  }
  return plan;
}

// RFC 8842 §5.3: active unless the offer leaves only the other role; an association that goes on
// keeps its roles.
sdp::Setup PeerConnection::Impl::setup_for_answer(sdp::Setup offered) const {
  if (offered == sdp::Setup::Active) return sdp::Setup::Passive;
  const bool is_server = transport_->dtls_role() == dtls::Role::Server;
  return offered == sdp::Setup::ActPass && is_server ? sdp::Setup::Passive : sdp::Setup::Active;
}

DescriptionPlan PeerConnection::Impl::plan_answer() {
  const auto& offer = descriptions_.pending(Side::Remote)->sdp;
  const auto bundle = offer.bundle();
  DescriptionPlan plan{.type = SdpType::Answer,
                       .origin = next_origin(),
                       .sections = {},
                       .deviations = configuration_.deviations};
  for (std::size_t i = 0; i < offer.sections.size(); ++i) {
    const auto section = offer.section(i);
    PlannedSection planned{
        .media = section.media(), .mid = section.mid(), .bundled = false, .transport = {}};
    planned.media.port = Port{0};
    planned.media.port_count.reset();
    if (pending_session_->data && pending_session_->data->section == i) {
      planned.media.port = Port{9};
      planned.bundled = planned.mid && std::ranges::find(bundle, *planned.mid) != bundle.end();
      planned.transport = transport_part(setup_for_answer(pending_session_->data->transport.setup));
    }
    plan.sections.push_back(std::move(planned));
  }
  return plan;
}

// --- setLocalDescription ---

Outcome<void> PeerConnection::Impl::apply_local(std::optional<Description> description) {
  const bool offers_by_default = is_one_of(
      signaling_state_,
      {SignalingState::Stable, SignalingState::HaveLocalOffer, SignalingState::HaveRemotePranswer});
  const auto type = description         ? description->type
                    : offers_by_default ? SdpType::Offer
                                        : SdpType::Answer;
  const auto sdp = description ? description->sdp : std::string{};
  if (type == SdpType::Rollback) return rollback(Side::Local);

  auto& created = type == SdpType::Offer ? last_offer_ : last_answer_;
  if (!sdp.empty() && (!created || created->text != sdp)) {
    return reject(
        Error::invalid_modification("the description is not the one that was created last"));
  }
  if (sdp.empty() && (!created || created->revision != revision_)) {
    const auto made = type == SdpType::Offer ? make_offer() : make_answer();
    if (!made) return reject(made.error());
  }
  return set_local(type, Created{*created});
}

Outcome<void> PeerConnection::Impl::set_local(SdpType type, const Created& created) {
  const auto state = next(signaling_state_, Side::Local, type);
  if (!state) return reject(wrong_state(Side::Local, type, signaling_state_));

  descriptions_.set(Side::Local, {type, created.sdp});
  describe_set(Side::Local, type);
  if (type == SdpType::Offer) {
    set_ice_role(ice::Role::Controlling);
  } else {
    commit(Side::Local);
  }
  enter(*state);
  if (data_section()) {
    transport_active_ = true;
    ice_.gather(now_);
  }
  return {};
}

// --- setRemoteDescription ---

Outcome<void> PeerConnection::Impl::apply_remote(const Description& description) {
  if (description.type == SdpType::Rollback) return rollback(Side::Remote);
  if (description.type == SdpType::Offer && !next(signaling_state_, Side::Remote, SdpType::Offer)) {
    // The implicit rollback of a polite peer.
    if (auto undone = rollback(Side::Local); !undone) return undone;
  }
  return set_remote(description);
}

Outcome<void> PeerConnection::Impl::set_remote(const Description& description) {
  const auto type = description.type;
  const auto state = next(signaling_state_, Side::Remote, type);
  if (!state) return reject(wrong_state(Side::Remote, type, signaling_state_));
  auto sdp = sdp::SessionDescription::parse(description.sdp);
  if (!sdp) return reject(Error::sdp_syntax(sdp.error().message, sdp.error().line));
  auto session = read_remote(type, *sdp);
  if (!session) return reject(std::move(session.error()));
  const auto& before = type == SdpType::Offer ? descriptions_.current(Side::Remote)
                                              : descriptions_.pending(Side::Local);
  if (before) {
    auto fits = type == SdpType::Offer ? check_continues(before->sdp, *sdp)
                                       : check_answers(before->sdp, *sdp);
    if (!fits) return fits;
  }
  if (transport_ && session->data && !transport_->remote_ufrag().empty() &&
      transport_->remote_ufrag() != session->data->transport.credentials.ufrag) {
    return reject(Error::operation("ICE restarts of the peer are not supported"));
  }

  can_trickle_ = offers_trickle(*sdp);
  descriptions_.set(Side::Remote, {type, std::move(*sdp)});
  describe_set(Side::Remote, type);
  pending_session_ = std::move(*session);
  if (type == SdpType::Offer) {
    set_ice_role(pending_session_->ice_lite ? ice::Role::Controlling : ice::Role::Controlled);
    if (pending_session_->data) {
      ensure_transport();
      transport_active_ = true;
    }
    ++revision_;  // an answer made before would be to another offer
  } else {
    commit(Side::Remote);
  }
  enter(*state);
  return {};
}

// --- what setting a description does ---

void PeerConnection::Impl::enter(SignalingState state) {
  if (state == SignalingState::Stable) {
    last_offer_.reset();
    last_answer_.reset();
    ++revision_;
    negotiation_needed_ = false;
    update_negotiation_needed();
  }
  set_signaling_state(state);
}

Outcome<void> PeerConnection::Impl::rollback(Side side) {
  const auto state = next(signaling_state_, side, SdpType::Rollback);
  if (!state) return reject(wrong_state(side, SdpType::Rollback, signaling_state_));
  descriptions_.rollback();
  pending_session_.reset();
  trace("peer:description_set",
        {{"which", std::string{"none pending"}}, {"type", std::string{"rollback"}}});
  // RFC 9429 §4.1.10.2: what the description brought in goes with it.
  const bool had_transport = !descriptions_.current(Side::Local);
  if (had_transport) discard_transport();
  enter(*state);
  if (had_transport) set_gathering_state(IceGatheringState::New);
  return {};
}

void PeerConnection::Impl::ensure_transport() {
  if (transport_) return;
  transport_.emplace(now_, ice_,
                     TransportSetup{certificate_, configuration_.mtu, configuration_.deviations},
                     dtls_rng_);
}

void PeerConnection::Impl::discard_transport() {
  if (!transport_) return;
  if (transport_->states().dtls == dtls::State::Connected) {
    // RFC 8841 §10.4: an answer can end an association that runs; the peer gets ABORT, then
    // close_notify.
    channels_.abort(now_, "the section of the data channels was rejected");
    drain_sctp(now_);
  }
  transport_->close(now_);
  drain_dtls(now_);
  ice_.remove_stream(now_, transport_->stream());
  transport_.reset();
  transport_active_ = false;
  ice_role_known_ = false;
  end_of_candidates_ = false;
}

// W3C webrtc-pc §4.4.1.5: the first offer decides, and only it.
void PeerConnection::Impl::set_ice_role(ice::Role role) {
  if (std::exchange(ice_role_known_, true)) return;
  const bool usurps = configuration_.deviations.has(Deviation::IceAnswererControls);
  ice_.set_role(now_, usurps ? ice::Role::Controlling : role);
}

std::optional<std::size_t> PeerConnection::Impl::data_section() const {
  const auto* const local = descriptions_.latest(Side::Local);
  if (local == nullptr || !transport_) return std::nullopt;
  for (std::size_t i = 0; i < local->sdp.sections.size(); ++i) {
    if (local->has_generation(i, transport_->local_credentials().ufrag)) return i;
  }
  return std::nullopt;
}

void PeerConnection::Impl::commit(Side answerer) {
  remote_session_ = pending_session_;
  if (!remote_session_->data) {
    // The answer refuses the data channels (RFC 8841 §10.4).
    if (transport_) discard_transport();
    return;
  }
  const auto& remote = remote_session_->data->transport;
  const auto setup = setup_for_answer(remote.setup);
  const bool we_are_client =
      answerer == Side::Local ? setup == sdp::Setup::Active : remote.setup == sdp::Setup::Passive;
  const auto role = we_are_client ? dtls::Role::Client : dtls::Role::Server;
  if (transport_->negotiated(now_, remote, role)) give_candidates();
}

void PeerConnection::Impl::give_candidates() {
  const auto section =
      descriptions_.latest(Side::Remote)->sdp.section(remote_session_->data->section);
  for (const auto& candidate : section.candidates()) {
    if (const auto usable = to_ice(candidate))
      ice_.add_remote_candidate(now_, transport_->stream(), *usable);
  }
  // Who does not trickle has said everything (RFC 8838 §5).
  if (section.end_of_candidates() || can_trickle_ == false) {
    ice_.end_of_remote_candidates(now_, transport_->stream());
  }
}

void PeerConnection::Impl::describe_set(Side side, SdpType type) {
  const auto* const slot = type == SdpType::Answer ? "current_" : "pending_";
  trace("peer:description_set",
        {{"which", slot + std::string{to_string(side)}}, {"type", std::string{to_string(type)}}});
}

bool PeerConnection::Impl::is_negotiation_needed() const {
  if (!has_channels_) return false;
  const auto& current = descriptions_.current(Side::Local);
  if (!current) return true;
  for (std::size_t i = 0; i < current->sdp.sections.size(); ++i) {
    if (current->sdp.section(i).is_data_channel()) return false;
  }
  return true;
}

// --- addIceCandidate ---

Outcome<void> PeerConnection::Impl::apply_candidate(const IceCandidateInit& candidate) {
  const auto* const remote = descriptions_.latest(Side::Remote);
  if (remote == nullptr) return reject(Error::invalid_state("there is no remote description yet"));
  const auto count = remote->sdp.sections.size();

  std::vector<std::size_t> sections;
  if (candidate.sdp_mid) {
    const auto index = remote->sdp.index_of(*candidate.sdp_mid);
    if (!index) return reject(Error::operation("no section has the mid " + *candidate.sdp_mid));
    sections = {*index};
  } else if (candidate.sdp_mline_index) {
    if (*candidate.sdp_mline_index >= count)
      return reject(Error::operation("there is no such section"));
    sections = {*candidate.sdp_mline_index};
  } else {
    for (std::size_t i = 0; i < count; ++i) sections.push_back(i);
  }
  const auto parsed = sdp::Candidate::parse(candidate.candidate);
  if (!candidate.candidate.empty() && !parsed)
    return reject(Error::operation("this is not a candidate"));

  for (const auto section : sections) {
    const auto ufrag = candidate.username_fragment.value_or(remote->ufrag(section));
    const auto& current = descriptions_.current(Side::Remote);
    const bool known = remote->has_generation(section, ufrag) ||
                       (current && current->has_generation(section, ufrag));
    if (!known) {
      // Without any ufrag the section is rejected, or not one that we use: nothing to do.
      if (!candidate.username_fragment) continue;
      return reject(Error::operation("no remote description has the user name fragment " + ufrag));
    }
    // Before the answer is set the description only collects; commit() hands all of it to ICE.
    const bool in_use = transport_ && transport_->remote_ufrag() == ufrag;
    if (!parsed) {
      descriptions_.add_end_of_candidates(Side::Remote, section, ufrag);
      if (in_use) ice_.end_of_remote_candidates(now_, transport_->stream());
      continue;
    }
    descriptions_.add_candidate(Side::Remote, section, ufrag, *parsed);
    const auto usable = to_ice(*parsed);
    if (in_use && usable) ice_.add_remote_candidate(now_, transport_->stream(), *usable);
  }
  return {};
}

}  // namespace rtclab::peer
