#include "agents/dtls/endpoint.h"

#include "agents/dtls/session.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <utility>

namespace rtclab::dtls {
namespace {

using namespace std::chrono_literals;

// RFC 6347 §4.2.4.1: SHOULD begin at 1 s and double up to no less than 60 s.
constexpr Duration kFirstTimeout = 1s;
constexpr Duration kLongestTimeout = 60s;

// Records that arrived before the peer is known. SCTP repeats what is dropped beyond them.
constexpr std::size_t kMostHeldRecords = 64;

}  // namespace

std::string_view to_string(Role role) {
  return role == Role::Client ? "client" : "server";
}

class Endpoint::Impl {
 public:
  Impl(Role role, const Certificate& certificate, const Options& options, Rng& rng)
      : role_{role}, session_{role, certificate, options, rng} {}

  void start(Instant now);
  void set_remote_fingerprints(Instant now, std::vector<Fingerprint> fingerprints);
  void handle_datagram(Instant now, ByteView datagram);
  void handle_timeout(Instant now);
  void send(Instant now, ByteView data);
  void close(Instant now);

  std::optional<std::variant<Bytes, rtclab::Event>> poll_output();
  std::optional<Event> poll_event();
  std::optional<Wakeup> next_wakeup() const;

  Role role() const { return role_; }
  State state() const { return state_; }
  const Session& session() const { return session_; }

 private:
  bool is_running() const { return state_ == State::Connecting || state_ == State::Connected; }
  // What the session did meanwhile becomes outputs, timer and state. The end of every public call.
  void settle(Instant now);
  void follow_timer(Instant now);
  void follow_status(Instant now);
  void collect();
  void fail(std::string reason);
  void set_state(State next, std::string_view reason);
  template <class E>
  void emit(E event) {
    outbox_.emplace_back(event.describe());
    events_.emplace_back(std::move(event));
  }

  Role role_;
  Session session_;
  State state_ = State::New;
  Duration flight_timer_ = kFirstTimeout;
  std::optional<Instant> resend_at_;
  std::deque<std::variant<Bytes, rtclab::Event>> outbox_;
  std::deque<Event> events_;
};

void Endpoint::Impl::start(Instant now) {
  if (state_ != State::New) return;
  set_state(State::Connecting, "the transport is ready");
  if (role_ == Role::Client) session_.advance();
  settle(now);
}

void Endpoint::Impl::set_remote_fingerprints(Instant now, std::vector<Fingerprint> fingerprints) {
  session_.expect(std::move(fingerprints));
  settle(now);
}

void Endpoint::Impl::handle_datagram(Instant now, ByteView datagram) {
  if (!is_running() || datagram.empty()) return;
  session_.receive(datagram);
  settle(now);
}

void Endpoint::Impl::handle_timeout(Instant now) {
  if (!resend_at_ || now < *resend_at_) return;
  outbox_.emplace_back(rtclab::Event{
      .name = "dtls:retransmitted",
      .fields =
          {{"flight_timer_ms",
            static_cast<std::int64_t>(
                std::chrono::duration_cast<std::chrono::milliseconds>(flight_timer_).count())}},
      .rule = Rule{6347, "4.2.4.1"}});
  flight_timer_ = std::min(2 * flight_timer_, kLongestTimeout);
  resend_at_ = now + flight_timer_;
  const bool goes_on = session_.resend();
  // The library starts its timer anew for the repeated flight; ours already runs, with the doubled
  // value.
  static_cast<void>(session_.take_timer_signal());
  if (!goes_on) fail("no answer to the handshake");
  settle(now);
}

void Endpoint::Impl::send(Instant now, ByteView data) {
  assert(state_ == State::Connected);
  session_.write(data);
  settle(now);
}

void Endpoint::Impl::close(Instant now) {
  if (state_ == State::Closed || state_ == State::Failed) return;
  if (session_.status() == SessionStatus::Established) session_.send_close_notify();
  set_state(State::Closed, "closed by this side");
  settle(now);
}

void Endpoint::Impl::settle(Instant now) {
  collect();
  follow_status(now);
  collect();
  follow_timer(now);
  assert(!resend_at_ || state_ == State::Connecting);
}

void Endpoint::Impl::collect() {
  while (auto product = session_.poll_produced()) {
    if (auto* line = std::get_if<KeyLogLine>(&*product)) {
      emit(Secrets{std::move(line->text)});
    } else {
      outbox_.emplace_back(std::get<Bytes>(std::move(*product)));
    }
  }
}

void Endpoint::Impl::follow_status(Instant /*now*/) {
  if (!is_running()) return;
  if (session_.status() == SessionStatus::Broken) return fail(session_.why_broken());

  if (session_.peer_is_expected() == false) {
    // RFC 8122 §6.2: MUST terminate with bad_certificate. During the handshake OpenSSL has sent it
    // already.
    if (session_.status() == SessionStatus::Established) {
      session_.send_bad_certificate();
      return fail("the peer's certificate matches none of the signalled fingerprints");
    }
  }
  const bool complete = session_.status() != SessionStatus::Handshaking;
  if (state_ == State::Connecting && complete && session_.peer_is_expected() == true) {
    set_state(State::Connected, "the handshake is complete and the fingerprint matches");
    emit(Connected{session_.version(), session_.cipher_suite(), session_.srtp_profile()});
  }
  if (state_ == State::Connected) {
    while (auto data = session_.poll_data())
      events_.emplace_back(ApplicationData{std::move(*data)});
  } else {
    session_.drop_data_beyond(kMostHeldRecords);
  }
  if (session_.status() == SessionStatus::PeerClosed) {
    session_.send_close_notify();  // RFC 5246 §7.2.1: answered in kind
    set_state(State::Closed, "the peer sent close_notify");
    emit(Closed{});
  }
}

void Endpoint::Impl::follow_timer(Instant now) {
  switch (session_.take_timer_signal()) {
    case TimerSignal::Started:
      flight_timer_ = kFirstTimeout;
      resend_at_ = now + flight_timer_;
      break;
    case TimerSignal::Stopped: resend_at_.reset(); break;
    case TimerSignal::None: break;
  }
  if (state_ != State::Connecting) resend_at_.reset();
}

void Endpoint::Impl::fail(std::string reason) {
  set_state(State::Failed, reason);
  emit(Failed{std::move(reason)});
}

void Endpoint::Impl::set_state(State next, std::string_view reason) {
  const auto from = std::exchange(state_, next);
  outbox_.emplace_back(rtclab::Event{.name = "dtls:state_changed",
                                     .fields = {{"from", std::string{to_string(from)}},
                                                {"to", std::string{to_string(next)}},
                                                {"role", std::string{to_string(role_)}},
                                                {"reason", std::string{reason}}},
                                     .rule = {}});
}

std::optional<std::variant<Bytes, rtclab::Event>> Endpoint::Impl::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  std::optional output{std::move(outbox_.front())};
  outbox_.pop_front();
  return output;
}

std::optional<Event> Endpoint::Impl::poll_event() {
  if (events_.empty()) return std::nullopt;
  std::optional event{std::move(events_.front())};
  events_.pop_front();
  return event;
}

std::optional<Wakeup> Endpoint::Impl::next_wakeup() const {
  if (!resend_at_) return std::nullopt;
  return Wakeup{*resend_at_, "dtls: retransmission"};
}

Endpoint::Endpoint(Role role, const Certificate& certificate, const Options& options, Rng& rng)
    : impl_{std::make_unique<Impl>(role, certificate, options, rng)} {}
Endpoint::~Endpoint() = default;
Endpoint::Endpoint(Endpoint&&) noexcept = default;
Endpoint& Endpoint::operator=(Endpoint&&) noexcept = default;

void Endpoint::start(Instant now) {
  impl_->start(now);
}
void Endpoint::set_remote_fingerprints(Instant now, std::vector<Fingerprint> fingerprints) {
  impl_->set_remote_fingerprints(now, std::move(fingerprints));
}
void Endpoint::handle_datagram(Instant now, ByteView datagram) {
  impl_->handle_datagram(now, datagram);
}
void Endpoint::handle_timeout(Instant now) {
  impl_->handle_timeout(now);
}
void Endpoint::send(Instant now, ByteView data) {
  impl_->send(now, data);
}
void Endpoint::close(Instant now) {
  impl_->close(now);
}
std::optional<std::variant<Bytes, rtclab::Event>> Endpoint::poll_output() {
  return impl_->poll_output();
}
std::optional<Event> Endpoint::poll_event() {
  return impl_->poll_event();
}
std::optional<Wakeup> Endpoint::next_wakeup() const {
  return impl_->next_wakeup();
}
Role Endpoint::role() const {
  return impl_->role();
}
State Endpoint::state() const {
  return impl_->state();
}
Bytes Endpoint::export_keying_material(std::string_view label, std::size_t size) const {
  assert(state() == State::Connected);
  return impl_->session().export_keying_material(label, size);
}

}  // namespace rtclab::dtls
