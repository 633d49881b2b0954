// One side of a DTLS 1.2 association: a sans-I/O agent around OpenSSL.
//
// Spec: RFC 6347 (DTLS 1.2), RFC 8842 (with SDP), RFC 8122 §5 (fingerprints), RFC 5764 (use_srtp),
// RFC 8827 §6.5. The fingerprints of the peer may arrive after its first flight, because a
// ClientHello can overtake the answer that announces it. The handshake then goes on; Connected and
// application data, either way, wait until the fingerprints are known and match (RFC 8842 §5).
// Differs from OpenSSL as it comes: time is virtual and randomness is handed in.
#pragma once

#include "agents/base/io.h"
#include "agents/base/rng.h"
#include "agents/dtls/certificate.h"
#include "agents/dtls/event.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::dtls {

enum class Role : std::uint8_t { Client, Server };

[[nodiscard]] std::string_view to_string(Role role);  // "client", "server"

struct Options {
  // The largest datagram to send, without UDP and IP headers. 1200 passes every path worth the
  // name.
  std::size_t mtu = 1200;
  // The protection profiles of use_srtp (RFC 5764 §4.1.2, RFC 7714 §14.2) by their names in
  // OpenSSL, the preferred one first, colons between them. Offered without media too, as every
  // browser does, because media may be added later; a peer that offers none gets none. Empty: not
  // offered. The server's order decides. Ours is Firefox's: AES-GCM takes about half the time of
  // AES-CM with HMAC-SHA1 (tests/bench/srtp_bench.cc), 128 bits are enough, and the last is what
  // every peer has (RFC 8827 §6.5).
  std::string srtp_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";
};

// What a record adds around application data with the AES-GCM suites: header 13, explicit nonce 8,
// tag 16.
inline constexpr std::size_t kRecordOverhead = 37;

class Endpoint {
 public:
  // `rng` outlives this object; it is the only source of randomness.
  Endpoint(Role role, const Certificate& certificate, const Options& options, Rng& rng);
  ~Endpoint();
  Endpoint(Endpoint&&) noexcept;
  Endpoint& operator=(Endpoint&&) noexcept;

  // The client sends its first flight; the server begins to listen (datagrams before that are
  // refused).
  void start(Instant now);
  // The certificate of the peer must match one of these. An empty list matches nobody.
  void set_remote_fingerprints(Instant now, std::vector<Fingerprint> fingerprints);
  void handle_datagram(Instant now, ByteView datagram);
  void handle_timeout(Instant now);
  // One record. Precondition: state() is Connected and `data` fits kRecordOverhead octets below the
  // MTU.
  void send(Instant now, ByteView data);
  // Sends close_notify if there is an association, and ends.
  void close(Instant now);

  [[nodiscard]] std::optional<std::variant<Bytes, rtclab::Event>> poll_output();
  [[nodiscard]] std::optional<Event> poll_event();
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;

  [[nodiscard]] Role role() const;
  [[nodiscard]] State state() const;
  // RFC 5705, for SRTP keys: "EXTRACTOR-dtls_srtp". Precondition: state() is Connected.
  [[nodiscard]] Bytes export_keying_material(std::string_view label, std::size_t size) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rtclab::dtls
