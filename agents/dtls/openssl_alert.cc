#include "agents/dtls/openssl_alert.h"

#include "agents/dtls/openssl_context.h"
#include "agents/dtls/openssl_types.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace rtclab::dtls {
namespace {

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

  const KdfPtr kdf{EVP_KDF_fetch(openssl_context(), "TLS1-PRF", nullptr)};
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

// AES-128-GCM as RFC 5288 §3 says, the nonce's explicit part being epoch and sequence number (RFC
// 6347 §4.1.2.1).
Bytes seal_alert(SSL* ssl, const Alert& alert, std::uint64_t sequence_number) {
  const auto number = (std::uint64_t{1} << 48u) | sequence_number;  // with the epoch
  const std::array plain{alert.level, alert.description};
  constexpr std::uint8_t kAlert = 21;
  constexpr std::uint16_t kVersion = 0xfefd;
  const auto associated =
      ByteWriter{}.u64(number).u8(kAlert).u16(kVersion).u16(plain.size()).take();
  const auto keys = write_key(ssl);
  const auto nonce = ByteWriter{}.octets(keys.salt).u64(number).take();

  std::array<std::byte, 2> sealed{};
  std::array<std::byte, 16> tag{};
  const CipherPtr cipher{EVP_CIPHER_fetch(openssl_context(), "AES-128-GCM", nullptr)};
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
  return ByteWriter{}
      .u8(kAlert)
      .u16(kVersion)
      .u64(number)
      .u16(8 + sealed.size() + tag.size())
      .u64(number)
      .octets(sealed)
      .octets(tag)
      .take();
}

}  // namespace rtclab::dtls
