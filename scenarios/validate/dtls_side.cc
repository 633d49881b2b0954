#include "scenarios/validate/dtls_side.h"

#include <variant>

namespace rtclab::validate {

DtlsSide::DtlsSide(const Config& config, Rng& rng)
    : config_{config}, endpoint_{config.role, config.certificate, dtls::Options{}, rng} {}

void DtlsSide::handle_input(Instant now, const Input& input) {
  if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    outbox_.emplace_back(OpenSocket{.request = 1, .local = {up->address, config_.port}});
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    local_ = opened->local;
    endpoint_.set_remote_fingerprints(now, {config_.remote_fingerprint});
    endpoint_.start(now);
  } else if (const auto* const received = std::get_if<Received>(&input)) {
    endpoint_.handle_datagram(now, received->bytes);
  }
}

void DtlsSide::handle_timeout(Instant now) {
  endpoint_.handle_timeout(now);
}

std::optional<Output> DtlsSide::poll_output() {
  while (auto output = endpoint_.poll_output()) {
    if (auto* const bytes = std::get_if<Bytes>(&*output)) {
      outbox_.emplace_back(
          Transmit{.path = {Transport::Udp, *local_, config_.remote}, .bytes = std::move(*bytes)});
    } else {
      outbox_.emplace_back(std::get<Event>(std::move(*output)));
    }
  }
  while (endpoint_.poll_event()) continue;  // state() says all that is asked here
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

}  // namespace rtclab::validate
