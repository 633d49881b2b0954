#include "agents/ice/agent.h"

#include "agents/ice/conductor.h"

#include <algorithm>
#include <utility>

namespace rtclab::ice {

Agent::Agent(Configuration configuration, Rng& rng)
    : conductor_{std::make_unique<Conductor>(std::move(configuration), rng)} {}
Agent::~Agent() = default;
Agent::Agent(Agent&&) noexcept = default;
Agent& Agent::operator=(Agent&&) noexcept = default;

Agent::Conductor& Agent::changing() {
  conductor_->forget_wakeup();
  return *conductor_;
}

StreamId Agent::add_stream(Instant /*now*/, std::optional<Credentials> credentials) {
  return changing().add_stream(std::move(credentials));
}
void Agent::remove_stream(Instant now, StreamId stream) {
  changing().remove_stream(now, stream);
}
void Agent::supersede(Instant now, StreamId stream) {
  changing().supersede(now, stream);
}
const Credentials& Agent::local_credentials(StreamId stream) const {
  return conductor_->at(stream).current.local;
}
void Agent::set_servers(std::vector<Endpoint> stun_servers, std::vector<TurnServer> turn_servers) {
  changing().set_servers(std::move(stun_servers), std::move(turn_servers));
}
void Agent::set_remote_options(Instant now, StreamId stream, const RemoteOptions& options) {
  changing().set_remote_options(now, stream, options);
}
void Agent::set_policy(CandidatePolicy policy) {
  changing().set_policy(policy);
}
void Agent::gather(Instant now) {
  changing().gather(now);
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
  changing().set_role(now, role);
}
void Agent::set_remote_credentials(Instant now, StreamId stream, const Credentials& credentials) {
  changing().set_remote_credentials(now, stream, credentials);
}
void Agent::add_remote_candidate(Instant now, StreamId stream, const Candidate& candidate) {
  changing().add_remote_candidate(now, stream, candidate);
}
void Agent::end_of_remote_candidates(Instant now, StreamId stream, RemoteEnd end) {
  changing().end_of_remote_candidates(now, stream, end);
}
void Agent::restart(Instant now, StreamId stream) {
  changing().restart(now, stream);
}
bool Agent::send(Instant now, StreamId stream, ByteView datagram) {
  return conductor_->send(now, stream, datagram);
}
std::optional<StreamId> Agent::take_data(Instant now, const Received& received) {
  return conductor_->take_data(now, received);
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
                       pair.nominated, is_selected, known->traffic.of(pair.path())});
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
  changing().close(now);
}
void Agent::handle_input(Instant now, const Input& input) {
  changing().handle_input(now, input);
}
void Agent::handle_timeout(Instant now) {
  changing().handle_timeout(now);
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

}  // namespace rtclab::ice
