// What the agent knows of one data stream: its present generation, and the one that a restart
// replaces.
//
// Spec: RFC 8445 §9 (restart), §7.3 (checks before the answer); RFC 8863 §4 (patience); RFC 8838 §4
// (generation).
#pragma once

#include "agents/ice/check_list.h"
#include "agents/ice/consent.h"
#include "agents/ice/credentials.h"
#include "agents/ice/options.h"
#include "agents/ice/traffic.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice {

struct RemoteCandidate {
  Candidate candidate;
  bool signalled;  // else peer-reflexive: learned from a check
};

// A check that was answered before the peer's credentials were known (RFC 8445 §7.3).
struct EarlyCheck {
  Path path;
  ReceivedCheck check;
};

struct Generation {
  explicit Generation(Credentials credentials) : local{std::move(credentials)} {}

  Credentials local;
  std::optional<Credentials> remote;
  std::vector<Candidate> local_candidates;  // in the order found; peer-reflexive ones too
  std::vector<RemoteCandidate> remote_candidates;
  std::vector<Candidate> unresolved;  // remote ones whose names are being asked for (mDNS)
  std::size_t learned = 0;            // peer-reflexive remote candidates so far
  std::size_t revived = 0;  // how often a check of the peer made us check a failed pair again
  std::vector<EarlyCheck> early_checks;
  GatheringState gathering = GatheringState::New;
  bool gathers_continually = false;
  bool remote_ended = false;     // the peer has no more candidates …
  bool end_is_inferred = false;  // … we think: it did not say end-of-candidates

  CheckList check_list;
  std::optional<Instant> started;       // when both sides' credentials were known
  std::optional<Instant> first_valid;   // when the first check passed
  std::optional<PairId> selected;       // the pair that data goes over
  std::optional<Consent> consent;       // of the selected pair
  Instant consent_seen{};               // when the consent was last looked after
  bool patience_pending = true;         // RFC 8863: the patience has not passed since `started`
  bool concluded = false;               // a pair is nominated
  bool superseded = false;              // another stream carries on: no more checks, RFC 8445 §9
  std::uint32_t nominations = 0;        // that this agent made, RFC 8445 §8.1.1 or renomination
  std::optional<std::string> lost;      // why nothing is selected, though something was
  std::string nomination_reason;        // why the agent nominates the pair that it nominates
  std::optional<PairId> postponed;      // the pair it would nominate but for the wait, as last told
  std::optional<Instant> reconsider;    // when time alone makes it nominate
  std::optional<Instant> settle_at;     // when the candidates in vain are freed, RFC 8445 §8.3.1
  std::optional<std::string> failure;   // final until a restart
  bool second_nomination_done = false;  // Deviation IceNominateTwoPairs

  [[nodiscard]] const Candidate* find_local(Transport transport, const Endpoint& address,
                                            const Endpoint& base) const;
  // The candidate that datagrams to `base` reach: a host or relayed one.
  [[nodiscard]] const Candidate* find_base(Transport transport, const Endpoint& base) const;
  [[nodiscard]] RemoteCandidate* find_remote(Transport transport, const Endpoint& address);
  [[nodiscard]] const CandidatePair* find_selected() const;
};

struct Stream {
  StreamId id;
  Generation current;
  std::optional<Generation>
      previous;  // its selected pair carries data until the current one has a nominated pair
  State state = State::New;
  RemoteOptions peer = {};
  Traffic traffic = {};

  // The generation whose selected pair data goes over now; nullptr when there is none.
  [[nodiscard]] Generation* sender();
};

}  // namespace rtclab::ice
