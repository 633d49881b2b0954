// Writes small pcapng files, good and bad, for the readers' tests. Not sim/capture: a reader is not
// tested against its own project's writer alone.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/ip_packet.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::test {

enum class ByteOrder { Little, Big };

class PcapngBuilder {
 public:
  using Option = std::pair<std::uint16_t, Bytes>;

  explicit PcapngBuilder(ByteOrder order = ByteOrder::Little) : order_{order} {
    block(0x0A0D0D0A, Bytes{},
          [&](PcapngBuilder& b) { b.u32(0x1A2B3C4D).u16(1).u16(0).u32(~0u).u32(~0u); });
  }

  PcapngBuilder& interface(unsigned link_type, std::string_view name, unsigned resolution = 9) {
    Bytes body;
    block(1, body, [&](PcapngBuilder& b) {
      b.u16(link_type).u16(0).u32(0);
      b.option(2, to_octets(name));
      b.option(9, Bytes{static_cast<std::byte>(resolution)});
      b.u32(0);
    });
    return *this;
  }

  PcapngBuilder& packet(std::uint32_t interface, std::uint64_t stamp, ByteView octets,
                        const std::vector<Option>& options = {}) {
    block(6, {}, [&](PcapngBuilder& b) {
      b.u32(interface)
          .u32(stamp >> 32u)
          .u32(stamp & 0xffffffffu)
          .u32(octets.size())
          .u32(octets.size());
      b.padded(octets);
      for (const auto& [code, value] : options) b.option(code, value);
      if (!options.empty()) b.u32(0);
    });
    return *this;
  }

  PcapngBuilder& secrets(std::string_view text) {
    block(10, {},
          [&](PcapngBuilder& b) { b.u32(0x544c534b).u32(text.size()).padded(as_octets(text)); });
    return *this;
  }

  // A block with any type and content.
  PcapngBuilder& foreign(std::uint32_t type, ByteView content) {
    block(type, {}, [&](PcapngBuilder& b) { b.padded(content); });
    return *this;
  }

  // The value of an option that is a number, in the file's byte order.
  [[nodiscard]] Bytes number32(std::uint64_t value) const { return number(value, 4); }
  [[nodiscard]] Bytes number64(std::uint64_t value) const { return number(value, 8); }

  [[nodiscard]] const Bytes& bytes() const { return out_; }

 private:
  template <class Fill>
  void block(std::uint32_t type, const Bytes&, Fill fill) {
    PcapngBuilder body{order_, Empty{}};
    fill(body);
    const auto length = body.out_.size() + 12;
    u32(type).u32(length);
    out_.insert(out_.end(), body.out_.begin(), body.out_.end());
    u32(length);
  }
  struct Empty {};
  PcapngBuilder(ByteOrder order, Empty) : order_{order} {}

  [[nodiscard]] Bytes number(std::uint64_t value, unsigned size) const {
    Bytes octets(size);
    for (unsigned i = 0; i < size; ++i) {
      const auto shift = order_ == ByteOrder::Little ? 8 * i : 8 * (size - 1 - i);
      octets[i] = static_cast<std::byte>(value >> shift);
    }
    return octets;
  }
  PcapngBuilder& put(const Bytes& octets) {
    out_.insert(out_.end(), octets.begin(), octets.end());
    return *this;
  }
  PcapngBuilder& u16(std::uint64_t value) { return put(number(value, 2)); }
  PcapngBuilder& u32(std::uint64_t value) { return put(number(value, 4)); }
  PcapngBuilder& padded(ByteView octets) {
    out_.insert(out_.end(), octets.begin(), octets.end());
    out_.resize(out_.size() + (4 - octets.size() % 4) % 4);
    return *this;
  }
  PcapngBuilder& option(std::uint16_t code, const Bytes& value) {
    return u16(code).u16(value.size()).padded(value);
  }

  ByteOrder order_;
  Bytes out_;
};

// An Ethernet frame around a UDP datagram.
inline Bytes udp_frame(std::string_view from, std::string_view to, ByteView payload,
                       std::uint16_t identification = 7) {
  const auto packet = ip::build_udp(Endpoint::parse(from).value(), Endpoint::parse(to).value(),
                                    payload, identification);
  Bytes frame(12);
  frame.push_back(std::byte{0x08});
  frame.push_back(std::byte{0x00});
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

}  // namespace rtclab::test
