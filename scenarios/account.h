// What a run left in memory to be judged by: what each peer showed, what was reported that somebody
// asks for, when steps began and ended, and whose the addresses are.
#pragma once

#include "agents/base/address.h"
#include "reports/judge/judge.h"
#include "scenarios/chronicle.h"
#include "scenarios/moment.h"
#include "scenarios/scenario.h"
#include "scenarios/stamp.h"
#include "topologies/topology.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::scenario {

using Chronicles = std::map<std::string, Chronicle>;  // by the peer's name

// How often who reported what: the trace in numbers. And when, of what is watched for.
class Records {
 public:
  void watch(const RecordFilter& record) { of_[record.by][record.event].is_watched = true; }
  void note(std::string_view by, std::string_view event, Instant now, StampSequence& stamps);

  [[nodiscard]] unsigned times(std::string_view by, std::string_view event) const;
  // In their order; none of what is not watched for.
  [[nodiscard]] const std::vector<Stamp>& stamps(const RecordFilter& record) const;

 private:
  struct Record {
    unsigned times = 0;
    bool is_watched = false;
    std::vector<Stamp> stamps{};
  };
  [[nodiscard]] const Record* find(std::string_view by, std::string_view event) const;

  std::map<std::string, std::map<std::string, Record, std::less<>>, std::less<>> of_;
};

// When the steps that have a name began and ended; of one that is repeated, each time.
class StepLog {
 public:
  void note(std::string_view step, StepEdge::Edge edge, Stamp at) {
    stamps_[{std::string{step}, edge}].push_back(at);
  }
  [[nodiscard]] const std::vector<Stamp>& of(const StepEdge& edge) const;

 private:
  std::map<std::pair<std::string, StepEdge::Edge>, std::vector<Stamp>> stamps_;
};

// Which machines have an address, from the beginning or by a step. Private addresses may be those
// of several.
class Places {
 public:
  Places() = default;
  Places(const topology::Topology& topology, const Scenario& scenario);

  void add(const Ip& ip, std::string machine) { machines_[ip].insert(std::move(machine)); }
  [[nodiscard]] const std::set<std::string>& machines_of(const Ip& ip) const;

 private:
  std::map<Ip, std::set<std::string>> machines_;
};

struct Account {
  Chronicles chronicles{};
  Records records{};
  StepLog steps{};
  Places places{};
  Duration duration{0};  // of the run
  // Where the scenario asks for verdicts: one for each requirement.
  std::vector<judge::Judgement> judgements{};
  // Why there are none although it asks.
  std::string no_judgements{};
};

// What the expectations of a scenario need to be noted.
struct Demands {
  std::set<std::string> descriptions{};  // of these peers
  std::vector<RecordFilter> records{};
  bool verdicts = false;
};
[[nodiscard]] Demands demands_of(const Scenario& scenario);

// Each time that it happens, as often as it does; `nth` does not matter here.
[[nodiscard]] std::vector<Stamp> times_of(const Happening& happening, const Account& account);
// The nth of those that come after `since`.
[[nodiscard]] std::optional<Stamp> find(const Moment& moment, const Account& account,
                                        const std::optional<Stamp>& since = std::nullopt);

}  // namespace rtclab::scenario
