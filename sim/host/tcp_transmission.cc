// The sending half of tcp::Connection: which segment goes next, and which goes again.
#include "sim/host/tcp_connection.h"

#include <algorithm>
#include <utility>

namespace rtclab::tcp {

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

// --- again ---

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

}  // namespace rtclab::tcp
