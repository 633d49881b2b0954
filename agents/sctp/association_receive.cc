// RFC 9260 §6: what a packet from the peer does, chunk by chunk.
#include "agents/sctp/association_core.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace rtclab::sctp {
namespace {

// More answers than this do not wait: until COOKIE ACK none can leave.
constexpr std::size_t kMaxControl = 64;
// As many as there are TSNs in reach. A peer that sends messages octet by octet and finishes none
// would else have us hold a hundred times what the window allows.
constexpr std::size_t kMaxFragments = 65536;

// RFC 9260 §6: in which states DATA, and what belongs to it, is accepted.
bool takes_data(State state) {
  return state == State::Established || state == State::ShutdownPending ||
         state == State::ShutdownSent;
}

bool takes_sack(State state) {
  return state == State::Established || state == State::ShutdownPending ||
         state == State::ShutdownReceived;
}

}  // namespace

void Association::Core::handle_packet(Instant now, ByteView octets) {
  ++packets_received_;
  const auto policy = options_.zero_checksum ? ChecksumPolicy::ZeroToo : ChecksumPolicy::Verify;
  auto packet = Packet::parse(octets, policy);
  if (!packet) {
    const auto& error = packet.error();
    return note({.name = "sctp:packet_discarded",
                 .fields = {{"reason", std::string{to_string(error.flaw)}},
                            {"offset", std::uint64_t{error.offset}}},
                 .rule = error.rule});
  }
  if (packet->header.destination_port != options_.local_port ||
      packet->header.source_port != options_.remote_port) {
    return discard("ports of no association", {8261, "6.1"});
  }
  switch (admit(*packet)) {
    case Admission::Refused: return discard("verification tag", {9260, "8.5"});
    case Admission::OutOfTheBlue: return answer_out_of_the_blue(*packet);
    case Admission::Accepted: break;
  }
  arriving_ = {.header = packet->header};
  for (auto& chunk : packet->chunks) {
    std::visit([&](auto& typed) { handle(now, typed); }, chunk);
    if (arriving_.discard_rest || ended_) break;
  }
  finish_packet(now);
  assert(is_consistent());
}

bool Association::Core::is_kind(DataKind kind) {
  if (tcb_->kind == kind) return true;
  abort_with(cause(CauseCode::ProtocolViolation), CloseCause::ProtocolViolation,
             kind == DataKind::IData ? "I-DATA was not agreed on" : "I-DATA was agreed on");
  return false;
}

void Association::Core::handle(Instant /*now*/, DataChunk& chunk) {
  if (!takes_data(state_)) return discard("DATA in this state", {9260, "6"});
  if (is_kind(DataKind::Data)) take_data(chunk);
}

void Association::Core::handle(Instant /*now*/, IDataChunk& chunk) {
  if (!takes_data(state_)) return discard("I-DATA in this state", {9260, "6"});
  if (is_kind(DataKind::IData)) take_data(chunk);
}

template <class DataLike>
void Association::Core::take_data(DataLike& chunk) {
  auto& tcb = *tcb_;
  if (chunk.payload.empty()) {
    return abort_with(
        cause(CauseCode::NoUserData, ByteWriter{}.u32(chunk.header.tsn.value()).take()),
        CloseCause::ProtocolViolation, "DATA without user data");
  }
  arriving_.has_data = true;
  arriving_.wants_sack |= chunk.header.immediate;
  const auto tsn = tcb.tracker.unwrapped(chunk.header.tsn);
  switch (tcb.tracker.classify(tsn)) {
    case ReceiveTracker::Arrival::Duplicate: return tcb.tracker.note_duplicate(tsn);
    case ReceiveTracker::Arrival::OutOfWindow:
      arriving_.wants_sack = true;
      return discard("TSN out of reach", {9260, "6.2"});
    case ReceiveTracker::Arrival::New: break;
  }
  // RFC 9260 §6.2: with the window closed, new TSNs at the top are dropped. What fills a gap is
  // taken: it was within the window when it left, and it may be what lets a message go.
  const bool is_full = tcb.reassembly.buffered() + chunk.payload.size() > options_.receive_buffer ||
                       tcb.reassembly.fragments() >= kMaxFragments;
  if (is_full && tsn > tcb.tracker.highest()) {
    arriving_.wants_sack = true;
    return discard("receive buffer full", {9260, "6.2"});
  }
  tcb.tracker.accept(tsn);
  if (chunk.header.stream.value() >= tcb.inbound_streams(options_)) {
    // RFC 9260 §6.5: acknowledged, reported, and not delivered.
    control_.emplace_back(
        ErrorChunk{{cause(CauseCode::InvalidStreamIdentifier,
                          ByteWriter{}.u16(chunk.header.stream.value()).u16(0).take())}});
    return discard("stream that does not exist", {9260, "6.5"});
  }
  tcb.reassembly.add(tsn, std::move(chunk));
  if (tcb.reassembly.overflowed()) {
    abort_with(cause(CauseCode::OutOfResource), CloseCause::ProtocolViolation,
               "message longer than max-message-size");
  }
}

void Association::Core::handle(Instant now, const SackChunk& chunk) {
  if (!takes_sack(state_)) return discard("SACK in this state", {9260, "6"});
  auto& tcb = *tcb_;
  const auto outcome = tcb.outstanding.handle_sack(now, chunk, tcb.congestion.in_fast_recovery());
  if (!outcome) return discard("SACK out of order", {9260, "6.2.1"});
  apply(now, *outcome);
  const std::size_t window = chunk.receiver_window;
  tcb.peer_window = window - std::min(window, tcb.outstanding.flight_payload());
  if (!probing_) return;
  sack_since_probe_ = true;
  if (tcb.outstanding.empty()) {
    probing_ = false;
  } else if (tcb.peer_window >= options_.mtu) {
    // The window is open again, and the probe was thrown away while it was not: no need to wait for
    // T3.
    probing_ = false;
    tcb.outstanding.mark_all_lost(now);
  }
}

void Association::Core::apply(Instant now, const Outstanding::SackOutcome& outcome) {
  auto& tcb = *tcb_;
  if (outcome.round_trip) {
    rto_.measured(*outcome.round_trip);
    tcb.path_measured = true;
  }
  tcb.congestion.acknowledged({.bytes = outcome.bytes_acknowledged,
                               .flight_before = outcome.flight_before,
                               .cumulative_advanced = outcome.cumulative_advanced,
                               .cumulative_tsn = tcb.outstanding.cumulative(),
                               .everything = outcome.nothing_left});
  if (outcome.bytes_acknowledged != 0 || outcome.cumulative_advanced) tcb.error_count = 0;
  if (!outcome.lost.empty() && !tcb.congestion.in_fast_recovery()) {
    tcb.congestion.fast_retransmit(tcb.outstanding.next_tsn() - 1);
    fast_retransmit_due_ = true;
    note({.name = "sctp:congestion_window_reduced",
          .fields = {{"window", std::uint64_t{tcb.congestion.window()}},
                     {"threshold", std::uint64_t{tcb.congestion.threshold()}},
                     {"reason", std::string{"fast retransmit"}}},
          .rule = Rule{9260, "7.2.3"}});
  }
  settle_abandoned();
  fast_retransmit_due_ = fast_retransmit_due_ && tcb.outstanding.has_lost();
  // RFC 9260 §6.3.2 R2 to R4.
  if (tcb.outstanding.empty()) {
    timers_.stop(Timer::T3Retransmission);
  } else if (outcome.cumulative_advanced || !timers_.running(Timer::T3Retransmission)) {
    timers_.start(Timer::T3Retransmission, now + rto_.current());
  }
  // RFC 3758 §3.5 C3.
  forward_tsn_due_ = true;
}

void Association::Core::handle(Instant /*now*/, HeartbeatChunk& chunk) {
  // RFC 9260 §8.3: answered from COOKIE-ECHOED (here: once the cookie is acknowledged) until the
  // end begins.
  const auto size = kCommonHeaderSize + kChunkHeaderSize + chunk.information.size();
  if (!tcb_ || has_begun_to_end() || size > options_.mtu || control_.size() >= kMaxControl) return;
  control_.emplace_back(HeartbeatAckChunk{std::move(chunk.information)});
}

void Association::Core::handle(Instant now, const HeartbeatAckChunk& chunk) {
  if (!tcb_ || !tcb_->heartbeat) return;
  const auto parameters = parse_parameters(chunk.information, 0, {9260, "3.3.6"});
  if (!parameters || parameters->empty()) return discard("HEARTBEAT ACK", {9260, "3.3.6"});
  if (ByteReader{parameters->front().value}.u64() != tcb_->heartbeat->nonce) return;
  rto_.measured(now - tcb_->heartbeat->sent);
  tcb_->heartbeat.reset();
  tcb_->error_count = 0;
  timers_.stop(Timer::HeartbeatAnswer);
}

void Association::Core::handle(Instant /*now*/, const AbortChunk& chunk) {
  std::string reason = "ABORT";
  for (const auto& error : chunk.causes) {
    if (error.code == static_cast<std::uint16_t>(CauseCode::UserInitiatedAbort)) {
      reason = std::string{as_text(error.value)};
    } else {
      reason += ", cause " + std::to_string(error.code);
    }
  }
  close(CloseCause::PeerAbort, std::move(reason));
}

void Association::Core::handle(Instant now, const ShutdownChunk& chunk) {
  switch (state_) {
    case State::Closed:
    case State::CookieWait:
    case State::CookieEchoed: return;  // RFC 9260 §9.2: in silence
    case State::Established:
    case State::ShutdownPending: set_state(State::ShutdownReceived, "SHUTDOWN"); break;
    case State::ShutdownReceived: break;
    case State::ShutdownSent: return send_shutdown_ack(now);  // both sides at once
    case State::ShutdownAckSent: return;
  }
  const auto outcome = tcb_->outstanding.handle_cumulative(now, chunk.cumulative_tsn);
  if (outcome) apply(now, *outcome);
}

void Association::Core::handle(Instant /*now*/, const ShutdownAckChunk& /*chunk*/) {
  if (!has_begun_to_end()) return;
  send_alone(tcb_->peer.tag, ShutdownCompleteChunk{TagKind::Own});
  close(CloseCause::Shutdown, "SHUTDOWN ACK");
}

// RFC 9260 §8.5.1 C: means something in SHUTDOWN-ACK-SENT alone.
void Association::Core::handle(Instant /*now*/, const ShutdownCompleteChunk& /*chunk*/) {
  if (state_ == State::ShutdownAckSent) close(CloseCause::Shutdown, "SHUTDOWN COMPLETE");
}

void Association::Core::handle(Instant now, const ErrorChunk& chunk) {
  for (const auto& error : chunk.causes) {
    note({.name = "sctp:error_received",
          .fields = {{"cause", std::uint64_t{error.code}}},
          .rule = Rule{9260, "3.3.10"}});
  }
  if (has_stale_cookie(chunk)) handle_stale_cookie(now);
}

void Association::Core::handle(Instant now, const ReConfigChunk& chunk) {
  if (!takes_data(state_) && !takes_sack(state_))
    return discard("RE-CONFIG in this state", {6525, "5.2"});
  for (const auto& parameter : chunk.parameters) {
    const auto decoded = decode(parameter);
    if (!decoded) {
      discard("RE-CONFIG parameter", {6525, "4"});
      continue;
    }
    auto& reset = tcb_->stream_reset;
    if (const auto* request = std::get_if<OutgoingResetRequest>(&*decoded)) {
      perform(reset.handle(*request, tcb_->tracker.cumulative(), tcb_->inbound_streams(options_)));
    } else if (const auto* other = std::get_if<OtherRequest>(&*decoded)) {
      perform(reset.handle(*other));
    } else if (const auto* response = std::get_if<ResetResponse>(&*decoded)) {
      tcb_->error_count = 0;
      const auto answer = reset.handle(*response);
      if (!answer) continue;
      timers_.stop(Timer::StreamReset);
      const bool performed =
          answer->result == ResetResult::Performed || answer->result == ResetResult::NothingToDo;
      const bool anew = performed && !has(Deviation::ResetKeepsSsn);
      for (const auto stream : answer->streams) queue_.end_reset(stream, anew);
      emit(OutgoingStreamsReset{answer->streams, performed});
    }
  }
  request_resets(now);
}

void Association::Core::perform(const StreamReset::Reaction& reaction) {
  if (!has(Deviation::ResetNoResponse)) {
    control_.emplace_back(ReConfigChunk{{encode(reaction.response)}});
  }
  if (!reaction.reset) return;
  // What is complete must go up before the streams begin anew.
  deliver_messages();
  tcb_->reassembly.reset(*reaction.reset);
  emit(IncomingStreamsReset{*reaction.reset});
}

// The point itself, when it is news. It is not the cumulative TSN that it leads to: what was
// received beyond it lives on.
std::optional<LongTsn> Association::Core::forwarded(Tsn new_cumulative_tsn) {
  arriving_.has_data = true;
  const auto tsn = tcb_->tracker.unwrapped(new_cumulative_tsn);
  // RFC 3758 §3.6: an old one is answered with a SACK, since ours may have been lost.
  arriving_.wants_sack = true;
  if (!tcb_->tracker.forward(tsn)) return std::nullopt;
  return tsn;
}

namespace {

template <class Skipped>
std::vector<Skipped> existing(const std::vector<Skipped>& skipped, std::uint16_t streams) {
  std::vector<Skipped> known;
  std::ranges::copy_if(skipped, std::back_inserter(known),
                       [&](const Skipped& item) { return item.stream.value() < streams; });
  return known;
}

}  // namespace

void Association::Core::handle(Instant /*now*/, const ForwardTsnChunk& chunk) {
  if (!takes_data(state_)) return discard("FORWARD TSN in this state", {3758, "3.6"});
  if (!is_kind(DataKind::Data)) return;
  const auto tsn = forwarded(chunk.new_cumulative_tsn);
  if (!tsn) return;
  tcb_->reassembly.forward(*tsn, existing(chunk.skipped, tcb_->inbound_streams(options_)));
}

void Association::Core::handle(Instant /*now*/, const IForwardTsnChunk& chunk) {
  if (!takes_data(state_)) return discard("I-FORWARD-TSN in this state", {8260, "2.3.1"});
  if (!is_kind(DataKind::IData)) return;
  if (!forwarded(chunk.new_cumulative_tsn)) return;
  tcb_->reassembly.forward(existing(chunk.skipped, tcb_->inbound_streams(options_)));
}

void Association::Core::handle(Instant /*now*/, const UnknownChunk& chunk) {
  const auto action = UnknownTypeAction::of_chunk(chunk.type);
  discard("unknown chunk " + std::to_string(chunk.type), {9260, "3.2"});
  if (action.report && tcb_ && control_.size() < kMaxControl) {
    // Quoted whole, unless that would not fit the packet of the report.
    auto quoted = octets_of(chunk);
    quoted.resize(std::min(quoted.size(), options_.mtu / 2));
    control_.emplace_back(ErrorChunk{{cause(CauseCode::UnrecognizedChunkType, std::move(quoted))}});
  }
  arriving_.discard_rest = !action.go_on;
}

void Association::Core::deliver_messages() {
  while (auto message = tcb_->reassembly.take()) {
    emit(
        MessageReceived{message->stream, message->ppid, message->order, std::move(message->bytes)});
  }
}

// After the last chunk: what the packet as a whole calls for.
void Association::Core::finish_packet(Instant now) {
  if (ended_ || !tcb_) return;
  auto& tcb = *tcb_;
  deliver_messages();
  if (const auto reaction = tcb.stream_reset.note_cumulative(tcb.tracker.cumulative())) {
    perform(*reaction);
  }
  const bool must_wait =
      has(Deviation::SctpSackLate) || (has(Deviation::SctpDelayFirstSack) && !first_sack_left_);
  if (arriving_.has_data && must_wait) {
    tcb.tracker.wait_for_delay();
  } else if (arriving_.has_data) {
    tcb.tracker.note_packet(arriving_.wants_sack);
  }
  // The window that was closed has opened: the peer waits to hear of it (RFC 9260 §6.2).
  if (advertised_window_ == 0 && own_window() > 0) tcb.tracker.require_sack();
  if (tcb.tracker.due() == ReceiveTracker::Due::Delayed && !timers_.running(Timer::DelayedSack)) {
    timers_.start(Timer::DelayedSack,
                  now + (has(Deviation::SctpSackLate) ? Duration{700ms} : options_.sack_delay));
  }
  if (state_ == State::ShutdownSent && arriving_.has_data) {
    // RFC 9260 §9.2: SHUTDOWN acknowledges; a SACK joins it when there are gaps or duplicates.
    if (!tcb.tracker.has_gaps() && !tcb.tracker.has_duplicates()) tcb.tracker.satisfy();
    send_shutdown(now);
  }
  flush(now);
}

}  // namespace rtclab::sctp
