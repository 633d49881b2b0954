// A TLS session, by OpenSSL: two memory BIOs stand where the socket would be.
#include "agents/base/address.h"
#include "agents/dtls/openssl_certificate.h"
#include "agents/dtls/openssl_context.h"
#include "agents/tls/openssl_identity.h"
#include "agents/tls/openssl_pem.h"
#include "agents/tls/session.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <utility>

namespace rtclab::tls {
namespace {

using dtls::must;
using dtls::WithRng;

using StorePtr = std::unique_ptr<X509_STORE, dtls::Freer<X509_STORE_free>>;

template <class T>
std::optional<T> pop(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  std::optional<T> front{std::move(queue.front())};
  queue.pop_front();
  return front;
}

// Length and text, one name after the other (RFC 7301 §3.1).
Bytes protocol_list(const std::vector<std::string>& names) {
  ByteWriter list;
  for (const auto& name : names) list.u8(name.size()).text(name);
  return list.take();
}

// Names come from configurations and from servers (ALTERNATE-DOMAIN): not every text is one.
bool is_host(std::string_view text) {
  const auto fits = [](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
  };
  return !text.empty() && text.size() <= 253 && text.front() != '.' &&
         std::ranges::all_of(text, fits);
}

std::string agreed_protocol(const SSL* ssl) {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  return {reinterpret_cast<const char*>(protocol), size};
}

}  // namespace

struct Session::Inside {
  Rng* rng;
  std::vector<dtls::Fingerprint> fingerprints;
  bool has_name = true;  // a name that a certificate could bear
  Bytes alpn;
  dtls::SslPtr ssl;
  BIO* in = nullptr;  // the SSL object owns both
  BIO* out = nullptr;
  State state = State::Handshaking;
  std::string why_failed;
  std::deque<Bytes> octets;
  std::deque<Bytes> data;
  std::deque<Event> events;

  explicit Inside(Rng& randomness);
  void trust(const Trust& trust, const std::string& host);
  void show(const Identity& identity);
  void set_time(Instant now);

  void advance();
  void read();
  void flush();
  void fail(int ssl_error);

  std::int64_t epoch = dtls::kEpoch.value();
};

namespace {

Session::Inside& inside_of(const SSL* ssl) {
  return *static_cast<Session::Inside*>(SSL_get_app_data(ssl));
}

// A fingerprint that was handed in stands above path, name and dates.
int verify(X509_STORE_CTX* store, void* /*argument*/) {
  const auto* const ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto& inside = inside_of(ssl);
  const auto der = dtls::der_of(X509_STORE_CTX_get0_cert(store));
  if (dtls::matches_one(der, inside.fingerprints)) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  if (!inside.has_name) {  // OpenSSL would take it for "any name"
    X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
    return 0;
  }
  return X509_verify_cert(store);
}

// RFC 7301 §3.2: with nothing in common the handshake ends.
int select_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void* /*argument*/) {
  const auto& own = inside_of(ssl).alpn;
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, dtls::to_read(own),
                                          static_cast<unsigned>(own.size()), offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void log_key(const SSL* ssl, const char* line) {
  inside_of(ssl).events.push_back(
      {.name = "tls:key_log", .fields = {{"nss_line", std::string{line}}}, .rule = {}});
}

SSL_CTX* make_settings() {
  SeededRng set_up{0};  // SSL_CTX draws keys for tickets, which we never issue
  const WithRng with{set_up};
  auto* const settings = SSL_CTX_new_ex(dtls::openssl_context(), nullptr, TLS_method());
  must(settings != nullptr);
  SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION);
  SSL_CTX_set_security_level(settings, 1);  // upstream's default; distributions differ
  must(SSL_CTX_set_cipher_list(settings, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
  must(SSL_CTX_set1_groups_list(settings, "X25519:P-256:P-384") == 1);
  SSL_CTX_set_cert_verify_callback(settings, verify, nullptr);
  SSL_CTX_set_alpn_select_cb(settings, select_protocol, nullptr);
  SSL_CTX_set_keylog_callback(settings, log_key);
  SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(settings, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(settings, 0);
  return settings;
}

SSL_CTX* settings() {
  static auto* const kInstance = make_settings();
  return kInstance;
}

}  // namespace

Session::Inside::Inside(Rng& randomness) : rng{&randomness} {
  const WithRng with{*rng};
  ssl.reset(SSL_new(settings()));
  in = BIO_new(BIO_s_mem());
  out = BIO_new(BIO_s_mem());
  must(ssl != nullptr && in != nullptr && out != nullptr);
  BIO_set_mem_eof_return(in, -1);  // an empty stream is one to wait for
  SSL_set_bio(ssl.get(), in, out);
  SSL_set_app_data(ssl.get(), this);
}

// RFC 9525 §6: a name must be matched by the certificate, an address literal by one of its
// addresses.
void Session::Inside::trust(const Trust& trust, const std::string& host) {
  fingerprints = trust.fingerprints;
  epoch = trust.epoch.value();
  const StorePtr store{X509_STORE_new()};
  for (const auto& authority : trust.authorities) {
    const auto certificate = read_certificate(authority);
    if (certificate) must(X509_STORE_add_cert(store.get(), certificate.get()) == 1);
  }
  must(SSL_set1_verify_cert_store(ssl.get(), store.get()) == 1);
  auto* const parameters = SSL_get0_param(ssl.get());
  // A certificate that signed itself may be named as its own authority.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  has_name = is_host(host);
  if (!has_name) {
    // Nothing to ask for, and nothing to hold the certificate against.
  } else if (Ip::parse(host)) {
    must(X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1);
  } else {
    must(X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) == 1);
    must(SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1);  // RFC 6066 §3: names only
  }
  SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
}

void Session::Inside::show(const Identity& identity) {
  const auto& keys = identity.keys();
  must(SSL_use_certificate(ssl.get(), keys.x509.get()) == 1);
  must(SSL_use_PrivateKey(ssl.get(), keys.key.get()) == 1);
  for (const auto& certificate : keys.chain)
    must(SSL_add1_chain_cert(ssl.get(), certificate.get()));
}

void Session::Inside::set_time(Instant now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl.get()), epoch + seconds.count());
}

void Session::Inside::advance() {
  if (state == State::Handshaking) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl.get());
    if (result == 1) {
      state = State::Open;
      events.push_back({.name = "tls:connected",
                        .fields = {{"version", std::string{SSL_get_version(ssl.get())}},
                                   {"cipher_suite", std::string{SSL_get_cipher_name(ssl.get())}},
                                   {"alpn", agreed_protocol(ssl.get())}},
                        .rule = Rule{8489, "6.2.3"}});
    } else if (const int error = SSL_get_error(ssl.get(), result); error != SSL_ERROR_WANT_READ) {
      fail(error);
    }
  }
  if (state == State::Open) read();
  flush();
}

void Session::Inside::read() {
  while (state == State::Open) {
    std::array<std::byte, 16384> buffer;  // the largest plaintext of a record (RFC 8446 §5.1)
    ERR_clear_error();
    const int result = SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (result > 0) {
      data.emplace_back(buffer.begin(), buffer.begin() + result);
      continue;
    }
    const int error = SSL_get_error(ssl.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    if (error == SSL_ERROR_ZERO_RETURN) {
      state = State::Closed;
    } else {
      fail(error);
    }
  }
}

void Session::Inside::flush() {
  Bytes pending(BIO_ctrl_pending(out));
  if (pending.empty()) return;
  const auto size = static_cast<int>(pending.size());
  must(BIO_read(out, pending.data(), size) == size);
  octets.push_back(std::move(pending));
}

void Session::Inside::fail(int ssl_error) {
  state = State::Failed;
  const auto verdict = SSL_get_verify_result(ssl.get());
  const auto* const reason = ERR_reason_error_string(ERR_peek_last_error());
  if (verdict != X509_V_OK) {
    why_failed =
        std::string{"the certificate is refused: "} + X509_verify_cert_error_string(verdict);
  } else if (ssl_error == SSL_ERROR_SSL && reason != nullptr) {
    why_failed = reason;
  } else {
    why_failed = "the TLS library gave up";
  }
  events.push_back(
      {.name = "tls:failed", .fields = {{"reason", why_failed}}, .rule = Rule{8489, "6.2.3"}});
}

Session::Session(const ClientSettings& client, Rng& rng) : inside_{new Inside{rng}} {
  const WithRng with{rng};
  inside_->trust(client.trust, client.host);
  inside_->alpn = protocol_list(client.alpn);
  auto* const ssl = inside_->ssl.get();
  // Here 0 is success.
  if (!inside_->alpn.empty())
    must(SSL_set_alpn_protos(ssl, dtls::to_read(inside_->alpn),
                             static_cast<unsigned>(inside_->alpn.size())) == 0);
  SSL_set_connect_state(ssl);
}

Session::Session(const ServerSettings& server, Rng& rng) : inside_{new Inside{rng}} {
  const WithRng with{rng};
  inside_->show(server.identity);
  inside_->alpn = protocol_list(server.alpn);
  SSL_set_accept_state(inside_->ssl.get());
}

Session::~Session() {
  if (!inside_) return;
  const WithRng with{*inside_->rng};
  inside_->ssl.reset();
}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

void Session::start(Instant now) {
  const WithRng with{*inside_->rng};
  inside_->set_time(now);
  inside_->advance();
}

void Session::receive(Instant now, ByteView octets) {
  if (octets.empty() || state() == State::Closed || state() == State::Failed) return;
  const WithRng with{*inside_->rng};
  const auto size = static_cast<int>(octets.size());
  must(BIO_write(inside_->in, octets.data(), size) == size);
  inside_->set_time(now);
  inside_->advance();
}

void Session::send(ByteView data) {
  if (data.empty()) return;
  const WithRng with{*inside_->rng};
  ERR_clear_error();
  must(SSL_write(inside_->ssl.get(), data.data(), static_cast<int>(data.size())) > 0);
  inside_->flush();
}

void Session::close() {
  if (state() != State::Open && state() != State::Closed) return;
  const WithRng with{*inside_->rng};
  ERR_clear_error();
  SSL_shutdown(inside_->ssl.get());
  inside_->flush();
  inside_->state = State::Closed;
}

std::optional<Bytes> Session::poll_octets() {
  return pop(inside_->octets);
}
std::optional<Bytes> Session::poll_data() {
  return pop(inside_->data);
}
std::optional<Event> Session::poll_event() {
  return pop(inside_->events);
}
Session::State Session::state() const {
  return inside_->state;
}
const std::string& Session::why_failed() const {
  return inside_->why_failed;
}
std::string Session::version() const {
  return SSL_get_version(inside_->ssl.get());
}
std::string Session::alpn() const {
  return agreed_protocol(inside_->ssl.get());
}

}  // namespace rtclab::tls
