#include "sim/nat/tcp_session.h"

#include <algorithm>

namespace rtclab::nat {

std::string_view to_string(TcpPhase phase) {
  switch (phase) {
    case TcpPhase::PartiallyOpen: return "partially open";
    case TcpPhase::Established: return "established";
    case TcpPhase::HalfClosed: return "half closed";
    case TcpPhase::Closing: return "closing";
    case TcpPhase::Reset: return "reset";
  }
  __builtin_unreachable();
}

void TcpSession::note(From from, TcpFlags flags, Instant now,
                      const topology::Lifetimes& lifetimes) {
  // The same two endpoints may begin anew once their connection has ended.
  const bool over = phase() == TcpPhase::Closing || phase() == TcpPhase::Reset;
  if (flags.opens() && over) *this = {};
  auto& side = from == From::Inside ? inside_ : outside_;
  side.syn |= flags.syn;
  side.fin |= flags.fin;
  // RFC 7857 §2: whatever follows a reset shows that it did not end the connection.
  reset_ = flags.rst;
  // The handshake is over with the first segment behind both SYNs.
  if (inside_.syn && outside_.syn && flags.ack && !flags.syn && !flags.rst) established_ = true;
  const auto end = now + timeout(lifetimes);
  // RFC 7857 §7.1: a reset that the inside answers with keeps nothing alive.
  const bool refreshes = !flags.rst || from == From::Outside || ends_ <= now;
  ends_ = refreshes ? end : std::min(ends_, end);
}

TcpPhase TcpSession::phase() const {
  if (reset_) return TcpPhase::Reset;
  if (inside_.fin && outside_.fin) return TcpPhase::Closing;
  if (!established_) return TcpPhase::PartiallyOpen;
  return inside_.fin || outside_.fin ? TcpPhase::HalfClosed : TcpPhase::Established;
}

Duration TcpSession::timeout(const topology::Lifetimes& lifetimes) const {
  switch (phase()) {
    case TcpPhase::PartiallyOpen: return lifetimes.tcp_opening;
    case TcpPhase::Established: return lifetimes.tcp_established;
    case TcpPhase::HalfClosed: return lifetimes.tcp_half_closed.value_or(lifetimes.tcp_established);
    case TcpPhase::Closing: return lifetimes.tcp_closing;
    case TcpPhase::Reset: return lifetimes.tcp_reset;
  }
  __builtin_unreachable();
}

}  // namespace rtclab::nat
