// OpenSSL without its entropy: a library context of our own, whose random generator hands on what
// the current agent's Rng yields, so that keys, nonces and hellos replay.
//
// Built once per process, because it costs more than a handshake. It holds no state that a session
// leaves behind.
#pragma once

#include "agents/base/rng.h"

#include <openssl/types.h>

namespace rtclab::dtls {

[[nodiscard]] OSSL_LIB_CTX* openssl_context();

// Whose Rng answers OpenSSL's next question: set around each call into the library, never beyond
// it.
class WithRng {
 public:
  explicit WithRng(Rng& rng);
  ~WithRng();
  WithRng(const WithRng&) = delete;
  WithRng& operator=(const WithRng&) = delete;

 private:
  Rng* before_;
};

}  // namespace rtclab::dtls
