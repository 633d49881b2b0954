// RFC 9260 §6.1, §6.10: what leaves, in which packet and when.
#include "agents/sctp/association_core.h"

#include <algorithm>
#include <limits>

namespace rtclab::sctp {
namespace {

// A message that no packet can hold is cut; a cut that leaves less than this is not worth a chunk
// header.
constexpr std::size_t kLeastCut = 512;
// Each stream takes two octets of the request.
constexpr std::size_t kStreamsPerRequest = 256;

}  // namespace

void Association::Core::flush(Instant now) {
  if (!tcb_ || ended_) return;
  if (state_ == State::CookieWait) return;
  if (state_ == State::CookieEchoed) {
    // RFC 9260 §5.1: until COOKIE ACK, nothing but the packet of COOKIE ECHO.
    if (cookie_echo_due_) send_cookie_echo(now);
    return report_low();
  }
  request_resets(now);
  for (unsigned packets = 0; packets < options_.max_burst || !control_.empty(); ++packets) {
    const bool data_follows = packets < options_.max_burst && data_waits(now);
    PacketWriter packet{header_to(tcb_->peer.tag), options_.mtu};
    add_control(now, packet);
    add_sack(packet, data_follows);
    if (data_follows) add_data(now, packet);
    if (packet.empty()) break;
    transmit(packet.finish(checksum()));
  }
  report_low();
  progress_shutdown(now);
}

void Association::Core::report_low() {
  for (const auto stream : queue_.take_low()) emit(BufferedAmountLow{stream});
}

// COOKIE ECHO first (RFC 9260 §5.1.5), reports on INIT ACK behind it (§3.2.2), then as much data as
// fits: the messages that wait reach the peer half a round trip after INIT ACK.
void Association::Core::send_cookie_echo(Instant now) {
  cookie_echo_due_ = false;
  ++handshake_sends_;
  handshake_sent_ = now;
  const auto needed = kCommonHeaderSize + padded(kChunkHeaderSize + cookie_.size());
  PacketWriter packet{header_to(tcb_->peer.tag), std::max(options_.mtu, needed)};
  packet.add(CookieEchoChunk{cookie_});
  if (!init_ack_errors_.empty()) packet.add(ErrorChunk{init_ack_errors_});
  resend_lost(now, packet);
  if (!tcb_->outstanding.has_lost()) send_new(now, packet);
  transmit(packet.finish());
  // T1-cookie brings back whatever was in this packet; T3-rtx begins with ESTABLISHED.
  timers_.stop(Timer::T3Retransmission);
  timers_.start(Timer::T1Cookie, now + rto_.current());
}

bool Association::Core::may_send_data() const {
  return state_ == State::Established || state_ == State::ShutdownPending ||
         state_ == State::ShutdownReceived;
}

void Association::Core::add_control(Instant now, PacketWriter& packet) {
  while (!control_.empty() && packet.add(control_.front())) control_.pop_front();
  if (stream_reset_due_ && packet.add(ReConfigChunk{{encode(tcb_->stream_reset.current())}})) {
    stream_reset_due_ = false;
  }
  if (!forward_tsn_due_) return;
  forward_tsn_due_ = false;
  if (!may_send_data() || !tcb_->can_abandon || packet.room() < 16) return;
  const auto forward = tcb_->outstanding.forward_tsn(packet.room());
  if (!forward) return;
  packet.add(forward->chunk);
  note({.name = "sctp:forward_tsn_sent",
        .fields = {{"new_cumulative_tsn", std::uint64_t{forward->new_cumulative_tsn.value()}}},
        .rule = Rule{3758, "3.5"}});
  // RFC 3758 §3.5 C5: T3-rtx brings it back when it is lost.
  if (!timers_.running(Timer::T3Retransmission)) {
    timers_.start(Timer::T3Retransmission, now + rto_.current());
  }
}

// RFC 9260 §6.1: an acknowledgement that could still wait rides with data that leaves anyway.
void Association::Core::add_sack(PacketWriter& packet, bool data_follows) {
  using Due = ReceiveTracker::Due;
  const auto due = tcb_->tracker.due();
  if (due == Due::Never || (due == Due::Delayed && !data_follows)) return;
  const bool must_wait =
      has(Deviation::SctpSackLate) || (has(Deviation::SctpDelayFirstSack) && !first_sack_left_);
  if (due == Due::Delayed && must_wait) return;
  first_sack_left_ = true;
  // RFC 9260 §6.7: all the gaps that fit, but at least the header and one block.
  constexpr std::size_t kLeastSack = 20;
  if (packet.room() < kLeastSack) return;
  advertised_window_ = own_window();
  packet.add(tcb_->tracker.take_sack(advertised_window_, packet.room()));
  timers_.stop(Timer::DelayedSack);
}

bool Association::Core::window_admits() const {
  return has(Deviation::SctpNoCongestionWindow) ||
         tcb_->congestion.admits(tcb_->outstanding.flight());
}

bool Association::Core::data_waits(Instant now) {
  if (!may_send_data()) return false;
  auto& tcb = *tcb_;
  if (fast_retransmit_due_ && tcb.outstanding.has_lost()) return true;
  if (!window_admits()) return false;
  if (tcb.outstanding.has_lost()) return true;
  const auto size = queue_.next_size(now, tcb.max_payload(options_));
  return size && (*size <= tcb.peer_window || window_probe_due_ || tcb.outstanding.empty());
}

void Association::Core::add_data(Instant now, PacketWriter& packet) {
  auto& tcb = *tcb_;
  if (tcb.last_data_sent && tcb.outstanding.flight() == 0) {
    tcb.congestion.idled(now - *tcb.last_data_sent, rto_.current());
  }
  // RFC 9260 §6.1 rule C: what was lost goes first. The one packet of a fast retransmit ignores
  // cwnd, and carries nothing new (§7.2.4).
  const bool beyond_window = !window_admits();
  resend_lost(now, packet);
  const bool fast = std::exchange(fast_retransmit_due_, false);
  if (fast && beyond_window) return;
  if (!tcb.outstanding.has_lost()) send_new(now, packet);
}

void Association::Core::resend_lost(Instant now, PacketWriter& packet) {
  auto& tcb = *tcb_;
  while (tcb.outstanding.has_lost()) {
    const auto resent = tcb.outstanding.resend(now, packet.room());
    if (!resent) break;
    packet.add_data(tcb.kind, resent->chunk.header, resent->chunk.payload);
    tcb.peer_window -= std::min(tcb.peer_window, resent->chunk.payload.size());
    tcb.last_data_sent = now;
    const auto* const reason = state_ == State::CookieEchoed ? "T1-cookie"
                               : resent->fast                ? "fast retransmit"
                                                             : "T3-rtx";
    note_retransmitted(resent->chunk.header.tsn, reason);
    // RFC 9260 §6.1: restarted when the lowest outstanding chunk leaves again.
    if (resent->lowest_outstanding || !timers_.running(Timer::T3Retransmission)) {
      timers_.start(Timer::T3Retransmission, now + rto_.current());
    }
  }
  settle_abandoned();
}

void Association::Core::send_new(Instant now, PacketWriter& packet) {
  auto& tcb = *tcb_;
  const auto max_payload = tcb.max_payload(options_);
  while (packet.room() > header_size(tcb.kind)) {
    // RFC 3758 §4.1: the rest of a message whose lifetime is over does not leave.
    if (const auto expired = queue_.expired_in_progress(now); expired && tcb.can_abandon) {
      tcb.outstanding.abandon(*expired);
      settle_abandoned();
      continue;
    }
    const auto size = queue_.next_size(now, max_payload);
    for (const auto stream : queue_.take_dropped()) {
      note({.name = "sctp:message_abandoned",
            .fields = {{"stream", std::uint64_t{stream.value()}},
                       {"reason", std::string{"lifetime"}}},
            .rule = Rule{3758, "4.1"}});
    }
    if (!size) break;
    if (*size > tcb.peer_window && !window_probe_due_) {
      // RFC 9260 §6.1 rule A: the first probe after one RTO, with nothing in flight.
      if (tcb.outstanding.empty() && !timers_.running(Timer::WindowProbe)) {
        timers_.start(Timer::WindowProbe, now + rto_.current());
      }
      break;
    }
    const auto room = (packet.room() - header_size(tcb.kind)) / 4 * 4;
    auto cut = *size;
    if (cut > room) {
      const bool worth_it = cut == max_payload && room >= kLeastCut;
      if (!worth_it) break;
      cut = room;
    }
    auto fragment = queue_.take(cut);
    // RFC 9260 §6.1: the sender that is about to leave would like its last SACK at once.
    fragment.header.immediate = state_ == State::ShutdownPending && queue_.empty();
    const auto sent = tcb.outstanding.send(now, std::move(fragment));
    packet.add_data(tcb.kind, sent.header, sent.payload);
    tcb.peer_window -= std::min(tcb.peer_window, sent.payload.size());
    tcb.last_data_sent = now;
    if (!timers_.running(Timer::T3Retransmission)) {
      timers_.start(Timer::T3Retransmission, now + rto_.current());
    }
    if (window_probe_due_) {
      window_probe_due_ = false;
      probing_ = true;
      sack_since_probe_ = false;
      break;
    }
  }
}

void Association::Core::request_resets(Instant now) {
  if (!may_send_data()) return;
  auto& reset = tcb_->stream_reset;
  if (reset.requesting()) return;
  auto ready = queue_.ready_to_reset(kStreamsPerRequest);
  if (ready.empty()) return;
  if (!tcb_->peer.stream_reset) {
    for (const auto stream : ready) queue_.end_reset(stream, false);
    return emit(OutgoingStreamsReset{std::move(ready), false});
  }
  if (has(Deviation::ResetNumberSkips)) reset.skip_number();
  reset.request(std::move(ready), tcb_->outstanding.next_tsn() - 1);
  stream_reset_due_ = true;
  timers_.start(Timer::StreamReset, now + rto_.current());
}

// What the outstanding half of a message gave up, the waiting half gives up too.
void Association::Core::settle_abandoned() {
  for (const auto message : tcb_->outstanding.take_abandoned()) {
    if (auto rest = queue_.drop_rest(message)) tcb_->outstanding.add_abandoned(*std::move(rest));
    forward_tsn_due_ = true;
    note({.name = "sctp:message_abandoned",
          .fields = {{"message", message.value()}, {"reason", std::string{"reliability"}}},
          .rule = Rule{3758, "3.5"}});
  }
}

// RFC 9260 §6.2, and against silly windows (RFC 1122 §4.2.3.3): less than a packet is no window.
std::uint32_t Association::Core::own_window() const {
  const auto held = tcb_ ? tcb_->reassembly.buffered() : 0;
  const auto free = options_.receive_buffer - std::min(options_.receive_buffer, held);
  if (free < options_.mtu) return 0;
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(free, kMost));
}

CommonHeader Association::Core::header_to(std::uint32_t tag) const {
  return {options_.local_port, options_.remote_port, tag};
}

void Association::Core::send_alone(std::uint32_t tag, const Chunk& chunk) {
  transmit(Packet{header_to(tag), {chunk}}.serialize());
}

void Association::Core::transmit(Bytes packet) {
  ++packets_sent_;
  if (!options_.deviations.none()) packet = deviation_.apply(std::move(packet));
  outbox_.emplace_back(std::move(packet));
}

}  // namespace rtclab::sctp
