// Writes a world's packets as pcapng: one section, an interface description for each interface of
// the world, and the TLS secrets between the packets.
//
// Spec: draft-ietf-opsawg-pcapng §4.1 (section header), §4.2 (interface description), §4.3
// (enhanced packet), §4.7 (decryption secrets). Blocks are little-endian on every machine, so that
// equal runs give equal files.
//
// The link type is Ethernet with made-up addresses, because libpcap refuses files with several
// raw-IP interfaces. Time is virtual time counted from 2026-01-01T00:00:00Z, or what a live run
// says.
#pragma once

#include "sim/capture/sink.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace rtclab::capture {

// 2026-01-01T00:00:00Z, where every simulation begins.
constexpr std::chrono::seconds kEpoch{1'767'225'600};

using Mac = std::array<std::uint8_t, 6>;

// 02:00:00:00:00:01 for interface 0: the bit 02 says "locally administered" (IEEE 802 §8.4).
[[nodiscard]] Mac mac_of(InterfaceId interface);

class PcapngWriter final : public Sink {
 public:
  // Writes the section header at once. `out` must be binary and outlive the writer; look at its
  // state when the run is over: a writer does not stop a run because a disk is full.
  PcapngWriter(std::ostream& out, std::string_view application,
               std::chrono::seconds epoch = kEpoch);
  PcapngWriter(const PcapngWriter&) = delete;
  PcapngWriter& operator=(const PcapngWriter&) = delete;

  InterfaceId add_interface(const InterfaceInfo& info) override;
  void packet(const Sighting& sighting) override { write(sighting, {}); }
  void dropped(const Sighting& sighting, std::string_view comment) override {
    write(sighting, comment);
  }
  // pcapng gives secrets no time: they stand before the packets that need them, and that is all.
  void secrets(Instant at, std::string_view nss_line) override;

  [[nodiscard]] std::uint64_t packets() const { return packets_; }  // written so far

 private:
  void write(const Sighting& sighting, std::string_view comment);

  std::ostream& out_;
  std::chrono::seconds epoch_;
  std::uint32_t interfaces_ = 0;
  std::uint64_t packets_ = 0;
  std::string block_;  // kept for its capacity
};

}  // namespace rtclab::capture
