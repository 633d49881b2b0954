#include "sim/nat/tcp_session.h"

namespace rtclab::nat {

std::string_view to_string(TcpPhase phase) {
  switch (phase) {
    case TcpPhase::PartiallyOpen: return "partially open";
    case TcpPhase::Established: return "established";
    case TcpPhase::Closing: return "closing";
  }
  __builtin_unreachable();
}

void TcpSession::note(From from, TcpFlags flags, Instant now) {
  // The same two endpoints may begin anew once their connection has ended.
  if (flags.syn && !flags.ack && phase() == TcpPhase::Closing) *this = {};
  auto& side = from == From::Inside ? inside_ : outside_;
  side.syn |= flags.syn;
  side.fin |= flags.fin;
  reset_ |= flags.rst;
  // The handshake is over with the first segment behind both SYNs.
  if (inside_.syn && outside_.syn && flags.ack && !flags.syn) established_ = true;
  seen_ = now;
}

TcpPhase TcpSession::phase() const {
  if (reset_ || (inside_.fin && outside_.fin)) return TcpPhase::Closing;
  return established_ ? TcpPhase::Established : TcpPhase::PartiallyOpen;
}

Instant TcpSession::ends() const {
  return seen_ + (phase() == TcpPhase::Established ? kEstablishedTimeout : kTransitoryTimeout);
}

}  // namespace rtclab::nat
