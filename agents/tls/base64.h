// Octets as text. Spec: RFC 4648 §4, with padding and on one line.
#pragma once

#include "agents/base/bytes.h"

#include <string>

namespace rtclab::tls {

[[nodiscard]] std::string to_base64(ByteView octets);

}  // namespace rtclab::tls
