// One side of an SCTP association whose packets go over UDP as they are, without DTLS (RFC 6951
// does so): a capture shows them in the clear.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/sctp/association.h"

#include <deque>
#include <optional>

namespace rtclab::validate {

class SctpSide {
 public:
  struct Config {
    Port port;
    Endpoint remote;
    bool connects = true;
  };
  // `rng` outlives this object.
  SctpSide(const Config& config, Rng& rng) : config_{config}, association_{sctp::Options{}, rng} {}

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now) { association_.handle_timeout(now); }
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const { return association_.next_wakeup(); }

  // A message on stream 0.
  void send(Instant now, ByteView message);

 private:
  Config config_;
  sctp::Association association_;
  std::optional<Endpoint> local_;
  std::deque<Output> outbox_;
};

static_assert(rtclab::Agent<SctpSide>);

}  // namespace rtclab::validate
