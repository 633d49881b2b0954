// What an answer settles, provisional or final, whoever made it: RFC 9429 §5.11, RFC 9143 §7.4, RFC
// 8842 §5, RFC 8841 §10.
#include "agents/peer/conductor.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {

void PeerConnection::Impl::commit(Side answerer, SdpType type, TrackChanges& changes) {
  remote_session_ = pending_session_;
  if (answerer == Side::Remote) {
    adopt_answered_bundles();
  } else {
    update_local_tracks(type, changes);
  }
  settle_media(answerer);
  if (type == SdpType::Answer) {
    release_rejected(changes);
    release_unassociated(changes);
  }
  connect_transports(answerer);
  configure_media();
  if (type != SdpType::Answer) return;
  pending_session_.reset();
  last_offer_.reset();
  last_answer_.reset();
  pool_.resize(now_, 0);  // RFC 9429 §5.11
  const auto is_in_use = [&](const ice::Credentials& each) {
    return std::ranges::any_of(transports_.all(),
                               [&](const auto& t) { return t.local_credentials() == each; });
  };
  // §4.4.1.5: restartIce() is served when none of the old credentials is left.
  if (std::ranges::none_of(to_replace_, is_in_use)) to_replace_.clear();
  std::erase_if(outdated_, [&](const auto& each) { return !is_in_use(each); });
}

// The peer's answer says who is bundled: the others' transports are of no use any more.
void PeerConnection::Impl::adopt_answered_bundles() {
  for (std::size_t i = 0; i < remote_session_->sections.size(); ++i) {
    const auto& section = remote_session_->sections[i];
    if (section.transport) transports_.assign(i, offered_transport(section.speaker));
  }
}

// The one that the section of our description has for its own or shares.
std::optional<TransportId> PeerConnection::Impl::offered_transport(std::size_t section) const {
  const auto speaker = plan_[section].speaker;
  return speaker ? plan_[*speaker].own : std::nullopt;
}

void PeerConnection::Impl::connect_transports(Side answerer) {
  for (std::size_t i = 0; i < remote_session_->sections.size(); ++i) {
    const auto& section = remote_session_->sections[i];
    auto* const transport = transports_.of_section(i);
    // Each once: with the section that speaks for it in the answer.
    const bool speaks = (answerer == Side::Local ? plan_[i].speaker : section.speaker) == i;
    if (!section.transport || transport == nullptr || !speaks) continue;
    const auto& planned = *plan_[*plan_[i].speaker].transport;
    const bool we_are_client = answerer == Side::Local
                                   ? planned.setup == sdp::Setup::Active
                                   : section.transport->setup == sdp::Setup::Passive;
    if (transport->is_other_association(*section.transport)) {
      if (sctp_transport_ == transport->id())
        end_sctp(now_, "the DTLS association below is replaced (RFC 8842 §5.5)");
      transport->end_association(now_, planned.tls_id, outbox_);
    }
    // RFC 8842 §5.5: an association that goes on keeps its roles. Of one that has not begun, the
    // latest answer decides: in glare without a pattern both sides had answered "active".
    const bool has_begun = transport->states().dtls != dtls::State::New;
    const auto agreed = we_are_client ? dtls::Role::Client : dtls::Role::Server;
    const auto role = has_begun ? transport->dtls_role().value_or(agreed) : agreed;
    transport->negotiated(now_, *section.transport, role);
    give_candidates(*transport, i);
  }
  begin_sctp(now_);
}

void PeerConnection::Impl::settle_media(Side answerer) {
  answered_.resize(std::max(answered_.size(), plan_.size()));
  const auto offerer = answerer == Side::Local ? Side::Remote : Side::Local;
  for (std::size_t i = 0; i < plan_.size() && i < remote_session_->sections.size(); ++i) {
    const auto& ours = plan_[i].media;
    const auto& theirs = remote_session_->sections[i].media;
    answered_[i] = answerer == Side::Local ? ours : theirs;
    auto* const transceiver = transceivers_.in_section(i);
    if (transceiver == nullptr) continue;
    if (const auto before = std::exchange(transceiver->negotiated, std::nullopt))
      transceiver->note_receivable(before->receive);
    if (!ours || !theirs) continue;
    auto negotiated = negotiate_media(*ours, *theirs, offerer);
    if (!negotiated) continue;  // ours to ours: an answer of our own breaks no rule
    // §4.4.1.5: encodings that the answer has no layer for are gone for good.
    auto& encodings = transceiver->encodings;
    if (encodings.size() > 1) {
      const auto& rids = negotiated->send_rids;
      if (rids.empty()) {
        encodings.resize(1);
      } else {
        std::erase_if(encodings, [&](const Encoding& each) {
          return std::ranges::find(rids, each.rid) == rids.end();
        });
      }
    }
    transceiver->negotiated = std::move(*negotiated);
  }
}

void PeerConnection::Impl::release_rejected(TrackChanges& changes) {
  // RFC 8841 §10.4: an answer can end an association that runs; the peer gets ABORT, then
  // close_notify.
  if (sctp_transport_ && !data_section())
    end_sctp(now_, "the section of the data channels was rejected, or its sctp-port is zero");
  for (std::size_t i = 0; i < plan_.size() && i < remote_session_->sections.size(); ++i) {
    if (plan_[i].speaker && remote_session_->sections[i].transport) continue;
    transports_.assign(i, std::nullopt);
    auto* const transceiver = transceivers_.in_section(i);
    if (transceiver == nullptr) continue;
    // An answer of ours rejects what has no common codec, too: the transceiver is of no use then.
    if (!transceiver->stopped) transceivers_.stop(*transceiver, changes);
    transceivers_.remove(transceiver->id);
  }
  transports_.drop_unused(now_, outbox_);
}

// W3C webrtc-pc §4.4.1.5 stops and removes what an answer has rejected, and §4.7.3 needs
// negotiation for as long as a transceiver is stopping. For one that was stopped before any section
// was its own, or whose section was rolled back, RFC 9429 §5.2.1 and §5.2.2 make no section that
// could be rejected: by the letter it would be stopping for ever, and each negotiation would call
// for the next. Our reading: an answer settles it too, for there is nothing of it that the peer
// knows.
void PeerConnection::Impl::release_unassociated(TrackChanges& changes) {
  std::vector<TransceiverId> settled;
  for (auto& transceiver : transceivers_.all()) {
    if (!transceiver.stopping || transceiver.mid) continue;
    transceivers_.stop(transceiver, changes);
    settled.push_back(transceiver.id);
  }
  for (const auto id : settled) transceivers_.remove(id);
}

}  // namespace rtclab::peer
