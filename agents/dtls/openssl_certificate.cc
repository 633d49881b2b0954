#include "agents/dtls/openssl_certificate.h"

#include "agents/dtls/openssl_context.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rtclab::dtls {
namespace {

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
  must(EVP_Q_digest(openssl_context(), hash->second, nullptr, der.data(), der.size(),
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

}  // namespace

Bytes der_of(X509* certificate) {
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  auto* out = to_write(der);
  i2d_X509(certificate, &out);
  return der;
}

Fingerprint fingerprint_of(ByteView der) {
  return {"sha-256", *digest_text("sha-256", der)};
}

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

Certificate Certificate::generate(Rng& rng, CalendarTime valid_from) {
  constexpr std::int64_t kDay = 86400;
  const WithRng with{rng};
  auto* const context = openssl_context();
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
  keys->fingerprint = fingerprint_of(keys->der);
  return Certificate{std::move(keys)};
}

const Fingerprint& Certificate::fingerprint() const {
  return keys_->fingerprint;
}
const Bytes& Certificate::der() const {
  return keys_->der;
}

}  // namespace rtclab::dtls
