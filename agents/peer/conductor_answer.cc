// createAnswer: RFC 9429 §5.3.
//
// First which sections of the offer are accepted, then who shares a transport with whom, then the
// text.
#include "agents/peer/conductor.h"
#include "agents/peer/description_deviations.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

// RFC 9429 §5.3.1: the options that the offer has too. But ice2 says only by which text we do ICE
// (RFC 8839 §4.2.1.5), and browsers, which do not say it, do not mind.
std::vector<std::string> common_ice_options(const sdp::SessionDescription& offer,
                                            bool renomination) {
  std::vector<std::string> common;
  for (const std::string option : {"trickle", "ice2", "renomination"}) {
    if (option == "renomination" && !renomination) continue;
    if (option == "ice2") {
      common.push_back(option);
      continue;
    }
    for (std::size_t i = 0; i < offer.sections.size(); ++i) {
      if (!offer.section(i).has_ice_option(option)) continue;
      common.push_back(option);
      break;
    }
  }
  return common;
}

}  // namespace

Outcome<Description> PeerConnection::Impl::make_answer() {
  if (signaling_state_ != SignalingState::HaveRemoteOffer &&
      signaling_state_ != SignalingState::HaveLocalPranswer) {
    return reject(Error::invalid_state("createAnswer in the state \"" +
                                       std::string{to_string(signaling_state_)} + '"'));
  }
  auto draft = begin_draft(
      SdpType::Answer,
      common_ice_options(descriptions_.pending(Side::Remote)->sdp, configuration_.renomination));
  const auto accepted = accept_sections(draft);
  bundle_answer(draft, accepted);
  answer_stream_groups(draft);
  last_answer_ = finish(std::move(draft));
  return Description{SdpType::Answer, last_answer_->text};
}

std::vector<bool> PeerConnection::Impl::accept_sections(Draft& draft) {
  const auto& offer = descriptions_.pending(Side::Remote)->sdp;
  const auto data = pending_session_->data_section();
  std::vector<bool> accepted;
  for (std::size_t i = 0; i < offer.sections.size(); ++i) {
    const auto& offered = pending_session_->sections[i];
    PlannedSection section{
        .line = offer.section(i).media(), .liveness = Liveness::Rejected, .mid = offered.mid};
    SectionPlan plan;
    const bool may = !offered.rejected && may_accept(configuration_.bundle_policy, offer, i);
    bool accepts = may && data == i;
    section.data = plan.data = accepts;
    // RFC 8841 §10.3: zero, which wants no association, is answered in kind.
    if (accepts && offered.data->sctp_port == Port{0}) section.sctp_port = Port{0};
    if (auto* const transceiver = transceivers_.in_section(i)) {
      plan.transceiver = transceiver->id;
      if (may && offered.media && !transceiver->stopped) {
        section.media = answer_media(*offered.media, wishes_of(*transceiver),
                                     configuration_.capabilities(transceiver->kind), bindings_);
      }
      if (section.media) deviate(*section.media, configuration_.deviations);
      accepts |= section.media.has_value();
      plan.media = section.media;
    }
    if (section.media) section.line = media_line(*section.media, Port{9}, section.line.protocol);
    accepted.push_back(accepts);
    draft.plan.sections.push_back(std::move(section));
    draft.sections.push_back(std::move(plan));
  }
  return accepted;
}

// RFC 9143 §7.3: the tag is the first accepted section of the group that has a transport of its
// own; without one none of the group can be accepted (RFC 9429 §5.3.1).
void PeerConnection::Impl::bundle_answer(Draft& draft, const std::vector<bool>& accepted) {
  const auto& offer = *pending_session_;
  const auto& offered = descriptions_.pending(Side::Remote)->sdp;
  auto& sections = draft.plan.sections;
  std::vector<std::optional<std::size_t>> tags(offer.groups.size());
  const auto group_at = [&](std::size_t i) {
    return group_of(offer.groups, offer.sections[i].mid);
  };
  for (std::size_t g = 0; g < offer.groups.size(); ++g) {
    for (const auto& mid : offer.groups[g]) {
      const auto at = std::ranges::find(sections, std::optional{mid}, &PlannedSection::mid);
      const auto i = static_cast<std::size_t>(at - sections.begin());
      if (at != sections.end() && !tags[g] && accepted[i] && offer.sections[i].speaker == i)
        tags[g] = i;
    }
  }
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto group = group_at(i);
    const auto speaker = group ? tags[*group] : std::optional{i};
    if (!accepted[i] || !speaker) {
      sections[i].media.reset();
      sections[i].data = draft.sections[i].data = false;
      draft.sections[i].media.reset();
      continue;
    }
    sections[i].liveness = Liveness::Live;
    draft.sections[i].speaker = speaker;
    if (*speaker == i) {
      give_answer_transport(draft, i);
    } else {
      // RFC 5761 §5.1.1: no a=rtcp-mux where none was offered. Browsers offer it in the sections of
      // media only.
      sections[*speaker].carries_media |=
          sections[i].media.has_value() && offered.section(*speaker).rtcp_mux();
    }
  }
  for (std::size_t g = 0; g < offer.groups.size(); ++g) {
    if (!tags[g]) continue;
    sdp::Group group{"BUNDLE", {*sections[*tags[g]].mid}};
    for (const auto& mid : offer.groups[g]) {
      const auto at = std::ranges::find(sections, std::optional{mid}, &PlannedSection::mid);
      const bool is_live = at != sections.end() && at->liveness == Liveness::Live;
      if (is_live && mid != group.mids.front()) group.mids.push_back(mid);
    }
    draft.plan.groups.push_back(std::move(group));
  }
}

void PeerConnection::Impl::give_answer_transport(Draft& draft, std::size_t index) {
  const auto& offered = *pending_session_->sections[index].transport;
  auto& plan = draft.sections[index].transport.emplace();
  auto* const existing = transports_.of_section(index);
  const bool continues = existing != nullptr && !existing->is_other_association(offered);
  plan.setup = setup_for_answer(existing, continues, offered.setup);
  plan.tls_id = continues ? existing->tls_id() : draw_tls_id(sdp_rng_);
  if (existing != nullptr) plan.existing = existing->id();
  // RFC 9429 §5.3.2: new credentials when the section restarts, and only then. In the state
  // have-local-pranswer the restart has begun already.
  const auto& known = existing != nullptr ? existing->session().remote : std::nullopt;
  const bool restarts = known && *known != offered.credentials &&
                        !configuration_.deviations.has(Deviation::SdpAnswerIgnoresRestart);
  if (existing != nullptr && !restarts) {
    plan.credentials = existing->local_credentials();
  } else {
    if (existing == nullptr) plan.pooled = pool_.peek(0);
    const auto others = std::ranges::count_if(
        draft.sections, [](const auto& each) { return each.transport && each.transport->pooled; });
    if (plan.pooled) plan.pooled = pool_.peek(static_cast<std::size_t>(others) - 1);
    plan.credentials = plan.pooled ? ice_.local_credentials(*plan.pooled)
                                   : ice::Credentials::draw(sdp_rng_, configuration_.deviations);
  }
  write_transport(draft, index, offered.tls_id.has_value());
}

// RFC 8842 §5.3: active unless the offer leaves only the other role; an association that goes on
// keeps its roles.
sdp::Setup PeerConnection::Impl::setup_for_answer(const Transport* existing, bool continues,
                                                  sdp::Setup offered) const {
  if (offered == sdp::Setup::Active || configuration_.deviations.has(Deviation::SdpAnswerPassive))
    return sdp::Setup::Passive;
  const bool is_server =
      existing != nullptr && continues && existing->dtls_role() == dtls::Role::Server;
  return offered == sdp::Setup::ActPass && is_server ? sdp::Setup::Passive : sdp::Setup::Active;
}

// RFC 9429 §5.3.1: of an offered group remain those that share a stream of ours, and those that
// have none to say otherwise.
void PeerConnection::Impl::answer_stream_groups(Draft& draft) const {
  for (const auto& offered : descriptions_.pending(Side::Remote)->sdp.groups()) {
    if (offered.semantics != "LS") continue;
    std::vector<std::pair<std::string, const Transceiver*>> members;
    for (std::size_t i = 0; i < draft.sections.size(); ++i) {
      const auto& plan = draft.sections[i];
      const auto& mid = draft.plan.sections[i].mid;
      const auto* const transceiver =
          plan.transceiver && plan.media ? transceivers_.find(*plan.transceiver) : nullptr;
      if (transceiver != nullptr && mid &&
          std::ranges::find(offered.mids, *mid) != offered.mids.end())
        members.emplace_back(*mid, transceiver);
    }
    sdp::Group best{"LS", {}};
    const auto consider = [&](const std::string& stream) {
      sdp::Group group{"LS", {}};
      for (const auto& [mid, transceiver] : members) {
        const auto& own = transceiver->streams;
        if (own.empty() || std::ranges::find(own, stream) != own.end()) group.mids.push_back(mid);
      }
      if (group.mids.size() > best.mids.size()) best = std::move(group);
    };
    consider({});
    for (const auto& [mid, transceiver] : members) {
      for (const auto& stream : transceiver->streams) consider(stream);
    }
    if (best.mids.size() > 1) draft.plan.groups.push_back(std::move(best));
  }
}

}  // namespace rtclab::peer
