#include "tests/bench/floor.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace rtclab::bench {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Deleter<SSL_free>>;

void must(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "bench floor: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

struct Identity {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate{X509_new()};

  Identity() {
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30 * 86400);
    X509_set_pubkey(certificate.get(), key.get());
    must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "signing a certificate");
  }
};

Context context_of(const Identity& identity) {
  Context context{SSL_CTX_new(DTLS_method())};
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  SSL_CTX_set_cipher_list(context.get(), "ECDHE-ECDSA-AES128-GCM-SHA256");
  SSL_CTX_set1_groups_list(context.get(), "X25519:P-256");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     [](int, X509_STORE_CTX*) { return 1; });
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  return context;
}

}  // namespace

void certificates_and_handshake() {
  const Identity a;
  const Identity b;
  const auto client_context = context_of(a);
  const auto server_context = context_of(b);
  const Session client{SSL_new(client_context.get())};
  const Session server{SSL_new(server_context.get())};
  auto* const up = BIO_new(BIO_s_mem());
  auto* const down = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(up, -1);
  BIO_set_mem_eof_return(down, -1);
  BIO_up_ref(up);
  BIO_up_ref(down);
  SSL_set_bio(client.get(), down, up);
  SSL_set_bio(server.get(), up, down);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  SSL_set_options(client.get(), SSL_OP_NO_QUERY_MTU);
  SSL_set_options(server.get(), SSL_OP_NO_QUERY_MTU);
  SSL_set_mtu(client.get(), 1200);
  SSL_set_mtu(server.get(), 1200);
  for (int turn = 0; turn < 10; ++turn) {
    const bool client_done = SSL_do_handshake(client.get()) == 1;
    const bool server_done = SSL_do_handshake(server.get()) == 1;
    if (client_done && server_done) return;
  }
  must(false, "the handshake");
}

}  // namespace rtclab::bench
