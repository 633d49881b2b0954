// Transceivers and tracks as the application changes them: W3C webrtc-pc §5.1, §5.2, §5.4.
#include "agents/peer/conductor.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

Error closed_error() {
  return Error::invalid_state("the connection is closed");
}

}  // namespace

Outcome<TransceiverId> PeerConnection::Impl::add_transceiver(Instant now, MediaKind kind,
                                                             std::optional<MediaTrack> track,
                                                             TransceiverInit init) {
  now_ = now;
  trace_call("addTransceiver", {{"kind", std::string{to_string(kind)}},
                                {"direction", std::string{to_string(init.direction)}}});
  if (closed_) return reject(closed_error());
  auto added = transceivers_.add(kind, std::move(track), std::move(init));
  if (!added) return added;
  ++revision_;
  update_negotiation_needed();
  return added;
}

Outcome<TransceiverId> PeerConnection::Impl::add_track(Instant now, const MediaTrack& track,
                                                       std::vector<std::string> streams) {
  now_ = now;
  trace_call("addTrack", {{"kind", std::string{to_string(track.kind)}}, {"track", track.id}});
  if (closed_) return reject(closed_error());
  auto sender = transceivers_.add_track(track, std::move(streams));
  if (!sender) return sender;
  ++revision_;
  update_negotiation_needed();
  feed_sources();
  pump(now);
  return sender;
}

Outcome<void> PeerConnection::Impl::remove_track(Instant now, TransceiverId sender) {
  now_ = now;
  trace_call("removeTrack", {{"transceiver", std::uint64_t{sender.value()}}});
  if (closed_) return reject(closed_error());
  if (!transceivers_.ever_had(sender)) return reject(no_such_transceiver());
  auto* const transceiver = transceivers_.find(sender);
  if (transceiver == nullptr || !transceivers_.remove_track(*transceiver)) return {};
  ++revision_;
  update_negotiation_needed();
  feed_sources();
  pump(now);
  return {};
}

Outcome<void> PeerConnection::Impl::set_direction(Instant now, TransceiverId id,
                                                  Direction direction) {
  now_ = now;
  trace_call("RTCRtpTransceiver.direction", {{"transceiver", std::uint64_t{id.value()}},
                                             {"direction", std::string{to_string(direction)}}});
  if (!transceivers_.ever_had(id)) return reject(no_such_transceiver());
  auto* const transceiver = transceivers_.find(id);
  if (transceiver == nullptr || transceiver->stopping)
    return reject(Error::invalid_state("the transceiver is stopped"));
  if (direction == transceiver->direction) return {};
  if (direction == Direction::Stopped)
    return reject(Error::type_error("\"stopped\" cannot be set; call stop()"));
  transceiver->direction = direction;
  ++revision_;
  update_negotiation_needed();
  return {};
}

Outcome<void> PeerConnection::Impl::stop(Instant now, TransceiverId id) {
  now_ = now;
  trace_call("RTCRtpTransceiver.stop", {{"transceiver", std::uint64_t{id.value()}}});
  if (closed_) return reject(closed_error());
  if (!transceivers_.ever_had(id)) return reject(no_such_transceiver());
  auto* const transceiver = transceivers_.find(id);
  TrackChanges changes;
  if (transceiver == nullptr || !transceivers_.stop_sending_and_receiving(*transceiver, changes))
    return {};
  tell(changes);
  ++revision_;
  update_negotiation_needed();
  // §5.4, stop sending and receiving: at once, whatever becomes of the negotiation.
  if (remote_session_) configure_media();
  pump(now);
  return {};
}

Outcome<void> PeerConnection::Impl::set_streams(Instant now, TransceiverId sender,
                                                std::vector<std::string> streams) {
  now_ = now;
  trace_call("setStreams", {{"transceiver", std::uint64_t{sender.value()}}});
  if (closed_) return reject(closed_error());
  auto* const transceiver = transceivers_.find(sender);
  if (transceiver == nullptr) return reject(no_such_transceiver());
  transceiver->streams.clear();
  for (auto& stream : streams) {
    if (std::ranges::find(transceiver->streams, stream) == transceiver->streams.end())
      transceiver->streams.push_back(std::move(stream));
  }
  ++revision_;
  update_negotiation_needed();
  return {};
}

Outcome<void> PeerConnection::Impl::set_codec_preferences(Instant now, TransceiverId id,
                                                          std::vector<Codec> codecs) {
  now_ = now;
  trace_call("setCodecPreferences", {{"transceiver", std::uint64_t{id.value()}}});
  auto* const transceiver = transceivers_.find(id);
  if (transceiver == nullptr) return reject(no_such_transceiver());
  std::vector<Codec> unique;
  for (auto& codec : codecs) {
    if (std::ranges::none_of(unique, [&](const Codec& each) { return matches(each, codec); }))
      unique.push_back(std::move(codec));
  }
  const auto known = configuration_.capabilities(transceiver->kind).codecs;
  for (const auto& codec : unique) {
    if (std::ranges::none_of(known, [&](const Codec& each) { return matches(each, codec); }))
      return reject(Error::invalid_modification("this connection has no codec " + codec.name));
  }
  if (!unique.empty() && std::ranges::all_of(unique, is_auxiliary))
    return reject(Error::invalid_modification("nothing that carries media is among the codecs"));
  transceiver->codec_preferences = std::move(unique);
  ++revision_;
  return {};
}

// --- what descriptions change ---

void PeerConnection::Impl::tell(const TrackChanges& changes) {
  for (const auto& each : changes.removed) emit(StreamTrackRemoved{each.stream, each.track});
  for (const auto& each : changes.added) emit(StreamTrackAdded{each.stream, each.track});
  for (const auto id : changes.tracks) {
    if (const auto* const each = transceivers_.find(id))
      emit(TrackEvent{id, each->kind, each->remote_track, each->remote_streams});
  }
  for (const auto& [id, track] : changes.ended) emit(TrackEnded{id, track});
}

// §4.4.1.5, the steps of a local answer.
void PeerConnection::Impl::update_local_tracks(SdpType type, TrackChanges& changes) {
  if (type == SdpType::Offer) return;
  for (const auto& section : plan_) {
    auto* const transceiver =
        section.transceiver ? transceivers_.find(*section.transceiver) : nullptr;
    if (transceiver == nullptr || transceiver->stopped || !section.media) continue;
    const auto direction = to_direction(section.media->direction);
    if (!receives(direction) && transceiver->fired_direction &&
        receives(*transceiver->fired_direction)) {
      for (const auto& stream : std::exchange(transceiver->remote_streams, {}))
        changes.removed.push_back({stream, transceiver->remote_track});
    }
    Transceivers::set_current_direction(*transceiver, direction);
    transceiver->fired_direction = direction;
  }
}

// §4.4.1.5: an offer to receive simulcast from a sender that has one encoding without a rid gives
// it the offered ones.
void PeerConnection::Impl::propose_encodings(Transceiver& transceiver,
                                             const MediaSection& offered) const {
  if (!offered.simulcast || offered.simulcast->recv.empty()) return;
  if (transceiver.encodings.size() != 1 || !transceiver.encodings.front().rid.empty()) return;
  std::vector<Encoding> proposed;
  for (const auto& stream : offered.simulcast->recv) {
    if (stream.empty()) continue;
    const auto& rid = stream.front().rid;
    const bool known =
        std::ranges::any_of(proposed, [&](const auto& each) { return each.rid == rid; });
    if (!known) proposed.push_back({.rid = rid, .active = transceiver.encodings.front().active});
  }
  // A single one would lose its rid, and with it the simulcast that was asked for.
  if (proposed.size() < 2) return;
  if (auto encodings = checked_encodings(transceiver.kind, std::move(proposed)))
    transceiver.encodings = std::move(*encodings);
}

}  // namespace rtclab::peer
