// What one peer showed to its application during a run: its states, its channels, what arrived, the
// pair in use. Steps wait on it, expectations are judged by it, the summary is told from it.
#pragma once

#include "agents/base/time.h"
#include "agents/peer/description.h"
#include "agents/peer/stats.h"
#include "agents/sdp/candidate.h"
#include "scenarios/condition.h"
#include "scenarios/stamp.h"

#include <cstddef>
#include <cstdint>
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
  Stamp at{};
};

struct Nomination {
  Instant at{};
  std::string reason;  // the agent's own words
};

// A value that an attribute came to have.
struct Change {
  Stamp at;
  std::string value;
};

struct ChannelRecord {
  std::string ready_state = "connecting";
  std::vector<Change> changes;  // of readyState
  std::vector<std::string> sent;
  std::vector<std::string> received;
  std::vector<Stamp> received_at;
};

// An event of RTCPeerConnection, or of what belongs to it, fired.
struct FiredEvent {
  Stamp at;
  std::string type;            // "negotiationneeded"
  std::string channel{};       // of RTCDataChannel's
  int error_code = 0;          // of icecandidateerror
  std::string url{};           // of icecandidateerror
  std::string error_detail{};  // of error
};

// The ways on which a candidate passes a peer.
enum class CandidateWay : std::uint8_t {
  Gathered,  // icecandidate fired with it
  Trickled,  // sent by signalling
  Received,  // came by signalling
};
struct CandidateRecord {
  Stamp at;
  CandidateWay way;
  sdp::Candidate candidate;
};

struct DescriptionChange {
  Stamp at;
  std::string attribute;                     // "pendingLocalDescription"
  std::optional<peer::Description> value{};  // nullopt: null
};

struct TransceiverRecord {
  std::string kind{};  // audio, video
  std::string direction{};
  std::string current_direction = "none yet";
  std::string track = "null";  // of its sender
  bool muted = true;           // of its receiver
};

class Chronicle {
 public:
  // Members of statistics and the values that they shall have.
  using Where = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  Chronicle();

  // --- writing ---
  void note_state(Stamp at, std::string_view attribute, std::string_view value);
  void note_channel(Stamp at, const std::string& label, std::string_view ready_state);
  void note_sent(const std::string& label, std::string text) {
    channels_[label].sent.push_back(std::move(text));
  }
  void note_received(Stamp at, const std::string& label, std::string text);
  void note_selected(SelectedPair pair) { selected_pairs_.push_back(std::move(pair)); }
  void note_event(FiredEvent event) { events_.push_back(std::move(event)); }
  // What is no candidate (an end of candidates) is left out.
  void note_candidate(Stamp at, CandidateWay way, std::string_view candidate);
  // One of the six descriptions; what it was before is not noted again.
  void note_description(Stamp at, std::string_view attribute,
                        std::optional<peer::Description> value);
  // What a transceiver has come to, by the name that steps know it by.
  void note_transceiver(const std::string& name, TransceiverRecord record) {
    transceivers_.insert_or_assign(name, std::move(record));
  }
  // All that there are, each once, but for those that are stopped.
  void note_transceivers(std::vector<TransceiverRecord> all) { all_transceivers_ = std::move(all); }
  // getStats() as it is now.
  void note_statistics(peer::StatsReport report) { statistics_ = std::move(report); }
  void note_nominated(Nomination nomination) { nominations_.push_back(std::move(nomination)); }

  // --- reading: the peer named in the condition is taken to be this one ---
  [[nodiscard]] bool holds(const Condition& condition) const;
  // When the condition first became so.
  [[nodiscard]] std::optional<Instant> reached(const Condition& condition) const;
  // While it was so.
  [[nodiscard]] Spans spans(const Condition& condition) const;
  // The values of an attribute of RTCPeerConnection, or of a channel's readyState, in their order.
  // Of a channel that there is not: nothing.
  [[nodiscard]] std::vector<Change> changes(std::string_view attribute,
                                            const std::string& channel = {}) const;
  // What is so instead: "connectionState = connecting".
  [[nodiscard]] std::string seen(const Condition& condition) const;

  [[nodiscard]] const std::map<std::string, ChannelRecord>& channels() const { return channels_; }
  // In the order in which they were selected; the last one is in use.
  [[nodiscard]] const std::vector<SelectedPair>& selected_pairs() const { return selected_pairs_; }
  [[nodiscard]] const std::vector<Nomination>& nominations() const { return nominations_; }
  [[nodiscard]] const std::vector<FiredEvent>& events() const { return events_; }
  // How many of that type.
  [[nodiscard]] unsigned events(std::string_view type) const;
  [[nodiscard]] const std::vector<CandidateRecord>& candidates() const { return candidates_; }
  // As it was at that time; nullptr when it was null.
  [[nodiscard]] const peer::Description* find_description(std::string_view attribute,
                                                          const Stamp& at) const;
  // nullptr when there was none of that name.
  [[nodiscard]] const TransceiverRecord* find_transceiver(const std::string& name) const;
  [[nodiscard]] const std::vector<TransceiverRecord>& transceivers() const {
    return all_transceivers_;
  }
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
  struct StateChange {
    std::string attribute;
    Change change;
  };
  // That member of all objects of the type that fit, where they have it.
  [[nodiscard]] std::vector<const Value*> values(std::string_view type, Where where,
                                                 std::string_view member) const;
  [[nodiscard]] std::string_view state(std::string_view attribute) const;

  std::vector<StateChange> changes_;
  std::map<std::string, ChannelRecord> channels_;
  std::vector<SelectedPair> selected_pairs_;
  std::vector<Nomination> nominations_;
  std::vector<FiredEvent> events_;
  std::vector<CandidateRecord> candidates_;
  std::vector<DescriptionChange> descriptions_;
  std::map<std::string, TransceiverRecord> transceivers_;
  std::vector<TransceiverRecord> all_transceivers_;
  peer::StatsReport statistics_;
};

}  // namespace rtclab::scenario
