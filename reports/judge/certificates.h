// The certificates that peers showed in the open: in DTLS 1.2, where the Certificate message is not
// encrypted (RFC 5246 §7.4.2, RFC 6347 §4.2.3 for fragments).
#pragma once

#include "reports/judge/docket.h"

#include <string>
#include <vector>

namespace rtclab::judge {

struct ShownCertificate {
  const Transmission* first = nullptr;  // where its message began
  std::string sha256;                   // "AB:CD:…"
};

// One for each handshake and side whose message is whole in the evidence; the end-entity's only.
[[nodiscard]] std::vector<ShownCertificate> certificates(const Docket& docket);

}  // namespace rtclab::judge
