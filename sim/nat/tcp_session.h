// What a NAT or a firewall knows of one TCP connection that passes it, and for how long it keeps
// that.
//
// Spec: RFC 5382 §5 (phases and idle timeouts), REQ-2 (a connection may open in any legal way, from
// both sides at once too: a phase counts what was seen and refuses nothing).
#pragma once

#include "agents/base/time.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace rtclab::nat {

// The flags of a TCP header, RFC 9293 §3.1.
struct TcpFlags {
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
  friend bool operator==(const TcpFlags&, const TcpFlags&) = default;

  // The header's octet 13.
  [[nodiscard]] static constexpr TcpFlags of(std::uint8_t octet) {
    return {(octet & 0x02u) != 0, (octet & 0x10u) != 0, (octet & 0x01u) != 0, (octet & 0x04u) != 0};
  }
};

enum class TcpPhase : std::uint8_t { PartiallyOpen, Established, Closing };
[[nodiscard]] std::string_view to_string(TcpPhase phase);

// RFC 5382 §5, REQ-5: at least 2 hours 4 minutes, so that keep-alives of RFC 1122 §4.2.3.6 find it.
inline constexpr Duration kEstablishedTimeout = std::chrono::seconds{7440};
// The same: at least 4 minutes.
inline constexpr Duration kTransitoryTimeout = std::chrono::seconds{240};

class TcpSession {
 public:
  enum class From { Inside, Outside };

  void note(From from, TcpFlags flags, Instant now);
  [[nodiscard]] TcpPhase phase() const;
  // When it is forgotten if nothing more passes.
  [[nodiscard]] Instant ends() const;

 private:
  struct Side {
    bool syn = false;
    bool fin = false;
  };
  Side inside_;
  Side outside_;
  bool established_ = false;
  bool reset_ = false;
  Instant seen_{};
};

}  // namespace rtclab::nat
