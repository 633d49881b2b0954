#include "agents/ice/agent_state.h"

#include <algorithm>

namespace rtclab::ice {
namespace {

std::string count_of(std::size_t number, const std::string& noun) {
  return std::to_string(number) + ' ' + noun + (number == 1 ? "" : "s");
}

StateVerdict judge_selected(const Generation& generation, Instant now) {
  const auto name = "pair " + std::to_string(generation.selected->value());
  if (const auto* const pair = generation.find_selected(); pair != nullptr && pair->is_broken) {
    return {State::Disconnected,
            pair->local.tcp_type == TcpType::Passive
                ? "the TCP connection of " + name + " is lost; the peer may connect again"
                : "the TCP connection of " + name + " is lost and opened again"};
  }
  if (generation.consent && generation.consent->is_disturbed(now)) {
    return {State::Disconnected, "two consent checks in a row on " + name + " have no answer"};
  }
  if (!generation.concluded) return {State::Connected, name + " is valid, so that data can flow"};
  if (generation.gathers_continually) {
    return {State::Connected,
            name + " is nominated; a better one may come as long as the call lasts"};
  }
  if (generation.gathering != GatheringState::Complete) {
    return {State::Connected, name + " is nominated; gathering goes on"};
  }
  if (!generation.remote_ended) {
    return {State::Connected, name + " is nominated; the peer may have more candidates"};
  }
  return {State::Completed, name + " is nominated and no candidate is to come"};
}

}  // namespace

std::optional<std::string> hopelessness(const Generation& generation, Instant now,
                                        Duration patience) {
  if (!generation.started || now < *generation.started + patience) return std::nullopt;
  const bool may_find_more =
      generation.gathering != GatheringState::Complete && !generation.gathers_continually;
  if (may_find_more || generation.selected) return std::nullopt;
  const auto is_open = [](const CandidatePair& pair) {
    return pair.is_candidate_for_checks() && pair.state != PairState::Failed &&
           pair.state != PairState::Succeeded;
  };
  const auto& pairs = generation.check_list.pairs();
  if (std::ranges::any_of(pairs, is_open)) return std::nullopt;
  if (generation.lost) return *generation.lost + ", and no other pair works";
  if (pairs.empty()) {
    const auto tenths = patience / std::chrono::milliseconds{100};
    return "no pair to check within " + std::to_string(tenths / 10) + "." +
           std::to_string(tenths % 10) + " s";
  }
  return "all of " + count_of(pairs.size(), "pair") + " failed";
}

StateVerdict judge_state(const Stream& stream, Instant now) {
  const auto& current = stream.current;
  if (current.failure) return {State::Failed, *current.failure};
  if (!current.concluded && stream.previous && stream.previous->selected) {
    auto verdict = judge_selected(*stream.previous, now);
    if (verdict.state == State::Completed) verdict.state = State::Connected;
    verdict.reason += "; ICE restarts";
    return verdict;
  }
  if (current.selected) return judge_selected(current, now);
  if (current.lost) return {State::Disconnected, *current.lost + "; looking for another pair"};
  if (current.remote && !current.remote_candidates.empty())
    return {State::Checking, "there are pairs to check"};
  return {State::New, "nothing to check yet"};
}

}  // namespace rtclab::ice
