// What a session needs to know of certificates, ours and the peer's.
//
// Spec: RFC 8122 §5.
#pragma once

#include "agents/dtls/certificate.h"
#include "agents/dtls/openssl_types.h"

#include <vector>

namespace rtclab::dtls {

struct Certificate::Keys {
  KeyPtr key;
  X509Ptr x509;
  Bytes der;
  Fingerprint fingerprint;
};

[[nodiscard]] Bytes der_of(X509* certificate);
[[nodiscard]] Fingerprint fingerprint_of(ByteView der);  // sha-256

// RFC 8122 §5.1: of the hash functions that we know, the one preferred; the certificate must match
// one of the fingerprints made with it.
[[nodiscard]] bool matches_one(ByteView der, const std::vector<Fingerprint>& fingerprints);

}  // namespace rtclab::dtls
