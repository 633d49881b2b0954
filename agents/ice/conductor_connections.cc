// What a lost TCP connection means for the pairs on it.
//
// Spec: RFC 6544 §7.1 (none could be made), §11.1 (one is lost).
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"

#include <algorithm>

namespace rtclab::ice {

void Agent::Conductor::handle_report(Instant now, const ConnectionLost& lost) {
  auto* const stream = find(lost.stream);
  if (stream == nullptr || closed_) return;
  for (auto& check : checks_) {
    const bool is_waiting = !check.cancelled && !check.transaction.is_answered();
    if (check.stream != stream->id || check.path != lost.path || !is_waiting) continue;
    check.transaction.cancel();
    check.cancelled = true;
    outbox_.trace(
        trace::check_answered(check.pair, check.transaction.id(), "no connection", std::nullopt));
    check_failed(now, *stream, check, lost.why);
  }
  if (stream->previous) {
    const auto* const old = stream->previous->find_selected();
    if (old != nullptr && old->path() == lost.path) stream->previous->selected.reset();
  }
  auto& generation = stream->current;
  auto* const selected =
      generation.selected ? generation.check_list.find(*generation.selected) : nullptr;
  const bool is_in_use = selected != nullptr && selected->valid && selected->path() == lost.path;
  // A session that is over (RFC 8445 §9) looks for nothing any more.
  if (is_in_use && !generation.superseded) {
    reconnect(*stream, *selected, lost.why);
  } else {
    for (auto& pair : generation.check_list.pairs()) {
      if (pair.valid && pair.path() == lost.path) end_pair(*stream, generation, pair, lost.why);
    }
  }
  if (!lost.is_stranger) return;
  // RFC 6544 §7.1: whoever that is, it is not the peer.
  for (auto& pair : generation.check_list.pairs()) {
    const bool is_meant = pair.remote.transport == Transport::Tcp &&
                          pair.remote.address == lost.path.remote &&
                          (pair.state == PairState::Frozen || pair.state == PairState::Waiting);
    if (is_meant) move(*stream, pair, PairCause::AddressLost, lost.why);
  }
}

// RFC 6544 §11.1: active and so candidates MUST connect again, and check the new connection; a
// passive one waits, and the peer's next connection shows itself as a new pair.
void Agent::Conductor::reconnect(Stream& stream, CandidatePair& selected, const std::string& why) {
  if (selected.is_broken) return end_pair(stream, stream.current, selected, why);
  selected.is_broken = true;
  outbox_.trace(trace::connection_lost(stream.id, selected.id, why));
  if (selected.local.tcp_type == TcpType::Passive) return;
  auto& list = stream.current.check_list;
  auto* const source = list.find(selected.checked_by.value_or(selected.id));
  if (source == nullptr) return;
  list.enqueue(source->id, CheckKind::Reconnecting);
}

// A pair whose connection was lost has its successor on a new one, from the same base: from another
// port of the peer, or as seen through another port of a NAT.
void Agent::Conductor::drop_replaced(Stream& stream, CandidatePair& successor) {
  auto& generation = stream.current;
  for (auto& pair : generation.check_list.pairs()) {
    const bool is_replaced = pair.is_broken && pair.id != successor.id &&
                             pair.local.transport == successor.local.transport &&
                             pair.local.base == successor.local.base;
    if (!is_replaced) continue;
    successor.is_heir = successor.is_heir || pair.nominated || pair.is_heir;
    const bool shares_source = pair.checked_by == successor.checked_by;
    const auto reason =
        "its TCP connection is replaced by that of pair " + std::to_string(successor.id.value());
    if (shares_source) pair.checked_by.reset();  // which goes on with the new connection
    end_pair(stream, generation, pair, reason);
  }
}

}  // namespace rtclab::ice
