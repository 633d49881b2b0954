// The agent's own interface, gathering, and the forming of pairs; checks are in agent_checks.cc,
// what follows from them in agent_conclusion.cc.
#include "agents/ice/agent.h"

#include "agents/ice/agent_state.h"
#include "agents/ice/conductor.h"
#include "agents/ice/trace.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

namespace rtclab::ice {
namespace {

// RFC 8445 §6.1.2.5 and §19.5.1: a peer must not make us spend without bound.
constexpr std::ptrdiff_t kMaxRemoteCandidates = 100;

}  // namespace

// --- the public face ---

Agent::Agent(Configuration configuration, Rng& rng)
    : conductor_{std::make_unique<Conductor>(std::move(configuration), rng)} {}
Agent::~Agent() = default;
Agent::Agent(Agent&&) noexcept = default;
Agent& Agent::operator=(Agent&&) noexcept = default;

StreamId Agent::add_stream(Instant /*now*/, std::optional<Credentials> credentials) {
  return conductor_->add_stream(std::move(credentials));
}
void Agent::remove_stream(Instant now, StreamId stream) {
  conductor_->remove_stream(now, stream);
}
const Credentials& Agent::local_credentials(StreamId stream) const {
  return conductor_->at(stream).current.local;
}
void Agent::set_servers(std::vector<Endpoint> stun_servers, std::vector<TurnServer> turn_servers) {
  conductor_->set_servers(std::move(stun_servers), std::move(turn_servers));
}
void Agent::set_policy(CandidatePolicy policy) {
  conductor_->set_policy(policy);
}
void Agent::gather(Instant now) {
  conductor_->gather(now);
}
GatheringState Agent::gathering_state() const {
  return conductor_->gathering_state();
}
std::vector<Candidate> Agent::local_candidates(StreamId stream) const {
  const auto* const known = conductor_->find(stream);
  if (known == nullptr) return {};
  auto told = known->current.local_candidates;
  std::erase_if(told,
                [](const Candidate& each) { return each.type == CandidateType::PeerReflexive; });
  return told;
}
Role Agent::role() const {
  return conductor_->role();
}
void Agent::set_role(Instant now, Role role) {
  conductor_->set_role(now, role);
}
void Agent::set_remote_credentials(Instant now, StreamId stream, const Credentials& credentials) {
  conductor_->set_remote_credentials(now, stream, credentials);
}
void Agent::add_remote_candidate(Instant now, StreamId stream, const Candidate& candidate) {
  conductor_->add_remote_candidate(now, stream, candidate);
}
void Agent::end_of_remote_candidates(Instant now, StreamId stream) {
  conductor_->end_of_remote_candidates(now, stream);
}
void Agent::restart(Instant now, StreamId stream) {
  conductor_->restart(now, stream);
}
bool Agent::send(Instant now, StreamId stream, ByteView datagram) {
  return conductor_->send(now, stream, datagram);
}
State Agent::state(StreamId stream) const {
  const auto* const known = conductor_->find(stream);
  return known == nullptr ? State::Closed : known->state;
}
std::vector<PairInfo> Agent::pairs(StreamId stream) const {
  std::vector<PairInfo> infos;
  auto* const known = conductor_->find(stream);
  if (known == nullptr) return infos;
  const auto* const sender = known->sender();
  const auto describe = [&](const Generation& generation) {
    for (const auto& pair : generation.check_list.pairs()) {
      const bool is_selected = sender == &generation && generation.selected == pair.id;
      infos.push_back({pair.id, pair.local, pair.remote, pair.priority, pair.state, pair.valid,
                       pair.nominated, is_selected});
    }
  };
  if (known->previous) describe(*known->previous);
  describe(known->current);
  return infos;
}
std::optional<PairInfo> Agent::selected_pair(StreamId stream) const {
  for (auto& info : pairs(stream)) {
    if (info.selected) return std::move(info);
  }
  return std::nullopt;
}
void Agent::close(Instant now) {
  conductor_->close(now);
}
void Agent::handle_input(Instant now, const Input& input) {
  conductor_->handle_input(now, input);
}
void Agent::handle_timeout(Instant now) {
  conductor_->handle_timeout(now);
}
std::optional<Output> Agent::poll_output() {
  return conductor_->outbox().poll_output();
}
std::optional<AgentEvent> Agent::poll_event() {
  return conductor_->outbox().poll_event();
}
std::optional<Wakeup> Agent::next_wakeup() const {
  return conductor_->next_wakeup();
}

// --- streams ---

Agent::Conductor::Conductor(Configuration configuration, Rng& rng)
    : configuration_{std::move(configuration)},
      rng_{&rng},
      gatherer_{configuration_, rng, outbox_},
      pacer_{configuration_.ta, configuration_.deviations},
      ids_{rng, configuration_.deviations},
      tie_breaker_{rng.next()} {}

StreamId Agent::Conductor::add_stream(std::optional<Credentials> credentials) {
  const StreamId id{next_stream_++};
  if (!credentials) credentials = Credentials::draw(*rng_, configuration_.deviations);
  streams_.push_back({id, Generation{std::move(*credentials)}, std::nullopt});
  return id;
}

void Agent::Conductor::remove_stream(Instant now, StreamId id) {
  gatherer_.close(now, id);
  checks_.remove_if([&](const Check& each) { return each.stream == id; });
  std::erase_if(streams_, [&](const Stream& each) { return each.id == id; });
  settle(now);
}

Stream* Agent::Conductor::find(StreamId id) {
  const auto stream = std::ranges::find(streams_, id, &Stream::id);
  return stream == streams_.end() ? nullptr : &*stream;
}

Stream& Agent::Conductor::at(StreamId id) {
  auto* const stream = find(id);
  assert(stream != nullptr);
  return *stream;
}

void Agent::Conductor::set_servers(std::vector<Endpoint> stun_servers,
                                   std::vector<TurnServer> turn_servers) {
  gatherer_.set_servers(std::move(stun_servers), std::move(turn_servers));
}

void Agent::Conductor::set_policy(CandidatePolicy policy) {
  configuration_.policy = policy;
  gatherer_.set_policy(policy);
}

void Agent::Conductor::gather(Instant now) {
  if (closed_) return;
  std::vector<StreamId> begun;
  for (auto& stream : streams_) {
    if (stream.current.gathering != GatheringState::New) continue;
    stream.current.gathering = GatheringState::Gathering;
    begun.push_back(stream.id);
  }
  update_gathering_state();
  for (const auto id : begun) gatherer_.start(now, id);
  settle(now);
}

void Agent::Conductor::update_gathering_state() {
  const auto any = [&](GatheringState state) {
    return std::ranges::any_of(streams_,
                               [&](const Stream& each) { return each.current.gathering == state; });
  };
  auto state = GatheringState::Complete;
  if (any(GatheringState::Gathering)) {
    state = GatheringState::Gathering;
  } else if (any(GatheringState::New) || streams_.empty()) {
    return;  // a stream that nobody has asked to gather for changes nothing
  }
  if (state == gathering_state_) return;
  gathering_state_ = state;
  outbox_.emit(GatheringStateChanged{state});
}

void Agent::Conductor::set_role(Instant now, Role role) {
  set_role_and_tell(role, "set by the owner of the agent");
  settle(now);
}

void Agent::Conductor::set_remote_credentials(Instant now, StreamId id,
                                              const Credentials& credentials) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_ || stream->current.remote == credentials) return;
  if (stream->current.remote) {
    // The peer restarted, and we keep our credentials: its old candidates and all pairs with them
    // are void.
    Generation fresh{stream->current.local};
    fresh.local_candidates = stream->current.local_candidates;
    std::erase_if(fresh.local_candidates,
                  [](const Candidate& each) { return each.type == CandidateType::PeerReflexive; });
    fresh.gathering = stream->current.gathering;
    fresh.early_checks = std::move(stream->current.early_checks);
    replace_generation(*stream, std::move(fresh));
  }
  auto& generation = stream->current;
  generation.remote = credentials;
  generation.started = now;
  // RFC 8445 §7.3: what was answered early takes its course now.
  const auto early = std::exchange(generation.early_checks, {});
  for (const auto& received : early) {
    if (received.check.remote_ufrag == credentials.ufrag) act_on_check(now, *stream, received);
  }
  settle(now);
}

void Agent::Conductor::add_remote_candidate(Instant now, StreamId id, Candidate candidate) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_) return;
  auto& generation = stream->current;
  const auto ignore = [&](const std::string& reason) {
    outbox_.trace(trace::remote_candidate_ignored(id, candidate, reason));
  };
  // RFC 8838 §14: MUST ignore.
  if (generation.remote_ended) return ignore("it came after end-of-candidates");
  if (candidate.component != 1)
    return ignore("its component has no use here: RTP and RTCP share one (rtcp-mux)");
  if (candidate.transport != Transport::Udp) return ignore("its transport is not UDP");
  if (!candidate.host_name.empty()) return ignore("its address is a name");
  if (candidate.address.port == Port{0} || candidate.address.ip.is_unspecified())
    return ignore("it is no address to send to");

  candidate.base = candidate.address;
  if (auto* const known = generation.find_remote(candidate.address)) {
    if (known->signalled) return ignore("its address is known from a candidate that came before");
    // RFC 8445 §7.3.1.3, RFC 8838 §11: the peer tells what a check of it had shown; its word counts
    // from now on.
    *known = {candidate, true};
    for (auto& pair : generation.check_list.pairs()) {
      if (pair.remote.address != candidate.address) continue;
      pair.remote = candidate;
      pair.priority = priority_of(pair.local, pair.remote);
    }
  } else if (std::ranges::count(generation.remote_candidates, true, &RemoteCandidate::signalled) >=
             kMaxRemoteCandidates) {
    return ignore("the peer has 100 candidates already");
  } else {
    generation.remote_candidates.push_back({candidate, true});
  }
  outbox_.trace(trace::remote_candidate_added(id, candidate, trace::Source::Signalled));
  const auto locals = generation.local_candidates;
  for (const auto& local : locals) {
    // RFC 8445 §7.2.5.3.1: a peer-reflexive one of ours is in its valid pair, and needs no others.
    if (local.type != CandidateType::PeerReflexive) form_pair(*stream, local, candidate);
  }
  settle(now);
}

void Agent::Conductor::end_of_remote_candidates(Instant now, StreamId id) {
  auto* const stream = find(id);
  if (stream == nullptr) return;
  stream->current.remote_ended = true;
  settle(now);
}

void Agent::Conductor::restart(Instant now, StreamId id) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_) return;
  // RFC 8445 §9: both the user name fragment and the password MUST change.
  replace_generation(*stream, Generation{Credentials::draw(*rng_, configuration_.deviations)});
  settle(now);
}

void Agent::Conductor::replace_generation(Stream& stream, Generation fresh) {
  // Answers to checks of the old generation are of no interest; its consent has transactions of its
  // own.
  checks_.remove_if([&](const Check& each) { return each.stream == stream.id; });
  const bool carries_data = stream.current.selected && !stream.current.failure;
  const bool takes_over = carries_data && (stream.current.concluded || !stream.previous);
  if (takes_over) stream.previous.emplace(std::move(stream.current));
  stream.current = std::move(fresh);
}

bool Agent::Conductor::send(Instant now, StreamId id, ByteView datagram) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_) return false;
  auto* const generation = stream->sender();
  if (generation != nullptr && generation->consent && !generation->failure &&
      !generation->consent->has_expired(now)) {
    auto* const pair = generation->check_list.find(*generation->selected);
    pair->last_sent = now;
    gatherer_.send(now, pair->local.base, pair->remote.address, datagram);
    return true;
  }
  if (configuration_.deviations.has(Deviation::DataBeforeConsent)) {
    const auto pairs = stream->current.check_list.view();
    const auto best = std::ranges::max_element(
        pairs, {}, [](const CandidatePair* pair) { return pair->priority; });
    if (best == pairs.end()) return false;
    gatherer_.send(now, (*best)->local.base, (*best)->remote.address, datagram);
    return true;
  }
  return false;
}

void Agent::Conductor::close(Instant now) {
  if (closed_) return;
  closed_ = true;
  checks_.clear();
  for (auto& stream : streams_) {
    stream.previous.reset();
    stream.current.selected.reset();
    stream.current.consent.reset();
    gatherer_.close(now, stream.id);
    outbox_.emit(
        StateChanged{stream.id, stream.state, State::Closed, "closed by the owner of the agent"});
    stream.state = State::Closed;
  }
}

// --- inputs ---

void Agent::Conductor::handle_input(Instant now, const Input& input) {
  if (const auto* const received = std::get_if<Received>(&input)) {
    gatherer_.handle_datagram(now, *received);
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    gatherer_.handle_socket_opened(now, *opened);
  } else if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    gatherer_.handle_socket_failed(now, *failed);
  } else if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    gatherer_.add_address(up->name, up->address);
  } else if (const auto* const down = std::get_if<InterfaceDown>(&input)) {
    gatherer_.remove_address(down->address);
    for (auto& stream : streams_) {
      const auto locals = stream.current.local_candidates;
      for (const auto& local : locals) {
        if (local.base.ip == down->address)
          lose_base(stream, local.base, down->name + " went down");
      }
    }
  } else if (const auto* const unreachable = std::get_if<Unreachable>(&input)) {
    // RFC 8445 §7.2.5.2.2. Only checks: an ICMP message is easily forged, and consent notices a
    // real loss. A later check of the peer revives the pair, so that a NAT which answers for a host
    // it does not know yet does no harm.
    for (auto& check : checks_) {
      auto* const stream = find(check.stream);
      const bool is_meant =
          check.base == unreachable->path.local && check.remote == unreachable->path.remote;
      if (!is_meant || check.cancelled || check.transaction.is_answered() || stream == nullptr)
        continue;
      check.transaction.cancel();
      check.cancelled = true;
      outbox_.trace(trace::check_answered(check.pair, check.transaction.id(), "ICMP unreachable",
                                          now - check.sent));
      check_failed(now, *stream, check, "the network reports the remote address unreachable");
    }
  }
  settle(now);
}

void Agent::Conductor::handle_timeout(Instant now) {
  settle(now);
}

std::optional<Wakeup> Agent::Conductor::next_wakeup() const {
  auto earliest = gatherer_.next_wakeup();
  const auto consider = [&](const std::optional<Instant>& at, std::string_view reason) {
    if (at) earliest = Wakeup::earliest(earliest, Wakeup{*at, reason});
  };
  if (closed_) return earliest;
  if (next_check(Precedence::Triggered) || gatherer_.has_pending())
    consider(pacer_.due(), "ice: Ta, the next transaction");
  for (const auto& check : checks_)
    consider(check.transaction.next_wakeup(), "ice: answer to a check");
  for (const auto& stream : streams_) {
    const auto& current = stream.current;
    if (current.failure) continue;
    consider(current.reconsider, "ice: nomination of the best pair so far");
    consider(current.settle_at, "ice: unused candidates freed");
    if (current.started && !current.selected && current.patience_pending) {
      consider(*current.started + kPatience, "ice: patience before failure");
    }
    for (const auto* generation : {&current, stream.previous ? &*stream.previous : nullptr}) {
      if (generation == nullptr || !generation->consent) continue;
      consider(generation->consent->next_wakeup(generation->consent_seen), "ice: consent");
    }
    if (!current.concluded) {
      for (const auto& pair : current.check_list.pairs()) {
        if (pair.valid && current.selected != pair.id)
          consider(pair.last_sent + kKeepalivePeriod, "ice: keepalive");
      }
    }
  }
  return earliest;
}

// --- gathering ---

void Agent::Conductor::handle_reports(Instant now) {
  while (const auto report = gatherer_.poll_report()) {
    std::visit([&](const auto& each) { handle_report(now, each); }, *report);
  }
}

void Agent::Conductor::handle_report(Instant /*now*/, const Found& found) {
  auto* const stream = find(found.stream);
  if (stream == nullptr || closed_) return;
  auto& generation = stream->current;
  // RFC 8445 §5.1.3, RFC 8838 §9: the same address from the same base is nothing new, whatever its
  // priority.
  const auto same = std::ranges::find_if(generation.local_candidates, [&](const Candidate& each) {
    return each.address == found.candidate.address && each.base == found.candidate.base;
  });
  if (same != generation.local_candidates.end()) {
    // A check had shown this address before the server did: it gets its proper type, but the peer
    // was never told.
    if (same->type != CandidateType::PeerReflexive) return;
    generation.local_candidates.erase(same);
  }
  generation.local_candidates.push_back(found.candidate);
  outbox_.emit(CandidateGathered{found.stream, found.candidate, generation.local.ufrag});
  const auto remotes = generation.remote_candidates;
  for (const auto& remote : remotes) {
    // RFC 8445 §7.3.1.3: a peer-reflexive one of the peer is only paired with the base that it
    // showed itself to.
    if (remote.signalled) form_pair(*stream, found.candidate, remote.candidate);
  }
}

void Agent::Conductor::handle_report(Instant /*now*/, const Exhausted& exhausted) {
  auto* const stream = find(exhausted.stream);
  if (stream == nullptr || stream->current.gathering != GatheringState::Gathering) return;
  stream->current.gathering = GatheringState::Complete;
  outbox_.emit(EndOfCandidates{exhausted.stream, stream->current.local.ufrag});
  update_gathering_state();
}

void Agent::Conductor::handle_report(Instant /*now*/, const RelayLost& lost) {
  if (auto* const stream = find(lost.stream))
    lose_base(*stream, lost.base, "the relay is lost: " + lost.reason);
}

void Agent::Conductor::handle_report(Instant /*now*/, const PermissionAnswered& answered) {
  if (answered.code == 0) return;  // the pairs are sendable now; the pacer sees to it
  for (auto& stream : streams_) {
    for (auto& pair : stream.current.check_list.pairs()) {
      if (pair.local.base != answered.base || pair.remote.address.ip != answered.peer) continue;
      if (pair.state != PairState::Frozen && pair.state != PairState::Waiting) continue;
      stream.current.check_list.dequeue(pair.id);
      move(stream, pair, PairCause::PermissionRefused,
           "the relay refused the permission: " + std::to_string(answered.code));
    }
  }
}

void Agent::Conductor::lose_base(Stream& stream, const Endpoint& base, const std::string& reason) {
  auto& generation = stream.current;
  std::erase_if(generation.local_candidates,
                [&](const Candidate& each) { return each.base == base; });
  for (auto& pair : generation.check_list.pairs()) {
    if (pair.local.base != base) continue;
    pair.valid = pair.nominated = pair.nominating = false;
    generation.check_list.dequeue(pair.id);
    cancel_checks(pair.id);
    if (pair.state != PairState::Failed) move(stream, pair, PairCause::AddressLost, reason);
  }
}

// --- pairs ---

PairPriority Agent::Conductor::priority_of(const Candidate& local, const Candidate& remote) const {
  return role_ == Role::Controlling ? pair_priority(local.priority, remote.priority)
                                    : pair_priority(remote.priority, local.priority);
}

std::vector<const CandidatePair*> Agent::Conductor::view_of_set() const {
  std::vector<const CandidatePair*> all;
  for (const auto& stream : streams_) {
    for (const auto& pair : stream.current.check_list.pairs()) all.push_back(&pair);
  }
  return all;
}

bool Agent::Conductor::is_sendable(const CandidatePair& pair) const {
  return pair.local.type != CandidateType::Relayed ||
         configuration_.deviations.has(Deviation::TurnSendWithoutPermission) ||
         gatherer_.permission(pair.local.base, pair.remote.address.ip) == Permission::Granted;
}

void Agent::Conductor::form_pair(Stream& stream, const Candidate& local, const Candidate& remote) {
  auto& generation = stream.current;
  // RFC 8445 §6.1.2.2: one family; link-local addresses of IPv6 only among themselves.
  if (local.address.ip.family() != remote.address.ip.family()) return;
  if (!local.address.ip.is_v4() &&
      local.address.ip.is_link_local() != remote.address.ip.is_link_local())
    return;
  if (generation.failure) return;
  // RFC 8445 §6.1.2.4: nothing can be sent from a reflexive address, only from its base.
  const auto* const base = generation.find_base(local.base);
  if (base == nullptr) return;
  if (const auto* const twin = generation.check_list.find_checked(base->base, remote.address)) {
    const auto twin_name = "pair " + std::to_string(twin->id.value());
    outbox_.trace(trace::pair_pruned(
        stream.id, std::nullopt, local, remote,
        base->address == local.address
            ? "redundant: " + twin_name + " is the same"
            : "redundant: checks leave from the base, as those of " + twin_name + " do"));
    return;
  }
  if (generation.concluded) {
    outbox_.trace(
        trace::pair_pruned(stream.id, std::nullopt, local, remote, "it came after the nomination"));
    return;
  }

  CandidatePair pair;
  pair.local = *base;
  pair.remote = remote;
  pair.priority = priority_of(pair.local, pair.remote);
  const auto initial = initial_state(pair, view_of_set());
  pair.state = initial.state;
  add_pair(stream, std::move(pair), initial.reason);
}

CandidatePair& Agent::Conductor::add_pair(Stream& stream, CandidatePair pair,
                                          const std::string& reason) {
  pair.id = PairId{next_pair_++};
  auto& added = stream.current.check_list.add(std::move(pair));
  outbox_.trace(trace::pair_added(stream.id, added, reason));
  if (!added.on_check_list) return added;
  if (added.local.type == CandidateType::Relayed) {
    gatherer_.request_permission(added.local.base, added.remote.address.ip);
  }
  // RFC 8445 §6.1.2.5, RFC 8838 §11 step 5.
  std::vector<ListedPair> set;
  for (const auto& each : streams_) {
    const auto& pairs = each.current.check_list.pairs();
    const auto length = static_cast<std::size_t>(
        std::ranges::count_if(pairs, &CandidatePair::is_candidate_for_checks));
    for (const auto& other : pairs) {
      if (other.is_candidate_for_checks() && other.id != added.id) set.push_back({&other, length});
    }
  }
  if (const auto drop = to_drop(added, set, configuration_.max_pairs)) {
    for (auto& each : streams_) {
      if (auto* const dropped = each.current.check_list.find(drop->pair))
        prune(each, *dropped, drop->reason);
    }
  }
  return added;
}

void Agent::Conductor::move(Stream& stream, CandidatePair& pair, PairCause cause,
                            const std::string& reason) {
  const auto to = next(pair.state, cause);
  assert(to.has_value());
  if (*to == pair.state) return;
  const auto from = std::exchange(pair.state, *to);
  outbox_.trace(trace::pair_state_changed(stream.id, pair.id, from, *to, reason));
}

void Agent::Conductor::prune(Stream& stream, CandidatePair& pair, const std::string& reason) {
  if (pair.pruned) return;
  pair.pruned = true;
  stream.current.check_list.dequeue(pair.id);
  cancel_checks(pair.id);
  outbox_.trace(trace::pair_pruned(stream.id, pair.id, pair.local, pair.remote, reason));
}

}  // namespace rtclab::ice
