#include "agents/media/video_buffer.h"

#include "agents/media/abandoned_frames.h"

#include <algorithm>

namespace rtclab::media {

VideoBuffer::VideoBuffer(std::uint32_t clock_rate, const PlayoutLimits& limits, Duration patience)
    : timeline_{clock_rate}, delay_{limits}, patience_{patience}, slots_(kFewestSlots) {}

bool VideoBuffer::insert(Instant now, const BufferedPacket& packet, FateSink& sink) {
  const auto sequence = packet.sequence;
  if (!next_) {
    next_ = scan_ = highest_ = sequence;
    key_needed_since_ = now;
  }
  // Before the first frame, an earlier packet may still belong to it.
  if (sequence < *next_ && !assembled_any_ && *next_ - sequence < kFewestSlots / 2)
    next_ = scan_ = sequence;
  // Of parity that was overtaken nothing was waited for.
  if (sequence < *next_) return !packet.filler && refuse_old(sequence, sink);
  if (has(sequence)) {
    sink.packet(sequence, PacketFate::Duplicate);
    return false;
  }
  make_room(sequence, now, sink);
  highest_ = std::max(highest_, sequence);
  if (packet.arrival == Arrival::Repair) sink.packet(sequence, PacketFate::Repaired);
  slot(sequence) = {.packet = packet, .state = State::Waiting, .arrival = now};
  if (packet.start && packet.key) note_key_start(sequence);
  assemble(now, sink);
  return true;
}

// Where the latest key frame begins: of several beginnings of one time, H.264's parameter sets
// before the picture, the first.
void VideoBuffer::note_key_start(rtp::LongSequenceNumber sequence) {
  const bool same_frame = key_start_ && slot(*key_start_).packet.sequence == *key_start_ &&
                          slot(*key_start_).packet.timestamp == slot(sequence).packet.timestamp;
  key_start_ =
      same_frame ? std::min(*key_start_, sequence) : std::max(key_start_.value_or(0), sequence);
}

bool VideoBuffer::refuse_old(rtp::LongSequenceNumber sequence, FateSink& sink) {
  sink.packet(sequence, is(sequence, State::Done) ? PacketFate::Duplicate : PacketFate::Late);
  return false;
}

void VideoBuffer::make_room(rtp::LongSequenceNumber sequence, Instant now, FateSink& sink) {
  if (sequence - *next_ >= kMostSlots) {
    jump(sequence - kMostSlots / 2, sink);
    key_needed_since_ = now;
  }
  while (sequence - *next_ >= slots_.size()) {
    std::vector<Slot> larger(2 * slots_.size());
    for (const auto& old : slots_) {
      if (old.state != State::Empty) larger[old.packet.sequence & (larger.size() - 1)] = old;
    }
    slots_ = std::move(larger);
  }
}

void VideoBuffer::assemble(Instant now, FateSink& sink) {
  if (key_needed_since_ && key_start_ && *key_start_ >= *next_) jump(*key_start_, sink);
  if (key_needed_since_) return;
  const auto before = scan_;
  while (step(now) || bridge(sink)) {
  }
  if (scan_ != before || scan_ > highest_) hole_since_.reset();
  if (has_hole() && !hole_since_) hole_since_ = hole_noticed(now);
}

// When the first packet behind the hole came.
Instant VideoBuffer::hole_noticed(Instant now) const {
  for (auto sequence = scan_; sequence <= highest_; ++sequence)
    if (has(sequence)) return slot(sequence).arrival;
  return now;
}

// Takes the packet at scan_ up; false: it is not there, or no frame can begin with it.
bool VideoBuffer::step(Instant now) {
  if (scan_ > highest_ || !has(scan_)) return false;
  auto& current = slot(scan_);
  if (scan_ == *next_) {
    if (current.packet.filler) {
      current.state = State::Done;
      next_ = ++scan_;
      return true;
    }
    const bool needs_key =
        last_type_ && *last_type_ != current.packet.payload_type && !current.packet.key;
    // Not what its format says, or for a decoder that has no picture yet: nothing can be made of
    // it.
    if (!current.packet.start || needs_key) {
      key_needed_since_ = now;
      return false;
    }
  }
  if (ends_frame(scan_++)) complete(now);
  return true;
}

// Nothing of a picture was in the hole before scan_ when the picture behind it is the next one.
bool VideoBuffer::bridge(FateSink& sink) {
  if (key_needed_since_ || !last_picture_ || scan_ != *next_ || scan_ > highest_ || has(scan_))
    return false;
  auto behind = scan_;
  while (behind < highest_ && !has(behind)) ++behind;
  if (!has(behind)) return false;
  const auto& packet = slot(behind).packet;
  if (!packet.start || !packet.picture || !packet.picture->follows(*last_picture_)) return false;
  for (auto sequence = scan_; sequence < behind; ++sequence) {
    sink.packet(sequence, PacketFate::Lost);
    slot(sequence) = {.packet = {.sequence = sequence}, .state = State::Lost};
  }
  next_ = scan_ = behind;
  return true;
}

// By its marker, or because the next packet has another timestamp.
bool VideoBuffer::ends_frame(rtp::LongSequenceNumber sequence) const {
  const auto& last = slot(sequence).packet;
  if (last.marker) return true;
  if (sequence == highest_ || !has(sequence + 1)) return false;
  const auto& following = slot(sequence + 1).packet;
  return following.start && following.timestamp != last.timestamp;
}

// [next_, scan_) is a frame.
void VideoBuffer::complete(Instant now) {
  const auto& first = slot(*next_);
  FateSink::Frame frame{.timestamp = first.packet.timestamp, .first_arrival = first.arrival};
  for (auto sequence = *next_; sequence < scan_; ++sequence) {
    auto& part = slot(sequence);
    part.state = State::Done;
    ++frame.packets;
    if (part.packet.arrival == Arrival::Repair) ++frame.repaired;
    frame.first_arrival = std::min(frame.first_arrival, part.arrival);
    frame.key |= part.packet.start && part.packet.key;
    if (part.packet.width == 0) continue;
    frame.width = part.packet.width;
    frame.height = part.packet.height;
  }
  // What it was due at was settled before it came: its own delay moves only those after it.
  const auto media_time = timeline_.at(frame.timestamp);
  const auto due = delay_.started() ? delay_.due(media_time) : now;
  delay_.note(now, media_time);
  frame.fate = now <= due ? Fate::Shown : Fate::ShownLate;
  latest_show_ = std::max({now, due, latest_show_});
  frame.shown = latest_show_;
  ready_.push({.frame = frame, .show_at = latest_show_});
  assembled_any_ = true;
  last_picture_ = first.packet.picture;
  last_type_ = first.packet.payload_type;
  next_ = scan_;
}

// When the key frame behind the hole is due; nullopt when there is none that is complete.
std::optional<Instant> VideoBuffer::key_due() const {
  if (!has_hole() || !key_start_ || *key_start_ <= *next_) return std::nullopt;
  for (auto sequence = *key_start_; sequence <= highest_ && has(sequence); ++sequence) {
    if (!ends_frame(sequence)) continue;
    auto timeline = timeline_;
    return delay_.started() ? delay_.due(timeline.at(slot(*key_start_).packet.timestamp))
                            : Instant{};
  }
  return std::nullopt;
}

void VideoBuffer::drain(Instant now, FateSink& sink) {
  // Behind a hole that is given up may stand the next one, as old as the first.
  do {
    while (!ready_.empty() && ready_.front().show_at <= now) sink.frame(ready_.pop().frame);
  } while (leave_hole(now, sink));
}

bool VideoBuffer::leave_hole(Instant now, FateSink& sink) {
  if (const auto due = key_due(); due && *due <= now) {
    jump(*key_start_, sink);
    assemble(now, sink);
    return true;
  }
  if (!hole_since_ || now < *hole_since_ + patience_) return false;
  hole_since_.reset();
  key_needed_since_ = now;
  // A key frame that has the hole in it, or before which there is none, does not help.
  if (key_start_ && *key_start_ <= scan_) key_start_.reset();
  assemble(now, sink);
  return true;
}

std::optional<Instant> VideoBuffer::next_wakeup() const {
  std::optional<Instant> wakeup;
  const auto consider = [&wakeup](Instant at) { wakeup = std::min(wakeup.value_or(at), at); };
  if (!ready_.empty()) consider(ready_.front().show_at);
  if (hole_since_) consider(*hole_since_ + patience_);
  if (const auto due = key_due()) consider(*due);
  return wakeup;
}

// Goes on at `to`; what is before it is left behind.
void VideoBuffer::jump(rtp::LongSequenceNumber to, FateSink& sink) {
  abandon(to, sink);
  next_ = scan_ = to;
  highest_ = std::max(highest_, to);
  key_needed_since_.reset();
  hole_since_.reset();
}

void VideoBuffer::abandon(rtp::LongSequenceNumber end, FateSink& sink) {
  AbandonedFrames frames{sink};
  for (auto sequence = *next_; sequence < end; ++sequence) {
    auto& old = slot(sequence);
    if (has(sequence)) {
      frames.add(old.packet, old.arrival);
      old.state = State::Done;
      continue;
    }
    frames.miss(sequence);
    old = {.packet = {.sequence = sequence}, .state = State::Lost};
  }
  frames.end();
}

}  // namespace rtclab::media
