// OpenSSL's objects with an owner, and octets as the library types them. Private to this folder, as
// all of openssl_*.h; no other file of the project includes OpenSSL for DTLS.
#pragma once

#include "agents/base/bytes.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <memory>
#include <span>

namespace rtclab::dtls {

template <auto Function>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using SslPtr = std::unique_ptr<SSL, Freer<SSL_free>>;
using BigNumPtr = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using KdfPtr = std::unique_ptr<EVP_KDF, Freer<EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, Freer<EVP_CIPHER_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;

// Calls of OpenSSL that can only fail when memory or our own use of them does.
inline void must(bool succeeded) {
  if (succeeded) return;
  ERR_print_errors_fp(stderr);
  std::abort();
}

inline unsigned char* to_write(std::span<std::byte> octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}
inline const unsigned char* to_read(ByteView octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

}  // namespace rtclab::dtls
