#include "agents/sctp/state_cookie.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace rtclab::sctp {
namespace {

constexpr std::size_t kMacSize = 32;
constexpr std::size_t kBodySize = 64;

using Mac = std::array<std::byte, kMacSize>;

Mac hmac_sha256(ByteView key, ByteView octets) {
  Mac mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &size);
  assert(size == kMacSize);
  return mac;
}

std::uint32_t features_of(const PeerInit& peer) {
  return (peer.partial_reliability ? 1u : 0u) | (peer.stream_reset ? 2u : 0u) |
         (peer.interleaving ? 4u : 0u) | (peer.interleaved_reliability ? 8u : 0u) |
         (peer.zero_checksum ? 16u : 0u);
}

void set_features(PeerInit& peer, std::uint32_t bits) {
  peer.partial_reliability = (bits & 1u) != 0;
  peer.stream_reset = (bits & 2u) != 0;
  peer.interleaving = (bits & 4u) != 0;
  peer.interleaved_reliability = (bits & 8u) != 0;
  peer.zero_checksum = (bits & 16u) != 0;
}

}  // namespace

Bytes CookieSealer::seal(const StateCookie& cookie) const {
  ByteWriter out{kBodySize + kMacSize};
  out.u16(cookie.local_port).u16(cookie.remote_port);
  out.u32(cookie.local_tag).u32(cookie.local_initial_tsn.value());
  out.u32(cookie.peer.tag).u32(cookie.peer.receiver_window);
  out.u16(cookie.peer.outbound_streams).u16(cookie.peer.inbound_streams);
  out.u32(cookie.peer.initial_tsn.value());
  out.u32(features_of(cookie.peer));
  out.u32(cookie.tie_tags.local).u32(cookie.tie_tags.peer);
  out.u64(static_cast<std::uint64_t>(cookie.created.time_since_epoch().count()));
  out.u64(static_cast<std::uint64_t>(cookie.lifespan.count()));
  out.zeros(kBodySize - out.size());
  out.octets(hmac_sha256(key_, out.view()));
  return out.take();
}

std::optional<StateCookie> CookieSealer::open(ByteView octets) const {
  if (octets.size() != kBodySize + kMacSize) return std::nullopt;
  const auto body = octets.first(kBodySize);
  const auto mac = hmac_sha256(key_, body);
  if (CRYPTO_memcmp(mac.data(), octets.data() + kBodySize, kMacSize) != 0) return std::nullopt;
  ByteReader in{body};
  StateCookie cookie;
  cookie.local_port = in.u16();
  cookie.remote_port = in.u16();
  cookie.local_tag = in.u32();
  cookie.local_initial_tsn = Tsn{in.u32()};
  cookie.peer.tag = in.u32();
  cookie.peer.receiver_window = in.u32();
  cookie.peer.outbound_streams = in.u16();
  cookie.peer.inbound_streams = in.u16();
  cookie.peer.initial_tsn = Tsn{in.u32()};
  set_features(cookie.peer, in.u32());
  cookie.tie_tags.local = in.u32();
  cookie.tie_tags.peer = in.u32();
  cookie.created = Instant{Duration{static_cast<std::int64_t>(in.u64())}};
  cookie.lifespan = Duration{static_cast<std::int64_t>(in.u64())};
  assert(in.ok());
  return cookie;
}

}  // namespace rtclab::sctp
