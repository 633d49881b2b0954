// A TURN client on a UDP socket of its own, which lends no candidate to anybody.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/turn/client.h"

#include <optional>

namespace rtclab::validate {

class TurnSide {
 public:
  // `config.local` is filled in. `rng` outlives this object. Once it has an allocation it asks for
  // a permission for the peer, or binds a channel.
  enum class Wants { Permission, Channel };
  TurnSide(turn::Config config, const Endpoint& peer, Wants wants, Rng& rng)
      : config_{std::move(config)}, peer_{peer}, wants_{wants}, rng_{&rng} {}

  // nullptr before it has a socket.
  [[nodiscard]] turn::Client* client() { return client_ ? &*client_ : nullptr; }

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

 private:
  turn::Config config_;
  Endpoint peer_;
  Wants wants_;
  Rng* rng_;
  bool asks_for_socket_ = false;
  std::optional<turn::Client> client_;
};

static_assert(rtclab::Agent<TurnSide>);

}  // namespace rtclab::validate
