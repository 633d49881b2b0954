#include "scenarios/validate/recording.h"

#include "agents/stun/message.h"
#include "reports/evidence/load.h"
#include "scenarios/scratch_folder.h"
#include "scenarios/validate/figures.h"
#include "scenarios/vantage_point.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace rtclab::validate {
namespace {

namespace fs = std::filesystem;

evidence::TraceHeader header_of(const topology::Topology& topology) {
  evidence::TraceHeader header{.title = topology.name, .description = {}, .vantage_points = {}};
  for (const auto& machine : topology.machine_names()) {
    auto point = scenario::vantage_point_of(topology, machine);
    if (topology.find_host(machine) != nullptr) point.type = "peer";
    header.vantage_points.push_back(std::move(point));
  }
  return header;
}

void write(const fs::path& path, const std::string& content) {
  std::ofstream file{path, std::ios::binary};
  file << content;
  file.close();
  if (!file) throw std::runtime_error{path.string() + " cannot be written"};
}

}  // namespace

Recording::Recording(const topology::Topology& topology)
    : writer_{capture_, "rtclab validate"}, trace_writer_{trace_, header_of(topology)} {}

void Recording::record(Instant at, std::string_view machine, const Event& event) {
  trace_writer_.write(at, machine, event);
  if (on_event) on_event(at, machine, event);
}

sim::WorldOptions Recording::options(std::uint64_t seed) {
  return {.seed = seed,
          .sink = &writer_,
          .record = [this](Instant at, std::string_view machine,
                           const Event& event) { record(at, machine, event); },
          .server_deviations = {}};
}

std::function<void(Instant, const Event&)> Recording::recorder_of(std::string machine) {
  return [this, machine = std::move(machine)](Instant at, const Event& event) {
    record(at, machine, event);
  };
}

evidence::Evidence Recording::read() const {
  return read_evidence(capture_.str(), trace_.str());
}

evidence::Evidence read_evidence(const std::string& capture, const std::string& trace) {
  const auto folder = scenario::ScratchFolder::make("validate");
  if (!folder) throw std::runtime_error{folder.error().to_string()};
  write(folder->path() / "capture.pcapng", capture);
  write(folder->path() / "trace.jsonl", trace);
  auto evidence = evidence::load(folder->path());
  if (!evidence) throw std::runtime_error{evidence.error().to_string()};
  return *std::move(evidence);
}

Packets packets_at(const evidence::Evidence& evidence, std::string_view interface,
                   evidence::Direction direction) {
  Packets found;
  for (const auto& packet : evidence.packets) {
    if (packet.direction == direction && evidence.interfaces[packet.interface].name == interface)
      found.push_back(&packet);
  }
  return found;
}

Packets stun_at(const evidence::Evidence& evidence, std::string_view interface,
                evidence::Direction direction, bool requests) {
  Packets found;
  for (const auto* const packet : packets_at(evidence, interface, direction)) {
    const auto messages = packet->dissection.messages();
    if (messages.empty()) continue;
    const bool is_request = messages.front()->cls == stun::Class::Request;
    if (is_request == requests) found.push_back(packet);
  }
  return found;
}

std::vector<const evidence::TraceEvent*> events_named(const evidence::Evidence& evidence,
                                                      std::string_view name) {
  std::vector<const evidence::TraceEvent*> found;
  for (const auto& event : evidence.trace) {
    if (event.name == name) found.push_back(&event);
  }
  return found;
}

Duration time_of_first(const Packets& packets) {
  return packets.empty() ? Duration{} : packets.front()->at;
}

std::vector<Duration> times_of(const Packets& packets) {
  std::vector<Duration> times;
  for (const auto* const packet : packets) times.push_back(packet->at - packets.front()->at);
  return times;
}

std::string text_of(const std::vector<Duration>& times) {
  if (times.empty()) return "never";
  std::string text;
  for (const auto time : times) {
    auto one = seconds(time);
    one.resize(one.size() - 2);  // without its unit
    text += (text.empty() ? "" : ", ") + one;
  }
  return text + " s";
}

}  // namespace rtclab::validate
