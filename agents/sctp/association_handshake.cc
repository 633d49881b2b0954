// RFC 9260 §5: INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, in order and in each other's way.
#include "agents/sctp/association_core.h"

#include <algorithm>
#include <chrono>

namespace rtclab::sctp {
namespace {

constexpr Rule kCollision{9260, "5.2"};

Bytes u32_octets(std::uint64_t value) {
  return ByteWriter{}.u32(value).take();
}

// Deviation::SctpRefuseUnknownParameter: of the parameters that ours send, this stack knows what
// RFC 9260 has itself and Supported Extensions.
bool has_foreign_parameter(const InitBody& body) {
  return std::ranges::any_of(body.parameters, [](const Parameter& parameter) {
    return parameter.type == static_cast<std::uint16_t>(ParameterType::ForwardTsnSupported) ||
           parameter.type == static_cast<std::uint16_t>(ParameterType::ZeroChecksumAcceptable);
  });
}

}  // namespace

InitBody Association::Core::own_init(const LocalInit& local) const {
  return {.initiate_tag = local.tag,
          .receiver_window = own_window(),
          .outbound_streams = options_.outbound_streams,
          .inbound_streams = options_.inbound_streams,
          .initial_tsn = local.initial_tsn,
          .parameters = own_parameters(options_)};
}

void Association::Core::send_init(Instant now) {
  ++handshake_sends_;
  handshake_sent_ = now;
  // RFC 9260 §8.5.1 A: the only packet with a verification tag of 0, and INIT is alone in it.
  send_alone(0, InitChunk{own_init(*local_)});
  timers_.start(Timer::T1Init, now + rto_.current());
}

void Association::Core::handle(Instant now, const InitChunk& chunk) {
  // RFC 9260 §3.3.2: a tag of 0 MUST be passed over in silence.
  if (chunk.body.initiate_tag == 0) return discard("INIT with initiate tag 0", {9260, "3.3.2"});
  if (has(Deviation::SctpRefuseUnknownParameter) && has_foreign_parameter(chunk.body))
    return discard("INIT with an unknown parameter", {9260, "3.2.1"});
  if (state_ == State::ShutdownAckSent) {
    // RFC 9260 §9.2: our SHUTDOWN ACK was lost, or the SHUTDOWN COMPLETE that answered it.
    return send_shutdown_ack(now);
  }
  const auto read = read_init(chunk.body);
  if (read.fatal) {
    discard("INIT refused", {9260, "3.3.2"});
    return send_alone(chunk.body.initiate_tag, AbortChunk{TagKind::Own, {*read.fatal}});
  }
  // RFC 9260 §5.2.1: while our own INIT is under way it is repeated in substance, tag and all, so
  // that both handshakes make one association. Otherwise a tag of its own (§5.1, §5.2.2); no state
  // changes.
  const bool colliding = state_ == State::CookieWait || state_ == State::CookieEchoed;
  const auto local = colliding ? *local_ : LocalInit::draw(*rng_);
  const StateCookie cookie{
      .local_port = options_.local_port,
      .remote_port = options_.remote_port,
      .local_tag = local.tag,
      .local_initial_tsn = local.initial_tsn,
      .peer = read.peer,
      // §5.2.2: none in CLOSED and COOKIE-WAIT.
      .tie_tags = tcb_ && state_ != State::CookieWait ? tcb_->tie_tags : TieTags{},
      .created = now,
      .lifespan = options_.valid_cookie_life};
  InitAckChunk answer{own_init(local)};
  auto& parameters = answer.body.parameters;
  parameters.push_back(
      {static_cast<std::uint16_t>(ParameterType::StateCookie), cookies_.seal(cookie)});
  auto room = options_.mtu / 2;
  for (const auto& unknown : read.unrecognized) {
    auto quoted = octets_of(unknown);
    if (quoted.size() > room) break;
    room -= quoted.size();
    parameters.push_back(
        {static_cast<std::uint16_t>(ParameterType::UnrecognizedParameter), std::move(quoted)});
  }
  send_alone(chunk.body.initiate_tag, answer);
}

void Association::Core::create_block(const PeerInit& peer) {
  tcb_.emplace(*local_, peer, options_, *rng_);
  queue_.set_kind(tcb_->kind);
}

// What has been sent in chunks of one kind cannot be sent again in the other.
bool Association::Core::replace_peer(const PeerInit& peer) {
  const auto kind = TransmissionControlBlock::kind_with(peer, options_);
  if (kind != tcb_->kind && !tcb_->outstanding.empty()) {
    abort_with(cause(CauseCode::ProtocolViolation), CloseCause::ProtocolViolation,
               "the peer changed its mind about I-DATA");
    return false;
  }
  tcb_->replace_peer(peer, options_);
  queue_.set_kind(kind);
  return true;
}

void Association::Core::handle(Instant now, const InitAckChunk& chunk) {
  if (state_ != State::CookieWait) return discard("unexpected INIT ACK", {9260, "5.2.3"});
  if (has(Deviation::SctpRefuseUnknownParameter) && has_foreign_parameter(chunk.body))
    return discard("INIT ACK with an unknown parameter", {9260, "3.2.1"});
  auto read = read_init(chunk.body);
  if (chunk.body.initiate_tag == 0) read.fatal = cause(CauseCode::InvalidMandatoryParameter);
  if (!read.fatal && !read.cookie) {
    // RFC 9260 §3.3.10.2: one parameter is missing, the State Cookie.
    read.fatal = cause(
        CauseCode::MissingMandatoryParameter,
        ByteWriter{}.u32(1).u16(static_cast<std::uint16_t>(ParameterType::StateCookie)).take());
  }
  if (read.fatal) {
    send_alone(chunk.body.initiate_tag, AbortChunk{TagKind::Own, {*read.fatal}});
    return close(CloseCause::ProtocolViolation, "INIT ACK that cannot be accepted");
  }
  timers_.stop(Timer::T1Init);
  // Karn's rule, RFC 9260 §6.3.1 C5.
  if (handshake_sends_ == 1) rto_.measured(now - handshake_sent_);
  if (tcb_) {
    if (!replace_peer(read.peer)) return;
  } else {
    create_block(read.peer);
  }
  cookie_ = *std::move(read.cookie);
  init_ack_errors_.clear();
  for (const auto& unknown : read.unrecognized) {
    init_ack_errors_.push_back(cause(CauseCode::UnrecognizedParameters, octets_of(unknown)));
  }
  handshake_sends_ = 0;
  cookie_echo_due_ = true;
  set_state(State::CookieEchoed, "INIT ACK");
  // The cookie leaves before the packet is finished: nothing else may leave first.
  send_cookie_echo(now);
}

void Association::Core::handle(Instant now, const CookieEchoChunk& chunk) {
  // Unless all goes well, the DATA behind a cookie goes with it.
  arriving_.discard_rest = true;
  const auto cookie = cookies_.open(chunk.cookie);
  if (!cookie) return discard("State Cookie that we did not make", {9260, "5.1.5"});
  if (arriving_.header.verification_tag != cookie->local_tag ||
      cookie->local_port != options_.local_port || cookie->remote_port != options_.remote_port) {
    return discard("State Cookie of another association", {9260, "5.1.5"});
  }
  if (local_) return meet_existing(now, *cookie);
  if (now - cookie->created > cookie->lifespan) {
    return send_stale_cookie(now, *cookie);
  }
  local_ = LocalInit{cookie->local_tag, cookie->local_initial_tsn};
  create_block(cookie->peer);
  become_established(now, "COOKIE ECHO");
  control_.emplace_front(CookieAckChunk{});
  arriving_.discard_rest = false;
}

// The table of RFC 9260 §5.2.4, by its actions A to D.
void Association::Core::meet_existing(Instant now, const StateCookie& cookie) {
  const bool local_matches = cookie.local_tag == local_->tag;
  const bool peer_matches = tcb_ && cookie.peer.tag == tcb_->peer.tag;
  if (now - cookie.created > cookie.lifespan && !(local_matches && peer_matches)) {
    return send_stale_cookie(now, cookie);
  }
  const bool setting_up = state_ == State::CookieWait || state_ == State::CookieEchoed;
  if (local_matches && peer_matches) {  // D
    if (setting_up) become_established(now, "COOKIE ECHO of the other direction");
  } else if (local_matches) {  // B
    if (tcb_) {
      if (!replace_peer(cookie.peer)) return;
    } else {
      create_block(cookie.peer);
    }
    if (setting_up) become_established(now, "COOKIE ECHO while connecting");
  } else if (!peer_matches && tcb_ && cookie.tie_tags == tcb_->tie_tags) {  // A
    if (state_ == State::ShutdownAckSent) {
      send_shutdown_ack(now);
      send_alone(cookie.peer.tag, ErrorChunk{{cause(CauseCode::CookieReceivedWhileShuttingDown)}});
      return;
    }
    restart_from(now, cookie);
  } else {  // C, and what the table does not name
    return discard("late State Cookie", kCollision);
  }
  control_.emplace_front(CookieAckChunk{});
  arriving_.discard_rest = false;
}

void Association::Core::restart_from(Instant now, const StateCookie& cookie) {
  timers_.stop_all();
  control_.clear();
  forward_tsn_due_ = stream_reset_due_ = fast_retransmit_due_ = false;
  window_probe_due_ = probing_ = false;
  rto_ = RetransmissionTimeout{{options_.rto_initial, options_.rto_min, options_.rto_max}};
  queue_.restart();
  local_ = LocalInit{cookie.local_tag, cookie.local_initial_tsn};
  create_block(cookie.peer);
  set_state(State::Established, "the peer restarted");
  schedule_heartbeat(now);
  emit(Restarted{});
}

void Association::Core::become_established(Instant now, std::string_view reason) {
  timers_.stop(Timer::T1Init);
  timers_.stop(Timer::T1Cookie);
  cookie_.clear();
  cookie_echo_due_ = false;
  set_state(State::Established, reason);
  if (!tcb_->outstanding.empty()) timers_.start(Timer::T3Retransmission, now + rto_.current());
  schedule_heartbeat(now);
  emit(Established{tcb_->outbound_streams(options_), tcb_->inbound_streams(options_)});
  if (shutdown_wanted_) shutdown(now);
}

void Association::Core::handle(Instant now, const CookieAckChunk& /*chunk*/) {
  if (state_ != State::CookieEchoed) return;  // RFC 9260 §5.2.5: in silence
  if (handshake_sends_ == 1) rto_.measured(now - handshake_sent_);
  become_established(now, "COOKIE ACK");
}

void Association::Core::send_stale_cookie(Instant now, const StateCookie& cookie) {
  using Microseconds = std::chrono::duration<std::int64_t, std::micro>;
  const auto late = std::chrono::ceil<Microseconds>(now - cookie.created - cookie.lifespan).count();
  const auto staleness = std::min<std::int64_t>(late, 0xffffffff);
  discard("stale State Cookie", {9260, "5.1.5"});
  send_alone(cookie.peer.tag,
             ErrorChunk{{cause(CauseCode::StaleCookie,
                               u32_octets(static_cast<std::uint64_t>(staleness)))}});
}

// RFC 9260 §5.2.6, the first alternative: begin again with INIT, but not for ever.
void Association::Core::handle_stale_cookie(Instant now) {
  if (state_ != State::CookieEchoed) return;
  if (++stale_cookies_ > options_.max_init_retransmits) {
    return close(CloseCause::TooManyRetransmissions, "State Cookies go stale on their way");
  }
  timers_.stop(Timer::T1Cookie);
  // What was bundled with the cookie was thrown away with it.
  tcb_->outstanding.mark_all_lost(now);
  settle_abandoned();
  cookie_.clear();
  cookie_echo_due_ = false;
  handshake_sends_ = 0;
  set_state(State::CookieWait, "stale cookie");
  send_init(now);
}

}  // namespace rtclab::sctp
