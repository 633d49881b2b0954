#include "agents/media/session.h"

#include "agents/media/session_core.h"

namespace rtclab::media {

Session::Session(const SessionOptions& options, Rng& rng,
                 std::unique_ptr<RateController> controller)
    : core_{std::make_unique<Core>(options, rng, std::move(controller))} {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Session::Core& Session::changing() {
  wakeup_.reset();
  return *core_;
}

void Session::configure(Instant now, const Configuration& configuration) {
  changing().configure(now, configuration);
}
void Session::set_writable(Instant now, bool writable) {
  changing().set_writable(now, writable);
}
void Session::set_source(Instant now, std::string_view mid, std::unique_ptr<EncodedSource> source) {
  changing().set_source(now, mid, std::move(source));
}
void Session::handle_rtp(Instant now, ByteView packet) {
  changing().handle_rtp(now, packet);
}
void Session::handle_rtcp(Instant now, ByteView packet) {
  changing().handle_rtcp(now, packet);
}
void Session::handle_timeout(Instant now) {
  changing().pump(now);
}
std::optional<Wakeup> Session::next_wakeup() const {
  if (!wakeup_) wakeup_ = core_->next_wakeup();
  return *wakeup_;
}
std::optional<OutgoingPacket> Session::poll_packet() {
  return core_->poll_packet();
}
std::optional<SessionEvent> Session::poll_event() {
  return core_->poll_event();
}
void Session::close(Instant now) {
  changing().close(now);
}
Statistics Session::statistics() const {
  return core_->statistics();
}

}  // namespace rtclab::media
