// A run of a simulated network whose evidence is written to files and read back by
// reports/evidence, as `rtclab draw` and `judge` read it: what is measured from it is measured from
// the capture.
#pragma once

#include "agents/base/event.h"
#include "reports/evidence/evidence.h"
#include "reports/evidence/trace_writer.h"
#include "sim/capture/pcapng_writer.h"
#include "sim/world.h"
#include "topologies/topology.h"

#include <cstdint>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::validate {

class Recording {
 public:
  // The topology outlives this object.
  explicit Recording(const topology::Topology& topology);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // For the world that is recorded: its capture, and what its NATs and servers report.
  [[nodiscard]] sim::WorldOptions options(std::uint64_t seed);
  // What an agent on this machine reports.
  [[nodiscard]] std::function<void(Instant, const Event&)> recorder_of(std::string machine);
  [[nodiscard]] capture::Sink& sink() { return writer_; }
  // Called with each event as it is recorded, for a run that acts on what happens.
  std::function<void(Instant, std::string_view machine, const Event&)> on_event;

  // Call when the run is over. Throws std::runtime_error where files cannot be written.
  [[nodiscard]] evidence::Evidence read() const;

 private:
  void record(Instant at, std::string_view machine, const Event& event);

  std::ostringstream capture_;
  std::ostringstream trace_;
  capture::PcapngWriter writer_;
  evidence::TraceWriter trace_writer_;
};

// What a run has written, by way of files that are gone again. Throws as read() does.
[[nodiscard]] evidence::Evidence read_evidence(const std::string& capture,
                                               const std::string& trace);

// What is found in the evidence points into it.
using Packets = std::vector<const evidence::Packet*>;

// The packets that left the interface, or came to it, in order; those that the link lost there too.
[[nodiscard]] Packets packets_at(const evidence::Evidence& evidence, std::string_view interface,
                                 evidence::Direction direction);
Packets packets_at(const evidence::Evidence&&, std::string_view, evidence::Direction) = delete;
// The requests, or responses, of STUN among them.
[[nodiscard]] Packets stun_at(const evidence::Evidence& evidence, std::string_view interface,
                              evidence::Direction direction, bool requests);
Packets stun_at(const evidence::Evidence&&, std::string_view, evidence::Direction, bool) = delete;
// The events of that name, in order.
[[nodiscard]] std::vector<const evidence::TraceEvent*> events_named(
    const evidence::Evidence& evidence, std::string_view name);
std::vector<const evidence::TraceEvent*> events_named(const evidence::Evidence&&,
                                                      std::string_view) = delete;

// Zero when there is none.
[[nodiscard]] Duration time_of_first(const Packets& packets);
// The times of the packets, counted from the first.
[[nodiscard]] std::vector<Duration> times_of(const Packets& packets);
// "0, 0.5, 1.5 s"
[[nodiscard]] std::string text_of(const std::vector<Duration>& times);

}  // namespace rtclab::validate
