// RTP media: which of it each transport carries, where its frames come from, and what the
// application hears of it. Spec: RFC 9429 §5.11, W3C webrtc-pc §5.3 and §5.2 (mute and unmute of a
// receiver's track).
#include "agents/peer/conductor.h"
#include "agents/peer/media_configuration.h"
#include "agents/tls/base64.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::peer {
namespace {

// RFC 7022 §4.2, §5: another for each connection, of 96 random bits in base64.
std::string draw_cname(Rng& rng) {
  std::array<std::byte, 12> octets{};
  rng.fill(octets);
  return tls::to_base64(octets);
}

}  // namespace

// After each answer: what is negotiated now, to each transport its sections.
void PeerConnection::Impl::configure_media() {
  for (auto& transport : transports_.all()) {
    const auto configuration = media_of(transport);
    if (configuration.sections.empty() && transport.media() == nullptr) continue;
    auto rng = SeededRng{media_rng_.next()};
    transport.configure_media(now_, configuration, MediaStage::Agreed, rng);
  }
  feed_sources();
}

// RFC 3264 §5.1 and §8: who has offered is ready for what the answerer sends, which may come before
// the answer. Before the first answer there are no keys, and nothing can come.
void PeerConnection::Impl::prepare_media() {
  if (!remote_session_) return;
  for (auto& transport : transports_.all()) {
    if (!transport.association()) continue;
    const auto configuration = media_of(transport);
    if (configuration.sections.empty() && transport.media() == nullptr) continue;
    transport.configure_media(now_, configuration, MediaStage::Offered, media_rng_);
  }
}

media::Configuration PeerConnection::Impl::media_of(const Transport& transport) {
  media::Configuration configuration{.cname = cname(), .max_bitrate = remote_session_->max_bitrate};
  const auto& sections = remote_session_->sections;
  for (std::size_t i = 0; i < std::max(plan_.size(), sections.size()); ++i) {
    const auto* const transceiver = transceivers_.in_section(i);
    if (transports_.of_section(i) != &transport || transceiver == nullptr) continue;
    const auto* const offered = offered_media(i);
    if (!transceiver->mid || !(transceiver->negotiated || offered)) continue;
    // W3C webrtc-pc §5.4: stop() sends BYE at once; the negotiation that rejects the section
    // follows.
    if (transceiver->stopping) continue;
    const auto* const remote =
        i < sections.size() && sections[i].media ? &*sections[i].media : nullptr;
    configuration.sections.push_back(media_section(*transceiver, remote, offered));
    // The section that speaks for the group says it for all (RFC 9143 §7.1.3).
    if (transceiver->negotiated)
      configuration.reduced_size_rtcp = transceiver->negotiated->reduced_size_rtcp;
  }
  return configuration;
}

// Of an offer of ours that has no final answer: a provisional one can still be widened (RFC 9429
// §4.1.10.1).
const MediaSection* PeerConnection::Impl::offered_media(std::size_t section) const {
  const auto& pending = descriptions_.pending(Side::Local);
  const bool is_offered = pending && pending->type == SdpType::Offer && section < plan_.size() &&
                          plan_[section].media && receives(plan_[section].media->direction);
  return is_offered ? &*plan_[section].media : nullptr;
}

const std::string& PeerConnection::Impl::cname() {
  if (cname_.empty()) cname_ = draw_cname(media_rng_);
  return cname_;
}

MediaWishes PeerConnection::Impl::wishes_of(Transceiver& transceiver) {
  if (configuration_.signals_sources && !transceiver.source) transceiver.source = draw_source();
  return transceiver.wishes();
}

// RFC 3550 §8.1: at random, and different from each other; the peer's are not known yet.
SignalledSource PeerConnection::Impl::draw_source() {
  const bool counts = configuration_.deviations.has(Deviation::RtpCountingSsrcs);
  const auto is_taken = [this](std::uint32_t ssrc) {
    return std::ranges::any_of(transceivers_.all(), [ssrc](const Transceiver& each) {
      return each.source && (each.source->ssrc == ssrc || each.source->rtx_ssrc == ssrc);
    });
  };
  std::uint32_t ssrc = 0;
  const auto draw = [&](std::uint32_t other) {
    do {
      ssrc = counts ? ssrc + 1 : static_cast<std::uint32_t>(media_rng_.next());
    } while (ssrc == 0 || ssrc == other || is_taken(ssrc));
    return ssrc;
  };
  const auto main = draw(0);
  return {.ssrc = main, .rtx_ssrc = draw(main), .cname = cname()};
}

// Each sender's track, once for each transport that carries it and whenever it is another.
void PeerConnection::Impl::feed_sources() {
  for (auto& transceiver : transceivers_.all()) {
    if (!transceiver.section || !transceiver.mid) continue;
    auto* const transport = transports_.of_section(*transceiver.section);
    if (transport == nullptr || transport->media() == nullptr) continue;
    const Transceiver::Feed feed{transport->id(), *transceiver.mid, transceiver.track_changes};
    if (std::exchange(transceiver.feed, feed) == feed) continue;
    auto source =
        transceiver.track ? make_source(*transceiver.track, SeededRng{media_rng_.next()}) : nullptr;
    transport->media()->session().set_source(now_, *transceiver.mid, std::move(source));
  }
}

bool PeerConnection::Impl::drain_media() {
  bool busy = false;
  for (auto& transport : transports_.all()) {
    while (transport.media() != nullptr) {
      const auto event = transport.media()->session().poll_event();
      if (!event) break;
      outbox_.emplace_back(media::describe(*event));
      react(*event);
      busy = true;
    }
  }
  return busy;
}

void PeerConnection::Impl::react(const media::SessionEvent& event) {
  if (const auto* added = std::get_if<media::SourceAdded>(&event)) {
    ++sources_heard_[added->mid];
    set_muted(added->mid, false);
  } else if (const auto* removed = std::get_if<media::SourceRemoved>(&event)) {
    auto& left = sources_heard_[removed->mid];
    if (left > 0 && --left == 0) set_muted(removed->mid, true);
  } else if (const auto* changed = std::get_if<media::SsrcChanged>(&event)) {
    // The next description names what is sent with now.
    for (auto& transceiver : transceivers_.all()) {
      if (transceiver.mid == changed->mid && transceiver.source && changed->rid.empty())
        transceiver.source = {changed->to, changed->rtx, transceiver.source->cname};
    }
  }
}

void PeerConnection::Impl::set_muted(const std::string& mid, bool muted) {
  for (auto& transceiver : transceivers_.all()) {
    if (transceiver.mid != mid || transceiver.ended) continue;
    if (std::exchange(transceiver.muted, muted) == muted) continue;
    if (muted) {
      emit(TrackMuted{transceiver.id, transceiver.remote_track});
    } else {
      emit(TrackUnmuted{transceiver.id, transceiver.remote_track});
    }
  }
}

}  // namespace rtclab::peer
