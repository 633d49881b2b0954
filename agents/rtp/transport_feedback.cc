#include "agents/rtp/transport_feedback.h"

#include <algorithm>
#include <cassert>
#include <span>

namespace rtclab::rtp {
namespace {

// The draft has no RFC number; it extends the transport layer feedback of RFC 4585 §6.2.
constexpr Rule kTransportFeedbackRule{4585, "6.2"};

enum class Symbol : std::uint8_t { NotReceived = 0, SmallDelta = 1, LargeDelta = 2, Reserved = 3 };

constexpr std::size_t kLongestRun = 0x1fff;
constexpr std::size_t kOneBitSymbols = 14;
constexpr std::size_t kTwoBitSymbols = 7;
constexpr unsigned kVectorChunk = 0x8000;
constexpr unsigned kTwoBitVector = 0x4000;

Symbol symbol_of(const PacketStatus& packet) {
  if (!packet.received) return Symbol::NotReceived;
  return packet.delta >= 0 && packet.delta <= 255 ? Symbol::SmallDelta : Symbol::LargeDelta;
}

//    |0| S |       run length        |   S: symbol, two bits
//    |1|0|       symbol list         |   14 symbols of one bit: not received, small delta
//    |1|1|       symbol list         |   7 symbols of two bits
void read_chunk(unsigned chunk, std::size_t count, std::vector<Symbol>& symbols) {
  if ((chunk & kVectorChunk) == 0) {
    const auto run = std::min<std::size_t>(chunk & kLongestRun, count - symbols.size());
    symbols.insert(symbols.end(), run, static_cast<Symbol>(chunk >> 13u & 3u));
    return;
  }
  const bool two_bits = (chunk & kTwoBitVector) != 0;
  const auto bits = two_bits ? 2u : 1u;
  const auto mask = two_bits ? 3u : 1u;
  for (auto shift = 14u; shift != 0 && symbols.size() < count; shift -= bits) {
    symbols.push_back(static_cast<Symbol>(chunk >> (shift - bits) & mask));
  }
}

std::size_t run_length(std::span<const Symbol> symbols) {
  const auto end = std::ranges::find_if(symbols, [&](Symbol s) { return s != symbols.front(); });
  return std::min<std::size_t>(static_cast<std::size_t>(end - symbols.begin()), kLongestRun);
}

// The symbols in front, as many as a list holds; the last list of a message may stand half empty.
std::span<const Symbol> front(std::span<const Symbol> symbols, std::size_t most) {
  return symbols.first(std::min(symbols.size(), most));
}

unsigned vector_chunk(std::span<const Symbol> symbols, unsigned bits) {
  unsigned list = 0;
  auto shift = 14u;
  for (const auto symbol : symbols) list |= static_cast<unsigned>(symbol) << (shift -= bits);
  return kVectorChunk | (bits == 2 ? kTwoBitVector : 0u) | list;
}

// Writes one chunk; returns how many symbols it covers.
std::size_t write_chunk(ByteWriter& out, std::span<const Symbol> symbols) {
  const auto run = run_length(symbols);
  const auto one_bit = front(symbols, kOneBitSymbols);
  const auto two_bits = front(symbols, kTwoBitSymbols);
  const bool has_large = std::ranges::find(one_bit, Symbol::LargeDelta) != one_bit.end();
  if (run >= (has_large ? two_bits : one_bit).size()) {
    out.u16(static_cast<unsigned>(symbols.front()) << 13u | run);
    return run;
  }
  out.u16(has_large ? vector_chunk(two_bits, 2) : vector_chunk(one_bit, 1));
  return has_large ? two_bits.size() : one_bit.size();
}

}  // namespace

std::vector<std::optional<Duration>> TransportFeedback::arrivals() const {
  std::vector<std::optional<Duration>> times;
  auto at = reference_time * kReferenceTimeStep;
  for (const auto& packet : packets) {
    if (packet.received) at += packet.delta * kArrivalDeltaStep;
    times.push_back(packet.received ? std::optional<Duration>{at} : std::nullopt);
  }
  return times;
}

//    |      base sequence number     |      packet status count      |
//    |                 reference time                | fb pkt. count |
//    |          packet chunk         |         packet chunk          |
//    |          …                    |  recv delta   |  recv delta … |
Result<TransportFeedback> TransportFeedback::parse_control(ByteView octets, std::size_t offset) {
  ByteReader in{octets};
  TransportFeedback feedback;
  feedback.base_sequence_number = SequenceNumber{in.u16()};
  const std::size_t count = in.u16();
  feedback.reference_time = static_cast<std::int32_t>(in.u24() << 8u) >> 8;
  feedback.feedback_count = in.u8();
  if (!in.ok()) return fail(Flaw::Truncated, offset + octets.size(), kTransportFeedbackRule);
  if (count == 0 || count > kMostPacketStatuses)
    return fail(Flaw::BadValue, offset + 2, kTransportFeedbackRule);
  std::vector<Symbol> symbols;
  while (symbols.size() < count) {
    const auto chunk = in.u16();
    if (!in.ok()) return fail(Flaw::Truncated, offset + octets.size(), kTransportFeedbackRule);
    read_chunk(chunk, count, symbols);
  }
  for (const auto symbol : symbols) {
    PacketStatus packet{.received = symbol != Symbol::NotReceived, .delta = 0};
    switch (symbol) {
      case Symbol::NotReceived: break;
      case Symbol::SmallDelta: packet.delta = in.u8(); break;
      case Symbol::LargeDelta: packet.delta = static_cast<std::int16_t>(in.u16()); break;
      case Symbol::Reserved:
        return fail(Flaw::BadValue, offset + in.offset(), kTransportFeedbackRule);
    }
    feedback.packets.push_back(packet);
  }
  if (!in.ok()) return fail(Flaw::Truncated, offset + octets.size(), kTransportFeedbackRule);
  return feedback;
}

void TransportFeedback::write_control(ByteWriter& out) const {
  assert(!packets.empty() && packets.size() <= kMostPacketStatuses);
  out.u16(base_sequence_number.value()).u16(packets.size());
  out.u24(static_cast<std::uint32_t>(reference_time)).u8(feedback_count);
  std::vector<Symbol> symbols;
  std::ranges::transform(packets, std::back_inserter(symbols), symbol_of);
  for (std::span<const Symbol> left{symbols}; !left.empty();) {
    left = left.subspan(write_chunk(out, left));
  }
  for (const auto& packet : packets) {
    if (!packet.received) continue;
    if (symbol_of(packet) == Symbol::SmallDelta) {
      out.u8(static_cast<std::uint8_t>(packet.delta));
    } else {
      out.u16(static_cast<std::uint16_t>(packet.delta));
    }
  }
  out.pad_to(4);
}

}  // namespace rtclab::rtp
