#include "agents/srtp/keys.h"

#include "agents/srtp/cipher.h"

#include <cassert>

namespace rtclab::srtp {
namespace {

constexpr std::size_t kLabelOffset = 7;             // of 14 octets; the index behind it is 0
constexpr std::size_t kAuthenticationKeySize = 20;  // RFC 3711 §5.2: n_a = 160

Bytes taken(ByteReader& in, std::size_t size) {
  const auto part = in.take(size);
  return {part.begin(), part.end()};
}

}  // namespace

std::size_t keying_material_size(Profile profile) {
  const auto& sizes = parameters(profile);
  return 2 * (sizes.key_size + sizes.salt_size);
}

//    client_write_SRTP_master_key | server_write_SRTP_master_key | the two salts in the same order
DirectionKeys direction_keys(Profile profile, DtlsRole role, ByteView material) {
  assert(material.size() == keying_material_size(profile));
  const auto& sizes = parameters(profile);
  ByteReader in{material};
  MasterKey client;
  MasterKey server;
  client.key = taken(in, sizes.key_size);
  server.key = taken(in, sizes.key_size);
  client.salt = taken(in, sizes.salt_size);
  server.salt = taken(in, sizes.salt_size);
  if (role == DtlsRole::Client) return {.send = std::move(client), .receive = std::move(server)};
  return {.send = std::move(server), .receive = std::move(client)};
}

// RFC 3711 §4.3.1: x = (label || index / rate) XOR master salt; the key stream of AES-CM from x *
// 2^16. RFC 7714 §11: a salt of 96 bits is filled up with zeros behind it.
Bytes derive(const MasterKey& master, KeyLabel label, std::size_t size) {
  Block counter{};
  std::ranges::copy(master.salt, counter.begin());
  counter[kLabelOffset] ^= static_cast<std::byte>(label);
  Bytes stream(size);
  CounterMode{master.key}.apply(counter, stream);
  return stream;
}

SessionKeys session_keys(Profile profile, const MasterKey& master, PacketKind kind) {
  const auto& sizes = parameters(profile);
  assert(master.key.size() == sizes.key_size && master.salt.size() == sizes.salt_size);
  const bool rtp = kind == PacketKind::Rtp;
  SessionKeys keys;
  keys.encryption =
      derive(master, rtp ? KeyLabel::RtpEncryption : KeyLabel::RtcpEncryption, sizes.key_size);
  keys.salt = derive(master, rtp ? KeyLabel::RtpSalt : KeyLabel::RtcpSalt, sizes.salt_size);
  if (profile == Profile::Aes128CmSha1_80) {
    keys.authentication =
        derive(master, rtp ? KeyLabel::RtpAuthentication : KeyLabel::RtcpAuthentication,
               kAuthenticationKeySize);
  }
  return keys;
}

}  // namespace rtclab::srtp
