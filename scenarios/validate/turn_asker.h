// Sends a TURN server exactly the requests that it is told to, when it is told to, and renews
// nothing.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/turn/client_requests.h"

#include <optional>
#include <string>

namespace rtclab::validate {

class TurnAsker {
 public:
  struct Config {
    Endpoint server;
    std::string username;
    std::string password;
  };
  // `rng` outlives this object.
  TurnAsker(const Config& config, Rng& rng);

  // After the socket is there: the first interface's, at the run's begin.
  void ask(Instant now, const turn::Wish& wish) { requests_.start(now, wish); }

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now) { requests_.handle_timeout(now); }
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

 private:
  Endpoint server_;
  turn::ClientRequests requests_;
  std::optional<Ip> wanted_;  // a socket at this address
  Endpoint local_;
};

static_assert(rtclab::Agent<TurnAsker>);

}  // namespace rtclab::validate
