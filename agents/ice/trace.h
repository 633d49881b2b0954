// The facts that only the trace wants: the pair-selection diagram is drawn from them.
#pragma once

#include "agents/base/event.h"
#include "agents/ice/check_message.h"
#include "agents/ice/pair.h"
#include "agents/stun/transaction_id.h"

#include <optional>
#include <string>
#include <string_view>

namespace rtclab::ice::trace {

enum class Source : std::uint8_t { Signalled, PeerReflexive };

[[nodiscard]] Event remote_candidate_added(StreamId stream, const Candidate& candidate,
                                           Source source);
[[nodiscard]] Event remote_candidate_ignored(StreamId stream, const Candidate& candidate,
                                             std::string reason);
[[nodiscard]] Event pair_added(StreamId stream, const CandidatePair& pair, std::string reason);
// `pair` is none for a pair that was never added because it equals another.
[[nodiscard]] Event pair_pruned(StreamId stream, std::optional<PairId> pair, const Candidate& local,
                                const Candidate& remote, std::string reason);
// The pairs of the stream are no longer checked: it is gone, or ICE begins anew there.
[[nodiscard]] Event check_list_dropped(StreamId stream, std::string reason);
[[nodiscard]] Event pair_state_changed(StreamId stream, PairId pair, PairState from, PairState to,
                                       std::string reason);
[[nodiscard]] Event check_sent(StreamId stream, PairId pair, const stun::TransactionId& transaction,
                               CheckKind kind, std::string reason);
[[nodiscard]] Event check_received(StreamId stream, const Path& path, bool use_candidate,
                                   std::optional<std::uint32_t> nomination);
[[nodiscard]] Event check_answered(PairId pair, const stun::TransactionId& transaction,
                                   std::string outcome, std::optional<Duration> round_trip);
[[nodiscard]] Event check_refused(const Path& path, int code, std::string reason);
[[nodiscard]] Event nomination_postponed(StreamId stream, std::string reason);
[[nodiscard]] Event pair_nominated(StreamId stream, PairId pair, std::string reason);
[[nodiscard]] Event consent(StreamId stream, PairId pair, std::string_view outcome,
                            std::optional<Duration> round_trip);
// The pair in use has lost its TCP connection.
[[nodiscard]] Event connection_lost(StreamId stream, PairId pair, std::string reason);
[[nodiscard]] Event datagram_ignored(const Path& path, std::string reason);

}  // namespace rtclab::ice::trace
