// RFC 9260 §3 and §6.8: what stands in an SCTP packet, as DTLS carries it.
#include "agents/sctp/crc32c.h"
#include "reports/judge/checkers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

// f(association, side, packet), for every packet of every side.
template <class F>
void for_each_sctp_packet(const Docket& docket, F f) {
  for (const auto& association : docket.sctp()) {
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& packet : association.sides[i].packets) f(association, i, packet);
    }
  }
}

// Whether the packet is under its sender's own tag reflected (RFC 9260 §8.5.1).
bool has_reflected_tag(const SctpPacket& packet) {
  const auto* const abort = packet.find<sctp::AbortChunk>();
  const auto* const complete = packet.find<sctp::ShutdownCompleteChunk>();
  return (abort != nullptr && abort->tag == sctp::TagKind::Reflected) ||
         (complete != nullptr && complete->tag == sctp::TagKind::Reflected);
}

void check_verification_tags(const Docket& docket, Findings& findings) {
  for_each_sctp_packet(docket, [&](const auto& association, std::size_t side, const auto& packet) {
    const auto tag = packet.packet.header.verification_tag;
    const auto name = sctp::name(packet.packet.chunks.front());
    if (packet.template find<sctp::InitChunk>() != nullptr) {
      return findings.check(tag == 0, *packet.by, fmt::format("INIT under the tag {:08x}", tag));
    }
    const auto whose = has_reflected_tag(packet) ? side : 1 - side;
    const auto& tags = association.sides[whose].initiate_tags;
    if (tags.empty()) return;
    findings.check(tags.contains(tag), *packet.by,
                   fmt::format("{} under the tag {:08x}{}", name, tag,
                               tags.contains(tag) ? "" : ", which the peer never announced"));
  });
}

void check_ports(const Docket& docket, Findings& findings) {
  for_each_sctp_packet(docket, [&](const auto&, std::size_t, const auto& packet) {
    const auto& header = packet.packet.header;
    findings.check(header.source_port != 0 && header.destination_port != 0, *packet.by,
                   fmt::format("{} from port {} to {}", sctp::name(packet.packet.chunks.front()),
                               header.source_port, header.destination_port));
  });
}

void check_alone(const Docket& docket, Findings& findings) {
  for_each_sctp_packet(docket, [&](const auto&, std::size_t, const auto& packet) {
    const auto& chunks = packet.packet.chunks;
    const auto lonely = std::ranges::find_if(chunks, [](const sctp::Chunk& chunk) {
      return std::holds_alternative<sctp::InitChunk>(chunk) ||
             std::holds_alternative<sctp::InitAckChunk>(chunk) ||
             std::holds_alternative<sctp::ShutdownCompleteChunk>(chunk);
    });
    if (lonely == chunks.end()) return;
    findings.check(chunks.size() == 1, *packet.by,
                   fmt::format("{} {}", sctp::name(*lonely),
                               chunks.size() == 1 ? "alone in its packet" : "beside other chunks"));
  });
}

// Nonzero: padding that is not 0. nullopt: no chunk of the packet is padded.
std::optional<bool> has_zero_padding(ByteView octets) {
  std::optional<bool> all_zero;
  std::size_t at = sctp::kCommonHeaderSize;
  while (at + sctp::kChunkHeaderSize <= octets.size()) {
    const std::size_t length = ByteReader{octets.subspan(at + 2)}.u16();
    if (length < sctp::kChunkHeaderSize) break;
    const auto end = std::min(at + sctp::padded(length), octets.size());
    for (auto i = std::min(at + length, end); i < end; ++i) {
      all_zero = all_zero.value_or(true) && octets[i] == std::byte{0};
    }
    at = end;
  }
  return all_zero;
}

void check_chunk_padding(const Docket& docket, Findings& findings) {
  for_each_sctp_packet(docket, [&](const auto&, std::size_t, const auto& packet) {
    const auto all_zero = has_zero_padding(*packet.octets);
    if (!all_zero) return;
    findings.check(*all_zero, *packet.by,
                   fmt::format("{} padded with {}", sctp::name(packet.packet.chunks.front()),
                               *all_zero ? "zeros" : "other octets than 0"));
  });
}

void check_crc32c(const Docket& docket, Findings& findings) {
  for_each_sctp_packet(docket, [&](const auto& association, std::size_t, const auto& packet) {
    const ByteView octets = *packet.octets;
    const auto checksum = __builtin_bswap32(ByteReader{octets.subspan(8)}.u32());
    const bool may_be_zero = association.sides[0].offers_zero_checksum &&
                             association.sides[1].offers_zero_checksum &&
                             packet.template find<sctp::InitChunk>() == nullptr &&
                             packet.template find<sctp::CookieEchoChunk>() == nullptr;
    const bool good = checksum == sctp::packet_crc32c(octets) || (may_be_zero && checksum == 0);
    findings.check(good, *packet.by,
                   fmt::format("{} with {} checksum", sctp::name(packet.packet.chunks.front()),
                               good ? "the right" : "a wrong"));
  });
}

void check_data_has_data(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& [tsn, data] : side.data) {
        findings.check(!data.payload.empty(), *data.sends.front()->by,
                       fmt::format("user data of {} octets", data.payload.size()));
      }
    }
  }
}

void check_fragments(const Docket& docket, Findings& findings) {
  for (const auto& association : docket.sctp()) {
    for (const auto& side : association.sides) {
      for (const auto& message : side.messages) {
        if (message.fragments < 2) continue;
        findings.check(message.numbers_fit, *message.first->by,
                       fmt::format("message in {} fragments{}", message.fragments,
                                   message.numbers_fit ? "" : ", whose numbers do not fit"));
      }
    }
  }
}

// clang-format off
constexpr std::array kSctpPacketCheckers{
    Checker{{"sctp-9260-3.1-vtag", "RFC 9260", "3.1", Level::Must,
             "A packet carries the tag that its receiver announced; INIT carries 0."},
            "SCTP packets", check_verification_tags},
    Checker{{"sctp-9260-3.1-ports-nonzero", "RFC 9260", "3.1", Level::Must,
             "Port 0 is not used."},
            "SCTP packets", check_ports},
    Checker{{"sctp-9260-3-init-alone", "RFC 9260", "3", Level::Must,
             "INIT, INIT ACK and SHUTDOWN COMPLETE are alone in their packets."},
            "packets with INIT, INIT ACK or SHUTDOWN COMPLETE", check_alone},
    Checker{{"sctp-9260-3.2-chunk-pad", "RFC 9260", "3.2", Level::Must,
             "Chunks are padded with zeros to a multiple of four octets."},
            "packets with padding", check_chunk_padding},
    Checker{{"sctp-9260-6.8-crc32c", "RFC 9260", "6.8", Level::Must,
             "The checksum is the CRC32c of the packet, or 0 where both agreed on that (RFC 9653)."},
            "SCTP packets", check_crc32c},
    Checker{{"sctp-9260-3.3.1-data-nonempty", "RFC 9260", "3.3.1", Level::Must,
             "DATA has at least one octet of user data."},
            "chunks with user data", check_data_has_data},
    Checker{{"sctp-9260-3.3.1-frag-flags", "RFC 9260", "3.3.1", Level::Must,
             "Fragments of a message are told by B and E and belong together by their numbers."},
            "messages in fragments", check_fragments},
};
// clang-format on

}  // namespace

std::span<const Checker> sctp_packet_checkers() {
  return kSctpPacketCheckers;
}

}  // namespace rtclab::judge
