#include "agents/srtp/cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cassert>
#include <cstdlib>
#include <limits>

namespace rtclab::srtp {
namespace {

// Calls that can only fail when memory or our own use of them does.
void must(bool succeeded) {
  if (!succeeded) std::abort();
}

const unsigned char* in_octets(ByteView octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}
unsigned char* out_octets(std::span<std::byte> octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}
int int_size(std::size_t size) {
  assert(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(size);
}

CipherContextPtr keyed(const EVP_CIPHER* cipher, ByteView key, bool encrypts) {
  CipherContextPtr context{EVP_CIPHER_CTX_new()};
  must(context != nullptr);
  must(EVP_CipherInit_ex(context.get(), cipher, nullptr, in_octets(key), nullptr,
                         encrypts ? 1 : 0) == 1);
  return context;
}

}  // namespace

void FreeContext::operator()(EVP_CIPHER_CTX* context) const {
  EVP_CIPHER_CTX_free(context);
}
void FreeContext::operator()(EVP_MAC_CTX* context) const {
  EVP_MAC_CTX_free(context);
}

CounterMode::CounterMode(ByteView key)
    : context_{keyed(key.size() == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr(), key, true)} {
  assert(key.size() == 16 || key.size() == 32);
}

void CounterMode::apply(const Block& counter, std::span<std::byte> octets) {
  auto* const context = context_.get();
  must(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, in_octets(counter)) == 1);
  int written = 0;
  must(EVP_EncryptUpdate(context, out_octets(octets), &written, in_octets(octets),
                         int_size(octets.size())) == 1);
}

Gcm::Gcm(ByteView key, GcmUse use)
    : context_{keyed(key.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), key,
                     use == GcmUse::Seal)} {
  assert(key.size() == 16 || key.size() == 32);
}

void Gcm::start(const Nonce& nonce, ByteView associated, ByteView more) {
  auto* const context = context_.get();
  must(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, in_octets(nonce), -1) == 1);
  int written = 0;
  for (const auto part : {associated, more}) {
    if (part.empty()) continue;
    must(EVP_CipherUpdate(context, nullptr, &written, in_octets(part), int_size(part.size())) == 1);
  }
}

void Gcm::update(std::span<std::byte> octets) {
  if (octets.empty()) return;
  int written = 0;
  must(EVP_CipherUpdate(context_.get(), out_octets(octets), &written, in_octets(octets),
                        int_size(octets.size())) == 1);
}

Block Gcm::seal(const Nonce& nonce, ByteView associated, ByteView more,
                std::span<std::byte> octets) {
  start(nonce, associated, more);
  update(octets);
  Block tag{};
  int written = 0;
  auto* const context = context_.get();
  must(EVP_CipherFinal_ex(context, out_octets(tag), &written) == 1);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, int_size(tag.size()), tag.data()) == 1);
  return tag;
}

// OpenSSL compares the tags in constant time (CRYPTO_memcmp).
bool Gcm::open(const Nonce& nonce, ByteView associated, ByteView more, std::span<std::byte> octets,
               ByteView tag) {
  assert(tag.size() == sizeof(Block));
  start(nonce, associated, more);
  update(octets);
  Block expected{};
  std::ranges::copy(tag, expected.begin());
  auto* const context = context_.get();
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int_size(expected.size()),
                           expected.data()) == 1);
  Block rest{};
  int written = 0;
  return EVP_CipherFinal_ex(context, out_octets(rest), &written) == 1;
}

HmacSha1::HmacSha1(ByteView key) {
  auto* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  must(hmac != nullptr);
  auto* const context = EVP_MAC_CTX_new(hmac);
  EVP_MAC_free(hmac);  // the context keeps its own reference
  must(context != nullptr);
  context_.reset(context);
  char digest[] = "SHA1";
  const OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
  must(EVP_MAC_init(context, in_octets(key), key.size(), settings) == 1);
}

Sha1 HmacSha1::sign(ByteView octets, ByteView more) {
  auto* const context = context_.get();
  must(EVP_MAC_init(context, nullptr, 0, nullptr) == 1);  // the same key again
  must(EVP_MAC_update(context, in_octets(octets), octets.size()) == 1);
  if (!more.empty()) must(EVP_MAC_update(context, in_octets(more), more.size()) == 1);
  Sha1 tag{};
  std::size_t written = 0;
  must(EVP_MAC_final(context, out_octets(tag), &written, tag.size()) == 1);
  return tag;
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  assert(a.size() == b.size());
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace rtclab::srtp
