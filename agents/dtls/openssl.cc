// Everything OpenSSL: the only file of the project that includes it for DTLS.
//
// Two habits of the library do not fit an agent, and both are tamed here without patching it:
//  - Entropy: a provider of our own, "rtclab-rand", is the random generator of a private
//  OSSL_LIB_CTX. It
//    hands on what the current agent's Rng yields, so that keys, nonces and hellos replay.
//  - Time: OpenSSL reads the wall clock to see whether a flight must be repeated. We tell it that
//  the timer
//    runs for over an hour, watch it start and stop the timer through the BIO, run that timer in
//    virtual time (endpoint.cc), and when it fires, set OpenSSL's own deadline into the past. That
//    deadline is reached through the pointer that BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT carries, which is
//    a fact of OpenSSL 3.0 and not a promise; the cases in tests/agents/dtls/retransmission_test.cc
//    fail if it ever ends.
// The library context and the SSL_CTX are built once per process, because they cost more than a
// handshake. They hold no state that a session leaves behind: no cache, no tickets, no random
// generator of their own.
#include "agents/dtls/certificate.h"
#include "agents/dtls/session.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <span>
#include <utility>

namespace rtclab::dtls {
namespace {

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
void must(bool succeeded) {
  if (succeeded) return;
  ERR_print_errors_fp(stderr);
  std::abort();
}

// The same octets, as the library types them.
unsigned char* to_write(std::span<std::byte> octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}
const unsigned char* to_read(ByteView octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

// --- randomness ---

// Whose Rng answers OpenSSL's next question. Set around each call into the library and never beyond
// it.
thread_local Rng* current_rng = nullptr;

class WithRng {
 public:
  explicit WithRng(Rng& rng) : before_{std::exchange(current_rng, &rng)} {}
  ~WithRng() { current_rng = before_; }
  WithRng(const WithRng&) = delete;
  WithRng& operator=(const WithRng&) = delete;

 private:
  Rng* before_;
};

// The provider's functions, in the form that provider-rand(7) asks for.
struct RandState {
  int state = EVP_RAND_STATE_UNINITIALISED;
};
void* rand_new(void* /*provider*/, void* /*parent*/, const OSSL_DISPATCH* /*parent_calls*/) {
  return new RandState;
}
void rand_free(void* context) {
  delete static_cast<RandState*>(context);
}
int rand_instantiate(void* context, unsigned /*strength*/, int /*prediction_resistance*/,
                     const unsigned char* /*personalisation*/, std::size_t /*size*/,
                     const OSSL_PARAM /*params*/[]) {
  static_cast<RandState*>(context)->state = EVP_RAND_STATE_READY;
  return 1;
}
int rand_uninstantiate(void* context) {
  static_cast<RandState*>(context)->state = EVP_RAND_STATE_UNINITIALISED;
  return 1;
}
int rand_generate(void* /*context*/, unsigned char* out, std::size_t size, unsigned /*strength*/,
                  int /*prediction_resistance*/, const unsigned char* /*additional*/,
                  std::size_t /*size*/) {
  if (current_rng == nullptr)
    return 0;  // a call outside WithRng is our bug; never fall back on entropy
  current_rng->fill({reinterpret_cast<std::byte*>(out), size});
  return 1;
}
int rand_reseed(void* /*context*/, int /*prediction_resistance*/, const unsigned char* /*entropy*/,
                std::size_t /*entropy_size*/, const unsigned char* /*additional*/,
                std::size_t /*size*/) {
  return 1;
}
int rand_enable_locking(void* /*context*/) {
  return 1;
}
int rand_lock(void* /*context*/) {
  return 1;
}
void rand_unlock(void* /*context*/) {}
const OSSL_PARAM* rand_gettable(void* /*context*/, void* /*provider*/) {
  static const OSSL_PARAM kParams[] = {OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, nullptr),
                                       OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, nullptr),
                                       OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, nullptr),
                                       OSSL_PARAM_END};
  return kParams;
}
int rand_get(void* context, OSSL_PARAM params[]) {
  if (auto* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE)) {
    OSSL_PARAM_set_int(p, static_cast<RandState*>(context)->state);
  }
  if (auto* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH)) OSSL_PARAM_set_uint(p, 256);
  if (auto* p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST))
    OSSL_PARAM_set_size_t(p, 1u << 20u);
  return 1;
}

using AnyFunction = void (*)();
template <class F>
OSSL_DISPATCH entry(int id, F* function) {
  return {id, reinterpret_cast<AnyFunction>(function)};
}

const OSSL_ALGORITHM* rand_query(void* /*provider*/, int operation, int* no_cache) {
  static const std::array kFunctions{entry(OSSL_FUNC_RAND_NEWCTX, rand_new),
                                     entry(OSSL_FUNC_RAND_FREECTX, rand_free),
                                     entry(OSSL_FUNC_RAND_INSTANTIATE, rand_instantiate),
                                     entry(OSSL_FUNC_RAND_UNINSTANTIATE, rand_uninstantiate),
                                     entry(OSSL_FUNC_RAND_GENERATE, rand_generate),
                                     entry(OSSL_FUNC_RAND_RESEED, rand_reseed),
                                     entry(OSSL_FUNC_RAND_ENABLE_LOCKING, rand_enable_locking),
                                     entry(OSSL_FUNC_RAND_LOCK, rand_lock),
                                     entry(OSSL_FUNC_RAND_UNLOCK, rand_unlock),
                                     entry(OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, rand_gettable),
                                     entry(OSSL_FUNC_RAND_GET_CTX_PARAMS, rand_get),
                                     OSSL_DISPATCH{0, nullptr}};
  static const std::array kAlgorithms{OSSL_ALGORITHM{"RTCLAB-RAND", "provider=rtclab-rand",
                                                     kFunctions.data(), "the current agent's Rng"},
                                      OSSL_ALGORITHM{nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  return operation == OSSL_OP_RAND ? kAlgorithms.data() : nullptr;
}
void rand_teardown(void* /*provider*/) {}
int rand_init(const OSSL_CORE_HANDLE* /*handle*/, const OSSL_DISPATCH* /*in*/,
              const OSSL_DISPATCH** out, void** provider) {
  static const std::array kFunctions{entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, rand_query),
                                     entry(OSSL_FUNC_PROVIDER_TEARDOWN, rand_teardown),
                                     OSSL_DISPATCH{0, nullptr}};
  static char token = 0;  // the library wants a non-null provider context
  *out = kFunctions.data();
  *provider = &token;
  return 1;
}

// --- the datagram BIO ---

Session::Inside& inside_of(BIO* bio) {
  return *static_cast<Session::Inside*>(BIO_get_data(bio));
}
Session::Inside& inside_of(const SSL* ssl) {
  return *static_cast<Session::Inside*>(SSL_get_app_data(ssl));
}
int bio_write(BIO* bio, const char* data, int size);
int bio_read(BIO* bio, char* data, int size);
long bio_control(BIO* bio, int command, long number, void* pointer);
int verify_certificate(X509_STORE_CTX* store, void* /*argument*/);
void log_key(const SSL* ssl, const char* line);

// --- what is built once ---

struct Library {
  OSSL_LIB_CTX* context = nullptr;
  SSL_CTX* ssl = nullptr;
  BIO_METHOD* bio = nullptr;

  Library() {
    // The machine's openssl.cnf must not decide what our octets look like.
    must(OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
    SeededRng set_up{0};  // SSL_CTX draws keys for tickets, which we never issue
    const WithRng with{set_up};
    context = OSSL_LIB_CTX_new();
    must(context != nullptr && OSSL_PROVIDER_add_builtin(context, "rtclab-rand", rand_init) == 1);
    must(OSSL_PROVIDER_load(context, "rtclab-rand") != nullptr);
    must(OSSL_PROVIDER_load(context, "default") != nullptr);
    must(RAND_set_DRBG_type(context, "RTCLAB-RAND", "provider=rtclab-rand", nullptr, nullptr) == 1);

    bio = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rtclab datagrams");
    BIO_meth_set_write(bio, bio_write);
    BIO_meth_set_read(bio, bio_read);
    BIO_meth_set_ctrl(bio, bio_control);

    ssl = SSL_CTX_new_ex(context, nullptr, DTLS_method());
    must(ssl != nullptr);
    SSL_CTX_set_min_proto_version(ssl, DTLS1_2_VERSION);
    SSL_CTX_set_security_level(ssl, 1);  // upstream's default; distributions differ
    // RFC 8827 §6.5: MUST support the first; the second is for peers with an RSA certificate.
    must(SSL_CTX_set_cipher_list(ssl,
                                 "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256") == 1);
    // The curve of our certificates must be in the list, or there is "no shared cipher".
    must(SSL_CTX_set1_groups_list(ssl, "X25519:P-256") == 1);
    // Offered without media too, as every peer does: media may be added later. 0 is success here.
    must(SSL_CTX_set_tlsext_use_srtp(ssl, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(ssl, verify_certificate, nullptr);
    SSL_CTX_set_keylog_callback(ssl, log_key);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    // Tickets would carry the wall clock. RFC 8827 §6.5: renegotiation is refused.
    SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION);
  }
};

const Library& library() {
  static const Library kInstance;
  return kInstance;
}

// "AB:CD:…", or nullopt for a hash that is unknown or must not be used (RFC 8122 §5: MD2 and MD5).
std::optional<std::string> digest_text(std::string_view algorithm, ByteView der) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 5> kHashes{
      {{"sha-1", "SHA1"},
       {"sha-224", "SHA224"},
       {"sha-256", "SHA256"},
       {"sha-384", "SHA384"},
       {"sha-512", "SHA512"}}};
  const auto* const hash =
      std::ranges::find(kHashes, algorithm, &std::pair<std::string_view, const char*>::first);
  if (hash == kHashes.end()) return std::nullopt;
  std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  must(EVP_Q_digest(library().context, hash->second, nullptr, der.data(), der.size(),
                    to_write(digest), &size) == 1);
  std::string text;
  for (const auto octet : std::span{digest}.first(size)) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (!text.empty()) text += ':';
    text += kDigits[std::to_integer<std::size_t>(octet) >> 4u];
    text += kDigits[std::to_integer<std::size_t>(octet) & 15u];
  }
  return text;
}

Bytes der_of(X509* certificate) {
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  auto* out = to_write(der);
  i2d_X509(certificate, &out);
  return der;
}

// RFC 8122 §5.1: of the hash functions that we know, the one preferred; the certificate must match
// one of the fingerprints made with it.
bool matches_one(ByteView der, const std::vector<Fingerprint>& fingerprints) {
  for (const std::string_view algorithm : {"sha-256", "sha-384", "sha-512", "sha-224", "sha-1"}) {
    const Fingerprint ours{std::string{algorithm}, {}};
    const auto same_hash = [&](const Fingerprint& f) {
      return Fingerprint{f.algorithm, {}}.matches(ours);
    };
    if (std::ranges::none_of(fingerprints, same_hash)) continue;
    const Fingerprint actual{ours.algorithm, *digest_text(algorithm, der)};
    return std::ranges::any_of(fingerprints,
                               [&](const Fingerprint& f) { return f.matches(actual); });
  }
  return false;
}

}  // namespace

// --- certificates ---

struct Certificate::Keys {
  KeyPtr key;
  X509Ptr x509;
  Bytes der;
  Fingerprint fingerprint;
};

Certificate Certificate::generate(Rng& rng, CalendarTime valid_from) {
  constexpr std::int64_t kDay = 86400;
  const WithRng with{rng};
  auto* const context = library().context;
  auto keys = std::make_shared<Keys>();
  keys->key.reset(EVP_PKEY_Q_keygen(context, nullptr, "EC", "P-256"));
  keys->x509.reset(X509_new_ex(context, nullptr));
  auto* const x509 = keys->x509.get();
  must(keys->key && x509 != nullptr);
  X509_set_version(x509, X509_VERSION_3);
  std::array<std::byte, 8> serial{};
  rng.fill(serial);
  serial[0] =
      (serial[0] & std::byte{0x7f}) | std::byte{0x40};  // positive, and always eight octets long
  const BigNumPtr number{BN_bin2bn(to_read(serial), static_cast<int>(serial.size()), nullptr)};
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509));
  ASN1_TIME_set(X509_getm_notBefore(x509), valid_from.value() - kDay);
  ASN1_TIME_set(X509_getm_notAfter(x509), valid_from.value() + 30 * kDay);
  X509_set_pubkey(x509, keys->key.get());
  // RFC 8827 §6.5: a name must not tell anything about the user; "WebRTC" is what browsers write.
  auto* const name = X509_get_subject_name(x509);
  constexpr std::string_view kName = "WebRTC";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, to_read(as_octets(kName)),
                             static_cast<int>(kName.size()), -1, 0);
  X509_set_issuer_name(x509, name);
  must(X509_sign(x509, keys->key.get(), EVP_sha256()) > 0);
  keys->der = der_of(x509);
  keys->fingerprint = {"sha-256", *digest_text("sha-256", keys->der)};
  return Certificate{std::move(keys)};
}

const Fingerprint& Certificate::fingerprint() const {
  return keys_->fingerprint;
}
const Bytes& Certificate::der() const {
  return keys_->der;
}

// --- a session ---

struct Session::Inside {
  SslPtr ssl;
  Rng* rng;
  Certificate certificate;
  std::deque<std::variant<Bytes, KeyLogLine>> produced;
  std::deque<Bytes> data;
  std::size_t mtu;
  // OpenSSL repeats a flight one record at a time. What one call of it writes goes into as few
  // datagrams as the first flight did (RFC 6347 §4.1.1), which lossy paths reward.
  bool may_join = false;
  ByteView inbox;  // the datagram being read; empty when it was taken
  SessionStatus status = SessionStatus::Handshaking;
  std::string why_broken;
  std::optional<Bytes> peer_der;
  std::optional<std::vector<Fingerprint>> expected;
  bool refused = false;  // verify_certificate() said no
  TimerSignal timer = TimerSignal::None;
  timeval* deadline = nullptr;        // OpenSSL's own next_timeout
  std::uint64_t epoch_1_records = 0;  // sent so far: the next sequence number

  // Before each call into the library.
  void begin_call() {
    ERR_clear_error();
    may_join = false;
  }
  void note_records(ByteView datagram);
  void break_session(int ssl_error);
  void seal_alert(std::byte level, std::byte description);
};

namespace {

int bio_write(BIO* bio, const char* data, int size) {
  auto& inside = inside_of(bio);
  const auto datagram = as_octets({data, static_cast<std::size_t>(size)});
  inside.note_records(datagram);
  auto* const last = inside.may_join ? std::get_if<Bytes>(&inside.produced.back()) : nullptr;
  if (last != nullptr && last->size() + datagram.size() <= inside.mtu) {
    last->insert(last->end(), datagram.begin(), datagram.end());
  } else {
    inside.produced.emplace_back(Bytes{datagram.begin(), datagram.end()});
  }
  inside.may_join = true;
  return size;
}

int bio_read(BIO* bio, char* data, int size) {
  auto& inside = inside_of(bio);
  BIO_clear_retry_flags(bio);
  if (inside.inbox.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto taken = std::min(inside.inbox.size(), static_cast<std::size_t>(size));
  std::memcpy(data, inside.inbox.data(), taken);
  inside.inbox = {};  // as with recv(): what does not fit is cut off
  return static_cast<int>(taken);
}

long bio_control(BIO* bio, int command, long /*number*/, void* pointer) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP: return 1;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return 28;  // IPv4 and UDP; taken off the link MTU that the constructor sets with the same 28
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT: {
      auto& inside = inside_of(bio);
      inside.deadline = static_cast<timeval*>(pointer);
      const bool runs = inside.deadline->tv_sec != 0 || inside.deadline->tv_usec != 0;
      inside.timer = runs ? TimerSignal::Started : TimerSignal::Stopped;
      return 1;
    }
    default: return 0;
  }
}

// Stands in for the whole path validation: identity is the fingerprint and nothing else (RFC 8827
// §6.5).
int verify_certificate(X509_STORE_CTX* store, void* /*argument*/) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& inside = inside_of(ssl);
  inside.peer_der = der_of(X509_STORE_CTX_get0_cert(store));
  if (!inside.expected || matches_one(*inside.peer_der, *inside.expected)) return 1;
  inside.refused = true;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);  // becomes the alert bad_certificate
  return 0;
}

void log_key(const SSL* ssl, const char* line) {
  inside_of(ssl).produced.emplace_back(KeyLogLine{line});
}

// The key that our side writes with: RFC 5246 §6.3, the key block of an AEAD suite is two keys, two
// salts.
struct WriteKey {
  std::array<std::byte, 16> key;
  std::array<std::byte, 4> salt;
};
WriteKey write_key(SSL* ssl) {
  std::array<std::byte, 48> master{};
  std::array<std::byte, 13 + 64> seed{};  // "key expansion", server random, client random
  std::array<std::byte, 40> block{};
  SSL_SESSION_get_master_key(SSL_get_session(ssl), to_write(master), master.size());
  std::ranges::copy(as_octets("key expansion"), seed.begin());
  SSL_get_server_random(ssl, to_write(std::span{seed}.subspan(13)), 32);
  SSL_get_client_random(ssl, to_write(std::span{seed}.subspan(45)), 32);

  const KdfPtr kdf{EVP_KDF_fetch(library().context, "TLS1-PRF", nullptr)};
  const KdfContextPtr context{EVP_KDF_CTX_new(kdf.get())};
  std::string hash = "SHA256";
  const std::array params{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master.data(), master.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()),
      OSSL_PARAM_construct_end()};
  must(EVP_KDF_derive(context.get(), to_write(block), block.size(), params.data()) == 1);

  WriteKey mine;
  const std::size_t side = SSL_is_server(ssl) == 1 ? 1 : 0;
  std::ranges::copy(std::span{block}.subspan(16 * side, 16), mine.key.begin());
  std::ranges::copy(std::span{block}.subspan(32 + 4 * side, 4), mine.salt.begin());
  return mine;
}

}  // namespace

// Counts what we send under the negotiated keys, because OpenSSL does not tell its sequence number.
// A record: type 1, version 2, epoch 2, sequence number 6, length 2 (RFC 6347 §4.1).
void Session::Inside::note_records(ByteView datagram) {
  ByteReader reader{datagram};
  while (reader.remaining() >= 13) {
    reader.skip(3);
    const auto epoch = reader.u16();
    reader.skip(6);
    reader.skip(reader.u16());
    if (epoch == 1) ++epoch_1_records;
  }
}

void Session::Inside::break_session(int ssl_error) {
  if (status == SessionStatus::Broken) return;
  status = SessionStatus::Broken;
  const auto* const reason = ERR_reason_error_string(ERR_peek_last_error());
  if (refused) {
    why_broken = "the peer's certificate matches none of the signalled fingerprints";
  } else if (ssl_error == SSL_ERROR_SSL && reason != nullptr) {
    why_broken = reason;
  } else {
    why_broken = "the DTLS library gave up";
  }
}

// OpenSSL has no call that sends a chosen alert once the handshake is over, so the record is made
// here: AES-128-GCM as RFC 5288 §3 says, the nonce's explicit part being epoch and sequence number
// (RFC 6347 §4.1.2.1).
void Session::Inside::seal_alert(std::byte level, std::byte description) {
  const auto number = (std::uint64_t{1} << 48u) | epoch_1_records;
  const std::array plain{level, description};
  constexpr std::uint8_t kAlert = 21;
  constexpr std::uint16_t kVersion = 0xfefd;
  const auto associated =
      ByteWriter{}.u64(number).u8(kAlert).u16(kVersion).u16(plain.size()).take();
  const auto keys = write_key(ssl.get());
  const auto nonce = ByteWriter{}.octets(keys.salt).u64(number).take();

  std::array<std::byte, 2> sealed{};
  std::array<std::byte, 16> tag{};
  const CipherPtr cipher{EVP_CIPHER_fetch(library().context, "AES-128-GCM", nullptr)};
  const CipherContextPtr context{EVP_CIPHER_CTX_new()};
  int size = 0;
  must(EVP_EncryptInit_ex2(context.get(), cipher.get(), to_read(keys.key), to_read(nonce),
                           nullptr) == 1);
  must(EVP_EncryptUpdate(context.get(), nullptr, &size, to_read(associated),
                         static_cast<int>(associated.size())) == 1);
  must(EVP_EncryptUpdate(context.get(), to_write(sealed), &size, to_read(plain),
                         static_cast<int>(plain.size())) == 1);
  must(EVP_EncryptFinal_ex(context.get(), to_write(sealed), &size) == 1);
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                           tag.data()) == 1);
  ++epoch_1_records;
  produced.emplace_back(ByteWriter{}
                            .u8(kAlert)
                            .u16(kVersion)
                            .u64(number)
                            .u16(8 + sealed.size() + tag.size())
                            .u64(number)
                            .octets(sealed)
                            .octets(tag)
                            .take());
}

Session::Session(Role role, const Certificate& certificate, const Options& options, Rng& rng)
    : inside_{new Inside{.ssl = nullptr,
                         .rng = &rng,
                         .certificate = certificate,
                         .produced = {},
                         .data = {},
                         .mtu = options.mtu,
                         .inbox = {},
                         .why_broken = {},
                         .peer_der = {},
                         .expected = {}}} {
  const WithRng with{rng};
  inside_->ssl.reset(SSL_new(library().ssl));
  auto* const ssl = inside_->ssl.get();
  must(ssl != nullptr);
  SSL_set_app_data(ssl, inside_.get());
  must(SSL_use_certificate(ssl, certificate.keys().x509.get()) == 1);
  must(SSL_use_PrivateKey(ssl, certificate.keys().key.get()) == 1);
  auto* const bio = BIO_new(library().bio);
  BIO_set_data(bio, inside_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  DTLS_set_link_mtu(ssl, static_cast<long>(options.mtu) + 28);
  DTLS_set_timer_cb(
      ssl, [](SSL*, unsigned) { return 4000u * 1000u * 1000u; });  // see the top of the file
  if (role == Role::Client) {
    SSL_set_connect_state(ssl);
  } else {
    SSL_set_accept_state(ssl);
  }
}

Session::~Session() {
  const WithRng with{*inside_->rng};
  inside_->ssl.reset();
}

void Session::advance() {
  auto& inside = *inside_;
  const WithRng with{*inside.rng};
  auto* const ssl = inside.ssl.get();
  inside.begin_call();
  if (inside.status == SessionStatus::Handshaking) {
    const int result = SSL_do_handshake(ssl);
    if (result != 1) {
      const int error = SSL_get_error(ssl, result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        inside.break_session(error);
      return;
    }
    inside.status = SessionStatus::Established;
  }
  // Also what repeats our last flight when the peer's retransmission shows that it was lost.
  while (inside.status == SessionStatus::Established) {
    std::array<std::byte, 16384> buffer;  // the largest plaintext of a record (RFC 5246 §6.2.1)
    const int result = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
    if (result > 0) {
      inside.data.emplace_back(buffer.begin(), buffer.begin() + result);
      continue;
    }
    const int error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_ZERO_RETURN) {
      inside.status = SessionStatus::PeerClosed;
    } else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      inside.break_session(error);
    } else {
      return;
    }
  }
}

void Session::receive(ByteView datagram) {
  inside_->inbox = datagram;
  advance();
  inside_->inbox = {};
}

bool Session::resend() {
  auto& inside = *inside_;
  const WithRng with{*inside.rng};
  assert(inside.deadline != nullptr);
  inside.begin_call();
  *inside.deadline = {.tv_sec = 1, .tv_usec = 0};  // 1970: long past
  return DTLSv1_handle_timeout(inside.ssl.get()) >= 0;
}

void Session::write(ByteView data) {
  const WithRng with{*inside_->rng};
  inside_->begin_call();
  must(SSL_write(inside_->ssl.get(), data.data(), static_cast<int>(data.size())) > 0);
}

void Session::send_close_notify() {
  const WithRng with{*inside_->rng};
  inside_->begin_call();
  SSL_shutdown(inside_->ssl.get());
}

void Session::send_bad_certificate() {
  constexpr std::byte kFatal{2};
  constexpr std::byte kBadCertificate{42};  // RFC 5246 §7.2
  inside_->seal_alert(kFatal, kBadCertificate);
}

void Session::expect(std::vector<Fingerprint> fingerprints) {
  inside_->expected = std::move(fingerprints);
}

std::optional<bool> Session::peer_is_expected() const {
  if (!inside_->expected || !inside_->peer_der) return std::nullopt;
  return matches_one(*inside_->peer_der, *inside_->expected);
}

std::optional<std::variant<Bytes, KeyLogLine>> Session::poll_produced() {
  if (inside_->produced.empty()) return std::nullopt;
  std::optional product{std::move(inside_->produced.front())};
  inside_->produced.pop_front();
  return product;
}

std::optional<Bytes> Session::poll_data() {
  if (inside_->data.empty()) return std::nullopt;
  std::optional data{std::move(inside_->data.front())};
  inside_->data.pop_front();
  return data;
}

void Session::drop_data_beyond(std::size_t records) {
  if (inside_->data.size() > records) inside_->data.resize(records);
}

TimerSignal Session::take_timer_signal() {
  return std::exchange(inside_->timer, TimerSignal::None);
}
SessionStatus Session::status() const {
  return inside_->status;
}
std::string Session::why_broken() const {
  return inside_->why_broken;
}
std::string Session::version() const {
  return SSL_get_version(inside_->ssl.get());
}
std::string Session::cipher_suite() const {
  return SSL_get_cipher_name(inside_->ssl.get());
}
std::string Session::srtp_profile() const {
  const auto* const profile = SSL_get_selected_srtp_profile(inside_->ssl.get());
  return profile == nullptr ? "" : profile->name;
}

Bytes Session::export_keying_material(std::string_view label, std::size_t size) const {
  Bytes material(size);
  must(SSL_export_keying_material(inside_->ssl.get(), to_write(material), size, label.data(),
                                  label.size(), nullptr, 0, 0) == 1);
  return material;
}

}  // namespace rtclab::dtls
