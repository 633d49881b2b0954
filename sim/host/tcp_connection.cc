#include "sim/host/tcp_connection.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::tcp {
namespace {

// RFC 9293 §3.7.1: what a peer takes that sends no MSS option.
std::uint16_t default_mss(const Path& path) {
  return path.local.ip.is_v4() ? 536 : 1220;
}

}  // namespace

Connection::Connection(const Path& path, const Options& options, Sequence first)
    : path_{path},
      options_{options},
      iss_{first},
      una_{first},
      nxt_{first},
      max_{first},
      mss_{options.mss},
      rto_{options.rto},
      congestion_{options.mss, first},
      incoming_{options.receive_buffer, options.mss} {}

// --- calls of the program ---

void Connection::open(Instant now) {
  now_ = progress_ = heard_ = now;
  syn_due_ = true;
}

void Connection::accept(Instant now, const Segment& syn) {
  now_ = progress_ = heard_ = now;
  take_syn(syn);
  move(Cause::SynReceived);
  syn_due_ = true;
}

void Connection::send(Instant now, ByteView data) {
  now_ = now;
  if (fin_queued_ || state_ == State::Closed) return;
  // RFC 5681 §4.1: after a pause the window says nothing about the path any more.
  if (max_ == una_ && outgoing_.empty() && now - sent_ > rto_.value()) congestion_.idle();
  outgoing_.insert(outgoing_.end(), data.begin(), data.end());
}

Bytes Connection::read(Instant now, std::size_t most) {
  now_ = now;
  auto octets = incoming_.read(most);
  if (incoming_.readable() == 0) readable_told_ = false;
  if (incoming_.owes_update() && next(state_, Cause::FinReceived)) ack_due_ = true;
  return octets;
}

void Connection::close(Instant now) {
  now_ = now;
  // RFC 9293 §3.10.4: before any SYN was answered there is nothing to finish.
  if (state_ == State::SynSent) return end("closed before it was connected");
  fin_queued_ = true;
}

void Connection::abort(Instant now) {
  now_ = now;
  if (state_ == State::Closed) return;
  // RFC 9293 §3.10.5: in the last states, and before the peer knows of us, there is nobody to tell.
  if (state_ == State::SynSent || state_ == State::TimeWait) return end("aborted");
  reset("aborted");
}

// --- segments in: RFC 9293 §3.10.7 ---

void Connection::handle_segment(Instant now, const Segment& segment) {
  now_ = now;
  if (state_ == State::Closed) return;
  heard_ = now;
  if (state_ == State::SynSent) {
    handle_in_syn_sent(segment);
  } else {
    handle_synchronized(segment);
  }
  if (state_ != State::Closed) arm_probe();
  assert(is_consistent());
}

// RFC 9293 §3.10.7.3.
void Connection::handle_in_syn_sent(const Segment& segment) {
  if (segment.ack && (segment.ack_number <= iss_ || segment.ack_number > max_)) {
    // An old connection's: the peer must not believe in it. Ours goes on.
    if (!segment.rst) reset_due_ = make_reset(segment.ack_number);
    return;
  }
  if (segment.rst) {
    if (segment.ack) end("connection refused");
    return;
  }
  if (!segment.syn) return;
  take_syn(segment);
  if (segment.ack) {
    acknowledged(segment.ack_number);
    ack_due_ = true;
    move(Cause::SynAcknowledged);
  } else {
    // Both sides opened at once: our SYN goes again, with an acknowledgment of theirs (figure 7).
    move(Cause::SynReceived);
    nxt_ = iss_;
    syn_due_ = true;
  }
}

void Connection::take_syn(const Segment& segment) {
  irs_ = segment.seq;
  incoming_.start(segment.seq + 1);
  mss_ = std::min<std::uint32_t>(
      options_.mss, std::max<std::uint16_t>(segment.mss.value_or(default_mss(path_)), 64));
  congestion_ = Congestion{mss_, iss_};
  // Not under take_window()'s guard: there is no earlier window to be older than.
  window_ = largest_window_ = segment.window;
  window_seq_ = segment.seq;
  window_ack_ = segment.ack ? segment.ack_number : iss_;
}

void Connection::handle_synchronized(Segment segment) {
  if (state_ == State::SynReceived && segment.syn && segment.seq == irs_) {
    if (!segment.ack) {  // the peer has not seen our SYN,ACK
      syn_due_ = !segment.rst;
      return;
    }
    // The other half of a simultaneous open. By the letter of §3.10.7.4 this SYN lies before the
    // window; figure 7 lets it establish the connection all the same, so it counts without its SYN.
    segment.syn = false;
    segment.seq = segment.seq + 1;
  }
  if (!is_acceptable(segment)) {
    if (segment.rst) return;
    ack_due_ = true;
    // The last thing that can come is the peer's FIN once more: our answer was lost (§3.10.7.4).
    if (state_ == State::TimeWait && segment.fin) {
      deadline(Deadline::TimeWait) = now_ + options_.time_wait;
    }
    return;
  }
  if (segment.rst) return take_reset(segment);
  if (segment.syn) {
    ack_due_ = true;  // RFC 9293 §3.10.7.4, fourth: a challenge; an honest peer answers with RST
    return;
  }
  if (!segment.ack || !take_acknowledgment(segment)) return;
  take_payload(segment);
  take_fin();
}

// RFC 9293 §3.4, table 5: whether any of it lies in the window.
bool Connection::is_acceptable(const Segment& segment) const {
  const auto next = incoming_.next();
  const auto window = incoming_.window();
  const auto in_window = [&](Sequence seq) { return seq >= next && seq < next + window; };
  const auto length = segment.length();
  if (length == 0) return window == 0 ? segment.seq == next : in_window(segment.seq);
  if (window == 0) return false;
  return in_window(segment.seq) || in_window(segment.seq + (length - 1)) ||
         (segment.seq < next && segment.seq + length > next + window);
}

void Connection::take_reset(const Segment& segment) {
  // RFC 9293 §3.10.7.4, second (RFC 5961 §3): only the exact number resets; others get a challenge.
  if (segment.seq != incoming_.next()) {
    ack_due_ = true;
    return;
  }
  switch (state_) {
    case State::SynReceived: return end("connection refused");
    case State::Closing:
    case State::LastAck:
    case State::TimeWait: return end("closed");
    case State::SynSent:
    case State::Established:
    case State::FinWait1:
    case State::FinWait2:
    case State::CloseWait: return end("reset by the peer");
    case State::Closed: return;
  }
}

// Whether the segment is to be read on.
bool Connection::take_acknowledgment(const Segment& segment) {
  const auto ack = segment.ack_number;
  if (state_ == State::SynReceived) {
    if (ack <= una_ || ack > max_) {
      reset_due_ = make_reset(ack);
      return false;
    }
    window_ack_ = una_;
    window_seq_ = segment.seq;
    move(Cause::SynAcknowledged);
  }
  if (ack > max_) {  // it acknowledges what we never sent
    ack_due_ = true;
    return false;
  }
  if (ack > una_) {
    acknowledged(ack);
  } else if (is_duplicate(segment) && congestion_.duplicate(una_, max_)) {
    retransmission_due_ = true;
  }
  take_window(segment);
  // In the states that this ends, our FIN was the last that we sent.
  if (una_ == max_ && next(state_, Cause::FinAcknowledged)) move(Cause::FinAcknowledged);
  return state_ != State::Closed;
}

// RFC 5681 §2: five conditions, so that window updates and data do not count.
bool Connection::is_duplicate(const Segment& segment) const {
  return nxt_ > una_ && segment.payload.empty() && !segment.fin && segment.ack_number == una_ &&
         segment.window == window_;
}

void Connection::acknowledged(Sequence ack) {
  auto octets = octets_between(una_, ack);
  if (una_ == iss_) {
    octets -= 1;  // the SYN
    if (expiries_ != 0) rto_.distrust();
  }
  const auto data = std::min<std::size_t>(octets, outgoing_.size());  // the rest is the FIN
  outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(data));
  una_ = ack;
  nxt_ = std::max(nxt_, una_, [](Sequence a, Sequence b) { return a < b; });
  progress_ = now_;
  expiries_ = 0;
  if (timing_ && ack >= timing_->end) {
    rto_.sample(now_ - timing_->sent);
    timing_.reset();
  }
  // RFC 6298 §5.2 and §5.3.
  deadline(Deadline::Retransmit) = una_ == max_ ? std::nullopt : std::optional{now_ + rto_.value()};
  if (octets != 0 && congestion_.acknowledged(una_, octets)) retransmission_due_ = true;
}

void Connection::take_window(const Segment& segment) {
  // RFC 9293 §3.10.7.4, fifth: an older segment must not set the window.
  const bool is_newer = window_seq_ < segment.seq ||
                        (window_seq_ == segment.seq && window_ack_ <= segment.ack_number);
  if (segment.ack_number < una_ || !is_newer) return;
  window_ = segment.window;
  largest_window_ = std::max(largest_window_, window_);
  window_seq_ = segment.seq;
  window_ack_ = segment.ack_number;
}

void Connection::take_payload(const Segment& segment) {
  if (segment.length() == 0) return;
  if (fin_at_ && incoming_.next() > *fin_at_) {  // nothing can follow a FIN
    ack_due_ = true;
    return;
  }
  const auto end = segment.seq + static_cast<std::uint32_t>(segment.payload.size());
  if (segment.fin && octets_between(incoming_.next(), end) < incoming_.window()) fin_at_ = end;
  const bool had_gap = incoming_.has_gap();
  const bool moved = incoming_.insert(segment.seq, segment.payload);
  // RFC 5681 §4.2: at once for what is out of order or closes a gap, and for every second segment.
  if (!options_.delayed_ack || !moved || had_gap || segment.fin || ++unacked_segments_ >= 2) {
    ack_due_ = true;
  } else if (!deadline(Deadline::DelayedAck)) {
    deadline(Deadline::DelayedAck) = now_ + *options_.delayed_ack;
  }
  if (incoming_.readable() != 0 && !std::exchange(readable_told_, true)) {
    events_.emplace_back(Readable{});
  }
}

void Connection::take_fin() {
  if (!fin_at_ || incoming_.next() != *fin_at_ || !next(state_, Cause::FinReceived)) return;
  incoming_.skip_fin();
  ack_due_ = true;
  events_.emplace_back(Finished{});
  move(Cause::FinReceived);
}

void Connection::handle_refusal(Instant now) {
  now_ = now;
  // RFC 5927 §4: once synchronized, nobody can forge an end to the connection by ICMP.
  if (state_ == State::SynSent) end("port unreachable");
}

void Connection::limit_mss(Instant now, std::uint16_t mss) {
  now_ = now;
  if (mss >= mss_) return;
  mss_ = mss;
  if (!is_open_for_sending() || max_ == una_) return;
  timing_.reset();  // Karn's algorithm
  nxt_ = una_;
}

// --- time ---

void Connection::handle_timeout(Instant now) {
  now_ = now;
  const auto is_due = [&](Deadline which) {
    auto& at = deadline(which);
    if (!at || *at > now) return false;
    at.reset();
    return true;
  };
  if (is_due(Deadline::TimeWait)) return move(Cause::Expired);
  if (is_due(Deadline::DelayedAck)) ack_due_ = true;
  if (is_due(Deadline::Retransmit)) retransmit();
  if (state_ != State::Closed && is_due(Deadline::Probe)) probe();
}

std::optional<Wakeup> Connection::next_wakeup() const {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Deadline::Count)> kReasons{
      "tcp: retransmission", "tcp: window probe", "tcp: delayed acknowledgment", "tcp: TIME-WAIT"};
  std::optional<Wakeup> earliest;
  for (std::size_t i = 0; i < deadlines_.size(); ++i) {
    if (deadlines_[i]) earliest = Wakeup::earliest(earliest, Wakeup{*deadlines_[i], kReasons[i]});
  }
  return earliest;
}

// --- ends ---

std::optional<ConnectionEvent> Connection::poll_event() {
  if (events_.empty()) return std::nullopt;
  const auto event = events_.front();
  events_.pop_front();
  return event;
}

void Connection::move(Cause cause) {
  const auto to = next(state_, cause);
  assert(to);
  state_ = *to;
  if (state_ == State::Established) {
    events_.emplace_back(Connected{});
  }
  if (state_ == State::TimeWait) {  // for the program it is over; we only wait for stragglers
    deadlines_ = {};
    deadline(Deadline::TimeWait) = now_ + options_.time_wait;
    tell_end("closed");
  }
  if (state_ == State::Closed) end("closed");
}

void Connection::tell_end(std::string_view why) {
  if (!std::exchange(end_told_, true)) events_.emplace_back(Ended{why});
}

void Connection::end(std::string_view why) {
  state_ = State::Closed;
  deadlines_ = {};
  outgoing_.clear();
  tell_end(why);
}

void Connection::reset(std::string_view why) {
  reset_due_ = make_reset(next_to_send());
  end(why);
}

bool Connection::is_consistent() const {
  if (una_ > nxt_ || nxt_ > max_) return false;
  const auto is_set = [](const auto& at) { return at.has_value(); };
  const bool is_timed = std::any_of(deadlines_.begin(), deadlines_.end(), is_set);
  switch (state_) {
    case State::SynSent:
    case State::SynReceived: return una_ == iss_;
    case State::Established: return una_ > iss_;
    case State::CloseWait: return fin_at_.has_value();
    case State::FinWait1: return fin_queued_;
    case State::FinWait2: return fin_queued_ && una_ == max_;
    case State::Closing:
    case State::LastAck: return fin_queued_ && fin_at_;
    case State::TimeWait: return fin_queued_ && fin_at_ && is_timed;
    case State::Closed: return !is_timed;
  }
  __builtin_unreachable();
}

}  // namespace rtclab::tcp
