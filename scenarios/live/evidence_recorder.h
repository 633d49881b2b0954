// What a live run leaves in its folder, in the form of a simulated run: capture.pcapng with what
// crossed the sockets, trace.jsonl with what the peer reported and what was signalled. `rtclab
// draw` and `rtclab judge` read them.
//
// The capture's IP, UDP and TCP headers are made up from the sockets' addresses: what a network did
// below them (fragments, retransmissions of TCP, hop limits) is not seen.
#pragma once

#include "agents/base/event.h"
#include "agents/live/clock.h"
#include "agents/live/interfaces.h"
#include "agents/live/tap.h"
#include "agents/peer/configuration.h"
#include "reports/evidence/trace_writer.h"
#include "scenarios/live/stream_story.h"
#include "scenarios/signal.h"
#include "sim/capture/pcapng_writer.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::program {

// The lifelines: how this peer and the other are called.
struct Names {
  std::string local = "rtclab";
  std::string remote = "remote";
};

// Each line and each packet is written out at once: a program that is killed leaves what was until
// then.
class EvidenceRecorder final : public live::Tap {
 public:
  struct Setting {
    std::filesystem::path folder;
    Names names;
    std::string program;  // "rtclab 0.1.0", for the capture's header
    std::vector<live::InterfaceAddress> addresses;
    std::vector<peer::IceServer> servers;
    std::chrono::seconds epoch;  // of Instant{}
  };
  // nullptr when the folder or its files cannot be made.
  [[nodiscard]] static std::unique_ptr<EvidenceRecorder> in(const Setting& setting);
  explicit EvidenceRecorder(const Setting& setting);

  void datagram(Instant at, live::Direction direction, const Path& path, const Ip& destination,
                ByteView octets) override;
  void stream_opened(Instant at, live::Direction direction, const Path& path) override;
  void stream_octets(Instant at, live::Direction direction, const Path& path,
                     ByteView octets) override;
  void stream_closed(Instant at, live::Direction direction, const Path& path) override;

  // An event of the agent; DTLS secrets go into the capture, before the packets that need them.
  void record(Instant at, const Event& event);
  // What carries signals between the peers is not seen: they stand as sent and received at the
  // moment when they pass our standard output or input.
  void sent(Instant at, const scenario::Signal& signal);
  void received(Instant at, const scenario::Signal& signal);

  // False when a file could not be written, a full disk for instance.
  [[nodiscard]] bool finish();

 private:
  void tell_signal(Instant at, const scenario::Signal& signal, const std::string& from,
                   const std::string& to);
  void packet(Instant at, live::Direction direction, const Ip& local, const Bytes& packet);
  capture::InterfaceId interface_of(const Ip& local);

  Names names_;
  std::map<Ip, std::string> interface_names_;
  std::map<std::string, capture::InterfaceId> interfaces_;
  std::ofstream capture_file_;
  std::ofstream trace_file_;
  std::optional<capture::PcapngWriter> capture_;
  std::optional<evidence::TraceWriter> trace_;
  StreamStory streams_;
  std::uint64_t last_packet_ = 0;
  std::uint64_t last_signal_ = 0;
  std::uint16_t identification_ = 0;
};

}  // namespace rtclab::program
