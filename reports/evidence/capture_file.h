// A capture file as it is: interfaces and frames, not yet looked into.
//
// pcapng is read here (libpcap hides names, comments, packet ids and secrets, and fails on several
// interfaces of link type RAW); classic pcap is read by libpcap.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "reports/evidence/evidence.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::evidence {

// A capture may hold no more: tiny frames would otherwise make much memory of a small file.
inline constexpr std::size_t kMaxFrames = 2'000'000;

struct RawInterface {
  std::string name;        // empty where the file has none
  unsigned link_type = 0;  // LINKTYPE_…, as in the file
};

struct RawFrame {
  std::size_t number = 0;  // from 1, over the whole file
  std::size_t interface = 0;
  std::int64_t at = 0;          // nanoseconds since the Unix epoch
  std::size_t wire_length = 0;  // what it had on the wire; octets.size() may be less
  Direction direction = Direction::Unknown;
  std::optional<std::uint64_t> id;
  std::string comment;
  Bytes octets;
};

struct RawCapture {
  std::vector<RawInterface> interfaces;
  std::vector<RawFrame> frames;
  std::vector<std::string> secrets;  // lines of NSS key logs
  // Where the file ends in the middle of something, as what a killed tcpdump leaves: "inside frame
  // 12"; empty when it is whole.
  std::string cut;
};

[[nodiscard]] FileResult<RawCapture> read_capture(const std::filesystem::path& path);

// `content` begins with a Section Header Block. `file` is for messages.
[[nodiscard]] FileResult<RawCapture> parse_pcapng(const std::filesystem::path& file,
                                                  ByteView content);

}  // namespace rtclab::evidence
