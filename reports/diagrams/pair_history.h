// What became of each candidate pair of one peer: the content of the pair-selection diagram.
#pragma once

#include "agents/base/time.h"
#include "reports/evidence/evidence.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::diagrams {

// A restart begins anew on the same addresses, and data streams that are not bundled have
// candidates of their own: each generation of each stream is a group, and groups share no card.
struct Group {
  std::size_t stream = 0;
  std::size_t generation = 0;  // both from 0, in the order in which they came up
  friend auto operator<=>(const Group&, const Group&) = default;
};

struct CandidateCard {
  std::string type;     // "host", "srflx", "prflx", "relay"
  std::string address;  // "192.0.2.1:5000", "192.0.2.1:9/tcp active"
  std::string priority;
  std::string foundation;
  std::string origin;  // "signalled", "learned from a check", …
  Group group{};
};

struct PairStep {
  Duration at;
  std::string state;  // "Frozen", "Waiting", "In-Progress", "Succeeded", "Failed", as RFC 8445
                      // §6.1.2.6 writes
  std::string reason;
};

enum class PairOutcome : std::uint8_t { Selected, Succeeded, Failed, Open, NotChecked, Pruned };
[[nodiscard]] std::string_view to_string(PairOutcome outcome);

struct PairCard {
  std::string id;         // of the trace; empty in a recording
  std::size_t local = 0;  // index of its candidate
  std::size_t remote = 0;
  std::string priority;
  std::vector<PairStep> steps;
  std::optional<double> round_trip;  // milliseconds, of the first answered check
  std::size_t checks_sent = 0;
  std::size_t checks_answered = 0;     // by a response, be it an error
  std::size_t checks_unreachable = 0;  // an ICMP error came back
  std::size_t checks_received = 0;
  std::optional<Duration> nominated;
  std::optional<Duration> selected;
  PairOutcome outcome = PairOutcome::Open;
  std::string reason;  // why it won, failed or was pruned
  Group group{};       // of its local candidate
};

struct PairHistory {
  std::string peer;
  std::string role;  // "controlling"
  bool reconstructed = false;
  std::vector<CandidateCard> locals;
  std::vector<CandidateCard> remotes;
  std::vector<PairCard> pairs;  // by group, in each the best first
  // "gen. 2", "stream 2, gen. 1"; empty where the history knows but one group.
  [[nodiscard]] std::string name_of(const Group& group) const;
};

// "1 check", "3 checks".
[[nodiscard]] std::string checks_text(std::size_t count);

// From the ice:* events of the trace.
[[nodiscard]] PairHistory history_from_trace(const evidence::Evidence& evidence,
                                             std::string_view peer);
// From the candidates in the signalling and the connectivity checks in the captures.
[[nodiscard]] PairHistory history_from_checks(const evidence::Evidence& evidence,
                                              std::string_view peer);
[[nodiscard]] PairHistory pair_history(const evidence::Evidence& evidence, std::string_view peer);

}  // namespace rtclab::diagrams
