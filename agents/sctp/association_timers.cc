// RFC 9260 §6.3.3, §8, §9: what happens when time passes, and how it ends.
#include "agents/sctp/association_core.h"

#include <utility>

namespace rtclab::sctp {

void Association::Core::handle_timeout(Instant now) {
  if (timers_.expired(Timer::T1Init, now)) t1_init_expired(now);
  if (timers_.expired(Timer::T1Cookie, now)) t1_cookie_expired(now);
  if (timers_.expired(Timer::T2Shutdown, now)) t2_expired(now);
  if (timers_.expired(Timer::T3Retransmission, now)) t3_expired(now);
  if (timers_.expired(Timer::HeartbeatAnswer, now)) heartbeat_unanswered(now);
  if (timers_.expired(Timer::Heartbeat, now)) heartbeat_due(now);
  if (timers_.expired(Timer::StreamReset, now)) stream_reset_unanswered(now);
  if (timers_.expired(Timer::WindowProbe, now)) window_probe_due_ = true;
  if (timers_.expired(Timer::DelayedSack, now) && tcb_) tcb_->tracker.delay_over();
  if (timers_.expired(Timer::T5ShutdownGuard, now)) {
    abort_with(cause(CauseCode::UserInitiatedAbort, to_octets("shutdown takes too long")),
               CloseCause::LocalAbort, "T5-shutdown-guard");
  }
  flush(now);
  assert(is_consistent());
}

void Association::Core::t1_init_expired(Instant now) {
  if (handshake_sends_ > options_.max_init_retransmits) {
    return close(CloseCause::TooManyRetransmissions, "INIT was not answered");
  }
  rto_.back_off();
  note_retransmitted("INIT", "T1-init");
  send_init(now);
}

void Association::Core::t1_cookie_expired(Instant now) {
  if (handshake_sends_ > options_.max_init_retransmits) {
    return close(CloseCause::TooManyRetransmissions, "COOKIE ECHO was not answered");
  }
  rto_.back_off();
  note_retransmitted("COOKIE ECHO", "T1-cookie");
  tcb_->outstanding.mark_all_lost(now);
  settle_abandoned();
  send_cookie_echo(now);
}

void Association::Core::t2_expired(Instant now) {
  if (peer_lost("SHUTDOWN was not answered")) return;
  rto_.back_off();
  if (state_ == State::ShutdownSent) {
    note_retransmitted("SHUTDOWN", "T2-shutdown");
    send_shutdown(now);
  } else {
    note_retransmitted("SHUTDOWN ACK", "T2-shutdown");
    send_shutdown_ack(now);
  }
}

void Association::Core::t3_expired(Instant now) {
  auto& tcb = *tcb_;
  // RFC 9260 §6.1 rule A: a peer that answers, if only to say that its window is closed, is not
  // lost, and its silence about the probe says nothing about the network.
  const bool answered = probing_ && std::exchange(sack_since_probe_, false);
  if (!answered && peer_lost("DATA was not acknowledged")) return;
  if (!has(Deviation::SctpFixedRto)) rto_.back_off();
  if (!probing_) {
    tcb.congestion.timed_out();
    note({.name = "sctp:congestion_window_reduced",
          .fields = {{"window", std::uint64_t{tcb.congestion.window()}},
                     {"threshold", std::uint64_t{tcb.congestion.threshold()}},
                     {"reason", std::string{"T3-rtx"}}},
          .rule = Rule{9260, "7.2.3"}});
  }
  fast_retransmit_due_ = false;
  tcb.outstanding.mark_all_lost(now);
  settle_abandoned();
  forward_tsn_due_ = true;
  // Started here, whatever leaves now: FORWARD TSN alone needs it as much as data (RFC 3758 §3.5
  // C5).
  if (!tcb.outstanding.empty()) timers_.start(Timer::T3Retransmission, now + rto_.current());
}

// RFC 9260 §8.3: RTO + HB.interval, and up to half an RTO more or less.
void Association::Core::schedule_heartbeat(Instant now) {
  const auto rto = rto_.current();
  const auto jitter = Duration{
      static_cast<Duration::rep>(rng_->below(static_cast<std::uint64_t>(rto.count()) + 1))};
  timers_.start(Timer::Heartbeat, now + options_.heartbeat_interval + rto / 2 + jitter);
}

void Association::Core::heartbeat_due(Instant now) {
  // §8.3: discontinued once the shutdown has begun in earnest.
  if (has_begun_to_end() || has(Deviation::SctpNoHeartbeat)) return;
  schedule_heartbeat(now);
  auto& tcb = *tcb_;
  const bool busy = std::exchange(tcb.path_measured, false) || !tcb.outstanding.empty();
  if (busy) return;
  tcb.heartbeat = TransmissionControlBlock::Heartbeat{now, rng_->next()};
  ByteWriter information;
  write_parameters(information,
                   std::vector<Parameter>{{static_cast<std::uint16_t>(ParameterType::HeartbeatInfo),
                                           ByteWriter{}.u64(tcb.heartbeat->nonce).take()}});
  control_.emplace_back(HeartbeatChunk{information.take()});
  timers_.start(Timer::HeartbeatAnswer, now + rto_.current());
}

void Association::Core::heartbeat_unanswered(Instant now) {
  tcb_->heartbeat.reset();
  if (peer_lost("HEARTBEAT was not answered")) return;
  rto_.back_off();
  schedule_heartbeat(now);
}

void Association::Core::stream_reset_unanswered(Instant now) {
  if (peer_lost("RE-CONFIG was not answered")) return;
  rto_.back_off();
  note_retransmitted("RE-CONFIG", "stream reset");
  stream_reset_due_ = true;
  timers_.start(Timer::StreamReset, now + rto_.current());
}

// RFC 9260 §8.1, with one path: the counter of the path is that of the association (RFC 8261 §6.1).
bool Association::Core::peer_lost(std::string_view what) {
  if (++tcb_->error_count <= options_.association_max_retrans) return false;
  close(CloseCause::TooManyRetransmissions, std::string{what});
  return true;
}

// --- RFC 9260 §9 ---

void Association::Core::progress_shutdown(Instant now) {
  if (state_ != State::ShutdownPending && state_ != State::ShutdownReceived) return;
  if (!queue_.empty() || !tcb_->outstanding.empty()) return;
  if (state_ == State::ShutdownPending) {
    send_shutdown(now);
  } else {
    send_shutdown_ack(now);
  }
}

void Association::Core::send_shutdown(Instant now) {
  set_state(State::ShutdownSent, "everything is acknowledged");
  timers_.stop(Timer::Heartbeat);
  timers_.stop(Timer::HeartbeatAnswer);
  timers_.stop(Timer::StreamReset);
  send_alone(tcb_->peer.tag, ShutdownChunk{wrap(tcb_->tracker.cumulative())});
  timers_.start(Timer::T2Shutdown, now + rto_.current());
}

void Association::Core::send_shutdown_ack(Instant now) {
  set_state(State::ShutdownAckSent, "everything is acknowledged");
  timers_.stop(Timer::Heartbeat);
  timers_.stop(Timer::HeartbeatAnswer);
  timers_.stop(Timer::StreamReset);
  send_alone(tcb_->peer.tag, ShutdownAckChunk{});
  timers_.start(Timer::T2Shutdown, now + rto_.current());
}

void Association::Core::abort_with(ErrorCause error, CloseCause why, std::string reason) {
  if (tcb_) {
    error.value.resize(std::min(error.value.size(), options_.mtu / 2));
    send_alone(tcb_->peer.tag, AbortChunk{TagKind::Own, {std::move(error)}});
  }
  close(why, std::move(reason));
}

void Association::Core::close(CloseCause why, std::string reason) {
  if (tcb_) deliver_messages();
  timers_.stop_all();
  control_.clear();
  tcb_.reset();
  local_.reset();
  ended_ = true;
  set_state(State::Closed, reason);
  emit(Closed{why, std::move(reason)});
}

}  // namespace rtclab::sctp
