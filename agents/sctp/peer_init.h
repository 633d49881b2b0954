// What the peer's INIT or INIT ACK says, once its parameters are understood, and what ours say.
//
// Spec: RFC 9260 §3.3.2, §3.3.3, §3.2.1 and §3.2.2 (parameters nobody here knows); RFC 5061 §4.2.7
// (supported extensions); RFC 3758 §3.1 (Forward-TSN-Supported); RFC 6525 §5.2.1; RFC 8260 §2.2.1
// and §2.3.1; RFC 9653 §4 (Zero Checksum Acceptable).
#pragma once

#include "agents/sctp/association.h"
#include "agents/sctp/chunk.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::sctp {

enum class ParameterType : std::uint16_t {
  HeartbeatInfo = 1,
  Ipv4Address = 5,
  Ipv6Address = 6,
  StateCookie = 7,
  UnrecognizedParameter = 8,
  CookiePreservative = 9,
  HostNameAddress = 11,
  SupportedAddressTypes = 12,
  EcnCapable = 0x8000,
  ZeroChecksumAcceptable = 0x8001,
  SupportedExtensions = 0x8008,
  ForwardTsnSupported = 0xc000,
};

enum class CauseCode : std::uint16_t {
  InvalidStreamIdentifier = 1,
  MissingMandatoryParameter = 2,
  StaleCookie = 3,
  OutOfResource = 4,
  UnresolvableAddress = 5,
  UnrecognizedChunkType = 6,
  InvalidMandatoryParameter = 7,
  UnrecognizedParameters = 8,
  NoUserData = 9,
  CookieReceivedWhileShuttingDown = 10,
  RestartWithNewAddresses = 11,
  UserInitiatedAbort = 12,
  ProtocolViolation = 13,
};
[[nodiscard]] inline ErrorCause cause(CauseCode code, Bytes value = {}) {
  return {static_cast<std::uint16_t>(code), std::move(value)};
}

[[nodiscard]] bool has_stale_cookie(const ErrorChunk& chunk);

// The peer's side of the association.
struct PeerInit {
  std::uint32_t tag = 0;
  std::uint32_t receiver_window = 0;
  std::uint16_t outbound_streams = 0;
  std::uint16_t inbound_streams = 0;
  Tsn initial_tsn{0};
  bool partial_reliability = false;  // FORWARD TSN
  bool stream_reset = false;
  bool interleaving = false;             // I-DATA
  bool interleaved_reliability = false;  // I-FORWARD-TSN
  bool zero_checksum = false;            // it takes packets without, because DTLS is below
  friend bool operator==(const PeerInit&, const PeerInit&) = default;
};

struct ReadInit {
  PeerInit peer;
  std::optional<Bytes> cookie;          // INIT ACK only
  std::vector<Parameter> unrecognized;  // those that want to be reported
  std::optional<ErrorCause> fatal;      // the association must not be set up
};
[[nodiscard]] ReadInit read_init(const InitBody& body);

// The parameters that our INIT and INIT ACK have in common.
[[nodiscard]] std::vector<Parameter> own_parameters(const Options& options);

}  // namespace rtclab::sctp
