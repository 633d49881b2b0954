// The agent's own interface, the course of things after each input, and what it waits for.
#include "agents/ice/conductor.h"

#include "agents/ice/agent_state.h"
#include "agents/ice/role.h"
#include "agents/ice/trace.h"
#include "agents/stun/message.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::ice {
namespace {

// mDNS numbers its sockets from here, the gatherer its own below.
constexpr std::uint32_t kFirstMdnsRequest = 0x4000'0000;

}  // namespace

Agent::Conductor::Conductor(Configuration configuration, Rng& rng)
    : configuration_{std::move(configuration)},
      rng_{&rng},
      gatherer_{configuration_, rng, outbox_},
      mdns_{{.first_request = kFirstMdnsRequest, .deviations = configuration_.deviations}, rng},
      pacer_{configuration_.ta, configuration_.deviations},
      ids_{rng, configuration_.deviations},
      tie_breaker_{rng.next()} {}

StreamId Agent::Conductor::add_stream(std::optional<Credentials> credentials) {
  const StreamId id{next_stream_++};
  if (!credentials) credentials = Credentials::draw(*rng_, configuration_.deviations);
  streams_.push_back({.id = id, .current = Generation{std::move(*credentials)}, .previous = {}});
  return id;
}

void Agent::Conductor::remove_stream(Instant now, StreamId id) {
  gatherer_.close(now, id);
  if (const auto* const stream = find(id)) tell_dropped(*stream, "the stream is gone");
  checks_.remove_if([&](const Check& each) { return each.stream == id; });
  std::erase_if(streams_, [&](const Stream& each) { return each.id == id; });
  settle(now);
}

void Agent::Conductor::supersede(Instant now, StreamId id) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_ || std::exchange(stream->current.superseded, true)) return;
  checks_.remove_if([&](const Check& each) { return each.stream == id; });
  stream->current.reconsider.reset();
  tell_dropped(*stream, "ICE begins anew on another stream");
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

bool Agent::Conductor::is_lite() const {
  return configuration_.level == Level::Lite;
}

void Agent::Conductor::set_role(Instant now, Role role) {
  wanted_role_ = role;
  auto decision = RoleDecision{role, "set by the owner of the agent"};
  for (const auto& stream : streams_) {
    if (stream.peer.level != configuration_.level || is_lite())
      decision = decide_role(role, configuration_.level, stream.peer.level);
  }
  set_role_and_tell(decision.role, std::string{decision.reason});
  settle(now);
}

void Agent::Conductor::set_remote_options(Instant now, StreamId id, const RemoteOptions& options) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_) return;
  stream->peer = options;
  // RFC 8445 §6.1.1: between equals the role stays as it is, also through a restart.
  if (options.level != configuration_.level) {
    const auto decision = decide_role(wanted_role_, configuration_.level, options.level);
    set_role_and_tell(decision.role, std::string{decision.reason});
  }
  settle(now);
}

void Agent::Conductor::set_role_and_tell(Role role, const std::string& reason) {
  if (role == role_) return;
  role_ = role;
  outbox_.emit(RoleChanged{role, reason});
  // RFC 8445 §7.3.1.1: the priorities depend on the role, and so does who nominates.
  for (auto& stream : streams_) {
    for (auto& pair : stream.current.check_list.pairs()) {
      pair.priority = priority_of(pair.local, pair.remote);
      if (pair.nominating) stream.current.check_list.dequeue(pair.id);
      pair.nominating = false;
      pair.nomination_received = false;
    }
    stream.current.reconsider.reset();
  }
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
  tell_dropped(stream, "ICE begins anew");
  const bool carries_data = stream.current.selected && !stream.current.failure;
  const bool takes_over = carries_data && (stream.current.concluded || !stream.previous);
  if (takes_over) stream.previous.emplace(std::move(stream.current));
  stream.current = std::move(fresh);
}

void Agent::Conductor::tell_dropped(const Stream& stream, const std::string& reason) {
  if (!stream.current.check_list.pairs().empty())
    outbox_.trace(trace::check_list_dropped(stream.id, reason));
}

void Agent::Conductor::transmit(Instant now, StreamId id, const Path& path, ByteView octets,
                                Sent what) {
  if (auto* const stream = find(id)) stream->traffic.note_sent(path, octets.size(), what);
  gatherer_.send(now, id, path, octets);
}

bool Agent::Conductor::send(Instant now, StreamId id, ByteView datagram) {
  auto* const stream = find(id);
  if (stream == nullptr || closed_) return false;
  const auto& deviations = configuration_.deviations;
  auto* const generation = stream->sender();
  if (generation != nullptr && !generation->failure) {
    auto* const pair = generation->check_list.find(*generation->selected);
    const bool has_consent =
        needs_no_consent(*pair) || (generation->consent && !generation->consent->has_expired(now));
    if (!has_consent || !gatherer_.is_open(pair->path())) return false;
    pair->last_sent = now;  // a keepalive may wait longer
    // Relays and connections have deadlines of their own.
    if (!gatherer_.sends_directly(pair->path())) forget_wakeup();
    transmit(now, id, pair->path(), datagram, Sent::Data);
    return true;
  }
  forget_wakeup();
  if (deviations.has(Deviation::DataBeforeConsent)) {
    const auto pairs = stream->current.check_list.view();
    const auto best = std::ranges::max_element(
        pairs, {}, [](const CandidatePair* pair) { return pair->priority; });
    if (best == pairs.end()) return false;
    transmit(now, id, (*best)->path(), datagram, Sent::Data);
    return true;
  }
  return false;
}

std::optional<StreamId> Agent::Conductor::take_data(Instant now, const Received& received) {
  if (closed_ || received.path.transport != Transport::Udp || gatherer_.has_relays() ||
      stun::looks_like_stun(received.bytes))
    return std::nullopt;
  if (const auto wakeup = next_wakeup(); wakeup && wakeup->at <= now) return std::nullopt;
  for (auto& stream : streams_) {
    const auto* const generation = stream.sender();
    const auto* const pair = generation != nullptr ? generation->find_selected() : nullptr;
    if (pair == nullptr || pair->path() != received.path) continue;
    stream.traffic.note_data(received.path, received.bytes.size());
    return stream.id;
  }
  return std::nullopt;
}

void Agent::Conductor::close(Instant now) {
  if (closed_) return;
  closed_ = true;
  checks_.clear();
  mdns_.close(now);
  handle_names(now);
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
  if (mdns_.concerns(input)) {
    mdns_.handle_input(now, input);
    handle_names(now);
  }
  if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    gatherer_.add_address(up->name, up->address);
  } else if (const auto* const down = std::get_if<InterfaceDown>(&input)) {
    handle_interface_down(*down);
  } else if (const auto* const unreachable = std::get_if<Unreachable>(&input)) {
    handle_unreachable(now, *unreachable);
  } else {
    gatherer_.handle_input(now, input);
  }
  settle(now);
}

void Agent::Conductor::handle_timeout(Instant now) {
  settle(now);
}

// RFC 8445 §7.2.5.2.2. Only checks: an ICMP message is easily forged, and consent notices a real
// loss. A later check of the peer revives the pair, so that a NAT which answers for a host it does
// not know yet does no harm.
void Agent::Conductor::handle_unreachable(Instant now, const Unreachable& unreachable) {
  for (auto& check : checks_) {
    auto* const stream = find(check.stream);
    const bool is_meant = check.path == unreachable.path;
    if (!is_meant || check.cancelled || check.transaction.is_answered() || stream == nullptr)
      continue;
    check.transaction.cancel();
    check.cancelled = true;
    outbox_.trace(trace::check_answered(check.pair, check.transaction.id(), "ICMP unreachable",
                                        now - check.sent));
    check_failed(now, *stream, check, "the network reports the remote address unreachable");
  }
}

// --- after every input ---

// Does what is due now, so that nothing but time or the network can change anything.
void Agent::Conductor::settle(Instant now) {
  // Also after an input: it may come at the very instant of a deadline, and then nothing may stay
  // due (agents/base/io.h).
  mdns_.handle_timeout(now);
  handle_names(now);
  gatherer_.handle_timeout(now);
  handle_reports(now);
  if (closed_) return;
  handle_check_timeouts(now);
  for (auto& stream : streams_) settle_stream(now, stream);
  run_pacer(now);
  for (auto& stream : streams_) {
    keep_alive(now, stream);
    free_candidates(now, stream);
    auto& generation = stream.current;
    const auto patience = configuration_.deviations.has(Deviation::PacFailEarly)
                              ? Duration{}
                              : configuration_.patience;
    if (generation.started && now >= *generation.started + configuration_.patience)
      generation.patience_pending = false;
    if (auto failure = hopelessness(generation, now, patience); failure && !generation.failure) {
      generation.failure = std::move(failure);
    }
  }
  handle_reports(now);
  for (auto& stream : streams_) update_state(now, stream);
}

void Agent::Conductor::settle_stream(Instant now, Stream& stream) {
  if (stream.previous) {
    keep_consent(now, stream, *stream.previous);
    if (!stream.previous->selected) stream.previous.reset();
  }
  // Another pair may have to take over, and its own consent be due or gone.
  std::optional<PairId> kept;
  do {
    select_pair(now, stream, "the pair before it is lost");
    kept = stream.current.selected;
    keep_consent(now, stream, stream.current);
  } while (stream.current.selected != kept);
  if (stream.current.superseded) return;
  pair_two_lite_agents(now, stream);
  nominate_if_due(now, stream);
  keep_backups(now, stream);
}

std::optional<Wakeup> Agent::Conductor::next_wakeup() const {
  if (!wakeup_) wakeup_ = find_wakeup();
  return *wakeup_;
}

std::optional<Wakeup> Agent::Conductor::find_wakeup() const {
  auto earliest = Wakeup::earliest(gatherer_.next_wakeup(), mdns_.next_wakeup());
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
      consider(*current.started + configuration_.patience, "ice: patience before failure");
    }
    for (const auto* generation : {&current, stream.previous ? &*stream.previous : nullptr}) {
      if (generation == nullptr || !generation->consent) continue;
      consider(generation->consent->next_wakeup(generation->consent_seen), "ice: consent");
    }
    for (const auto& pair : current.check_list.pairs()) {
      if (is_kept_alive(current, pair))
        consider(pair.last_sent + configuration_.keepalive, "ice: keepalive");
      consider(backup_due(current, pair), "ice: a pair that may take over is checked");
    }
  }
  return earliest;
}

}  // namespace rtclab::ice
