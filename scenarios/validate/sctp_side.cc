#include "scenarios/validate/sctp_side.h"

#include <variant>

namespace rtclab::validate {

void SctpSide::handle_input(Instant now, const Input& input) {
  if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    outbox_.emplace_back(OpenSocket{.request = 1, .local = {up->address, config_.port}});
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    local_ = opened->local;
    if (config_.connects) association_.connect(now);
  } else if (const auto* const received = std::get_if<Received>(&input)) {
    association_.handle_packet(now, received->bytes);
  }
}

std::optional<Output> SctpSide::poll_output() {
  while (auto output = association_.poll_output()) {
    if (auto* const bytes = std::get_if<Bytes>(&*output)) {
      outbox_.emplace_back(
          Transmit{.path = {Transport::Udp, *local_, config_.remote}, .bytes = std::move(*bytes)});
    } else {
      outbox_.emplace_back(std::get<Event>(std::move(*output)));
    }
  }
  while (association_.poll_event()) continue;  // the trace has them
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

void SctpSide::send(Instant now, ByteView message) {
  (void)association_.send(now, sctp::StreamId{0},
                          {.ppid = sctp::Ppid{51}, .bytes = {message.begin(), message.end()}});
}

}  // namespace rtclab::validate
