#include "sim/host/tcp_state.h"

#include <array>

namespace rtclab::tcp {
namespace {

// clang-format off
constexpr std::array kMoves{
    Move{State::SynSent,     Cause::SynReceived,     State::SynReceived},
    Move{State::SynSent,     Cause::SynAcknowledged, State::Established},
    Move{State::SynReceived, Cause::SynAcknowledged, State::Established},
    Move{State::Established, Cause::FinSent,         State::FinWait1},
    Move{State::Established, Cause::FinReceived,     State::CloseWait},
    Move{State::FinWait1,    Cause::FinAcknowledged, State::FinWait2},
    Move{State::FinWait1,    Cause::FinReceived,     State::Closing},
    Move{State::FinWait2,    Cause::FinReceived,     State::TimeWait},
    Move{State::CloseWait,   Cause::FinSent,         State::LastAck},
    Move{State::Closing,     Cause::FinAcknowledged, State::TimeWait},
    Move{State::LastAck,     Cause::FinAcknowledged, State::Closed},
    Move{State::TimeWait,    Cause::Expired,         State::Closed},
};
// clang-format on

}  // namespace

std::span<const Move> all_moves() {
  return kMoves;
}

std::optional<State> next(State from, Cause cause) {
  for (const auto& move : kMoves) {
    if (move.from == from && move.cause == cause) return move.to;
  }
  return std::nullopt;
}

std::string_view to_string(State state) {
  switch (state) {
    case State::SynSent: return "SYN-SENT";
    case State::SynReceived: return "SYN-RECEIVED";
    case State::Established: return "ESTABLISHED";
    case State::FinWait1: return "FIN-WAIT-1";
    case State::FinWait2: return "FIN-WAIT-2";
    case State::CloseWait: return "CLOSE-WAIT";
    case State::Closing: return "CLOSING";
    case State::LastAck: return "LAST-ACK";
    case State::TimeWait: return "TIME-WAIT";
    case State::Closed: return "CLOSED";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::tcp
