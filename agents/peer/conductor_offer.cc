// createOffer: RFC 9429 §5.2.
//
// First which section is what (a place in the order of m= lines is for ever), then which of them
// have a transport of their own (BUNDLE), then the text.
#include "agents/peer/candidate_conversion.h"
#include "agents/peer/conductor.h"
#include "agents/peer/description_deviations.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

bool has(const std::vector<ice::Credentials>& list, const ice::Credentials& item) {
  return std::ranges::find(list, item) != list.end();
}

}  // namespace

Outcome<Description> PeerConnection::Impl::make_offer(const OfferOptions& options) {
  if (signaling_state_ != SignalingState::Stable &&
      signaling_state_ != SignalingState::HaveLocalOffer) {
    return reject(Error::invalid_state("createOffer in the state \"" +
                                       std::string{to_string(signaling_state_)} + '"'));
  }
  auto draft = begin_draft(SdpType::Offer, {"trickle", "ice2"});
  lay_out_offer(draft);
  bundle_offer(draft, options);
  group_by_streams(draft);
  last_offer_ = finish(std::move(draft));
  return Description{SdpType::Offer, last_offer_->text};
}

PeerConnection::Impl::Draft PeerConnection::Impl::begin_draft(
    SdpType type, std::vector<std::string> ice_options) {
  if (configuration_.deviations.has(Deviation::SdpNoIce2)) std::erase(ice_options, "ice2");
  if (type == SdpType::Offer && configuration_.renomination)
    ice_options.emplace_back("renomination");
  return {.plan = {.type = type,
                   .origin = next_origin(),
                   .ice_options = std::move(ice_options),
                   .ice_lite = configuration_.ice_lite,
                   .groups = {},
                   .sections = {},
                   .deviations = configuration_.deviations},
          .sections = {}};
}

// RFC 8839 §4.4.1.1.1: without a restart they MUST NOT change. So what an answer left out, because
// the peer did not say that it trickles (RFC 9429 §5.3.1), stays out until ICE restarts.
void PeerConnection::Impl::keep_ice_options(DescriptionPlan& plan) const {
  const auto& before = descriptions_.current(Side::Local);
  if (!before) return;
  std::optional<std::size_t> continued;
  for (std::size_t i = 0; i < plan.sections.size(); ++i) {
    const auto& transport = plan.sections[i].transport;
    if (!transport) continue;
    if (!before->has_generation(i, transport->credentials.ufrag)) return;  // it is new, or restarts
    continued = i;
  }
  if (continued) plan.ice_options = before->sdp.section(*continued).ice_options();
}

CreatedDescription PeerConnection::Impl::finish(Draft draft) {
  keep_ice_options(draft.plan);
  auto sdp = write_description(draft.plan);
  auto text = sdp.serialize();
  return {std::move(text), std::move(sdp), revision_, std::move(draft.sections)};
}

// RFC 9429 §5.2.2: the number goes up with each description, also past those that were never
// applied.
sdp::Origin PeerConnection::Impl::next_origin() {
  return {.session_id = session_id_, .version = ++session_version_, .address = "0.0.0.0"};
}

std::string PeerConnection::Impl::unused_mid(const Draft& draft) const {
  const auto is_used = [&](const std::string& mid) {
    for (const auto side : {Side::Local, Side::Remote}) {
      for (const auto* slot : {&descriptions_.pending(side), &descriptions_.current(side)}) {
        if (*slot && (*slot)->sdp.index_of(mid)) return true;
      }
    }
    const auto has_mid = [&](const auto& each) { return each.mid == mid; };
    return std::ranges::any_of(draft.plan.sections, has_mid) ||
           std::ranges::any_of(transceivers_.all(), has_mid);
  };
  for (unsigned number = 0;; ++number) {
    if (auto mid = std::to_string(number); !is_used(mid)) return mid;
  }
}

// --- which section is what ---

// RFC 9429 §5.2.2: a section that either side has rejected may be used again.
bool PeerConnection::Impl::is_free(std::size_t section) const {
  for (const auto side : {Side::Local, Side::Remote}) {
    const auto& current = descriptions_.current(side);
    if (current && section < current->sdp.sections.size() &&
        current->sdp.section(section).is_rejected())
      return true;
  }
  return false;
}

void PeerConnection::Impl::place(Draft& draft, std::optional<std::size_t> index,
                                 PlannedSection section, SectionPlan plan) {
  if (!index) {
    draft.plan.sections.push_back(std::move(section));
    draft.sections.push_back(std::move(plan));
  } else {
    draft.plan.sections[*index] = std::move(section);
    draft.sections[*index] = std::move(plan);
  }
}

void PeerConnection::Impl::place_media(Draft& draft, std::optional<std::size_t> index,
                                       Transceiver& transceiver) {
  const auto at = index.value_or(draft.sections.size());
  const bool is_known = transceiver.section == at;
  const auto previous =
      is_known && at < answered_.size() ? answered_[at] : std::optional<MediaSection>{};
  auto wishes = wishes_of(transceiver);
  wishes.first_offer = !previous;
  wishes.had_msid = is_known && has_msid(at);
  auto media =
      offer_media(wishes, configuration_.capabilities(transceiver.kind), previous, bindings_);
  deviate(media, configuration_.deviations);
  PlannedSection section{.line = media_line(media),
                         .mid = is_known ? transceiver.mid : unused_mid(draft),
                         .media = media};
  place(draft, index, std::move(section),
        {.transceiver = transceiver.id, .media = std::move(media)});
}

bool PeerConnection::Impl::has_msid(std::size_t section) const {
  const auto& current = descriptions_.current(Side::Local);
  return current && section < current->sdp.sections.size() &&
         !current->sdp.section(section).msids().empty();
}

void PeerConnection::Impl::place_data(Draft& draft, std::optional<std::size_t> index) {
  place(draft, index, {.line = data_media_line(), .mid = unused_mid(draft), .data = true},
        {.data = true});
}

void PeerConnection::Impl::lay_out_offer(Draft& draft) {
  std::vector<std::size_t> free;
  bool has_data = false;
  if (const auto* const before = descriptions_.latest(Side::Local)) {
    for (std::size_t i = 0; i < before->sdp.sections.size(); ++i) {
      const auto section = before->sdp.section(i);
      auto* const transceiver = transceivers_.in_section(i);
      if (transceiver != nullptr && !transceiver->stopping) {
        place_media(draft, std::nullopt, *transceiver);
        continue;
      }
      const bool keeps_data = section.is_data_channel() && !section.is_rejected() && !is_free(i);
      has_data |= keeps_data;
      PlannedSection planned{.line = section.media(),
                             .liveness = keeps_data ? Liveness::Live : Liveness::Rejected,
                             .mid = section.mid(),
                             .data = keeps_data};
      SectionPlan plan{.data = keeps_data};
      if (transceiver != nullptr) plan.transceiver = transceiver->id;
      if (!keeps_data && is_free(i)) free.push_back(i);
      place(draft, std::nullopt, std::move(planned), std::move(plan));
    }
  }
  const auto next_place = [&]() -> std::optional<std::size_t> {
    if (free.empty()) return std::nullopt;
    const auto index = free.front();
    free.erase(free.begin());
    return index;
  };
  // A place that was in vain stays as it is; so does one whose transceiver waits for the answer.
  for (auto& transceiver : transceivers_.all()) {
    if (!transceiver.mid && !transceiver.stopping) place_media(draft, next_place(), transceiver);
  }
  if (has_channels_ && !has_data) place_data(draft, next_place());
}

// --- which transport it has ---

bool PeerConnection::Impl::wants_restart(const Transport& transport,
                                         const OfferOptions& options) const {
  if (configuration_.deviations.has(Deviation::IceRestartKeepsCredentials)) return false;
  const auto& credentials = transport.local_credentials();
  if (has(to_replace_, credentials) || has(outdated_, credentials)) return true;
  // RFC 9429 §5.2.3.1: on an initial offer the option has no effect.
  return options.ice_restart && transport.remote().has_value();
}

void PeerConnection::Impl::give_offer_transport(Draft& draft, std::size_t index,
                                                const OfferOptions& options) {
  auto& plan = draft.sections[index];
  plan.speaker = index;
  auto& transport = plan.transport.emplace();
  const auto* const existing = transports_.of_section(index);
  if (existing != nullptr) {
    transport.existing = existing->id();
    transport.tls_id = existing->tls_id();
    transport.credentials = wants_restart(*existing, options)
                                ? ice::Credentials::draw(sdp_rng_, configuration_.deviations)
                                : existing->local_credentials();
  } else {
    const auto planned = std::ranges::count_if(
        draft.sections, [](const auto& each) { return each.transport && each.transport->pooled; });
    transport.pooled = pool_.peek(static_cast<std::size_t>(planned));
    transport.credentials = transport.pooled
                                ? ice_.local_credentials(*transport.pooled)
                                : ice::Credentials::draw(sdp_rng_, configuration_.deviations);
    transport.tls_id = draw_tls_id(sdp_rng_);
  }
  write_transport(draft, index, true);
}

void PeerConnection::Impl::write_transport(Draft& draft, std::size_t index, bool with_tls_id) {
  const auto& plan = *draft.sections[index].transport;
  TransportPart part{.credentials = plan.credentials,
                     .fingerprint = certificate_.fingerprint(),
                     .setup = plan.setup,
                     .tls_id = with_tls_id ? std::optional{plan.tls_id} : std::nullopt,
                     .candidates = {}};
  auto* const existing = transports_.find(plan.existing);
  if (existing != nullptr && existing->local_credentials() == plan.credentials) {
    part.end_of_candidates = existing->session().local_ended;
    for (const auto& candidate : ice_.local_candidates(existing->session().stream)) {
      part.candidates.push_back(
          to_sdp(candidate, plan.credentials.ufrag, configuration_.deviations));
    }
  }
  draft.plan.sections[index].transport = std::move(part);
}

// RFC 9429 §5.2.1 and §5.2.2, RFC 9143 §7.2 and §7.5.
void PeerConnection::Impl::bundle_offer(Draft& draft, const OfferOptions& options) {
  auto& sections = draft.plan.sections;
  const auto& current = descriptions_.current(Side::Local);
  std::vector<BundleGroup> groups;
  if (current) groups = bundle_groups(current->sdp);
  const auto is_live = [&](const std::string& mid) {
    const auto found = std::ranges::find(sections, std::optional{mid}, &PlannedSection::mid);
    return found != sections.end() && found->liveness == Liveness::Live;
  };
  for (auto& group : groups) std::erase_if(group, [&](const auto& mid) { return !is_live(mid); });
  std::erase_if(groups, [](const BundleGroup& group) { return group.empty(); });
  const bool bundles_already = !groups.empty();
  if (!bundles_already) groups.emplace_back();

  std::vector<std::string> kinds;  // of the new sections
  for (std::size_t i = 0; i < sections.size(); ++i) {
    auto& section = sections[i];
    if (section.liveness != Liveness::Live) continue;
    const bool was_negotiated =
        current && i < current->sdp.sections.size() && current->sdp.section(i).mid() == section.mid;
    if (!group_of(groups, section.mid)) {
      // What was negotiated without BUNDLE stays so.
      if (was_negotiated) {
        give_offer_transport(draft, i, options);
        continue;
      }
      kinds.push_back(section.line.kind);
      if (!bundles_already &&
          bundling_for(configuration_.bundle_policy, kinds) == Bundling::BundleOnly) {
        section.liveness = Liveness::BundleOnly;
      } else if (!bundles_already) {
        give_offer_transport(draft, i, options);
      }
      groups.front().push_back(*section.mid);
    }
  }
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto group = group_of(groups, sections[i].mid);
    if (!group || sections[i].liveness == Liveness::Rejected || draft.sections[i].transport)
      continue;
    const auto& tag = groups[*group].front();
    const auto at = std::ranges::find(sections, std::optional{tag}, &PlannedSection::mid);
    const auto speaker = static_cast<std::size_t>(at - sections.begin());
    if (speaker == i) {
      give_offer_transport(draft, i, options);
    } else {
      draft.sections[i].speaker = speaker;
      sections[speaker].carries_media |= sections[i].media.has_value();
    }
  }
  for (const auto& group : groups) {
    if (!group.empty()) draft.plan.groups.push_back({"BUNDLE", group});
  }
}

// RFC 5888 §8, RFC 9429 §5.2.1: tracks of one stream are for playing together.
void PeerConnection::Impl::group_by_streams(Draft& draft) const {
  std::vector<std::pair<std::string, std::vector<std::string>>> streams;
  for (std::size_t i = 0; i < draft.sections.size(); ++i) {
    const auto& plan = draft.sections[i];
    const auto* const transceiver =
        plan.transceiver ? transceivers_.find(*plan.transceiver) : nullptr;
    if (transceiver == nullptr || !plan.speaker) continue;
    for (const auto& stream : transceiver->streams) {
      auto found = std::ranges::find(streams, stream, &decltype(streams)::value_type::first);
      if (found == streams.end()) found = streams.insert(streams.end(), {stream, {}});
      found->second.push_back(*draft.plan.sections[i].mid);
    }
  }
  for (auto& [stream, mids] : streams) {
    if (mids.size() > 1) draft.plan.groups.push_back({"LS", std::move(mids)});
  }
}

}  // namespace rtclab::peer
