#include "scenarios/validate/turn_side.h"

namespace rtclab::validate {

void TurnSide::handle_input(Instant now, const Input& input) {
  if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    config_.local = {up->address, Port{0}};
    asks_for_socket_ = true;
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    config_.local = opened->local;
    client_.emplace(config_, *rng_);
    client_->allocate(now);
    if (wants_ == Wants::Permission) {
      client_->create_permission(now, peer_.ip);
    } else {
      client_->bind_channel(now, peer_);
    }
  } else if (const auto* const received = std::get_if<Received>(&input); received && client_) {
    (void)client_->handle_datagram(now, received->bytes);
  }
}

void TurnSide::handle_timeout(Instant now) {
  if (client_) client_->handle_timeout(now);
}

std::optional<Output> TurnSide::poll_output() {
  if (asks_for_socket_) {
    asks_for_socket_ = false;
    return OpenSocket{.request = 1, .local = config_.local};
  }
  if (!client_) return std::nullopt;
  while (client_->poll_event()) continue;  // the trace has them
  return client_->poll_output();
}

std::optional<Wakeup> TurnSide::next_wakeup() const {
  return client_ ? client_->next_wakeup() : std::nullopt;
}

}  // namespace rtclab::validate
