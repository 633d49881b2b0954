#include "sim/host/tcp_connection.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::tcp {
namespace {

// RFC 9293 §3.7.1: what a peer takes that sends no MSS option over IPv4.
constexpr std::uint16_t kDefaultMss = 536;

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
  mss_ = std::min<std::uint32_t>(options_.mss,
                                 std::max<std::uint16_t>(segment.mss.value_or(kDefaultMss), 64));
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

// RFC 6298 §5.4 to §5.7.
void Connection::retransmit() {
  const bool is_opening = una_ == iss_;
  if (now_ - progress_ >= (is_opening ? options_.syn_patience : options_.patience)) {
    return is_opening ? end("timed out") : reset("timed out");
  }
  timing_.reset();
  rto_.back_off();
  ++expiries_;
  if (is_opening) {
    syn_due_ = true;
    return;
  }
  congestion_.timed_out(una_, max_,
                        expiries_ == 1 ? Congestion::Expiry::First : Congestion::Expiry::Repeated);
  nxt_ = una_;  // everything after it goes again too, as acknowledgments allow
  retransmission_due_ = true;
}

// RFC 9293 §3.8.6.1: one octet into a closed window, so that a lost update does not stop us for
// ever.
void Connection::probe() {
  if (!is_waiting_for_window()) return;
  if (now_ - heard_ >= options_.patience) return reset("timed out");
  probe_due_ = true;
}

void Connection::arm_probe() {
  auto& at = deadline(Deadline::Probe);
  if (!is_waiting_for_window()) {
    at.reset();
    probes_ = 0;
  } else if (!at) {
    at = now_ + std::min(rto_.value() * (1 << std::min(probes_, 6u)), options_.rto.highest);
  }
}

// Nothing is on its way that would bring an acknowledgment, and what waits does not go out.
bool Connection::is_waiting_for_window() const {
  return is_open_for_sending() && nxt_ == una_ && unsent() != 0 && sendable() == 0 &&
         !deadlines_[static_cast<std::size_t>(Deadline::Retransmit)];
}

std::optional<Wakeup> Connection::next_wakeup() const {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Deadline::kCount)>
      kReasons{"tcp: retransmission", "tcp: window probe", "tcp: delayed acknowledgment",
               "tcp: TIME-WAIT"};
  std::optional<Wakeup> earliest;
  for (std::size_t i = 0; i < deadlines_.size(); ++i) {
    if (deadlines_[i]) earliest = Wakeup::earliest(earliest, Wakeup{*deadlines_[i], kReasons[i]});
  }
  return earliest;
}

// --- segments out ---

std::optional<Segment> Connection::poll_segment() {
  if (reset_due_) return std::exchange(reset_due_, std::nullopt);
  if (state_ == State::Closed) return std::nullopt;
  if (std::exchange(syn_due_, false)) return make_syn();
  if (state_ == State::SynSent) return std::nullopt;
  if (state_ == State::SynReceived) {
    // Until the peer has acknowledged our SYN, an acknowledgment is a SYN,ACK.
    return std::exchange(ack_due_, false) ? std::optional{make_syn()} : std::nullopt;
  }
  if (std::exchange(retransmission_due_, false) && max_ > una_) {
    timing_.reset();  // Karn's algorithm
    return make_data(una_, std::min(mss_, octets_between(una_, max_)));
  }
  if (std::exchange(probe_due_, false) && is_waiting_for_window()) return make_probe();
  if (const auto octets = sendable(); octets != 0) return make_data(nxt_, octets);
  arm_probe();
  if (ack_due_) return make(next_to_send());
  return std::nullopt;
}

bool Connection::is_open_for_sending() const {
  switch (state_) {
    case State::Established:
    case State::CloseWait:
    case State::FinWait1:
    case State::Closing:
    case State::LastAck: return true;
    case State::SynSent:
    case State::SynReceived:
    case State::FinWait2:
    case State::TimeWait:
    case State::Closed: return false;
  }
  __builtin_unreachable();
}

// Both for the states in which data can be sent, so una is behind the SYN.
Sequence Connection::end_of_data() const {
  return una_ + static_cast<std::uint32_t>(outgoing_.size());
}

// Octets from nxt on, a FIN counted as one.
std::uint32_t Connection::unsent() const {
  return octets_between(nxt_, end_of_data() + (fin_queued_ ? 1 : 0));
}

// The number of a segment without data. After a timeout it is not nxt, which went back: the peer
// may have taken what was sent, and would find the number too old. An octet that only probed the
// window does not count: most likely it was refused.
Sequence Connection::next_to_send() const {
  return probes_ != 0 ? nxt_ : max_;
}

std::uint32_t Connection::sendable() const {
  if (!is_open_for_sending()) return 0;
  const auto waiting = unsent();
  const auto in_flight = octets_between(una_, nxt_);
  const auto window = std::min(window_, congestion_.window());
  if (waiting == 0 || window <= in_flight) return 0;
  const auto admitted = std::min({waiting, window - in_flight, mss_});
  // RFC 9293 §3.8.6.2.1: rather wait than cut a segment small because the window is.
  const bool is_worthwhile =
      admitted == waiting || admitted == mss_ || admitted >= largest_window_ / 2;
  return is_worthwhile ? admitted : 0;
}

Segment Connection::make(Sequence seq) {
  incoming_.advance_edge();
  ack_due_ = false;
  unacked_segments_ = 0;
  deadline(Deadline::DelayedAck).reset();
  Segment segment;
  segment.source = path_.local.port;
  segment.destination = path_.remote.port;
  segment.seq = seq;
  segment.ack_number = incoming_.next();
  segment.ack = true;
  segment.window = static_cast<std::uint16_t>(std::min(incoming_.window(), 0xffffu));
  return segment;
}

Segment Connection::make_reset(Sequence seq) {
  auto segment = make(seq);
  segment.rst = true;
  segment.ack = false;
  segment.window = 0;
  return segment;
}

Segment Connection::make_syn() {
  if (max_ > iss_) timing_.reset();  // Karn's algorithm
  auto segment = make(iss_);
  segment.syn = true;
  segment.ack = state_ != State::SynSent;
  segment.mss = options_.mss;
  if (!segment.ack) {
    segment.window = static_cast<std::uint16_t>(std::min(options_.receive_buffer, 0xffffu));
  }
  note_sent(iss_ + 1);
  return segment;
}

Segment Connection::make_data(Sequence seq, std::uint32_t octets) {
  const auto end = seq + octets;
  const auto offset = static_cast<std::ptrdiff_t>(octets_between(una_, seq));
  const auto data =
      std::min<std::ptrdiff_t>(octets, static_cast<std::ptrdiff_t>(outgoing_.size()) - offset);
  auto segment = make(seq);
  segment.payload.assign(outgoing_.begin() + offset, outgoing_.begin() + offset + data);
  segment.fin = fin_queued_ && end > end_of_data();
  segment.psh = !segment.payload.empty() && end >= end_of_data();
  note_sent(end);
  if (segment.fin && next(state_, Cause::FinSent)) move(Cause::FinSent);
  return segment;
}

Segment Connection::make_probe() {
  ++probes_;
  if (window_ != 0) return make_data(nxt_, std::min({window_, unsent(), mss_}));
  // If the octet is refused it is not on its way, and there is nothing to retransmit: nxt stays.
  auto segment = make_data(nxt_, 1);
  nxt_ = una_;
  timing_.reset();
  deadline(Deadline::Retransmit).reset();
  arm_probe();
  return segment;
}

void Connection::note_sent(Sequence end) {
  if (una_ == max_) progress_ = now_;  // the first that is outstanding
  if (end > max_) {
    if (!timing_) timing_ = Timing{end, now_};
    max_ = end;
  }
  if (end > nxt_) nxt_ = end;
  sent_ = now_;
  auto& at = deadline(Deadline::Retransmit);
  if (!at) at = now_ + rto_.value();  // RFC 6298 §5.1
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
