// What a NAT or a firewall knows of one TCP connection that passes it, and for how long it keeps
// that.
//
// Spec: RFC 5382 §5 (phases and idle timeouts), REQ-2 (a connection may open in any legal way, from
// both sides at once too: a phase counts what was seen and refuses nothing), RFC 7857 §2 (the state
// machine, and what a reset changes). Deviation from RFC 7857 §2.2: whether the sequence number of
// a reset belongs to the connection is not looked at.
#pragma once

#include "agents/base/time.h"
#include "topologies/nat.h"

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
  // Asks for a connection, and answers no such question.
  [[nodiscard]] constexpr bool opens() const { return syn && !ack && !rst; }
};

enum class TcpPhase : std::uint8_t { PartiallyOpen, Established, HalfClosed, Closing, Reset };
[[nodiscard]] std::string_view to_string(TcpPhase phase);

class TcpSession {
 public:
  enum class From { Inside, Outside };

  void note(From from, TcpFlags flags, Instant now, const topology::Lifetimes& lifetimes = {});
  [[nodiscard]] TcpPhase phase() const;
  // When it is forgotten if nothing more passes.
  [[nodiscard]] Instant ends() const { return ends_; }

 private:
  struct Side {
    bool syn = false;
    bool fin = false;
  };
  [[nodiscard]] Duration timeout(const topology::Lifetimes& lifetimes) const;

  Side inside_;
  Side outside_;
  bool established_ = false;
  bool reset_ = false;
  Instant ends_{};
};

}  // namespace rtclab::nat
