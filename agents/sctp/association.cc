#include "agents/sctp/association.h"

#include "agents/sctp/association_core.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::sctp {

// --- the public face ---

Association::Association(const Options& options, Rng& rng)
    : core_{std::make_unique<Core>(options, rng)} {}
Association::~Association() = default;
Association::Association(Association&&) noexcept = default;
Association& Association::operator=(Association&&) noexcept = default;

void Association::connect(Instant now) {
  core_->connect(now);
}
void Association::handle_packet(Instant now, ByteView packet) {
  core_->handle_packet(now, packet);
}
void Association::handle_timeout(Instant now) {
  core_->handle_timeout(now);
}
std::optional<Wakeup> Association::next_wakeup() const {
  return core_->next_wakeup();
}
std::optional<Output> Association::poll_output() {
  return core_->poll_output();
}
std::optional<AssociationEvent> Association::poll_event() {
  return core_->poll_event();
}
SendStatus Association::send(Instant now, StreamId stream, OutgoingMessage message) {
  return core_->send(now, stream, std::move(message));
}
void Association::reset_streams(Instant now, std::span<const StreamId> streams) {
  core_->reset_streams(now, streams);
}
void Association::shutdown(Instant now) {
  core_->shutdown(now);
}
void Association::abort(Instant /*now*/, std::string_view reason) {
  core_->abort(reason);
}
std::size_t Association::buffered_amount(StreamId stream) const {
  return core_->queue().buffered(stream);
}
void Association::set_buffered_amount_low_threshold(StreamId stream, std::size_t octets) {
  core_->queue().set_low_threshold(stream, octets);
}
void Association::set_priority(StreamId stream, std::uint16_t priority) {
  core_->queue().set_weight(stream, priority);
}
State Association::state() const {
  return core_->state();
}
const Options& Association::options() const {
  return core_->options();
}
Association::Metrics Association::metrics() const {
  return core_->metrics();
}

// --- what the owner asks for ---

Association::Core::Core(const Options& options, Rng& rng)
    : options_{options},
      rng_{&rng},
      cookies_{rng},
      rto_{{options.rto_initial, options.rto_min, options.rto_max}},
      deviation_{options.deviations} {
  // A message that is allowed must fit the buffer in which it is put together.
  options_.receive_buffer = std::max(options_.receive_buffer, options_.max_message_size);
  advertised_window_ = own_window();
}

void Association::Core::connect(Instant now) {
  if (state_ != State::Closed || ended_) return;
  local_ = LocalInit::draw(*rng_);
  handshake_sends_ = 0;
  set_state(State::CookieWait, "connect");
  send_init(now);
  assert(is_consistent());
}

SendStatus Association::Core::send(Instant now, StreamId stream, OutgoingMessage message) {
  if (ended_ || shutdown_wanted_ || state_ >= State::ShutdownPending) return SendStatus::Closing;
  if (message.bytes.empty()) return SendStatus::Empty;
  if (options_.remote_max_message_size != 0 && !has(Deviation::DataTooLarge) &&
      message.bytes.size() > options_.remote_max_message_size) {
    return SendStatus::TooLarge;
  }
  const auto streams = tcb_ ? tcb_->outbound_streams(options_) : options_.outbound_streams;
  if (stream.value() >= streams) return SendStatus::NoSuchStream;
  if (queue_.resetting(stream)) return SendStatus::StreamResetting;
  if (queue_.total() + message.bytes.size() > options_.send_buffer) return SendStatus::BufferFull;
  queue_.add(now, stream, std::move(message));
  flush(now);
  assert(is_consistent());
  return SendStatus::Queued;
}

void Association::Core::reset_streams(Instant now, std::span<const StreamId> streams) {
  if (ended_) return;
  for (const auto stream : streams) {
    if (!queue_.resetting(stream)) queue_.begin_reset(stream);
  }
  flush(now);
}

void Association::Core::shutdown(Instant now) {
  switch (state_) {
    case State::Closed:
    case State::CookieWait:
      if (!ended_) close(CloseCause::Shutdown, "shutdown before there was a peer");
      return;
    case State::CookieEchoed: shutdown_wanted_ = true; return;
    case State::Established:
      set_state(State::ShutdownPending, "shutdown");
      timers_.start(Timer::T5ShutdownGuard, now + 5 * options_.rto_max);
      flush(now);
      return;
    // RFC 9260 §9.2: one is on its way.
    case State::ShutdownPending:
    case State::ShutdownSent:
    case State::ShutdownReceived:
    case State::ShutdownAckSent: return;
  }
}

void Association::Core::abort(std::string_view reason) {
  if (ended_) return;
  abort_with(cause(CauseCode::UserInitiatedAbort, to_octets(reason)), CloseCause::LocalAbort,
             std::string{reason});
}

std::optional<Output> Association::Core::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  std::optional<Output> output{std::move(outbox_.front())};
  outbox_.pop_front();
  return output;
}

std::optional<AssociationEvent> Association::Core::poll_event() {
  if (events_.empty()) return std::nullopt;
  std::optional<AssociationEvent> event{std::move(events_.front())};
  events_.pop_front();
  return event;
}

Association::Metrics Association::Core::metrics() const {
  Metrics metrics{.retransmission_timeout = rto_.current(),
                  .packets_sent = packets_sent_,
                  .packets_received = packets_received_,
                  .chunks_retransmitted = retransmitted_};
  metrics.smoothed_round_trip_time = rto_.smoothed().value_or(Duration{});
  if (tcb_) {
    metrics.congestion_window = tcb_->congestion.window();
    metrics.slow_start_threshold = tcb_->congestion.threshold();
    metrics.bytes_in_flight = tcb_->outstanding.flight();
    metrics.peer_receiver_window = tcb_->peer_window;
    metrics.interleaving = tcb_->kind == DataKind::IData;
    metrics.zero_checksum = tcb_->checksum == Checksum::Zero;
  }
  return metrics;
}

// --- what is told ---

void Association::Core::set_state(State next, std::string_view reason) {
  if (next == state_) return;
  note({.name = "sctp:state_changed",
        .fields = {{"from", std::string{to_string(state_)}},
                   {"to", std::string{to_string(next)}},
                   {"reason", std::string{reason}}},
        .rule = Rule{9260, "4"}});
  state_ = next;
}

void Association::Core::emit(AssociationEvent event) {
  note(std::visit([](const auto& typed) { return typed.describe(); }, event));
  events_.push_back(std::move(event));
}

void Association::Core::discard(std::string_view reason, Rule rule) {
  note(
      {.name = "sctp:packet_discarded", .fields = {{"reason", std::string{reason}}}, .rule = rule});
}

void Association::Core::note_retransmitted(std::string_view chunk, std::string_view reason) {
  ++retransmitted_;
  note({.name = "sctp:retransmitted",
        .fields = {{"chunk", std::string{chunk}}, {"reason", std::string{reason}}},
        .rule = Rule{9260, "6.3.3"}});
}

void Association::Core::note_retransmitted(Tsn tsn, std::string_view reason) {
  ++retransmitted_;
  note({.name = "sctp:retransmitted",
        .fields = {{"chunk", std::string{"DATA"}},
                   {"tsn", std::uint64_t{tsn.value()}},
                   {"reason", std::string{reason}}},
        .rule = Rule{9260, "6.3.3"}});
}

// Which members exist in which state.
bool Association::Core::is_consistent() const {
  const auto running = [this](Timer timer) { return timers_.running(timer); };
  switch (state_) {
    case State::Closed: return !local_ && !tcb_ && !timers_.next();
    // After a stale cookie the block of the first attempt is kept, with what it has sent.
    case State::CookieWait:
      return local_ && running(Timer::T1Init) && !running(Timer::T3Retransmission);
    case State::CookieEchoed:
      return local_ && tcb_ && running(Timer::T1Cookie) && !running(Timer::T3Retransmission);
    case State::Established:
    case State::ShutdownPending:
    case State::ShutdownReceived:
      return local_ && tcb_ && !running(Timer::T1Init) && !running(Timer::T1Cookie) &&
             !running(Timer::T2Shutdown) &&
             (tcb_->outstanding.empty() || running(Timer::T3Retransmission));
    case State::ShutdownSent:
    case State::ShutdownAckSent:
      return local_ && tcb_ && running(Timer::T2Shutdown) && tcb_->outstanding.empty();
  }
  __builtin_unreachable();
}

std::string_view to_string(State state) {
  switch (state) {
    case State::Closed: return "CLOSED";
    case State::CookieWait: return "COOKIE-WAIT";
    case State::CookieEchoed: return "COOKIE-ECHOED";
    case State::Established: return "ESTABLISHED";
    case State::ShutdownPending: return "SHUTDOWN-PENDING";
    case State::ShutdownSent: return "SHUTDOWN-SENT";
    case State::ShutdownReceived: return "SHUTDOWN-RECEIVED";
    case State::ShutdownAckSent: return "SHUTDOWN-ACK-SENT";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::sctp
