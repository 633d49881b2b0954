#include "scenarios/shrink/course.h"

#include "scenarios/shrink/failure.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace rtclab::shrink {
namespace {

using scenario::CandidateWay;
using scenario::Chronicle;
using State = scenario::StepOutcome::State;

constexpr const char* kDone = "done";
constexpr const char* kNotEnded = "not ended";

// "completed" is "connected" with nothing left to check, which depends on who else could be asked.
std::string plain(const std::string& state) {
  return state == "completed" ? "connected" : state;
}

void tell_states(const Chronicle& chronicle, std::string_view attribute,
                 std::set<std::string>& tale) {
  std::string now;
  const auto of = std::string{attribute} + ": ";
  for (const auto& change : chronicle.changes(attribute)) {
    const auto next = plain(change.value);
    if (next == "closed" || next == now) continue;
    if (!now.empty()) tale.insert(of + now + ", then " + next);
    now = next;
  }
  tale.insert(of + now + " in the end");
}

bool has_connected(const Chronicle& chronicle) {
  return std::ranges::any_of(chronicle.changes("iceConnectionState"),
                             [](const auto& change) { return plain(change.value) == "connected"; });
}

void tell_candidates(const Chronicle& chronicle, std::set<std::string>& tale) {
  for (const auto& record : chronicle.candidates()) {
    if (record.way == CandidateWay::Trickled) continue;  // it has been gathered
    tale.insert((record.way == CandidateWay::Gathered ? "gathered " : "received ") +
                record.candidate.type);
  }
}

std::string end_of(const scenario::StepOutcome& step) {
  switch (step.state) {
    case State::Done: return kDone;
    case State::Failed: return "failed: " + without_numbers(step.detail);
    case State::NotBegun:
    case State::Running: return kNotEnded;
  }
  __builtin_unreachable();
}

}  // namespace

Course course_of(const scenario::RunResult& result) {
  Course course;
  for (const auto& [peer, chronicle] : result.chronicles) {
    auto& tale = course.peers[peer];
    for (const auto* const attribute : {"signalingState", "iceConnectionState", "connectionState"})
      tell_states(chronicle, attribute, tale);
    if (!has_connected(chronicle)) tell_candidates(chronicle, tale);
  }
  for (const auto& step : result.steps)
    course.steps[without_numbers(step.what)].insert(end_of(step));
  return course;
}

bool is_same_way(const Course& original, const Course& other, const std::set<std::string>& peers) {
  const auto of = [](const Tales& tales, const std::string& name) {
    const auto found = tales.find(name);
    return found == tales.end() ? std::set<std::string>{} : found->second;
  };
  if (peers.empty()) return true;
  return std::ranges::all_of(peers,
                             [&](const std::string& peer) {
                               return of(original.peers, peer) == of(other.peers, peer);
                             }) &&
         std::ranges::all_of(other.steps, [&](const auto& step) {
           auto known = of(original.steps, step.first);
           if (known.empty()) known = {kDone, kNotEnded};
           return std::ranges::includes(known, step.second);
         });
}

}  // namespace rtclab::shrink
