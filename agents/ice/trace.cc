#include "agents/ice/trace.h"

#include <cstdint>
#include <utility>

namespace rtclab::ice::trace {
namespace {

Field number(std::string_view key, std::uint64_t value) {
  return {key, value};
}

Field text(std::string_view key, std::string_view value) {
  return {key, std::string{value}};
}

Field milliseconds(std::string_view key, Duration duration) {
  return {key, std::chrono::duration<double, std::milli>{duration}.count()};
}

}  // namespace

Event remote_candidate_added(StreamId stream, const Candidate& candidate, Source source) {
  return {.name = "ice:remote_candidate_added",
          .fields = {number("stream", stream.value()), text("candidate", candidate.to_string()),
                     text("type", to_string(candidate.type)),
                     text("address", candidate.address.to_string()),
                     text("source", source == Source::Signalled ? "signalled" : "peer_reflexive")},
          .rule = source == Source::Signalled ? Rule{8838, "11"} : Rule{8445, "7.3.1.3"}};
}

Event remote_candidate_ignored(StreamId stream, const Candidate& candidate, std::string reason) {
  return {.name = "ice:remote_candidate_ignored",
          .fields = {number("stream", stream.value()), text("candidate", candidate.to_string()),
                     text("address", candidate.address.to_string()), text("reason", reason)},
          .rule = Rule{8838, "11"}};
}

Event pair_added(StreamId stream, const CandidatePair& pair, std::string reason) {
  return {.name = "ice:pair_added",
          .fields = {number("stream", stream.value()), number("pair", pair.id.value()),
                     text("local", pair.local.address.to_string()),
                     text("local_type", to_string(pair.local.type)),
                     text("remote", pair.remote.address.to_string()),
                     text("remote_type", to_string(pair.remote.type)),
                     number("priority", pair.priority.value()),
                     text("state", to_string(pair.state)), text("reason", reason)},
          .rule = Rule{8445, "6.1.2"}};
}

Event pair_pruned(StreamId stream, std::optional<PairId> pair, const Candidate& local,
                  const Candidate& remote, std::string reason) {
  Event event{.name = "ice:pair_pruned",
              .fields = {number("stream", stream.value()), text("local", local.address.to_string()),
                         text("remote", remote.address.to_string()), text("reason", reason)},
              .rule = Rule{8445, "6.1.2.4"}};
  if (pair) event.fields.push_back(number("pair", pair->value()));
  return event;
}

Event check_list_dropped(StreamId stream, std::string reason) {
  return {.name = "ice:check_list_dropped",
          .fields = {number("stream", stream.value()), text("reason", reason)},
          .rule = Rule{8445, "9"}};
}

Event pair_state_changed(StreamId stream, PairId pair, PairState from, PairState to,
                         std::string reason) {
  return {
      .name = "ice:pair_state_changed",
      .fields = {number("stream", stream.value()), number("pair", pair.value()),
                 text("from", to_string(from)), text("to", to_string(to)), text("reason", reason)},
      .rule = Rule{8445, "6.1.2.6"}};
}

Event check_sent(StreamId stream, PairId pair, const stun::TransactionId& transaction,
                 CheckKind kind, std::string reason) {
  return {.name = "ice:check_sent",
          .fields = {number("stream", stream.value()), number("pair", pair.value()),
                     text("transaction", transaction.to_hex()), text("kind", to_string(kind)),
                     text("reason", reason)},
          .rule = Rule{8445, "6.1.4.2"}};
}

Event check_received(StreamId stream, const Path& path, bool use_candidate,
                     std::optional<std::uint32_t> nomination) {
  Event event{.name = "ice:check_received",
              .fields = {number("stream", stream.value()),
                         text("local", path.local.to_string()),
                         text("remote", path.remote.to_string()),
                         {"use_candidate", use_candidate}},
              .rule = Rule{8445, "7.3"}};
  if (nomination) event.fields.push_back(number("nomination", *nomination));
  return event;
}

Event check_answered(PairId pair, const stun::TransactionId& transaction, std::string outcome,
                     std::optional<Duration> round_trip) {
  Event event{.name = "ice:check_answered",
              .fields = {number("pair", pair.value()), text("transaction", transaction.to_hex()),
                         text("outcome", outcome)},
              .rule = Rule{8445, "7.2.5"}};
  if (round_trip) event.fields.push_back(milliseconds("rtt_ms", *round_trip));
  return event;
}

Event check_refused(const Path& path, int code, std::string reason) {
  return {.name = "ice:check_refused",
          .fields = {text("local", path.local.to_string()),
                     text("remote", path.remote.to_string()),
                     {"code", std::int64_t{code}},
                     text("reason", reason)},
          .rule = Rule{8445, "7.3"}};
}

Event nomination_postponed(StreamId stream, std::string reason) {
  return {.name = "ice:nomination_postponed",
          .fields = {number("stream", stream.value()), text("reason", reason)},
          .rule = Rule{8445, "8.1.1"}};
}

Event pair_nominated(StreamId stream, PairId pair, std::string reason) {
  return {.name = "ice:pair_nominated",
          .fields = {number("stream", stream.value()), number("pair", pair.value()),
                     text("reason", reason)},
          .rule = Rule{8445, "8.1.1"}};
}

Event consent(StreamId stream, PairId pair, std::string_view outcome,
              std::optional<Duration> round_trip) {
  Event event{.name = "ice:consent",
              .fields = {number("stream", stream.value()), number("pair", pair.value()),
                         text("outcome", outcome)},
              .rule = Rule{7675, "5.1"}};
  if (round_trip) event.fields.push_back(milliseconds("rtt_ms", *round_trip));
  return event;
}

Event connection_lost(StreamId stream, PairId pair, std::string reason) {
  return {.name = "ice:connection_lost",
          .fields = {number("stream", stream.value()), number("pair", pair.value()),
                     text("reason", reason)},
          .rule = Rule{6544, "11.1"}};
}

Event datagram_ignored(const Path& path, std::string reason) {
  return {.name = "ice:datagram_ignored",
          .fields = {text("local", path.local.to_string()), text("remote", path.remote.to_string()),
                     text("reason", reason)},
          .rule = std::nullopt};
}

}  // namespace rtclab::ice::trace
