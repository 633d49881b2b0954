// One DTLS session inside OpenSSL, in our words: datagrams go in and come out in order, and the
// state of the library's retransmission timer can be read. Private to this folder; the
// files openssl_* alone see OpenSSL.
//
// Spec: RFC 6347, RFC 5764 §4.1, RFC 8122 §6.2.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/rng.h"
#include "agents/dtls/certificate.h"
#include "agents/dtls/endpoint.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::dtls {

enum class SessionStatus : std::uint8_t { Handshaking, Established, PeerClosed, Broken };

// What OpenSSL did with its retransmission timer (RFC 6347 §4.2.4) since we last asked.
enum class TimerSignal : std::uint8_t { None, Started, Stopped };

// "CLIENT_RANDOM <hex> <hex>"
struct KeyLogLine {
  std::string text;
};

// What a session hands out: a datagram for the peer, or a key for the trace.
using Product = std::variant<Bytes, KeyLogLine>;

class Session {
 public:
  Session(Role role, const Certificate& certificate, const Options& options, Rng& rng);
  ~Session();

  // Goes as far as the octets at hand allow; the client's first call sends its first flight.
  void advance();
  void receive(ByteView datagram);
  // The current flight once more. False when OpenSSL gives up: after twelve times.
  [[nodiscard]] bool resend();
  void write(ByteView data);
  void send_close_notify();
  // The fatal alert of RFC 8122 §6.2 for an established session.
  void send_bad_certificate();

  // From now on the handshake itself refuses a certificate that matches none of these.
  void expect(std::vector<Fingerprint> fingerprints);
  // nullopt while either the certificate or the fingerprints are unknown.
  [[nodiscard]] std::optional<bool> peer_is_expected() const;

  [[nodiscard]] std::optional<Product> poll_produced();
  [[nodiscard]] std::optional<Bytes> poll_data();
  // Keeps the oldest `records` of what poll_data() would yield.
  void drop_data_beyond(std::size_t records);
  [[nodiscard]] TimerSignal take_timer_signal();
  [[nodiscard]] SessionStatus status() const;
  [[nodiscard]] std::string why_broken() const;

  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::string cipher_suite() const;
  [[nodiscard]] std::string srtp_profile() const;
  [[nodiscard]] Bytes export_keying_material(std::string_view label, std::size_t size) const;

  struct Inside;  // openssl_session.cc

 private:
  std::unique_ptr<Inside> inside_;
};

}  // namespace rtclab::dtls
