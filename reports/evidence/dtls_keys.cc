#include "reports/evidence/dtls_keys.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace rtclab::evidence {
// OpenSSL's functions that free, as deleters. With a name of their own, for DtlsKeys::Cipher holds
// one.
namespace dtls_openssl {
template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using CipherPtr = std::unique_ptr<EVP_CIPHER, Freer<&EVP_CIPHER_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Freer<&EVP_CIPHER_CTX_free>>;
using KdfPtr = std::unique_ptr<EVP_KDF, Freer<&EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, Freer<&EVP_KDF_CTX_free>>;
}  // namespace dtls_openssl

namespace {

using namespace dtls_openssl;

constexpr std::size_t kSaltSize = 4;
constexpr std::size_t kExplicitNonceSize = 8;
constexpr std::size_t kTagSize = 16;

// RFC 5288 §3, RFC 5289 §3.2.
struct Suite {
  std::uint16_t number;
  const char* cipher;
  const char* prf_digest;
  std::size_t key_size;
};
constexpr std::array kSuites{
    Suite{0xc02b, "AES-128-GCM", "SHA256", 16},  // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    Suite{0xc02f, "AES-128-GCM", "SHA256", 16},  // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    Suite{0xc02c, "AES-256-GCM", "SHA384", 32},  // TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    Suite{0xc030, "AES-256-GCM", "SHA384", 32},  // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
};

unsigned char* to_write(std::span<std::byte> octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}
const unsigned char* to_read(ByteView octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

// Exactly as many digits as `out` has room for.
bool read_hex(std::string_view text, std::span<std::byte> out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return false;
    out[i] = static_cast<std::byte>(*high << 4u | *low);
  }
  return true;
}

// RFC 5246 §5: PRF(secret, label, seed), the seed being two randoms.
std::optional<Bytes> prf(const Suite& suite, MasterSecret secret, std::string_view label,
                         const std::array<DtlsRandom, 2>& randoms, std::size_t size) {
  Bytes seed = to_octets(label);
  for (const auto& random : randoms) seed.insert(seed.end(), random.begin(), random.end());
  const KdfPtr kdf{EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr)};
  const KdfContextPtr context{EVP_KDF_CTX_new(kdf.get())};
  std::string digest = suite.prf_digest;
  const std::array params{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()),
      OSSL_PARAM_construct_end()};
  Bytes out(size);
  if (!context || EVP_KDF_derive(context.get(), to_write(out), size, params.data()) != 1) {
    return std::nullopt;
  }
  return out;
}

const Suite* suite_numbered(std::uint16_t number) {
  const auto* const suite = std::ranges::find(kSuites, number, &Suite::number);
  return suite == kSuites.end() ? nullptr : suite;
}

}  // namespace

std::optional<KeyLogEntry> KeyLogEntry::parse(std::string_view line) {
  constexpr std::string_view kLabel = "CLIENT_RANDOM ";
  constexpr std::size_t kRandomDigits = 2 * std::tuple_size_v<DtlsRandom>;
  if (!line.starts_with(kLabel)) return std::nullopt;
  line.remove_prefix(kLabel.size());
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (line.size() <= kRandomDigits || line[kRandomDigits] != ' ') return std::nullopt;
  KeyLogEntry entry;
  const bool well_formed = read_hex(line.substr(0, kRandomDigits), entry.client_random) &&
                           read_hex(line.substr(kRandomDigits + 1), entry.master_secret);
  if (!well_formed) return std::nullopt;
  return entry;
}

std::optional<Bytes> export_keying_material(const MasterSecret& master, const Hellos& hellos,
                                            std::string_view label, std::size_t size) {
  const auto* const suite = suite_numbered(hellos.cipher_suite);
  if (suite == nullptr) return std::nullopt;
  return prf(*suite, master, label, {hellos.client_random, hellos.server_random}, size);
}

struct DtlsKeys::Cipher {
  dtls_openssl::CipherContextPtr context;  // has the key
  std::array<std::byte, kSaltSize> salt{};
};

DtlsKeys::DtlsKeys(std::array<std::unique_ptr<Cipher>, 2> ciphers) : ciphers_{std::move(ciphers)} {}
DtlsKeys::DtlsKeys(DtlsKeys&&) noexcept = default;
DtlsKeys& DtlsKeys::operator=(DtlsKeys&&) noexcept = default;
DtlsKeys::~DtlsKeys() = default;

std::optional<DtlsKeys> DtlsKeys::derive(const MasterSecret& master, const Hellos& hellos) {
  const auto* const suite = suite_numbered(hellos.cipher_suite);
  if (suite == nullptr) return std::nullopt;
  // RFC 5246 §6.3.
  const auto block =
      prf(*suite, master, "key expansion", {hellos.server_random, hellos.client_random},
          2 * (suite->key_size + kSaltSize));
  const CipherPtr algorithm{EVP_CIPHER_fetch(nullptr, suite->cipher, nullptr)};
  if (!block || !algorithm) return std::nullopt;

  // The client's key, the server's, the client's salt, the server's; AEAD has no MAC keys.
  ByteReader reader{*block};
  std::array<std::unique_ptr<Cipher>, 2> ciphers;
  for (auto& cipher : ciphers) {
    cipher = std::make_unique<Cipher>();
    cipher->context.reset(EVP_CIPHER_CTX_new());
    const auto key = reader.take(suite->key_size);
    if (!cipher->context || EVP_DecryptInit_ex2(cipher->context.get(), algorithm.get(),
                                                to_read(key), nullptr, nullptr) != 1) {
      return std::nullopt;
    }
  }
  for (auto& cipher : ciphers) std::ranges::copy(reader.take(kSaltSize), cipher->salt.begin());
  return DtlsKeys{std::move(ciphers)};
}

std::optional<Bytes> DtlsKeys::open(Writer writer, const DtlsRecord& record,
                                    ByteView content) const {
  constexpr std::size_t kMostContent = 1u << 15u;  // RFC 6347 §4.1 allows less
  if (!record.content_type || content.size() < kExplicitNonceSize + kTagSize ||
      content.size() > kMostContent) {
    return std::nullopt;
  }
  const auto& cipher = *ciphers_[writer == Writer::Client ? 0 : 1];
  const auto nonce = ByteWriter{kSaltSize + kExplicitNonceSize}
                         .octets(cipher.salt)
                         .octets(content.first(kExplicitNonceSize))
                         .take();
  const auto sealed =
      content.subspan(kExplicitNonceSize, content.size() - kExplicitNonceSize - kTagSize);
  Bytes tag{content.end() - kTagSize, content.end()};
  const auto associated = ByteWriter{13}
                              .u16(record.epoch)
                              .u16(record.sequence >> 32u)
                              .u32(record.sequence)
                              .u8(*record.content_type)
                              .u16(record.version)
                              .u16(sealed.size())
                              .take();
  auto* const context = cipher.context.get();
  Bytes plain(sealed.size());
  int size = 0;
  std::byte none{};  // OpenSSL wants an address even for no octets
  const bool opened =
      EVP_DecryptInit_ex2(context, nullptr, nullptr, to_read(nonce), nullptr) == 1 &&
      EVP_DecryptUpdate(context, nullptr, &size, to_read(associated),
                        static_cast<int>(associated.size())) == 1 &&
      (sealed.empty() || EVP_DecryptUpdate(context, to_write(plain), &size, to_read(sealed),
                                           static_cast<int>(sealed.size())) == 1) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize), tag.data()) ==
          1 &&
      EVP_DecryptFinal_ex(context, reinterpret_cast<unsigned char*>(&none), &size) == 1;
  if (!opened) return std::nullopt;
  return plain;
}

}  // namespace rtclab::evidence
