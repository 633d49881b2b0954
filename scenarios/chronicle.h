// What one peer showed to its application during a run: its states, its channels, what arrived, the
// pair in use. Steps wait on it, expectations are judged by it, the summary is told from it.
#pragma once

#include "agents/base/time.h"
#include "agents/peer/stats.h"
#include "scenarios/condition.h"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::scenario {

struct SelectedPair {
  std::string local;       // "203.0.113.1:50000"
  std::string local_type;  // "srflx"
  std::string remote;
  std::string remote_type;
  std::string protocol{};  // "udp"
  std::string reason{};    // the agent's own words
  Instant at{};
};

struct Nomination {
  Instant at{};
  std::string reason;  // the agent's own words
};

struct ChannelRecord {
  std::string ready_state = "connecting";
  std::map<std::string, Instant> reached;  // by readyState, the first time
  std::size_t sent = 0;
  std::vector<std::string> received;
  std::vector<Instant> received_at;
};

class Chronicle {
 public:
  // Members of statistics and the values that they shall have.
  using Where = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  Chronicle();

  // --- writing ---
  void note_state(Instant at, std::string_view attribute, std::string_view value);
  void note_channel(Instant at, const std::string& label, std::string_view ready_state);
  void note_sent(const std::string& label) { ++channels_[label].sent; }
  void note_received(Instant at, const std::string& label, std::string text);
  void note_selected(SelectedPair pair) { selected_pairs_.push_back(std::move(pair)); }
  // An event of RTCPeerConnection fired, by its standard name: "negotiationneeded".
  void note_event(std::string_view type) { ++events_[std::string{type}]; }
  // What a transceiver has come to: its currentDirection, by the name that steps know it by.
  void note_transceiver(const std::string& name, std::string current_direction) {
    transceivers_.insert_or_assign(name, std::move(current_direction));
  }
  // getStats() as it is now.
  void note_statistics(peer::StatsReport report) { statistics_ = std::move(report); }
  void note_nominated(Nomination nomination) { nominations_.push_back(std::move(nomination)); }

  // --- reading: the peer named in the condition is taken to be this one ---
  [[nodiscard]] bool holds(const Condition& condition) const;
  // When the condition first became so.
  [[nodiscard]] std::optional<Instant> reached(const Condition& condition) const;
  // What is so instead: "connectionState = connecting".
  [[nodiscard]] std::string seen(const Condition& condition) const;

  [[nodiscard]] const std::map<std::string, ChannelRecord>& channels() const { return channels_; }
  // In the order in which they were selected; the last one is in use.
  [[nodiscard]] const std::vector<SelectedPair>& selected_pairs() const { return selected_pairs_; }
  [[nodiscard]] const std::vector<Nomination>& nominations() const { return nominations_; }
  [[nodiscard]] unsigned events(std::string_view type) const;
  // nullptr when there was none of that name.
  [[nodiscard]] const std::string* find_transceiver(const std::string& name) const;
  // The sum of this member over all objects of the type that have every member of `where` with that
  // value, "" standing for any; nullopt when none has it as a number.
  [[nodiscard]] std::optional<double> statistic(std::string_view type, Where where,
                                                std::string_view member) const;
  // All values of a member that is a text, of the same objects.
  [[nodiscard]] std::set<std::string> texts(std::string_view type, Where where,
                                            std::string_view member) const;
  [[nodiscard]] const peer::StatsReport& statistics() const { return statistics_; }
  [[nodiscard]] const ChannelRecord* find_channel(const std::string& label) const;

 private:
  struct Change {
    Instant at;
    std::string attribute;
    std::string value;
  };
  // That member of all objects of the type that fit, where they have it.
  [[nodiscard]] std::vector<const Value*> values(std::string_view type, Where where,
                                                 std::string_view member) const;
  [[nodiscard]] std::string_view state(std::string_view attribute) const;

  std::vector<Change> changes_;
  std::map<std::string, ChannelRecord> channels_;
  std::vector<SelectedPair> selected_pairs_;
  std::vector<Nomination> nominations_;
  std::map<std::string, unsigned, std::less<>> events_;
  std::map<std::string, std::string> transceivers_;
  peer::StatsReport statistics_;
};

}  // namespace rtclab::scenario
