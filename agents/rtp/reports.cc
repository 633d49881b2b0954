#include "agents/rtp/reports.h"

#include "agents/rtp/rtcp_body.h"

#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr Rule kSenderRule{3550, "6.4.1"};
constexpr Rule kReceiverRule{3550, "6.4.2"};

// 24 bits with a sign.
std::int32_t signed_24(std::uint32_t value) {
  return static_cast<std::int32_t>(value << 8u) >> 8;
}

//    |                     SSRC of the source                        |
//    | fraction lost |       cumulative number of packets lost       |
//    |           extended highest sequence number received           |
//    |                      interarrival jitter                      |
//    |                         last SR (LSR)                         |
//    |                   delay since last SR (DLSR)                  |
ReportBlock read_block(ByteReader& in) {
  ReportBlock block;
  block.source = Ssrc{in.u32()};
  block.fraction_lost = in.u8();
  block.cumulative_lost = signed_24(in.u24());
  block.extended_highest_sequence_number = in.u32();
  block.jitter = in.u32();
  block.last_sr = CompactNtp{in.u32()};
  block.delay_since_last_sr = CompactNtp{in.u32()};
  return block;
}

void write_block(ByteWriter& out, const ReportBlock& block) {
  out.u32(block.source.value()).u8(block.fraction_lost);
  out.u24(static_cast<std::uint32_t>(block.cumulative_lost));
  out.u32(block.extended_highest_sequence_number).u32(block.jitter);
  out.u32(block.last_sr.value()).u32(block.delay_since_last_sr.value());
}

std::vector<ReportBlock> read_blocks(ByteReader& in, std::size_t count) {
  std::vector<ReportBlock> blocks;
  while (count-- != 0 && in.ok()) blocks.push_back(read_block(in));
  return blocks;
}

Bytes read_rest(ByteReader& in) {
  const auto rest = in.rest();
  return {rest.begin(), rest.end()};
}

void write_blocks(ByteWriter& out, const std::vector<ReportBlock>& blocks, const Bytes& extension) {
  assert(blocks.size() <= kMaxReportBlocks && extension.size() % 4 == 0);
  for (const auto& block : blocks) write_block(out, block);
  out.octets(extension);
}

std::uint8_t count_of(const std::vector<ReportBlock>& blocks) {
  return static_cast<std::uint8_t>(blocks.size());
}

}  // namespace

Result<RtcpPacket> read_sender_report(const RtcpBody& body) {
  ByteReader in{body.octets};
  SenderReport report;
  report.sender = Ssrc{in.u32()};
  report.ntp = NtpTime{in.u64()};
  report.timestamp = RtpTimestamp{in.u32()};
  report.packet_count = in.u32();
  report.octet_count = in.u32();
  report.blocks = read_blocks(in, body.count);
  if (!in.ok()) return body.flaw(Flaw::BadLength, body.octets.size(), kSenderRule);
  report.profile_extension = read_rest(in);
  return report;
}

Result<RtcpPacket> read_receiver_report(const RtcpBody& body) {
  ByteReader in{body.octets};
  ReceiverReport report;
  report.sender = Ssrc{in.u32()};
  report.blocks = read_blocks(in, body.count);
  if (!in.ok()) return body.flaw(Flaw::BadLength, body.octets.size(), kReceiverRule);
  report.profile_extension = read_rest(in);
  return report;
}

RtcpHeader header_of(const SenderReport& report) {
  return {static_cast<std::uint8_t>(RtcpType::SenderReport), count_of(report.blocks)};
}

RtcpHeader header_of(const ReceiverReport& report) {
  return {static_cast<std::uint8_t>(RtcpType::ReceiverReport), count_of(report.blocks)};
}

void write_body(ByteWriter& out, const SenderReport& report) {
  out.u32(report.sender.value()).u64(report.ntp.value()).u32(report.timestamp.value());
  out.u32(report.packet_count).u32(report.octet_count);
  write_blocks(out, report.blocks, report.profile_extension);
}

void write_body(ByteWriter& out, const ReceiverReport& report) {
  out.u32(report.sender.value());
  write_blocks(out, report.blocks, report.profile_extension);
}

}  // namespace rtclab::rtp
