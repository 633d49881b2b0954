#include "agents/rtp/extended_report.h"

#include "agents/rtp/rtcp_body.h"

#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr Rule kExtendedReportRule{3611, "3"};
constexpr std::uint8_t kReferenceTimeBlock = 4;
constexpr std::uint8_t kDlrrBlock = 5;

//    |      BT       | type-specific |  length in 32-bit words - 1   |
void write_block_header(ByteWriter& out, unsigned type, unsigned specific, std::size_t octets) {
  out.u8(type).u8(specific).u16(octets / 4);
}

Result<ExtendedReportBlock> read_dlrr(ByteView value, std::size_t offset) {
  if (value.size() % 12 != 0) return fail(Flaw::BadLength, offset, {3611, "4.5"});
  DelaySinceLastRr dlrr;
  for (ByteReader in{value}; in.remaining() != 0;) {
    DelaySinceLastRr::Item item;
    item.ssrc = Ssrc{in.u32()};
    item.last_rr = CompactNtp{in.u32()};
    item.delay = CompactNtp{in.u32()};
    dlrr.items.push_back(item);
  }
  return dlrr;
}

Result<ExtendedReportBlock> read_report_block(ByteReader& in, std::size_t offset) {
  const auto at = offset + in.offset();
  const auto type = in.u8();
  const auto specific = in.u8();
  const auto value = in.take(in.u16() * std::size_t{4});
  if (!in.ok()) return fail(Flaw::BadLength, at, kExtendedReportRule);
  switch (type) {
    case kReferenceTimeBlock:
      if (value.size() != 8) return fail(Flaw::BadLength, at + 2, {3611, "4.4"});
      return ReceiverReferenceTime{NtpTime{ByteReader{value}.u64()}};
    case kDlrrBlock: return read_dlrr(value, at + 2);
    default: return UnknownReportBlock{type, specific, {value.begin(), value.end()}};
  }
}

struct BlockWriter {
  ByteWriter& out;
  void operator()(const ReceiverReferenceTime& time) const {
    write_block_header(out, kReferenceTimeBlock, 0, 8);
    out.u64(time.ntp.value());
  }
  void operator()(const DelaySinceLastRr& dlrr) const {
    write_block_header(out, kDlrrBlock, 0, dlrr.items.size() * 12);
    for (const auto& item : dlrr.items) {
      out.u32(item.ssrc.value()).u32(item.last_rr.value()).u32(item.delay.value());
    }
  }
  void operator()(const UnknownReportBlock& block) const {
    assert(block.value.size() % 4 == 0);
    write_block_header(out, block.type, block.type_specific, block.value.size());
    out.octets(block.value);
  }
};

}  // namespace

Result<ExtendedReport> ExtendedReport::parse_body(ByteView body, std::size_t offset) {
  ByteReader in{body};
  ExtendedReport report;
  report.sender = Ssrc{in.u32()};
  if (!in.ok()) return fail(Flaw::Truncated, offset + body.size(), {3611, "2"});
  while (in.remaining() != 0) {
    auto block = read_report_block(in, offset);
    if (!block) return tl::make_unexpected(block.error());
    report.blocks.push_back(*std::move(block));
  }
  return report;
}

void ExtendedReport::write_body(ByteWriter& out) const {
  out.u32(sender.value());
  for (const auto& block : blocks) std::visit(BlockWriter{out}, block);
}

RtcpHeader header_of(const ExtendedReport&) {
  return {static_cast<std::uint8_t>(RtcpType::ExtendedReport), 0};
}

void write_body(ByteWriter& out, const ExtendedReport& report) {
  report.write_body(out);
}

}  // namespace rtclab::rtp
