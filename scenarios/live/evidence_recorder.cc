#include "scenarios/live/evidence_recorder.h"

#include "agents/base/ip_packet.h"

#include <fmt/format.h>

#include <set>
#include <system_error>
#include <utility>

namespace rtclab::program {
namespace {

// The far end of every link of the capture: whoever is there has no interface in it.
constexpr capture::InterfaceId kNetwork{0xffffff};

evidence::VantagePoint point(std::string name, std::string type) {
  return {.name = name, .type = std::move(type), .machine = name, .interfaces = {}};
}

evidence::TraceHeader header_of(const EvidenceRecorder::Setting& setting) {
  evidence::TraceHeader header{
      .title = fmt::format("{} and {}, live", setting.names.local, setting.names.remote),
      .description = "Seen at the sockets of " + setting.names.local + ".",
      .vantage_points = {},
      .epoch = setting.epoch};
  auto local = point(setting.names.local, "peer");
  for (const auto& each : setting.addresses)
    local.interfaces.emplace_back(each.interface, each.address.to_string());
  header.vantage_points.push_back(std::move(local));
  header.vantage_points.push_back(point(setting.names.remote, "peer"));
  std::set<Ip> named;
  std::size_t number = 0;
  for (const auto& server : setting.servers) {
    if (!named.insert(server.server.ip).second) continue;
    const bool turn = server.kind == peer::IceServerKind::Turn;
    const std::string name = turn ? "turn" : "stun";
    auto place =
        point(number == 0 ? name : fmt::format("{} {}", name, number + 1), name + "-server");
    place.interfaces.emplace_back("eth0", server.server.ip.to_string());
    header.vantage_points.push_back(std::move(place));
    ++number;
  }
  return header;
}

std::string field(const Event& event, std::string_view key) {
  const auto* const value = event.find(key);
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string{} : *text;
}

capture::Direction to_capture(live::Direction direction) {
  return direction == live::Direction::In ? capture::Direction::Inbound
                                          : capture::Direction::Outbound;
}

}  // namespace

std::unique_ptr<EvidenceRecorder> EvidenceRecorder::in(const Setting& setting) {
  std::error_code error;
  std::filesystem::create_directories(setting.folder, error);
  if (error) return nullptr;
  auto recorder = std::make_unique<EvidenceRecorder>(setting);
  return recorder->capture_file_ && recorder->trace_file_ ? std::move(recorder) : nullptr;
}

EvidenceRecorder::EvidenceRecorder(const Setting& setting)
    : names_{setting.names},
      capture_file_{setting.folder / "capture.pcapng", std::ios::binary},
      trace_file_{setting.folder / "trace.jsonl", std::ios::binary},
      streams_{[this](Instant at, live::Direction direction, const Path& path, ByteView segment) {
        const bool out = direction == live::Direction::Out;
        packet(at, direction, path.local.ip,
               ip::build({.source = out ? path.local.ip : path.remote.ip,
                          .destination = out ? path.remote.ip : path.local.ip,
                          .protocol = ip::Protocol::Tcp,
                          .identification = ++identification_},
                         segment));
      }} {
  for (const auto& each : setting.addresses) interface_names_.emplace(each.address, each.interface);
  capture_.emplace(capture_file_, setting.program, setting.epoch);
  trace_.emplace(trace_file_, header_of(setting));
  capture_file_.flush();
  trace_file_.flush();
}

void EvidenceRecorder::datagram(Instant at, live::Direction direction, const Path& path,
                                const Ip& destination, ByteView octets) {
  const bool out = direction == live::Direction::Out;
  const auto& source = out ? path.local : path.remote;
  const Endpoint target{destination, out ? path.remote.port : path.local.port};
  packet(at, direction, path.local.ip, ip::build_udp(source, target, octets, ++identification_));
}

void EvidenceRecorder::stream_opened(Instant at, live::Direction direction, const Path& path) {
  streams_.opened(at, direction, path);
}
void EvidenceRecorder::stream_octets(Instant at, live::Direction direction, const Path& path,
                                     ByteView octets) {
  streams_.octets(at, direction, path, octets);
}
void EvidenceRecorder::stream_closed(Instant at, live::Direction direction, const Path& path) {
  streams_.closed(at, direction, path);
}

void EvidenceRecorder::record(Instant at, const Event& event) {
  if (event.name == "dtls:key_log") capture_->secrets(at, field(event, "nss_line"));
  trace_->write(at, names_.local, event);
  trace_file_.flush();
}

void EvidenceRecorder::sent(Instant at, const scenario::Signal& signal) {
  tell_signal(at, signal, names_.local, names_.remote);
}

void EvidenceRecorder::received(Instant at, const scenario::Signal& signal) {
  tell_signal(at, signal, names_.remote, names_.local);
}

void EvidenceRecorder::tell_signal(Instant at, const scenario::Signal& signal,
                                   const std::string& from, const std::string& to) {
  const auto id = fmt::format("{}-{}", from, ++last_signal_);
  trace_->write(at, from, scenario::sent_event(signal, id, from, to));
  trace_->write(at, to, scenario::received_event(signal, id, from, to));
  trace_file_.flush();
}

bool EvidenceRecorder::finish() {
  capture_file_.flush();
  trace_file_.flush();
  return capture_file_.good() && trace_file_.good();
}

void EvidenceRecorder::packet(Instant at, live::Direction direction, const Ip& local,
                              const Bytes& packet) {
  const auto here = interface_of(local);
  const bool out = direction == live::Direction::Out;
  capture_->packet({.interface = here,
                    .at = at,
                    .direction = to_capture(direction),
                    .frame = out ? capture::Frame{here, kNetwork} : capture::Frame{kNetwork, here},
                    .packet = packet,
                    .identity = sim::PacketId{++last_packet_}});
  capture_file_.flush();
}

// An interface is described when it first carries something: one may come in the middle of a run.
capture::InterfaceId EvidenceRecorder::interface_of(const Ip& local) {
  const auto known = interface_names_.find(local);
  const auto name = names_.local + "." + (known == interface_names_.end() ? "late" : known->second);
  if (const auto found = interfaces_.find(name); found != interfaces_.end()) return found->second;
  const auto id = capture_->add_interface(
      {.name = name,
       .description = fmt::format("{} {}, seen at its sockets", name, local.to_string())});
  interfaces_.emplace(name, id);
  return id;
}

}  // namespace rtclab::program
