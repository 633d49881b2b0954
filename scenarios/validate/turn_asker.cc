#include "scenarios/validate/turn_asker.h"

#include "agents/stun/message.h"

#include <chrono>
#include <utility>
#include <variant>

namespace rtclab::validate {

TurnAsker::TurnAsker(const Config& config, Rng& rng)
    : server_{config.server},
      requests_{{.software = {}, .rto = std::chrono::milliseconds{500}, .deviations = {}},
                {config.username, config.password},
                rng} {}

void TurnAsker::handle_input(Instant now, const Input& input) {
  if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    wanted_ = up->address;
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    local_ = opened->local;
  } else if (const auto* const received = std::get_if<Received>(&input)) {
    const auto message = stun::Message::parse(received->bytes);
    if (message) (void)requests_.handle_response(now, *message, received->bytes);
  }
}

std::optional<Output> TurnAsker::poll_output() {
  if (const auto ip = std::exchange(wanted_, std::nullopt))
    return OpenSocket{.request = 1, .local = {*ip, Port{0}}};
  while (requests_.poll_outcome()) continue;  // the capture has them
  if (auto message = requests_.poll_message())
    return Transmit{{Transport::Udp, local_, server_}, std::move(*message)};
  return std::nullopt;
}

std::optional<Wakeup> TurnAsker::next_wakeup() const {
  const auto at = requests_.next_wakeup();
  return at ? std::optional{Wakeup{*at, "a request is due again"}} : std::nullopt;
}

}  // namespace rtclab::validate
