#include "agents/tls/openssl_identity.h"

#include "agents/base/address.h"
#include "agents/dtls/openssl_certificate.h"
#include "agents/dtls/openssl_context.h"
#include "agents/tls/openssl_pem.h"

#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace rtclab::tls {
namespace {

using dtls::must;
using dtls::WithRng;

constexpr std::int64_t kDay = 86400;

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  auto* const extension = X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// "DNS:turn.example.org,IP:192.0.2.1" (RFC 5280 §4.2.1.6).
std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += ',';
    text += (Ip::parse(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

struct Request {
  std::string subject;
  std::vector<std::string> names;  // empty: an authority
  dtls::CalendarTime valid_from;
};

void set_serial(X509* certificate, Rng& rng) {
  std::array<std::byte, 8> serial{};
  rng.fill(serial);
  serial[0] = (serial[0] & std::byte{0x7f}) | std::byte{0x40};  // positive, and always eight octets
  const dtls::BigNumPtr number{
      BN_bin2bn(dtls::to_read(serial), static_cast<int>(serial.size()), nullptr)};
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

// `issuer` nullptr: it signs itself.
std::shared_ptr<Identity::Keys> make(Rng& rng, const Request& request,
                                     const Identity::Keys* issuer) {
  const WithRng with{rng};
  auto* const context = dtls::openssl_context();
  auto keys = std::make_shared<Identity::Keys>();
  keys->key.reset(EVP_PKEY_Q_keygen(context, nullptr, "EC", "P-256"));
  keys->x509.reset(X509_new_ex(context, nullptr));
  auto* const x509 = keys->x509.get();
  must(keys->key && x509 != nullptr);
  X509_set_version(x509, X509_VERSION_3);
  set_serial(x509, rng);
  ASN1_TIME_set(X509_getm_notBefore(x509), request.valid_from.value() - kDay);
  ASN1_TIME_set(X509_getm_notAfter(x509), request.valid_from.value() + 365 * kDay);
  X509_set_pubkey(x509, keys->key.get());
  auto* const subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             dtls::to_read(as_octets(request.subject)),
                             static_cast<int>(request.subject.size()), -1, 0);
  X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer->x509.get()) : subject);
  if (request.names.empty()) {
    add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x509, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(x509, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, NID_subject_alt_name, alternative_names(request.names));
  }
  must(X509_sign(x509, issuer ? issuer->key.get() : keys->key.get(), EVP_sha256()) > 0);
  keys->der = dtls::der_of(x509);
  keys->fingerprint = dtls::fingerprint_of(keys->der);
  return keys;
}

}  // namespace

Identity Identity::self_signed(Rng& rng, const std::vector<std::string>& names,
                               dtls::CalendarTime valid_from) {
  return Identity{make(rng, {names.front(), names, valid_from}, nullptr)};
}

std::optional<Identity> Identity::from_pem(std::string_view certificate, std::string_view key) {
  auto certificates = read_certificates(certificate);
  const BioPtr bio{BIO_new_mem_buf(key.data(), static_cast<int>(key.size()))};
  auto keys = std::make_shared<Keys>();
  keys->key.reset(PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, no_password, nullptr,
                                             dtls::openssl_context(), nullptr));
  ERR_clear_error();
  if (certificates.empty() || !keys->key) return std::nullopt;
  keys->x509 = std::move(certificates.front());
  certificates.erase(certificates.begin());
  keys->chain = std::move(certificates);
  if (X509_check_private_key(keys->x509.get(), keys->key.get()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  keys->der = dtls::der_of(keys->x509.get());
  keys->fingerprint = dtls::fingerprint_of(keys->der);
  return Identity{std::move(keys)};
}

const Bytes& Identity::der() const {
  return keys_->der;
}
const dtls::Fingerprint& Identity::fingerprint() const {
  return keys_->fingerprint;
}

Authority Authority::generate(Rng& rng, dtls::CalendarTime valid_from) {
  return Authority{Identity{make(rng, {"rtclab authority", {}, valid_from}, nullptr)}};
}

Identity Authority::issue(Rng& rng, const std::vector<std::string>& names,
                          dtls::CalendarTime valid_from) const {
  return Identity{make(rng, {names.front(), names, valid_from}, &own_.keys())};
}

}  // namespace rtclab::tls
