// The State Cookie: what a responder would have to remember, handed to the peer under a MAC.
//
// Spec: RFC 9260 §5.1.3 (making), §5.1.5 (checking). HMAC-SHA-256 with a key that lives as long as
// the association object: it protects one peer only, so there is nothing to gain from changing it
// hourly.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/sctp/peer_init.h"
#include "agents/sctp/tsn.h"

#include <array>
#include <cstdint>
#include <optional>

namespace rtclab::sctp {

// Random stand-ins for the tags of an existing association, so that the cookie need not show those.
// 0: there was none, or it knew no peer yet (RFC 9260 §5.2.2).
struct TieTags {
  std::uint32_t local = 0;
  std::uint32_t peer = 0;
  friend bool operator==(const TieTags&, const TieTags&) = default;
};

struct StateCookie {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  std::uint32_t local_tag = 0;
  Tsn local_initial_tsn{0};
  PeerInit peer;
  TieTags tie_tags;
  Instant created{};
  Duration lifespan{};
  friend bool operator==(const StateCookie&, const StateCookie&) = default;
};

class CookieSealer {
 public:
  explicit CookieSealer(Rng& rng) { rng.fill(key_); }

  [[nodiscard]] Bytes seal(const StateCookie& cookie) const;
  // nullopt for anything that this sealer did not make. Age is for the caller to judge.
  [[nodiscard]] std::optional<StateCookie> open(ByteView cookie) const;

 private:
  std::array<std::byte, 32> key_{};
};

}  // namespace rtclab::sctp
