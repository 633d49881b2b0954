#include "agents/sctp/deviate.h"

#include "agents/sctp/dcep.h"
#include "agents/sctp/packet.h"
#include "agents/sctp/peer_init.h"

#include <algorithm>

namespace rtclab::sctp {
namespace {

using enum Deviation;

std::uint16_t number(ParameterType type) {
  return static_cast<std::uint16_t>(type);
}

void unlist(InitBody& body, std::initializer_list<ChunkType> types) {
  for (auto& parameter : body.parameters) {
    if (parameter.type != number(ParameterType::SupportedExtensions)) continue;
    for (const auto type : types) std::erase(parameter.value, static_cast<std::byte>(type));
  }
}

// What INIT and INIT ACK say of our side.
void deviate_body(InitBody& body, const Deviations& deviations) {
  if (deviations.has(SctpFewStreams)) body.outbound_streams = body.inbound_streams = 16;
  if (deviations.has(SctpAddressInInit)) {
    body.parameters.push_back({number(ParameterType::Ipv4Address), from_hex("c0000201")});
  }
  if (deviations.has(SctpNoReconfig)) unlist(body, {ChunkType::ReConfig});
  if (deviations.has(SctpNoForwardTsn)) {
    unlist(body, {ChunkType::ForwardTsn, ChunkType::IForwardTsn});
    std::erase_if(body.parameters, [](const Parameter& parameter) {
      return parameter.type == number(ParameterType::ForwardTsnSupported);
    });
  }
}

// Faults in INIT alone leave the association to the peer's INIT.
void deviate_init(Packet& packet, InitBody& body, const Deviations& deviations) {
  if (deviations.has(SctpInitWithTag)) packet.header.verification_tag = 1;
  if (deviations.has(SctpPortZero)) packet.header.source_port = 0;
  if (deviations.has(SctpZeroInitiateTag)) body.initiate_tag = 0;
  if (deviations.has(SctpTinyWindow)) body.receiver_window = 1000;
  if (deviations.has(SctpNoStreams)) body.outbound_streams = 0;
}

void deviate_data(DataHeader& header, Bytes& payload, const Deviations& deviations, bool& emptied) {
  if (header.ppid == kPpidDcep && header.beginning) {
    if (deviations.has(DcepUnordered)) header.unordered = true;
    const bool is_open = !payload.empty() && payload.front() == std::byte{3};
    if (is_open && deviations.has(DcepOpenTooLong) && payload.size() >= 12) {
      payload[9] = static_cast<std::byte>(std::to_integer<unsigned>(payload[9]) + 1);
    }
    if (is_open && deviations.has(DcepOddPriority) && payload.size() >= 12) {
      payload[2] = std::byte{0};
      payload[3] = std::byte{3};
    }
    if (!is_open && deviations.has(DcepAckPadded)) payload.resize(4);
    return;
  }
  if (header.ppid == kPpidString && deviations.has(DataUnknownPpid)) header.ppid = Ppid{54};
  const bool is_empty = header.ppid == kPpidStringEmpty || header.ppid == kPpidBinaryEmpty;
  if (is_empty && deviations.has(DataEmptyTwoOctets)) payload.resize(2);
  if (!header.beginning && deviations.has(SctpFragmentNumbersSkip)) ++header.fsn;
  if (deviations.has(SctpEmptyData) && !std::exchange(emptied, true)) payload.clear();
}

// RFC 9260 §3.2: the octets between a chunk's length and the next chunk.
void fill_padding(Bytes& octets) {
  std::size_t at = kCommonHeaderSize;
  while (at + kChunkHeaderSize <= octets.size()) {
    const std::size_t length = ByteReader{ByteView{octets}.subspan(at + 2)}.u16();
    const auto end = std::min(at + padded(length), octets.size());
    for (auto i = at + length; i < end; ++i) octets[i] = std::byte{0xff};
    at = std::max(end, at + kChunkHeaderSize);
  }
}

std::vector<ForwardTsnChunk::Skipped> plain(const std::vector<IForwardTsnChunk::Skipped>& skipped) {
  std::vector<ForwardTsnChunk::Skipped> ordered;
  for (const auto& each : skipped)
    if (!each.unordered) ordered.push_back({each.stream, wrap_ssn(each.mid.value())});
  return ordered;
}

}  // namespace

Bytes PacketDeviation::apply(Bytes octets) {
  auto packet = Packet::parse(octets, ChecksumPolicy::Ignore);
  if (!packet) return octets;
  for (auto& chunk : packet->chunks) {
    if (auto* const init = std::get_if<InitChunk>(&chunk)) {
      deviate_body(init->body, deviations_);
      deviate_init(*packet, init->body, deviations_);
    } else if (auto* const init_ack = std::get_if<InitAckChunk>(&chunk)) {
      deviate_body(init_ack->body, deviations_);
    } else if (auto* const echo = std::get_if<CookieEchoChunk>(&chunk)) {
      if (deviations_.has(SctpAlterCookie)) echo->cookie.front() ^= std::byte{1};
    } else if (auto* const ack = std::get_if<HeartbeatAckChunk>(&chunk)) {
      if (deviations_.has(SctpHeartbeatAckEmpty)) ack->information.clear();
    } else if (auto* const sack = std::get_if<SackChunk>(&chunk)) {
      if (deviations_.has(SctpGapBlocksRepeat) && !sack->gaps.empty()) {
        sack->gaps.push_back(sack->gaps.back());
      }
    } else if (auto* const forward = std::get_if<IForwardTsnChunk>(&chunk)) {
      if (deviations_.has(SctpForwardPlain))
        chunk = ForwardTsnChunk{forward->new_cumulative_tsn, plain(forward->skipped)};
    } else if (auto* const data = std::get_if<DataChunk>(&chunk)) {
      deviate_data(data->header, data->payload, deviations_, emptied_);
    } else if (auto* const interleaved = std::get_if<IDataChunk>(&chunk)) {
      deviate_data(interleaved->header, interleaved->payload, deviations_, emptied_);
      if (deviations_.has(SctpDataDespiteIData)) {
        auto plain = DataChunk{interleaved->header, std::move(interleaved->payload)};
        plain.header.ssn = wrap_ssn(plain.header.mid.value());
        chunk = std::move(plain);
      }
    }
  }
  const auto first = type_number(packet->chunks.front());
  if (deviations_.has(SctpInitAckBundled) && first == static_cast<int>(ChunkType::InitAck)) {
    packet->chunks.emplace_back(HeartbeatChunk{from_hex("00010004")});
  }
  auto changed = packet->serialize();
  if (deviations_.has(SctpPaddingNonZero)) {
    fill_padding(changed);
    set_checksum(changed);
  }
  const bool is_init = first == static_cast<int>(ChunkType::Init);
  if (is_init && deviations_.has(SctpWrongChecksum)) changed[8] ^= std::byte{0xff};
  return changed;
}

}  // namespace rtclab::sctp
