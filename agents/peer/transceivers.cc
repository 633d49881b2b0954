#include "agents/peer/transceivers.h"

#include "agents/peer/uuid.h"

#include <algorithm>
#include <utility>

namespace rtclab::peer {
namespace {

std::vector<std::string> without_repetition(const std::vector<std::string>& streams) {
  std::vector<std::string> unique;
  for (const auto& stream : streams) {
    if (std::ranges::find(unique, stream) == unique.end()) unique.push_back(stream);
  }
  return unique;
}

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

}  // namespace

void Transceiver::note_receivable(const std::vector<Format>& formats) {
  for (const auto& format : formats) {
    if (std::ranges::find(receivable, format.type, &Format::type) == receivable.end())
      receivable.push_back(format);
  }
}

std::vector<std::string> Transceiver::rids() const {
  std::vector<std::string> rids;
  for (const auto& encoding : encodings) {
    if (!encoding.rid.empty()) rids.push_back(encoding.rid);
  }
  return rids;
}

MediaWishes Transceiver::wishes() const {
  return {.kind = kind,
          .direction = to_sdp(direction),
          .streams = streams,
          .codec_preferences = codec_preferences,
          .rids = rids(),
          .source = source};
}

TransceiverInfo Transceiver::info() const {
  return {.id = id,
          .kind = kind,
          .mid = mid,
          .direction = shown_direction(),
          .current_direction = stopped ? Direction::Stopped : current_direction,
          .sender = {track ? std::optional{track->id} : std::nullopt, streams, encodings},
          .receiver = {remote_track, remote_streams, muted, ended}};
}

Error no_such_transceiver() {
  return Error::invalid_access("this connection has no such transceiver");
}

Transceiver* Transceivers::find(TransceiverId id) {
  const auto found = std::ranges::find(all_, id, &Transceiver::id);
  return found == all_.end() ? nullptr : &*found;
}

const Transceiver* Transceivers::find(TransceiverId id) const {
  const auto found = std::ranges::find(all_, id, &Transceiver::id);
  return found == all_.end() ? nullptr : &*found;
}

Transceiver* Transceivers::in_section(std::size_t section) {
  const auto found = std::ranges::find(all_, std::optional{section}, &Transceiver::section);
  return found == all_.end() ? nullptr : &*found;
}

Transceiver& Transceivers::create(MediaKind kind, Direction direction) {
  all_.push_back({.id = TransceiverId{next_++}, .kind = kind, .direction = direction});
  all_.back().remote_track = draw_uuid(*rng_);
  return all_.back();
}

// --- the application ---

Outcome<TransceiverId> Transceivers::add(MediaKind kind, std::optional<MediaTrack> track,
                                         TransceiverInit init) {
  // The enumeration has "stopped", but a transceiver cannot begin with it.
  if (init.direction == Direction::Stopped)
    return reject(Error::type_error("a transceiver cannot begin as \"stopped\""));
  auto encodings = checked_encodings(kind, std::move(init.send_encodings));
  if (!encodings) return reject(std::move(encodings.error()));
  auto& transceiver = create(kind, init.direction);
  transceiver.streams = without_repetition(init.streams);
  transceiver.encodings = std::move(*encodings);
  if (track) transceiver.set_track(std::move(track));
  return transceiver.id;
}

Outcome<TransceiverId> Transceivers::add_track(const MediaTrack& track,
                                               std::vector<std::string> streams) {
  for (const auto& each : all_) {
    if (!each.stopped && each.track && each.track->id == track.id)
      return reject(Error::invalid_access("a sender has this track already"));
  }
  const auto reusable = std::ranges::find_if(all_, [&](const Transceiver& each) {
    return !each.track && each.kind == track.kind && !each.stopping && !each.has_sent;
  });
  if (reusable == all_.end()) {
    auto& transceiver = create(track.kind, Direction::SendRecv);
    transceiver.encodings = *checked_encodings(track.kind, {});
    transceiver.set_track(track);
    transceiver.streams = without_repetition(streams);
    transceiver.added_by_track = true;
    return transceiver.id;
  }
  reusable->set_track(track);
  reusable->streams = without_repetition(streams);
  reusable->added_by_track = true;
  reusable->direction = make_direction(true, receives(reusable->direction));
  return reusable->id;
}

bool Transceivers::remove_track(Transceiver& transceiver) {
  if (transceiver.stopping || !transceiver.track) return false;
  transceiver.set_track(std::nullopt);
  transceiver.direction = make_direction(false, receives(transceiver.direction));
  return true;
}

bool Transceivers::stop_sending_and_receiving(Transceiver& transceiver, TrackChanges& changes) {
  if (transceiver.stopping) return false;
  transceiver.direction = Direction::Inactive;
  transceiver.stopping = true;
  transceiver.ended = true;
  changes.ended.emplace_back(transceiver.id, transceiver.remote_track);
  return true;
}

// --- descriptions ---

void Transceivers::save_stable() {
  for (auto& each : all_) {
    each.stable = {each.mid, each.section, each.remote_streams, each.encodings};
    each.made_by_offer = false;
  }
}

void Transceivers::rollback(bool of_remote_offer, TrackChanges& changes) {
  for (auto& each : all_) {
    const auto stable = each.stable.value_or(Transceiver::Stable{});
    each.mid = stable.mid;
    each.section = stable.section;
    // Encodings change under an offer only when it asked for simulcast of a sender that had none.
    if (each.stable && each.encodings.size() != stable.encodings.size())
      each.encodings = stable.encodings;
    if (!of_remote_offer) continue;
    process_remote_tracks(each, each.current_direction.value_or(Direction::Inactive),
                          stable.remote_streams, changes);
    // An answer is what makes a direction current; without one nothing was ever fired.
    if (!each.current_direction) each.fired_direction.reset();
    // RFC 9429 §5.7: unless a track was attached by addTrack, it goes as it came.
    if (each.made_by_offer && !each.added_by_track) stop(each, changes);
  }
  std::erase_if(all_, [](const Transceiver& each) { return each.made_by_offer && each.stopped; });
}

Transceiver& Transceivers::associate_remote(std::size_t section, const std::string& mid,
                                            MediaKind kind, bool peer_receives) {
  if (auto* const known = in_section(section)) {
    if (known->mid == mid) return *known;
    // The section is recycled.
    known->mid.reset();
    known->section.reset();
  }
  auto found = all_.end();
  if (peer_receives) {
    found = std::ranges::find_if(all_, [&](const Transceiver& each) {
      return each.added_by_track && each.kind == kind && !each.mid && !each.stopping;
    });
  }
  if (found == all_.end()) {
    create(kind, Direction::RecvOnly);
    found = std::prev(all_.end());
    found->encodings = *checked_encodings(kind, {});
    found->made_by_offer = true;
  }
  found->mid = mid;
  found->section = section;
  return *found;
}

void Transceivers::process_remote_tracks(Transceiver& transceiver, Direction direction,
                                         const std::vector<std::string>& msids,
                                         TrackChanges& changes) {
  const auto streams = without_repetition(msids);
  bool joined = false;
  for (const auto& stream : transceiver.remote_streams) {
    if (!has(streams, stream)) changes.removed.push_back({stream, transceiver.remote_track});
  }
  for (const auto& stream : streams) {
    if (has(transceiver.remote_streams, stream)) continue;
    changes.added.push_back({stream, transceiver.remote_track});
    joined = true;
  }
  transceiver.remote_streams = streams;
  const bool fired = transceiver.fired_direction && receives(*transceiver.fired_direction);
  if ((receives(direction) && !fired) || joined) changes.tracks.push_back(transceiver.id);
  transceiver.fired_direction = direction;
}

void Transceivers::set_current_direction(Transceiver& transceiver, Direction direction) {
  transceiver.current_direction = direction;
  if (sends(direction)) transceiver.has_sent = true;
}

void Transceivers::stop(Transceiver& transceiver, TrackChanges& changes) {
  stop_sending_and_receiving(transceiver, changes);
  transceiver.stopped = true;
  transceiver.current_direction.reset();
  transceiver.remote_streams.clear();
  if (transceiver.stable) transceiver.stable->remote_streams.clear();
}

void Transceivers::remove(TransceiverId id) {
  std::erase_if(all_, [&](const Transceiver& each) { return each.id == id; });
}

}  // namespace rtclab::peer
