#include "reports/evidence/capture_file.h"

#include "reports/evidence/file.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <array>
#include <memory>
#include <utility>

namespace rtclab::evidence {
namespace {

constexpr std::uint32_t kPcapngMagic = 0x0A0D0D0A;
// Micro- and nanoseconds, in either byte order.
constexpr std::array<std::uint32_t, 4> kPcapMagics{0xA1B2C3D4, 0xD4C3B2A1, 0xA1B23C4D, 0x4D3CB2A1};

// libpcap speaks of DLT_… values, which differ from those in files for RAW on Linux only.
unsigned link_type_of(int dlt) {
  constexpr unsigned kLinkTypeRaw = 101;
  return dlt == DLT_RAW ? kLinkTypeRaw : static_cast<unsigned>(dlt);
}

FileResult<RawCapture> read_pcap(const std::filesystem::path& path) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> file{
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO,
                                              error.data()),
      &pcap_close};
  if (!file) return refuse(path, fmt::format("is not a readable pcap file: {}", error.data()));

  RawCapture capture;
  capture.interfaces.push_back({{}, link_type_of(pcap_datalink(file.get()))});
  pcap_pkthdr* header = nullptr;
  const u_char* octets = nullptr;
  int outcome = 0;
  while ((outcome = pcap_next_ex(file.get(), &header, &octets)) == 1) {
    if (capture.frames.size() == kMaxFrames) {
      return refuse(path,
                    fmt::format("has more than {} frames, too many for one call", kMaxFrames));
    }
    RawFrame frame;
    frame.number = capture.frames.size() + 1;
    frame.at = std::int64_t{header->ts.tv_sec} * 1'000'000'000 + header->ts.tv_usec;  // in fact ns
    frame.wire_length = header->len;
    const auto view = std::as_bytes(std::span{octets, header->caplen});
    frame.octets.assign(view.begin(), view.end());
    capture.frames.push_back(std::move(frame));
  }
  if (outcome == PCAP_ERROR) {
    // What libpcap says of a file that ends inside a header or a packet, and of nothing else.
    const std::string_view flaw{pcap_geterr(file.get())};
    if (!flaw.starts_with("truncated dump file")) {
      return refuse(path,
                    fmt::format("is damaged at frame {}: {}", capture.frames.size() + 1, flaw));
    }
    capture.cut = fmt::format("inside frame {}", capture.frames.size() + 1);
  }
  return capture;
}

}  // namespace

FileResult<RawCapture> read_capture(const std::filesystem::path& path) {
  auto content = read_file(path, kMaxCaptureSize);
  if (!content) return tl::make_unexpected(content.error());
  ByteReader reader{as_octets(*content)};
  const auto magic = reader.u32();
  if (reader.ok() && magic == kPcapngMagic) return parse_pcapng(path, as_octets(*content));
  for (const auto known : kPcapMagics) {
    if (!reader.ok() || magic != known) continue;
    *content = {};  // libpcap reads the file itself
    return read_pcap(path);
  }
  return refuse(path, "is not a capture: it begins neither like pcapng nor like pcap");
}

}  // namespace rtclab::evidence
