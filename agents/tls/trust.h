// Whom a TLS client believes that it speaks with the server it was told to speak with.
//
// Spec: RFC 8489 §6.2.3 (the certificate is checked against the name), RFC 9525 §6 (how), RFC 5280
// §6.1 (the path). Nothing is read from the machine: a driver that wants its authorities hands them
// in.
#pragma once

#include "agents/base/bytes.h"
#include "agents/dtls/certificate.h"

#include <optional>
#include <string_view>
#include <vector>

namespace rtclab::tls {

struct Trust {
  // Certificates in DER. A server must show one that leads to one of these, is valid today, and
  // bears the server's name.
  std::vector<Bytes> authorities;
  // Or one that matches one of these: then neither path nor name nor dates matter.
  std::vector<dtls::Fingerprint> fingerprints;
  // The calendar at Instant{}: virtual time has none of its own.
  dtls::CalendarTime epoch = dtls::kEpoch;
};

// The certificates in a PEM file; nullopt when there is none, or one that cannot be read.
[[nodiscard]] std::optional<std::vector<Bytes>> certificates_in_pem(std::string_view text);

}  // namespace rtclab::tls
