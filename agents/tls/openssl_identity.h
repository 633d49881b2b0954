// What a session needs of an identity, in OpenSSL's objects. Private to this folder.
#pragma once

#include "agents/dtls/openssl_types.h"
#include "agents/tls/identity.h"

#include <vector>

namespace rtclab::tls {

struct Identity::Keys {
  dtls::KeyPtr key;
  dtls::X509Ptr x509;
  std::vector<dtls::X509Ptr> chain;  // shown behind the certificate
  Bytes der;
  dtls::Fingerprint fingerprint;
};

}  // namespace rtclab::tls
