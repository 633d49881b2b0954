#include "agents/media/audio_buffer.h"

#include <algorithm>

namespace rtclab::media {
namespace {

// A leap of the timestamp of more than this is silence or another start, not a longer frame (RFC
// 7587 §3.1.2: 120 ms at most).
constexpr Duration kLongestFrame = std::chrono::milliseconds{120};
constexpr Duration kShortestFrame = std::chrono::microseconds{2500};
// What is due is told at the next packet; only a stream that has ended needs a wakeup.
constexpr Duration kLaziness = std::chrono::milliseconds{200};

}  // namespace

AudioBuffer::AudioBuffer(std::uint32_t clock_rate, const PlayoutLimits& limits)
    : timeline_{clock_rate}, delay_{limits} {}

bool AudioBuffer::insert(Instant now, const BufferedPacket& packet, FateSink& sink) {
  const auto sequence = packet.sequence;
  if (!next_) next_ = highest_ = sequence;
  // Before anything was played, an earlier packet may still be the first.
  if (sequence < *next_ && !played_to_ && *next_ - sequence < kSlots / 2) next_ = sequence;
  if (sequence < *next_) {
    const bool played = is(sequence, State::Played);
    sink.packet(sequence, played ? PacketFate::Duplicate : PacketFate::Late);
    return false;
  }
  if (is(sequence, State::Waiting)) {
    sink.packet(sequence, PacketFate::Duplicate);
    return false;
  }
  if (sequence >= *next_ + kSlots) give_up(sequence - kSlots + 1, sink);
  highest_ = std::max(highest_, sequence);
  const auto media_time = timeline_.at(packet.timestamp);
  delay_.note(now, media_time);
  if (packet.arrival == Arrival::Repair) sink.packet(sequence, PacketFate::Repaired);
  slot(sequence) = {.sequence = sequence,
                    .state = State::Waiting,
                    .repaired = packet.arrival == Arrival::Repair,
                    .timestamp = packet.timestamp,
                    .media_time = media_time,
                    .arrival = now};
  return true;
}

std::optional<rtp::LongSequenceNumber> AudioBuffer::first_waiting() const {
  if (!next_) return std::nullopt;
  for (auto sequence = *next_; sequence <= highest_; ++sequence)
    if (is(sequence, State::Waiting)) return sequence;
  return std::nullopt;
}

void AudioBuffer::drain(Instant now, FateSink& sink) {
  while (const auto first = first_waiting()) {
    auto& waiting = slot(*first);
    const auto at = std::max({delay_.due(waiting.media_time), latest_play_, waiting.arrival});
    if (at > now) return;
    give_up(*first, sink);
    play(waiting, at, sink);
    next_ = *first + 1;
  }
}

// Everything before `end` that did not come is lost.
void AudioBuffer::give_up(rtp::LongSequenceNumber end, FateSink& sink) {
  for (; *next_ < end; ++*next_) {
    auto& old = slot(*next_);
    if (is(*next_, State::Waiting)) {
      play(old, std::max(latest_play_, old.arrival), sink);
      continue;
    }
    old = {.sequence = *next_, .state = State::Lost};
    sink.packet(*next_, PacketFate::Lost);
    if (played_to_) *played_to_ += frame_;
    sink.frame({.fate = Fate::Lost, .length = frame_});
  }
}

void AudioBuffer::play(Slot& slot, Instant at, FateSink& sink) {
  if (played_to_ && slot.media_time > *played_to_ - frame_) {
    const auto step = slot.media_time - (*played_to_ - frame_);
    if (step >= kShortestFrame && step <= kLongestFrame) frame_ = step;
  }
  slot.state = State::Played;
  latest_play_ = at;
  played_to_ = slot.media_time + frame_;
  sink.frame({.timestamp = slot.timestamp,
              .fate = Fate::Shown,
              .key = true,
              .packets = 1,
              .repaired = static_cast<std::uint16_t>(slot.repaired ? 1 : 0),
              .first_arrival = slot.arrival,
              .shown = at,
              .length = frame_});
}

std::optional<Instant> AudioBuffer::next_wakeup() const {
  const auto first = first_waiting();
  if (!first) return std::nullopt;
  return std::max(delay_.due(slot(*first).media_time), latest_play_) + kLaziness;
}

}  // namespace rtclab::media
