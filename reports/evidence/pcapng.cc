// pcapng: the blocks that carry packets, their interfaces and TLS secrets; all other blocks are
// skipped.
//
// Spec: draft-ietf-opsawg-pcapng §3.1 (blocks), §3.5 (options), §4.1 (section), §4.2 (interface),
// §4.3 and §4.4 (packets), §4.7 (secrets). A file may hold several sections, each with a byte order
// and interfaces of its own.
#include "agents/base/text.h"
#include "reports/evidence/capture_file.h"
#include "reports/evidence/file.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace rtclab::evidence {
namespace {

enum BlockType : std::uint32_t {
  kSection = 0x0A0D0D0A,
  kInterface = 1,
  kSimplePacket = 3,
  kEnhancedPacket = 6,
  kDecryptionSecrets = 10,
};
constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
constexpr std::size_t kBlockOverhead = 12;  // type, length, length again

// ByteReader for a file that may be in either byte order.
class OrderedReader {
 public:
  OrderedReader(ByteView in, bool little) : reader_{in}, little_{little} {}
  std::uint16_t u16() {
    const auto value = reader_.u16();
    return little_ ? static_cast<std::uint16_t>(value << 8u | value >> 8u) : value;
  }
  std::uint32_t u32() {
    const auto value = reader_.u32();
    return little_ ? __builtin_bswap32(value) : value;
  }
  std::uint64_t u64() {
    const auto first = std::uint64_t{u32()};
    const auto second = std::uint64_t{u32()};
    return little_ ? second << 32u | first : first << 32u | second;
  }
  ByteView take(std::size_t count) { return reader_.take(count); }
  void pad() { reader_.skip(std::min((4 - reader_.offset() % 4) % 4, reader_.remaining())); }
  [[nodiscard]] bool ok() const { return reader_.ok(); }
  [[nodiscard]] std::size_t remaining() const { return reader_.remaining(); }

 private:
  ByteReader reader_;
  bool little_;
};

// How an interface writes time: options if_tsresol and if_tsoffset.
struct Clock {
  unsigned exponent = 6;
  bool binary = false;
  std::int64_t offset_seconds = 0;

  [[nodiscard]] std::int64_t nanoseconds(std::uint64_t stamp) const {
    __extension__ using Wide = unsigned __int128;  // ISO C++ has none; both our compilers do
    constexpr std::uint64_t kBillion = 1'000'000'000;
    Wide unit = 1;
    for (unsigned i = 0; i < exponent; ++i) unit *= binary ? 2 : 10;
    const Wide seconds = stamp / unit;
    const Wide fraction = stamp % unit * kBillion / unit;
    constexpr Wide kMost = std::numeric_limits<std::int64_t>::max() / kBillion / 2;
    const auto whole = static_cast<std::int64_t>(std::min(seconds, kMost)) + offset_seconds;
    return whole * static_cast<std::int64_t>(kBillion) + static_cast<std::int64_t>(fraction);
  }
};

class PcapngParser {
 public:
  PcapngParser(const std::filesystem::path& file, ByteView content) : file_{file}, rest_{content} {}

  FileResult<RawCapture> parse() {
    while (!rest_.empty() && capture_.cut.empty()) {
      if (auto complaint = take_block()) return refuse(file_, *complaint);
      if (capture_.frames.size() > kMaxFrames) {
        return refuse(file_,
                      fmt::format("has more than {} frames, too many for one call", kMaxFrames));
      }
      ++block_;
    }
    return std::move(capture_);
  }

 private:
  using Complaint = std::optional<std::string>;

  Complaint take_block() {
    if (rest_.size() < kBlockOverhead) return cut_here();
    // The section header's type reads the same in both orders, so its byte order is looked up
    // first.
    if (OrderedReader{rest_, false}.u32() == kSection) {
      const auto magic = OrderedReader{rest_.subspan(8), true}.u32();
      little_ = magic == kByteOrderMagic;
      if (!little_ && magic != __builtin_bswap32(kByteOrderMagic)) {
        return fmt::format("has a section without byte-order magic in block {}", block_);
      }
      first_interface_ = capture_.interfaces.size();
    }
    OrderedReader header{rest_, little_};
    const auto type = header.u32();
    const std::size_t length = header.u32();
    if (length < kBlockOverhead || length % 4 != 0) {
      return fmt::format("is damaged: block {} says that it is {} octets long", block_, length);
    }
    if (length > rest_.size()) return cut_here();
    const auto body = rest_.subspan(8, length - kBlockOverhead);
    rest_ = rest_.subspan(length);
    switch (type) {
      case kInterface: return take_interface(body);
      case kEnhancedPacket: return take_packet(body);
      case kSimplePacket: return take_simple_packet(body);
      case kDecryptionSecrets: return take_secrets(body);
      default: return std::nullopt;
    }
  }

  Complaint cut_here() {
    capture_.cut = fmt::format("inside block {}, after frame {}", block_, capture_.frames.size());
    return std::nullopt;
  }
  [[nodiscard]] std::string damaged(std::string_view what) const {
    return fmt::format("is damaged: block {}, {}, is too short", block_, what);
  }

  // Calls visit(code, value) for each option.
  template <class Visit>
  static void each_option(OrderedReader& reader, Visit visit) {
    while (reader.remaining() >= 4) {
      const auto code = reader.u16();
      const auto value = reader.take(reader.u16());
      if (code == 0 || !reader.ok()) return;
      visit(code, value);
      reader.pad();
    }
  }

  Complaint take_interface(ByteView body) {
    OrderedReader reader{body, little_};
    RawInterface interface;
    Clock clock;
    interface.link_type = reader.u16();
    reader.u16();
    reader.u32();  // snap length: each packet says itself how much of it is there
    if (!reader.ok()) return damaged("an interface");
    each_option(reader, [&](std::uint16_t code, ByteView value) {
      constexpr std::uint16_t kName = 2, kResolution = 9, kOffset = 14;
      if (code == kName) interface.name = as_text(value);
      if (code == kResolution && value.size() == 1) {
        const auto octet = std::to_integer<unsigned>(value[0]);
        // 2^-63 and 10^-18 are finer than any clock; more would overflow for nothing.
        clock.binary = (octet & 0x80u) != 0;
        clock.exponent = std::min(octet & 0x7fu, clock.binary ? 63u : 18u);
      }
      if (code == kOffset && value.size() == 8) {
        const auto seconds = static_cast<std::int64_t>(OrderedReader{value, little_}.u64());
        constexpr std::int64_t kCentury = 100LL * 366 * 86400;
        clock.offset_seconds = std::clamp(seconds, -kCentury, kCentury);
      }
    });
    capture_.interfaces.push_back(std::move(interface));
    clocks_.push_back(clock);
    return std::nullopt;
  }

  Complaint take_packet(ByteView body) {
    OrderedReader reader{body, little_};
    RawFrame frame;
    frame.interface = first_interface_ + reader.u32();
    const auto high = std::uint64_t{reader.u32()};
    const auto stamp = high << 32u | reader.u32();
    const std::size_t captured = reader.u32();
    frame.wire_length = reader.u32();
    const auto octets = reader.take(captured);
    if (!reader.ok()) return damaged("a packet");
    if (frame.interface >= capture_.interfaces.size()) {
      return fmt::format("is damaged: block {} is of an interface that the file does not describe",
                         block_);
    }
    frame.at = clocks_[frame.interface].nanoseconds(stamp);
    reader.pad();
    each_option(reader,
                [&](std::uint16_t code, ByteView value) { take_option(frame, code, value); });
    add(std::move(frame), octets);
    return std::nullopt;
  }

  void take_option(RawFrame& frame, std::uint16_t code, ByteView value) const {
    constexpr std::uint16_t kComment = 1, kFlags = 2, kPacketId = 5;
    if (code == kComment) {
      if (!frame.comment.empty()) frame.comment += "; ";
      frame.comment += as_text(value);
    }
    if (code == kFlags && value.size() == 4) {
      const auto direction = OrderedReader{value, little_}.u32() & 3u;
      if (direction == 1) frame.direction = Direction::Inbound;
      if (direction == 2) frame.direction = Direction::Outbound;
    }
    if (code == kPacketId && value.size() == 8) frame.id = OrderedReader{value, little_}.u64();
  }

  // §4.4: no time, no interface; it belongs to the section's first one.
  Complaint take_simple_packet(ByteView body) {
    OrderedReader reader{body, little_};
    RawFrame frame;
    frame.interface = first_interface_;
    frame.wire_length = reader.u32();
    const auto octets = reader.take(std::min(frame.wire_length, reader.remaining()));
    if (!reader.ok() || frame.interface >= capture_.interfaces.size()) return damaged("a packet");
    add(std::move(frame), octets);
    return std::nullopt;
  }

  void add(RawFrame frame, ByteView octets) {
    frame.number = capture_.frames.size() + 1;
    frame.octets.assign(octets.begin(), octets.end());
    capture_.frames.push_back(std::move(frame));
  }

  Complaint take_secrets(ByteView body) {
    OrderedReader reader{body, little_};
    const auto type = reader.u32();
    const auto content = reader.take(reader.u32());
    if (!reader.ok()) return damaged("decryption secrets");
    if (type != kTlsKeyLog) return std::nullopt;
    for (auto line : split(as_text(content), '\n')) {
      while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (!line.empty() && line.front() != '#') capture_.secrets.emplace_back(line);
    }
    return std::nullopt;
  }

  const std::filesystem::path& file_;
  ByteView rest_;
  bool little_ = true;
  std::size_t block_ = 1;
  std::size_t first_interface_ = 0;
  std::vector<Clock> clocks_;  // parallel to the capture's interfaces
  RawCapture capture_;
};

}  // namespace

FileResult<RawCapture> parse_pcapng(const std::filesystem::path& file, ByteView content) {
  return PcapngParser{file, content}.parse();
}

}  // namespace rtclab::evidence
