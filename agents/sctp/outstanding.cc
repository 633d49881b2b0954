#include "agents/sctp/outstanding.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

namespace rtclab::sctp {
namespace {

// RFC 9260 §7.2.4: the third report acts.
constexpr std::uint8_t kMissingReports = 3;

}  // namespace

Outstanding::Sent Outstanding::send(Instant now, Fragment fragment) {
  const auto tsn = next_tsn();
  fragment.header.tsn = wrap(tsn);
  auto& item = items_.emplace_back();
  item.fragment = std::move(fragment);
  flight_ += size_of(item);
  payload_ += item.fragment.payload.size();
  if (!probe_) probe_ = Probe{tsn, now};
  return {item.fragment.header, item.fragment.payload};
}

std::optional<Outstanding::SackOutcome> Outstanding::handle_sack(Instant now, const SackChunk& sack,
                                                                 bool in_fast_recovery) {
  const auto cumulative = unwrap(sack.cumulative_tsn, cumulative_);
  if (cumulative < cumulative_ || cumulative >= next_tsn()) return std::nullopt;
  SackOutcome outcome;
  outcome.flight_before = flight_;
  advance(now, cumulative, outcome);
  if (!sack.gaps.empty() || gap_acked_ != 0) {
    const auto highest_newly = handle_gaps(now, sack, outcome);
    // HTNA: only chunks below the highest newly acknowledged one are reported missing. In fast
    // recovery an advance of the cumulative TSN reports all that the SACK leaves out.
    const auto highest_reported =
        sack.gaps.empty() ? cumulative_ : cumulative_ + sack.gaps.back().end;
    const bool all = in_fast_recovery && outcome.cumulative_advanced;
    count_missing(now, all ? std::min(highest_reported, next_tsn()) : highest_newly, outcome);
  }
  advance_forward_point();
  outcome.nothing_left = items_.empty();
  return outcome;
}

std::optional<Outstanding::SackOutcome> Outstanding::handle_cumulative(Instant now, Tsn tsn) {
  const auto cumulative = unwrap(tsn, cumulative_);
  if (cumulative < cumulative_ || cumulative >= next_tsn()) return std::nullopt;
  SackOutcome outcome;
  outcome.flight_before = flight_;
  advance(now, cumulative, outcome);
  advance_forward_point();
  outcome.nothing_left = items_.empty();
  return outcome;
}

void Outstanding::advance(Instant now, LongTsn tsn, SackOutcome& outcome) {
  outcome.cumulative_advanced = tsn > cumulative_;
  while (cumulative_ < tsn) {
    acknowledge(now, cumulative_ + 1, items_.front(), outcome);
    if (items_.front().place == Place::GapAcked) --gap_acked_;
    items_.pop_front();
    ++cumulative_;
  }
  forward_ = std::max(forward_, cumulative_);
}

void Outstanding::acknowledge(Instant now, LongTsn tsn, Item& item, SackOutcome& outcome) {
  if (item.place == Place::GapAcked || item.place == Place::Abandoned) return;
  outcome.bytes_acknowledged += size_of(item);
  if (probe_ && probe_->tsn == tsn) {
    outcome.round_trip = now - probe_->sent;
    probe_.reset();
  }
  move(item, Place::GapAcked);
}

// The highest TSN that a gap block acknowledges for the first time; the cumulative TSN when none
// does.
LongTsn Outstanding::handle_gaps(Instant now, const SackChunk& sack, SackOutcome& outcome) {
  auto highest_newly = cumulative_;
  auto gap = sack.gaps.begin();
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto offset = i + 1;
    while (gap != sack.gaps.end() && gap->end < offset) ++gap;
    const bool reported = gap != sack.gaps.end() && gap->start <= offset;
    auto& item = items_[i];
    if (reported && (item.place == Place::InFlight || item.place == Place::Lost)) {
      highest_newly = cumulative_ + offset;
      acknowledge(now, cumulative_ + offset, item, outcome);
    } else if (!reported && item.place == Place::GapAcked) {
      // RFC 9260 §6.2.1 iii: the peer took it back. One missing report, and it is in flight again.
      move(item, Place::InFlight);
      item.missing = 1;
      outcome.reneged = true;
    }
  }
  return highest_newly;
}

void Outstanding::count_missing(Instant now, LongTsn below, SackOutcome& outcome) {
  for (auto tsn = cumulative_ + 1; tsn < below; ++tsn) {
    auto& item = at(tsn);
    if (item.place != Place::InFlight || (item.fast_retransmitted && !fast_again_)) continue;
    if (++item.missing < kMissingReports) continue;
    item.missing = 0;
    item.fast_retransmitted = true;
    outcome.lost.push_back(tsn);
    lose(now, item);
  }
}

void Outstanding::lose(Instant now, Item& item) {
  if (!may_resend(now, item)) return abandon(item.fragment.message);
  move(item, Place::Lost);
}

bool Outstanding::may_resend(Instant now, const Item& item) const {
  if (abandoning_ == Abandoning::Forbidden) return true;
  const auto& fragment = item.fragment;
  if (fragment.expires_at && *fragment.expires_at <= now) return false;
  return !fragment.max_retransmissions || item.sends <= *fragment.max_retransmissions;
}

void Outstanding::mark_all_lost(Instant now) {
  for (auto& item : items_) {
    if (item.place != Place::InFlight) continue;
    // A timeout begins anew: the chunk may be retransmitted fast once more (RFC 9260 §7.2.4).
    item.missing = 0;
    item.fast_retransmitted = false;
    lose(now, item);
  }
  advance_forward_point();
}

std::optional<Outstanding::Resent> Outstanding::resend(Instant now, std::size_t room) {
  for (std::size_t i = 0; i < items_.size() && lost_ != 0; ++i) {
    auto& item = items_[i];
    if (item.place != Place::Lost) continue;
    // It may have waited for the window until its lifetime was over.
    if (!may_resend(now, item)) {
      abandon(item.fragment.message);
      continue;
    }
    if (size_of(item) > room) return std::nullopt;
    const auto tsn = cumulative_ + 1 + i;
    if (probe_ && probe_->tsn >= tsn) probe_.reset();
    ++item.sends;
    move(item, Place::InFlight);
    return Resent{{item.fragment.header, item.fragment.payload}, i == 0, item.fast_retransmitted};
  }
  return std::nullopt;
}

void Outstanding::move(Item& item, Place place) {
  if (item.place == place) return;
  if (item.place == Place::InFlight) {
    flight_ -= size_of(item);
    payload_ -= item.fragment.payload.size();
  }
  if (item.place == Place::Lost) --lost_;
  if (item.place == Place::GapAcked) --gap_acked_;
  item.place = place;
  if (place == Place::InFlight) {
    flight_ += size_of(item);
    payload_ += item.fragment.payload.size();
  }
  if (place == Place::Lost) ++lost_;
  if (place == Place::GapAcked) ++gap_acked_;
}

void Outstanding::abandon(MessageNumber message) {
  // The fragments of a message in DATA stand together, so the first miss after a hit ends the
  // search.
  bool found = false;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    auto& item = items_[i];
    if (item.fragment.message != message) {
      if (found && kind_ == DataKind::Data) break;
      continue;
    }
    found = true;
    if (probe_ && probe_->tsn == cumulative_ + 1 + i) probe_.reset();
    move(item, Place::Abandoned);
  }
  if (found) abandoned_.push_back(message);
  advance_forward_point();
}

void Outstanding::add_abandoned(Fragment rest) {
  rest.header.tsn = wrap(next_tsn());
  auto& item = items_.emplace_back();
  item.fragment = std::move(rest);
  item.place = Place::Abandoned;
  advance_forward_point();
}

std::vector<MessageNumber> Outstanding::take_abandoned() {
  return std::exchange(abandoned_, {});
}

void Outstanding::advance_forward_point() {
  forward_ = std::max(forward_, cumulative_);
  while (forward_ + 1 < next_tsn() && at(forward_ + 1).place == Place::Abandoned) ++forward_;
}

// RFC 3758 §3.5 C: a point that begins with an abandoned chunk. Each ordered stream is named once,
// with the highest SSN that is skipped; in I-FORWARD-TSN, with the highest MID, and unordered
// messages too.
std::optional<Outstanding::Forward> Outstanding::forward_tsn(std::size_t max_size) const {
  if (forward_ == cumulative_) return std::nullopt;
  const bool interleaved = kind_ == DataKind::IData;
  const std::size_t entry = interleaved ? 8 : 4;
  std::map<std::pair<StreamId, bool>, DataHeader> skipped;
  auto point = cumulative_;
  for (; point < forward_; ++point) {
    const auto& header = items_[point - cumulative_].fragment.header;
    if (header.unordered && !interleaved) continue;
    const std::pair key{header.stream, header.unordered};
    // As many streams as fit the packet; the rest follows once these are acknowledged.
    if (!skipped.contains(key) && 8 + entry * (skipped.size() + 1) > max_size) break;
    skipped.insert_or_assign(key, header);
  }
  if (interleaved) {
    IForwardTsnChunk chunk{.new_cumulative_tsn = wrap(point), .skipped = {}};
    for (const auto& [key, header] : skipped) {
      chunk.skipped.push_back({header.stream, header.unordered, header.mid});
    }
    return Forward{wrap(point), std::move(chunk)};
  }
  ForwardTsnChunk chunk{.new_cumulative_tsn = wrap(point), .skipped = {}};
  for (const auto& [key, header] : skipped) chunk.skipped.push_back({header.stream, header.ssn});
  return Forward{wrap(point), std::move(chunk)};
}

}  // namespace rtclab::sctp
