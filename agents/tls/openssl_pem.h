// Certificates and keys as files and messages have them. Private to this folder.
#pragma once

#include "agents/dtls/openssl_types.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <string_view>
#include <vector>

namespace rtclab::tls {

using BioPtr = std::unique_ptr<BIO, dtls::Freer<BIO_free>>;

// nullptr when `der` is no certificate.
[[nodiscard]] dtls::X509Ptr read_certificate(ByteView der);
// All certificates in `text`; none when one of them cannot be read.
[[nodiscard]] std::vector<dtls::X509Ptr> read_certificates(std::string_view text);

// For pem_password_cb: a key that asks for a password is not read, and nobody is asked.
[[nodiscard]] inline int no_password(char*, int, int, void*) {
  return -1;
}

}  // namespace rtclab::tls
