// One side of a DTLS association on a UDP socket of its own: nothing of ICE, nothing above.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/dtls/certificate.h"
#include "agents/dtls/endpoint.h"

#include <deque>
#include <optional>

namespace rtclab::validate {

class DtlsSide {
 public:
  struct Config {
    dtls::Role role;
    Port port;
    Endpoint remote;
    dtls::Certificate certificate;
    dtls::Fingerprint remote_fingerprint;
  };
  // `rng` outlives this object.
  DtlsSide(const Config& config, Rng& rng);

  // The handshake begins as soon as there is a socket.
  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Output> poll_output();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const { return endpoint_.next_wakeup(); }

  [[nodiscard]] dtls::State state() const { return endpoint_.state(); }

 private:
  Config config_;
  dtls::Endpoint endpoint_;
  std::optional<rtclab::Endpoint> local_;
  std::deque<Output> outbox_;
};

static_assert(rtclab::Agent<DtlsSide>);

}  // namespace rtclab::validate
