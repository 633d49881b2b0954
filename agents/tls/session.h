// One side of a TLS connection, without the connection: octets of the stream go in and come out.
//
// Spec: RFC 8446 and RFC 5246 (TLS 1.3 and 1.2), RFC 8489 §6.2.3 (STUN over TLS), RFC 7301 and RFC
// 7443 (ALPN), RFC 6066 §3 (SNI). By OpenSSL, with its entropy taken away as in agents/dtls; no
// session is resumed, for tickets carry the wall clock.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/event.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/tls/identity.h"
#include "agents/tls/trust.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::tls {

struct ClientSettings {
  std::string
      host;  // the server's name or address: asked for in SNI and held against its certificate
  std::vector<std::string> alpn;  // offered, the preferred one first
  Trust trust;
};
struct ServerSettings {
  Identity identity;
  std::vector<std::string> alpn;  // what it speaks: a client that offers others only is refused
};

class Session {
 public:
  enum class State { Handshaking, Open, Closed, Failed };

  // `rng` outlives the session.
  Session(const ClientSettings& settings, Rng& rng);
  Session(const ServerSettings& settings, Rng& rng);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // The client's first octets. A server has none.
  void start(Instant now);
  void receive(Instant now, ByteView octets);
  // Precondition: state() is Open.
  void send(ByteView data);
  // Says close_notify, if there is anybody to hear it.
  void close();

  [[nodiscard]] std::optional<Bytes> poll_octets();  // for the stream
  [[nodiscard]] std::optional<Bytes> poll_data();    // from the peer
  // For the trace: "tls:connected", "tls:failed", "tls:key_log" in the NSS format.
  [[nodiscard]] std::optional<Event> poll_event();
  [[nodiscard]] State state() const;
  [[nodiscard]] const std::string& why_failed() const;
  [[nodiscard]] std::string version() const;  // "TLSv1.3"
  [[nodiscard]] std::string alpn() const;     // what was agreed; empty: nothing

  struct Inside;  // openssl_session.cc

 private:
  std::unique_ptr<Inside> inside_;
};

}  // namespace rtclab::tls
