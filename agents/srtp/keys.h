// Keys: from what DTLS exports to the master keys of both directions, and from a master key to the
// session keys.
//
// Spec: RFC 5764 §4.2 (exporter), RFC 3711 §4.3 (derivation, key derivation rate 0), RFC 6188 §2
// (the same with AES-256), RFC 7714 §11 (with a salt of 96 bits).
#pragma once

#include "agents/base/bytes.h"
#include "agents/srtp/profile.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rtclab::srtp {

// RFC 5764 §4.2: the label of RFC 5705, without context.
inline constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";

struct MasterKey {
  Bytes key;
  Bytes salt;
  friend bool operator==(const MasterKey&, const MasterKey&) = default;
};

enum class DtlsRole : std::uint8_t { Client, Server };

struct DirectionKeys {
  MasterKey send;
  MasterKey receive;
};

// How much to export for this profile.
[[nodiscard]] std::size_t keying_material_size(Profile profile);
// The client's write keys protect what the client sends. Precondition: `material` has that size.
[[nodiscard]] DirectionKeys direction_keys(Profile profile, DtlsRole role, ByteView material);

// RFC 3711 §4.3.2: which session key.
enum class KeyLabel : std::uint8_t {
  RtpEncryption = 0,
  RtpAuthentication = 1,
  RtpSalt = 2,
  RtcpEncryption = 3,
  RtcpAuthentication = 4,
  RtcpSalt = 5,
};
// The first `size` octets of the key stream that the master key yields for this label.
[[nodiscard]] Bytes derive(const MasterKey& master, KeyLabel label, std::size_t size);

enum class PacketKind : std::uint8_t { Rtp, Rtcp };
[[nodiscard]] constexpr std::string_view to_string(PacketKind kind) {
  return kind == PacketKind::Rtp ? "RTP" : "RTCP";
}

struct SessionKeys {
  Bytes encryption;
  Bytes salt;
  Bytes authentication;  // HMAC-SHA1; empty with AES-GCM, which authenticates itself
};
[[nodiscard]] SessionKeys session_keys(Profile profile, const MasterKey& master, PacketKind kind);

}  // namespace rtclab::srtp
