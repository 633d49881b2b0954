// AES in counter mode, AES-GCM and HMAC-SHA1: OpenSSL's objects, keyed once and used for every
// packet. Private to this folder; cipher.cc alone calls OpenSSL.
//
// Spec: RFC 3711 §4.1.1 (counter mode), §4.2.1 (HMAC-SHA1); RFC 7714 §5 (AES-GCM). Resources: they
// move, and are not copied.
#pragma once

#include "agents/base/bytes.h"

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace rtclab::srtp {

using Block = std::array<std::byte, 16>;
using Nonce = std::array<std::byte, 12>;
using Sha1 = std::array<std::byte, 20>;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const;
  void operator()(EVP_MAC_CTX* context) const;
};
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;
using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

class CounterMode {
 public:
  explicit CounterMode(ByteView key);
  // XORs the key stream that begins with `counter` onto `octets`.
  void apply(const Block& counter, std::span<std::byte> octets);

 private:
  CipherContextPtr context_;
};

enum class GcmUse : std::uint8_t { Seal, Open };

class Gcm {
 public:
  Gcm(ByteView key, GcmUse use);
  // Encrypts in place and returns the tag. The associated data comes in two parts.
  [[nodiscard]] Block seal(const Nonce& nonce, ByteView associated, ByteView more,
                           std::span<std::byte> octets);
  // Decrypts in place; false when the tag is wrong, and then `octets` must not be used.
  [[nodiscard]] bool open(const Nonce& nonce, ByteView associated, ByteView more,
                          std::span<std::byte> octets, ByteView tag);

 private:
  void start(const Nonce& nonce, ByteView associated, ByteView more);
  void update(std::span<std::byte> octets);

  CipherContextPtr context_;
};

class HmacSha1 {
 public:
  explicit HmacSha1(ByteView key);
  // Of both parts, one behind the other.
  [[nodiscard]] Sha1 sign(ByteView octets, ByteView more);

 private:
  MacContextPtr context_;
};

// In time that does not depend on where they differ. Precondition: same size.
[[nodiscard]] bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace rtclab::srtp
