// Two expectations that no run can meet together: a scenario with both is a mistake.
//
// Each expectation makes claims: of some subject, that it is one of these values or lies in this
// range. Two claims on one subject must have something in common.
#include "reports/judge/judge.h"
#include "scenarios/expectation_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

namespace rtclab::scenario::reading {
namespace {

struct Claim {
  std::string subject;
  std::set<std::string> values{};  // empty: any
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

bool agree(const Claim& a, const Claim& b) {
  if (a.least > b.most || b.least > a.most) return false;
  if (a.values.empty() || b.values.empty()) return true;
  return std::ranges::any_of(a.values, [&](const auto& value) { return b.values.contains(value); });
}

struct Claims {
  std::vector<Claim>& all;

  void one_of(std::string subject, std::set<std::string> values) const {
    if (!values.empty())
      all.push_back({.subject = std::move(subject), .values = std::move(values)});
  }
  void times(std::string subject, const Times& times) const {
    Claim claim{.subject = std::move(subject)};
    if (times.at_least) claim.least = *times.at_least;
    if (times.at_most) claim.most = *times.at_most;
    all.push_back(std::move(claim));
  }
  void types(const std::string& subject, const std::vector<std::string>& types) const {
    one_of(subject, {types.begin(), types.end()});
  }

  void operator()(const StateCondition& c) const {
    one_of(fmt::format("{} {}", c.peer, c.attribute), {c.value});
  }
  void operator()(const ChannelCondition& c) const {
    one_of(fmt::format("{} readyState of {}", c.peer, c.channel), {c.value});
  }
  void operator()(const MessagesCondition& /*c*/) const {}

  void operator()(const ExpectState& e) const {
    if (e.when == When::AtEnd) std::visit(*this, e.condition);
    const auto ever = "ever: " + to_string(e.condition);
    if (e.when != When::Never)
      one_of(ever, {"yes"});
    else if (e.window.is_whole())
      one_of(ever, {"no"});
  }
  void operator()(const ExpectStates& e) const {
    if (e.order.empty()) return;
    const bool to_the_end = !e.window.until && !e.window.before;
    const auto& last = e.order.back();
    if (to_the_end && last != kOthers) {
      if (e.channel.empty())
        (*this)(StateCondition{e.peer, e.attribute, last});
      else
        (*this)(ChannelCondition{e.peer, e.channel, last});
    }
    for (const auto& value : e.order) {
      if (value == kOthers || !e.channel.empty()) continue;
      one_of("ever: " + to_string(Condition{StateCondition{e.peer, e.attribute, value}}), {"yes"});
    }
  }
  void operator()(const ExpectSelectedPair& e) const {
    if (e.when != When::AtEnd) return;
    types(e.peer + " selects local", e.pair.local);
    types(e.peer + " selects remote", e.pair.remote);
    const auto word = [&](std::string_view what, const std::string& value) {
      if (!value.empty()) one_of(fmt::format("{} selects {}", e.peer, what), {value});
    };
    word("protocol", e.pair.protocol);
    word("family", e.pair.family);
    word("local machine", e.pair.local_machine);
    word("remote machine", e.pair.remote_machine);
  }
  void operator()(const ExpectSelectedPairs& e) const {
    times(e.peer + " pairs" + to_string(e.window), e.times);
  }
  void operator()(const ExpectCandidates& e) const {
    auto subject = e;
    subject.times = kNever;
    times(to_string(Expectation{subject}), e.times);
  }
  void operator()(const ExpectEvent& e) const {
    times(to_string(e.event) + to_string(e.window), e.times);
  }
  void operator()(const ExpectRecord& e) const {
    times(to_string(Moment{e.record}) + to_string(e.window), e.times);
  }
  void operator()(const ExpectMessage& e) const {
    times(to_string(Moment{e.message}) + to_string(e.window), e.times);
  }
  void operator()(const ExpectMessages& e) const {
    times(fmt::format("{} messages on {}{}", e.peer, e.channel, to_string(e.window)), e.times);
  }
  void operator()(const ExpectDescription& e) const {
    const auto subject = fmt::format("{} {}{}", e.peer, e.attribute, e.at ? to_string(*e.at) : "");
    // What has lines is not null.
    if (e.type.empty())
      one_of(subject, {"offer", "answer", "pranswer"});
    else
      one_of(subject, {e.type});
    if (e.contains) one_of(subject + " has " + *e.contains, {"yes"});
    if (e.lacks) one_of(subject + " has " + *e.lacks, {"no"});
  }
  void operator()(const ExpectTransceiver& e) const {
    const auto subject = fmt::format("{} transceiver {} ", e.peer, e.transceiver);
    if (e.current_direction) one_of(subject + "currentDirection", {*e.current_direction});
    if (e.direction) one_of(subject + "direction", {*e.direction});
    if (e.track) one_of(subject + "track", {*e.track});
    if (e.muted) one_of(subject + "muted", {*e.muted ? "yes" : "no"});
  }
  void operator()(const ExpectTransceivers& e) const {
    times(fmt::format("{} transceivers {} {}", e.peer, e.kind, e.current_direction), e.times);
  }
  void operator()(const ExpectStatistic& e) const {
    if (e.is) return;  // of several objects each may have another text
    Claim claim{.subject = fmt::format("{} {} {} {} {}", e.peer, e.type, e.kind, e.rid, e.member)};
    if (e.at_least) claim.least = *e.at_least;
    if (e.at_most) claim.most = *e.at_most;
    all.push_back(std::move(claim));
  }
  void operator()(const ExpectVerdict& e) const {
    one_of("verdict on " + e.requirement, {std::string{to_string(e.is)}});
  }
  void operator()(const ExpectVerdicts& e) const {
    using judge::Verdict;
    std::set<std::string> others;
    for (const auto verdict : {Verdict::Pass, Verdict::Fail, Verdict::Advice, Verdict::Declared,
                               Verdict::Inconclusive}) {
      if (verdict != e.none) others.emplace(to_string(verdict));
    }
    for (const auto& requirement : judge::requirements()) {
      if (requirement.id.starts_with(e.of))
        one_of(fmt::format("verdict on {}", requirement.id), others);
    }
  }
  template <class Expect>
  void operator()(const Expect& /*e*/) const {}
};

}  // namespace

void refuse_contradictions(const std::vector<xml::Element>& elements, const Scenario& scenario) {
  struct Made {
    Claim claim;
    std::size_t by;  // index of the expectation
  };
  std::map<std::string, std::vector<Made>> made;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    std::vector<Claim> claims;
    std::visit(Claims{claims}, scenario.expectations[i].expectation);
    for (auto& claim : claims) {
      auto& same = made[claim.subject];
      for (const auto& other : same) {
        if (agree(claim, other.claim) || other.by == i) continue;
        const auto& before = scenario.expectations[other.by];
        elements[i].complain(
            fmt::format("contradicts line {}: {}", before.line, to_string(before.expectation)));
      }
      same.push_back({std::move(claim), i});
    }
  }
}

}  // namespace rtclab::scenario::reading
