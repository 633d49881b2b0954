// The user name fragment and password of one side of one stream.
//
// Spec: RFC 8445 §5.3 (at least 24 and 128 bits of randomness); RFC 8839 §5.4 (ice-char, lengths).
#pragma once

#include "agents/base/deviation.h"
#include "agents/base/rng.h"

#include <string>

namespace rtclab::ice {

struct Credentials {
  std::string ufrag;
  std::string pwd;

  // Deviations: SdpShortUfrag, SdpShortPwd.
  [[nodiscard]] static Credentials draw(Rng& rng, const Deviations& deviations = {});
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace rtclab::ice
