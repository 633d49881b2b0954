// A session, by OpenSSL: the SSL object, its settings, and the callbacks that it makes.
#include "agents/dtls/openssl_alert.h"
#include "agents/dtls/openssl_bio.h"
#include "agents/dtls/openssl_certificate.h"
#include "agents/dtls/openssl_context.h"
#include "agents/dtls/openssl_types.h"
#include "agents/dtls/session.h"

#include <array>
#include <deque>
#include <utility>

namespace rtclab::dtls {

struct Session::Inside {
  Rng* rng;
  Certificate certificate;
  std::deque<Product> produced;
  DatagramBio bio;
  SslPtr ssl;  // uses the BIO until its end
  std::deque<Bytes> data;
  SessionStatus status = SessionStatus::Handshaking;
  std::string why_broken;
  std::optional<Bytes> peer_der;
  std::optional<std::vector<Fingerprint>> expected;
  // Of these two, once it was found: a digest is too dear to be taken for every record.
  std::optional<bool> is_expected;
  bool refused = false;  // verify_certificate() said no

  Inside(const Certificate& own, std::size_t mtu, Rng& randomness)
      : rng{&randomness}, certificate{own}, bio{mtu, produced} {}

  // Before each call into the library.
  void begin_call() {
    ERR_clear_error();
    bio.begin_call();
  }
  void break_session(int ssl_error);
};

namespace {

Session::Inside& inside_of(const SSL* ssl) {
  return *static_cast<Session::Inside*>(SSL_get_app_data(ssl));
}

// Stands in for the whole path validation: identity is the fingerprint and nothing else (RFC 8827
// §6.5).
int verify_certificate(X509_STORE_CTX* store, void* /*argument*/) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& inside = inside_of(ssl);
  inside.peer_der = der_of(X509_STORE_CTX_get0_cert(store));
  inside.is_expected.reset();
  if (!inside.expected || matches_one(*inside.peer_der, *inside.expected)) return 1;
  inside.refused = true;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);  // becomes the alert bad_certificate
  return 0;
}

void log_key(const SSL* ssl, const char* line) {
  inside_of(ssl).produced.emplace_back(KeyLogLine{line});
}

SSL_CTX* make_settings() {
  SeededRng set_up{0};  // SSL_CTX draws keys for tickets, which we never issue
  const WithRng with{set_up};
  auto* const ssl = SSL_CTX_new_ex(openssl_context(), nullptr, DTLS_method());
  must(ssl != nullptr);
  SSL_CTX_set_min_proto_version(ssl, DTLS1_2_VERSION);
  SSL_CTX_set_security_level(ssl, 1);  // upstream's default; distributions differ
  // RFC 8827 §6.5: MUST support the first; the second is for peers with an RSA certificate.
  must(SSL_CTX_set_cipher_list(ssl, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256") ==
       1);
  // The curve of our certificates must be in the list, or there is "no shared cipher".
  must(SSL_CTX_set1_groups_list(ssl, "X25519:P-256") == 1);
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(ssl, verify_certificate, nullptr);
  SSL_CTX_set_keylog_callback(ssl, log_key);
  SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
  // Tickets would carry the wall clock. RFC 8827 §6.5: renegotiation is refused.
  SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION);
  return ssl;
}

// Built once per process. They hold nothing that a session leaves behind: no cache, no tickets, no
// random generator of their own.
SSL_CTX* settings() {
  static auto* const kInstance = make_settings();
  return kInstance;
}

}  // namespace

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

Session::Session(Role role, const Certificate& certificate, const Options& options, Rng& rng)
    : inside_{new Inside{certificate, options.mtu, rng}} {
  const WithRng with{rng};
  inside_->ssl.reset(SSL_new(settings()));
  auto* const ssl = inside_->ssl.get();
  must(ssl != nullptr);
  SSL_set_app_data(ssl, inside_.get());
  must(SSL_use_certificate(ssl, certificate.keys().x509.get()) == 1);
  must(SSL_use_PrivateKey(ssl, certificate.keys().key.get()) == 1);
  // Here 0 is success.
  if (!options.srtp_profiles.empty())
    must(SSL_set_tlsext_use_srtp(ssl, options.srtp_profiles.c_str()) == 0);
  inside_->bio.attach(ssl);
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
  inside_->bio.offer(datagram);
  advance();
  inside_->bio.offer({});
}

bool Session::resend() {
  auto& inside = *inside_;
  const WithRng with{*inside.rng};
  inside.begin_call();
  inside.bio.expire_timer();
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
  constexpr Alert kBadCertificate{.level = std::byte{2}, .description = std::byte{42}};
  auto& bio = inside_->bio;
  bio.begin_call();
  bio.write(seal_alert(inside_->ssl.get(), kBadCertificate, bio.epoch_1_records()));
}

void Session::expect(std::vector<Fingerprint> fingerprints) {
  inside_->expected = std::move(fingerprints);
  inside_->is_expected.reset();
}

std::optional<bool> Session::peer_is_expected() const {
  if (!inside_->expected || !inside_->peer_der) return std::nullopt;
  if (!inside_->is_expected)
    inside_->is_expected = matches_one(*inside_->peer_der, *inside_->expected);
  return inside_->is_expected;
}

std::optional<Product> Session::poll_produced() {
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
  return inside_->bio.take_timer_signal();
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
