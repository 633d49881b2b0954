#include "sim/capture/pcapng_writer.h"

#include "agents/base/ip_packet.h"
#include "sim/capture/pcapng_block.h"

#include <cassert>
#include <ostream>

namespace rtclab::capture {
namespace {

constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint64_t kSectionLengthUnknown = ~std::uint64_t{0};
constexpr std::uint16_t kLinkTypeEthernet = 1;
constexpr std::uint32_t kSnapLength = 262144;     // what libpcap calls "all of it"
constexpr std::uint32_t kTlsKeyLog = 0x544c534b;  // "TLSK"
constexpr std::size_t kEthernetHeader = 14;

// Option codes; they count anew in every kind of block.
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kShbUserApplication = 4;
constexpr std::uint16_t kIfName = 2;
constexpr std::uint16_t kIfDescription = 3;
constexpr std::uint16_t kIfMacAddress = 6;
constexpr std::uint16_t kIfTimeResolution = 9;
constexpr std::uint16_t kEpbFlags = 2;
constexpr std::uint16_t kEpbPacketId = 5;

constexpr std::string_view kNanoseconds{"\x09", 1};  // 10^-9 s

// epb_flags: bits 0-1 the direction, bits 2-4 the kind of reception (1: unicast, 2: multicast).
std::uint32_t flags(Direction direction, bool multicast) {
  return (direction == Direction::Inbound ? 1u : 2u) | (multicast ? 2u : 1u) << 2u;
}

// The group address of an Ethernet frame: RFC 1112 §6.4, RFC 2464 §7.
Mac multicast_mac(const Ip& group) {
  const auto& o = group.octets;
  if (!group.is_v4()) return {0x33, 0x33, o[12], o[13], o[14], o[15]};
  return {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(o[13] & 0x7fu), o[14], o[15]};
}

std::string_view as_text(const Mac& mac) {
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

// The EtherType goes out in network order, unlike everything that is pcapng's own.
std::string_view ether_type(ByteView packet) {
  const bool v6 = !packet.empty() && std::to_integer<unsigned>(packet.front()) >> 4u == 6;
  return v6 ? std::string_view{"\x86\xdd", 2} : std::string_view{"\x08\x00", 2};
}

void put(std::ostream& out, std::string_view block) {
  out.write(block.data(), static_cast<std::streamsize>(block.size()));
}

}  // namespace

Mac mac_of(InterfaceId interface) {
  const auto number = interface.value() + 1;
  return {2,
          0,
          static_cast<std::uint8_t>(number >> 24u),
          static_cast<std::uint8_t>(number >> 16u),
          static_cast<std::uint8_t>(number >> 8u),
          static_cast<std::uint8_t>(number)};
}

PcapngWriter::PcapngWriter(std::ostream& out, std::string_view application,
                           std::chrono::seconds epoch)
    : out_{out}, epoch_{epoch} {
  PcapngBlock block{block_, BlockType::SectionHeader};
  block.u32(kByteOrderMagic).u16(1).u16(0).u64(kSectionLengthUnknown);
  block.option(kShbUserApplication, application).end_of_options();
  put(out_, block.close());
}

InterfaceId PcapngWriter::add_interface(const InterfaceInfo& info) {
  const InterfaceId id{interfaces_++};
  PcapngBlock block{block_, BlockType::InterfaceDescription};
  block.u16(kLinkTypeEthernet).u16(0).u32(kSnapLength);
  block.option(kIfName, info.name).option(kIfDescription, info.description);
  block.option(kIfMacAddress, as_text(mac_of(id))).option(kIfTimeResolution, kNanoseconds);
  put(out_, block.end_of_options().close());
  return id;
}

void PcapngWriter::write(const Sighting& sighting, std::string_view comment) {
  assert(sighting.interface.value() < interfaces_);
  const auto time = static_cast<std::uint64_t>(
      (sighting.at.time_since_epoch() + std::chrono::nanoseconds{epoch_}).count());
  const auto length = static_cast<std::uint32_t>(kEthernetHeader + sighting.packet.size());
  PcapngBlock block{block_, BlockType::EnhancedPacket};
  block.u32(sighting.interface.value());
  block.u32(static_cast<std::uint32_t>(time >> 32u)).u32(static_cast<std::uint32_t>(time));
  block.u32(length).u32(length);
  const auto destination = ip::destination_of(sighting.packet);
  const bool multicast = destination && destination->is_multicast();
  const auto to = multicast ? multicast_mac(*destination) : mac_of(sighting.frame.destination);
  block.text(as_text(to));
  block.text(as_text(mac_of(sighting.frame.source)));
  block.text(ether_type(sighting.packet)).octets(sighting.packet).pad();
  // The reason of a drop stands before what happened on the way.
  if (!comment.empty()) block.option(kComment, comment);
  if (!sighting.note.empty()) block.option(kComment, sighting.note);
  block.option_u32(kEpbFlags, flags(sighting.direction, multicast));
  block.option_u64(kEpbPacketId, sighting.identity.value());
  put(out_, block.end_of_options().close());
  ++packets_;
}

void PcapngWriter::secrets(Instant, std::string_view nss_line) {
  const bool ends = nss_line.ends_with('\n');
  PcapngBlock block{block_, BlockType::DecryptionSecrets};
  block.u32(kTlsKeyLog).u32(static_cast<std::uint32_t>(nss_line.size() + (ends ? 0 : 1)));
  block.text(nss_line).text(ends ? "" : "\n").pad();
  put(out_, block.close());
}

}  // namespace rtclab::capture
