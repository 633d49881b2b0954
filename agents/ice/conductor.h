// The inside of the agent: everything that agent.h promises, carried out. Policies decide, tables
// move pairs, parts gather, pace and keep consent; this class is where they meet.
//
// Spec: RFC 8445 §6 to §9; RFC 6544 §7 to §11. Deviations carried out here: IceControlledNominates,
// IceNominateBeforeSuccess, IceNominateTwoPairs, IceShortRto, IceTieBreakerPerCheck,
// IcePriorityAsHost, IceNoTriggeredChecks, IceLowestPriorityFirst, IceIgnoreRoleConflict,
// IceLiteSendsChecks, IceNoPairLimit, IceFreeAtOnce, IceTcpResend, DataBeforeConsent,
// ConsentSendAfterExpiry, ConsentNotOverTcp, ConsentNever, PacFailEarly, TrickleUseLateCandidates,
// StunAnswerIndications.
// The files: conductor.cc (its interface, the course of things), _gathering (local candidates),
// _remote (those of the peer, names), _pairs, _checks (out), _requests (in), _responses,
// _conclusion (nomination), _selection (the pair that data uses), _consent, _connections (TCP).
#pragma once

#include "agents/ice/agent.h"
#include "agents/ice/check_policy.h"
#include "agents/ice/gatherer.h"
#include "agents/ice/outbox.h"
#include "agents/ice/pacer.h"
#include "agents/ice/stream.h"
#include "agents/mdns/agent.h"
#include "agents/stun/transaction.h"

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice {

class Agent::Conductor {
 public:
  Conductor(Configuration configuration, Rng& rng);

  StreamId add_stream(std::optional<Credentials> credentials);
  void remove_stream(Instant now, StreamId id);
  void supersede(Instant now, StreamId id);
  [[nodiscard]] Stream* find(StreamId id);
  // Precondition: the stream exists.
  [[nodiscard]] Stream& at(StreamId id);

  void set_servers(std::vector<Endpoint> stun_servers, std::vector<TurnServer> turn_servers);
  void set_policy(CandidatePolicy policy);
  void set_remote_options(Instant now, StreamId id, const RemoteOptions& options);
  void gather(Instant now);
  [[nodiscard]] GatheringState gathering_state() const { return gathering_state_; }

  [[nodiscard]] Role role() const { return role_; }
  void set_role(Instant now, Role role);
  void set_remote_credentials(Instant now, StreamId id, const Credentials& credentials);
  void add_remote_candidate(Instant now, StreamId id, Candidate candidate);
  void end_of_remote_candidates(Instant now, StreamId id, RemoteEnd end);
  void restart(Instant now, StreamId id);
  bool send(Instant now, StreamId id, ByteView datagram);
  std::optional<StreamId> take_data(Instant now, const Received& received);
  void close(Instant now);

  void handle_input(Instant now, const Input& input);
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Wakeup> next_wakeup() const;
  void forget_wakeup() { wakeup_.reset(); }
  Outbox& outbox() { return outbox_; }

 private:
  // A check on its way.
  struct Check {
    StreamId stream;
    PairId pair;
    CheckKind kind;
    CheckContent content;
    Path path;
    Credentials credentials;  // the peer's, which the answer is signed with
    Instant sent;
    stun::Transaction transaction;
    bool cancelled = false;
  };
  // What the pacer would start next.
  struct CheckWork {
    std::size_t turn;  // index of the stream
    PairId pair;
    CheckKind kind;
    std::string reason;
    std::vector<PairId> unfreeze;
  };

  // --- gathering ---
  void handle_reports(Instant now);
  void handle_report(Instant now, Found found);
  void handle_report(Instant now, const Exhausted& exhausted);
  void handle_report(Instant now, const RelayLost& lost);
  void handle_report(Instant now, const PermissionAnswered& answered);
  void handle_report(Instant now, const Arrival& arrival);
  // All that leaves goes this way, and is counted.
  void transmit(Instant now, StreamId id, const Path& path, ByteView octets, Sent what);
  void handle_report(Instant now, const ConnectionLost& lost);
  void update_gathering_state();
  void handle_interface_down(const InterfaceDown& down);
  void lose_base(Stream& stream, const Candidate& local, const std::string& reason);
  void handle_unreachable(Instant now, const Unreachable& unreachable);

  // --- the peer's candidates ---
  void accept_remote(Stream& stream, const Candidate& candidate);
  void ask_for_address(Instant now, Stream& stream, const Candidate& candidate);
  void handle_names(Instant now);
  void handle_name(Instant now, const mdns::Resolved& resolved);
  void handle_name(Instant now, const mdns::ResolutionFailed& failed);
  void ignore_remote(const Stream& stream, const Candidate& candidate, const std::string& reason);

  // --- pairs ---
  void form_pair(Stream& stream, const Candidate& local, const Candidate& remote);
  CandidatePair& add_pair(Stream& stream, CandidatePair pair, const std::string& reason);
  // Drops the pair that matters least, which may be the one that came last.
  void keep_within_limit(const CandidatePair& added);
  void move(Stream& stream, CandidatePair& pair, PairCause cause, const std::string& reason);
  void prune(Stream& stream, CandidatePair& pair, const std::string& reason);
  [[nodiscard]] PairPriority priority_of(const Candidate& local, const Candidate& remote) const;
  [[nodiscard]] std::vector<const CandidatePair*> view_of_set() const;
  [[nodiscard]] bool is_sendable(const CandidatePair& pair) const;
  [[nodiscard]] bool is_lite() const;
  [[nodiscard]] bool checks_pairs() const {
    return !is_lite() || configuration_.deviations.has(Deviation::IceLiteSendsChecks);
  }
  // RFC 7675 §1: a lite agent asks for none; the peer's checks show that it lives.
  [[nodiscard]] bool needs_no_consent(const CandidatePair& pair) const {
    return is_lite() || configuration_.deviations.has(Deviation::ConsentNever) ||
           (pair.local.transport == Transport::Tcp &&
            configuration_.deviations.has(Deviation::ConsentNotOverTcp));
  }
  // Whether pairs are looked for after one is nominated.
  [[nodiscard]] bool is_continual() const {
    return configuration_.gathering == GatheringPolicy::Continually;
  }
  [[nodiscard]] bool may_renominate(const Stream& stream) const;
  void end_pair(Stream& stream, Generation& generation, CandidatePair& pair,
                const std::string& reason);

  // --- checks out ---
  enum class Precedence : std::uint8_t { Triggered, Ordinary };
  [[nodiscard]] std::optional<CheckWork> next_check(Precedence first) const;
  [[nodiscard]] std::optional<CheckWork> next_check_of(std::size_t turn, Precedence first) const;
  [[nodiscard]] std::optional<CheckWork> next_queued(std::size_t turn, CheckKind kind) const;
  [[nodiscard]] std::optional<CheckWork> next_ordinary(std::size_t turn) const;
  void run_pacer(Instant now);
  void start_check(Instant now, const CheckWork& work);
  [[nodiscard]] CheckContent content_of(Stream& stream, const CandidatePair& pair, CheckKind kind);
  [[nodiscard]] stun::Schedule schedule_for(const CandidatePair& pair) const;
  [[nodiscard]] Duration rto_for_checks() const;
  void cancel_checks(PairId pair);
  void handle_check_timeouts(Instant now);

  // --- checks in ---
  void handle_request(Instant now, Stream& stream, const Arrival& arrival,
                      const stun::Message& request);
  // The code to refuse with, if the roles conflict and the peer has to yield.
  [[nodiscard]] std::optional<int> repair_roles(Instant now, const ReceivedCheck& check);
  void act_on_check(Instant now, Stream& stream, const EarlyCheck& received);
  void act_as_lite(Instant now, Stream& stream, const EarlyCheck& received);
  [[nodiscard]] CandidatePair& add_received_pair(Stream& stream, const EarlyCheck& received);
  [[nodiscard]] static bool has_room_to_learn(Generation& generation, const ReceivedCheck& check);
  const Candidate& learn_remote(Stream& stream, const EarlyCheck& received);
  void trigger(Stream& stream, CandidatePair& pair);

  // --- answers in ---
  void handle_response(Instant now, Stream& stream, const Arrival& arrival,
                       const stun::Message& response);
  void handle_check_answer(Instant now, Stream& stream, Check& check, const Arrival& arrival,
                           const stun::Message& response);
  void handle_role_conflict(Instant now, Stream& stream, const Check& check);
  void check_failed(Instant now, Stream& stream, const Check& check, const std::string& reason);
  void nomination_failed(Stream& stream, CandidatePair& pair, const std::string& reason);
  void check_passed(Instant now, Stream& stream, const Check& check, const Endpoint& mapped,
                    Duration round_trip);
  void unfreeze_alike(const CandidatePair& passed);
  CandidatePair& prove(Stream& stream, CandidatePair& checked, const Check& check,
                       const Endpoint& mapped, const std::string& reason);
  bool handle_consent_answer(Instant now, Stream& stream, Generation& generation,
                             const Arrival& arrival, const stun::Message& response);

  // --- TCP connections ---
  void reconnect(Stream& stream, CandidatePair& selected, const std::string& why);
  void drop_replaced(Stream& stream, CandidatePair& successor);

  // --- conclusions ---
  void settle(Instant now);
  [[nodiscard]] std::optional<Wakeup> find_wakeup() const;
  void settle_stream(Instant now, Stream& stream);
  void nominate_if_due(Instant now, Stream& stream);
  void begin_nomination(Stream& stream, PairId valid_pair, const std::string& reason);
  void nominate(Instant now, Stream& stream, CandidatePair& valid_pair, const std::string& reason);
  void prune_open_pairs(Stream& stream, const CandidatePair& nominated);
  void nominate_second(Stream& stream);
  void conclude(Instant now, Stream& stream, const CandidatePair& nominated);
  void free_candidates(Instant now, Stream& stream);
  void pair_two_lite_agents(Instant now, Stream& stream);
  [[nodiscard]] std::optional<PairId> pair_for_data(const Stream& stream) const;
  void select_pair(Instant now, Stream& stream, const std::string& reason);
  void release_channel(Instant now, Generation& generation, PairId pair);
  void lose_selection(Instant now, Stream& stream, const std::string& reason);
  void keep_backups(Instant now, Stream& stream);
  [[nodiscard]] bool is_being_checked(const Generation& generation, PairId pair) const;
  // When a pair that may take over has to be checked again.
  [[nodiscard]] std::optional<Instant> backup_due(const Generation& generation,
                                                  const CandidatePair& pair) const;
  [[nodiscard]] bool is_kept_alive(const Generation& generation, const CandidatePair& pair) const;
  void keep_consent(Instant now, Stream& stream, Generation& generation);
  void lose_consent(Instant now, Stream& stream, Generation& generation,
                    const std::string& outcome);
  void keep_alive(Instant now, Stream& stream);
  void set_role_and_tell(Role role, const std::string& reason);
  void update_state(Instant now, Stream& stream);
  void replace_generation(Stream& stream, Generation fresh);
  void tell_dropped(const Stream& stream, const std::string& reason);

  Configuration configuration_;
  Rng* rng_;
  Outbox outbox_;
  Gatherer gatherer_;
  mdns::Agent mdns_;
  Pacer pacer_;
  stun::TransactionIds ids_;
  Role role_ = Role::Controlling;
  Role wanted_role_ = Role::Controlling;  // by the owner
  std::uint64_t tie_breaker_;
  GatheringState gathering_state_ = GatheringState::New;
  std::vector<Stream> streams_;
  std::list<Check> checks_;
  std::size_t turn_ = 0;  // whose check list is picked next, RFC 8445 §6.1.4.2
  // Checks and gathering alternate; gathering begins, for what it finds has a longer way before it.
  bool gathering_has_turn_ = true;
  unsigned triggered_in_a_row_ = 0;
  bool closed_ = false;
  std::uint32_t next_stream_ = 1;
  std::uint64_t next_pair_ = 1;
  std::uint64_t next_reflexive_ = 1;
  // As found last: data asks for it with every packet, and only ever makes it too early.
  mutable std::optional<std::optional<Wakeup>> wakeup_;
};

}  // namespace rtclab::ice
