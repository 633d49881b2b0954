// One pcapng block in the making: little-endian numbers, options padded to four octets, and the
// length at both ends.
//
// Spec: draft-ietf-opsawg-pcapng §3.1 (blocks), §3.5 (options).
#pragma once

#include "agents/base/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace rtclab::capture {

enum class BlockType : std::uint32_t {
  SectionHeader = 0x0a0d0d0a,
  InterfaceDescription = 1,
  EnhancedPacket = 6,
  DecryptionSecrets = 0x0a,
};

class PcapngBlock {
 public:
  // Builds in `buffer`, which is emptied first and whose capacity is reused.
  PcapngBlock(std::string& buffer, BlockType type) : out_{buffer} {
    out_.clear();
    u32(static_cast<std::uint32_t>(type)).u32(0);
  }

  PcapngBlock& u8(std::uint8_t value) { return number(value, 1); }
  PcapngBlock& u16(std::uint16_t value) { return number(value, 2); }
  PcapngBlock& u32(std::uint32_t value) { return number(value, 4); }
  PcapngBlock& u64(std::uint64_t value) { return number(value, 8); }
  PcapngBlock& octets(ByteView view) { return text(as_text(view)); }
  PcapngBlock& text(std::string_view view) {
    out_.append(view);
    return *this;
  }
  PcapngBlock& pad() {
    out_.append((4 - out_.size() % 4) % 4, '\0');
    return *this;
  }
  // An option's length is 16 bits wide: a longer text is cut.
  PcapngBlock& option(std::uint16_t code, std::string_view value) {
    value = value.substr(0, 0xffff);
    return u16(code).u16(static_cast<std::uint16_t>(value.size())).text(value).pad();
  }
  PcapngBlock& option_u32(std::uint16_t code, std::uint32_t value) {
    return u16(code).u16(4).u32(value);
  }
  PcapngBlock& option_u64(std::uint16_t code, std::uint64_t value) {
    return u16(code).u16(8).u64(value);
  }
  PcapngBlock& end_of_options() { return u32(0); }

  // The finished block; nothing may follow.
  std::string_view close() {
    const auto total = static_cast<std::uint32_t>(out_.size() + 4);
    u32(total);
    for (unsigned i = 0; i < 4; ++i) out_[4 + i] = static_cast<char>(total >> 8 * i);
    return out_;
  }

 private:
  PcapngBlock& number(std::uint64_t value, unsigned octets) {
    for (; octets != 0; --octets, value >>= 8u) out_.push_back(static_cast<char>(value));
    return *this;
  }

  std::string& out_;
};

}  // namespace rtclab::capture
