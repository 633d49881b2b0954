// What a DTLS endpoint tells its owner, and how the same facts stand in the trace.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/event.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::dtls {

// RTCDtlsTransportState, W3C webrtc-pc §5.5.
enum class State : std::uint8_t { New, Connecting, Connected, Closed, Failed };

[[nodiscard]] std::string_view to_string(State state);  // "new", "connecting", …

// The handshake is complete and the peer is the one that was signalled: data may flow.
struct Connected {
  static constexpr std::string_view kName = "dtls:connected";
  std::string version;       // "DTLSv1.2"
  std::string cipher_suite;  // "ECDHE-ECDSA-AES128-GCM-SHA256"
  std::string srtp_profile;  // "SRTP_AEAD_AES_128_GCM", or empty when none was agreed
  [[nodiscard]] rtclab::Event describe() const;
  friend bool operator==(const Connected&, const Connected&) = default;
};

// Not in the trace: the record stands in the capture, and what it means is the layer above's to
// tell.
struct ApplicationData {
  Bytes bytes;
  friend bool operator==(const ApplicationData&, const ApplicationData&) = default;
};

struct Failed {
  static constexpr std::string_view kName = "dtls:failed";
  std::string reason;
  [[nodiscard]] rtclab::Event describe() const;
  friend bool operator==(const Failed&, const Failed&) = default;
};

// The peer sent close_notify (RFC 5246 §7.2.1).
struct Closed {
  static constexpr std::string_view kName = "dtls:closed";
  [[nodiscard]] rtclab::Event describe() const;
  friend bool operator==(const Closed&, const Closed&) = default;
};

// One line in the NSS key log format, "CLIENT_RANDOM <hex> <hex>": known the moment the master
// secret is, so that a capture can hold it before the first packet that needs it.
struct Secrets {
  static constexpr std::string_view kName = "dtls:key_log";
  std::string nss_line;
  [[nodiscard]] rtclab::Event describe() const;
  friend bool operator==(const Secrets&, const Secrets&) = default;
};

using Event = std::variant<Connected, ApplicationData, Failed, Closed, Secrets>;

}  // namespace rtclab::dtls
