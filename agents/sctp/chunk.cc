#include "agents/sctp/chunk.h"

#include <type_traits>

namespace rtclab::sctp {
namespace {

constexpr std::uint8_t kFlagE = 1;
constexpr std::uint8_t kFlagB = 2;
constexpr std::uint8_t kFlagU = 4;
constexpr std::uint8_t kFlagI = 8;
constexpr std::uint8_t kFlagT = 1;

// --- reading ---

Bytes copy(ByteView view) {
  return {view.begin(), view.end()};
}

//    |             type              |            length             |
//    |                      value, padded to four                    |
// The padding of the last item may be missing from the length of the chunk, or from the chunk.
template <class Item>
Result<std::vector<Item>> parse_items(ByteView octets, std::size_t offset, Rule rule) {
  std::vector<Item> items;
  ByteReader in{octets};
  while (in.remaining() != 0) {
    const auto at = offset + in.offset();
    const auto type = in.u16();
    const auto length = in.u16();
    if (!in.ok()) return fail(Flaw::Truncated, at, rule);
    if (length < 4) return fail(Flaw::BadLength, at + 2, rule);
    const auto value = in.take(length - 4u);
    if (!in.ok()) return fail(Flaw::BadLength, at + 2, rule);
    items.push_back(Item{type, copy(value)});
    in.skip(std::min(in.remaining(), padded(length) - length));
  }
  return items;
}

Result<Chunk> parse_data(std::uint8_t flags, ByteView value, std::size_t offset) {
  constexpr Rule kRule{9260, "3.3.1"};
  ByteReader in{value};
  DataChunk data;
  data.header.tsn = Tsn{in.u32()};
  data.header.stream = StreamId{in.u16()};
  data.header.ssn = Ssn{in.u16()};
  data.header.ppid = Ppid{in.u32()};
  if (!in.ok()) return fail(Flaw::Truncated, offset, kRule);
  data.header.immediate = (flags & kFlagI) != 0;
  data.header.unordered = (flags & kFlagU) != 0;
  data.header.beginning = (flags & kFlagB) != 0;
  data.header.end = (flags & kFlagE) != 0;
  data.payload = copy(in.rest());
  return data;
}

Result<Chunk> parse_i_data(std::uint8_t flags, ByteView value, std::size_t offset) {
  constexpr Rule kRule{8260, "2.1"};
  ByteReader in{value};
  IDataChunk data;
  auto& header = data.header;
  header.tsn = Tsn{in.u32()};
  header.stream = StreamId{in.u16()};
  in.skip(2);
  header.mid = Mid{in.u32()};
  const auto ppid_or_fsn = in.u32();
  if (!in.ok()) return fail(Flaw::Truncated, offset, kRule);
  header.immediate = (flags & kFlagI) != 0;
  header.unordered = (flags & kFlagU) != 0;
  header.beginning = (flags & kFlagB) != 0;
  header.end = (flags & kFlagE) != 0;
  // The first fragment has the number 0 and needs no field for it.
  if (header.beginning) {
    header.ppid = Ppid{ppid_or_fsn};
  } else {
    header.fsn = ppid_or_fsn;
  }
  data.payload = copy(in.rest());
  return data;
}

Result<InitBody> parse_init(ByteView value, std::size_t offset, Rule rule) {
  ByteReader in{value};
  InitBody body;
  body.initiate_tag = in.u32();
  body.receiver_window = in.u32();
  body.outbound_streams = in.u16();
  body.inbound_streams = in.u16();
  body.initial_tsn = Tsn{in.u32()};
  if (!in.ok()) return fail(Flaw::Truncated, offset, rule);
  const auto at = offset + in.offset();
  return parse_parameters(in.rest(), at, rule).map([&](std::vector<Parameter> parameters) {
    body.parameters = std::move(parameters);
    return std::move(body);
  });
}

//    |                      cumulative TSN ack                       |
//    |                            a_rwnd                             |
//    |     number of gap blocks      |     number of duplicates      |
Result<Chunk> parse_sack(ByteView value, std::size_t offset) {
  constexpr Rule kRule{9260, "3.3.4"};
  ByteReader in{value};
  SackChunk sack;
  sack.cumulative_tsn = Tsn{in.u32()};
  sack.receiver_window = in.u32();
  const std::size_t gaps = in.u16();
  const std::size_t duplicates = in.u16();
  if (!in.ok()) return fail(Flaw::Truncated, offset, kRule);
  if (in.remaining() != 4 * (gaps + duplicates)) return fail(Flaw::BadLength, offset, kRule);
  sack.gaps.reserve(gaps);
  for (std::size_t i = 0; i < gaps; ++i) {
    const auto at = offset + in.offset();
    const GapAckBlock gap{.start = in.u16(), .end = in.u16()};
    if (gap.start == 0 || gap.end < gap.start) return fail(Flaw::BadValue, at, kRule);
    sack.gaps.push_back(gap);
  }
  for (std::size_t i = 0; i < duplicates; ++i) sack.duplicates.emplace_back(in.u32());
  return sack;
}

Result<Chunk> parse_shutdown(ByteView value, std::size_t offset) {
  constexpr Rule kRule{9260, "3.3.8"};
  if (value.size() != 4) return fail(Flaw::BadLength, offset, kRule);
  return ShutdownChunk{Tsn{ByteReader{value}.u32()}};
}

Result<Chunk> parse_forward_tsn(ByteView value, std::size_t offset) {
  constexpr Rule kRule{3758, "3.2"};
  ByteReader in{value};
  ForwardTsnChunk forward;
  forward.new_cumulative_tsn = Tsn{in.u32()};
  if (!in.ok() || in.remaining() % 4 != 0) return fail(Flaw::BadLength, offset, kRule);
  while (in.remaining() != 0) {
    const StreamId stream{in.u16()};
    forward.skipped.push_back({stream, Ssn{in.u16()}});
  }
  return forward;
}

Result<Chunk> parse_i_forward_tsn(ByteView value, std::size_t offset) {
  constexpr Rule kRule{8260, "2.3.1"};
  ByteReader in{value};
  IForwardTsnChunk forward;
  forward.new_cumulative_tsn = Tsn{in.u32()};
  if (!in.ok() || in.remaining() % 8 != 0) return fail(Flaw::BadLength, offset, kRule);
  while (in.remaining() != 0) {
    const StreamId stream{in.u16()};
    const bool unordered = (in.u16() & 1u) != 0;
    forward.skipped.push_back({stream, unordered, Mid{in.u32()}});
  }
  return forward;
}

template <class T>
Result<Chunk> parse_empty(ByteView value, std::size_t offset, T chunk, Rule rule) {
  if (!value.empty()) return fail(Flaw::BadLength, offset, rule);
  return chunk;
}

// --- writing ---

std::size_t begin_chunk(ByteWriter& out, ChunkType type, std::uint8_t flags = 0) {
  const auto start = out.size();
  out.u8(static_cast<std::uint8_t>(type)).u8(flags).u16(0);
  return start;
}

// RFC 9260 §3.2: the length leaves out the padding of the chunk itself.
void end_chunk(ByteWriter& out, std::size_t start) {
  const auto length = out.size() - start;
  assert(length <= 0xffff);
  out.patch_u16(start + 2, length);
  out.zeros(padded(length) - length);
}

// The padding between items counts into the length of the chunk, that of the last one does not.
template <class Item>
void write_items(ByteWriter& out, std::span<const Item> items) {
  std::size_t pending = 0;
  for (const auto& [type, value] : items) {
    const auto length = 4 + value.size();
    out.zeros(pending).u16(type).u16(length).octets(value);
    pending = padded(length) - length;
  }
}

std::uint8_t tag_flag(TagKind tag) {
  return tag == TagKind::Reflected ? kFlagT : 0;
}

void write_init(ByteWriter& out, ChunkType type, const InitBody& body) {
  const auto start = begin_chunk(out, type);
  out.u32(body.initiate_tag).u32(body.receiver_window);
  out.u16(body.outbound_streams).u16(body.inbound_streams).u32(body.initial_tsn.value());
  write_parameters(out, body.parameters);
  end_chunk(out, start);
}

struct Writer {
  ByteWriter& out;

  void operator()(const DataChunk& chunk) const {
    write_data(out, DataKind::Data, chunk.header, chunk.payload);
  }
  void operator()(const IDataChunk& chunk) const {
    write_data(out, DataKind::IData, chunk.header, chunk.payload);
  }
  void operator()(const InitChunk& chunk) const { write_init(out, ChunkType::Init, chunk.body); }
  void operator()(const InitAckChunk& chunk) const {
    write_init(out, ChunkType::InitAck, chunk.body);
  }
  void operator()(const SackChunk& chunk) const {
    const auto start = begin_chunk(out, ChunkType::Sack);
    out.u32(chunk.cumulative_tsn.value()).u32(chunk.receiver_window);
    out.u16(chunk.gaps.size()).u16(chunk.duplicates.size());
    for (const auto& gap : chunk.gaps) out.u16(gap.start).u16(gap.end);
    for (const auto tsn : chunk.duplicates) out.u32(tsn.value());
    end_chunk(out, start);
  }
  void operator()(const HeartbeatChunk& chunk) const {
    plain(ChunkType::Heartbeat, 0, chunk.information);
  }
  void operator()(const HeartbeatAckChunk& chunk) const {
    plain(ChunkType::HeartbeatAck, 0, chunk.information);
  }
  void operator()(const AbortChunk& chunk) const {
    const auto start = begin_chunk(out, ChunkType::Abort, tag_flag(chunk.tag));
    write_items<ErrorCause>(out, chunk.causes);
    end_chunk(out, start);
  }
  void operator()(const ShutdownChunk& chunk) const {
    const auto start = begin_chunk(out, ChunkType::Shutdown);
    out.u32(chunk.cumulative_tsn.value());
    end_chunk(out, start);
  }
  void operator()(const ShutdownAckChunk& /*chunk*/) const { plain(ChunkType::ShutdownAck, 0, {}); }
  void operator()(const ErrorChunk& chunk) const {
    const auto start = begin_chunk(out, ChunkType::Error);
    write_items<ErrorCause>(out, chunk.causes);
    end_chunk(out, start);
  }
  void operator()(const CookieEchoChunk& chunk) const {
    plain(ChunkType::CookieEcho, 0, chunk.cookie);
  }
  void operator()(const CookieAckChunk& /*chunk*/) const { plain(ChunkType::CookieAck, 0, {}); }
  void operator()(const ShutdownCompleteChunk& chunk) const {
    plain(ChunkType::ShutdownComplete, tag_flag(chunk.tag), {});
  }
  void operator()(const ReConfigChunk& chunk) const {
    const auto start = begin_chunk(out, ChunkType::ReConfig);
    write_parameters(out, chunk.parameters);
    end_chunk(out, start);
  }
  void operator()(const ForwardTsnChunk& chunk) const {
    const auto start = begin_chunk(out, ChunkType::ForwardTsn);
    out.u32(chunk.new_cumulative_tsn.value());
    for (const auto& [stream, ssn] : chunk.skipped) out.u16(stream.value()).u16(ssn.value());
    end_chunk(out, start);
  }
  void operator()(const IForwardTsnChunk& chunk) const {
    const auto start = begin_chunk(out, ChunkType::IForwardTsn);
    out.u32(chunk.new_cumulative_tsn.value());
    for (const auto& [stream, unordered, mid] : chunk.skipped) {
      out.u16(stream.value()).u16(unordered ? 1 : 0).u32(mid.value());
    }
    end_chunk(out, start);
  }
  void operator()(const UnknownChunk& chunk) const {
    plain(static_cast<ChunkType>(chunk.type), chunk.flags, chunk.value);
  }

 private:
  void plain(ChunkType type, std::uint8_t flags, ByteView value) const {
    const auto start = begin_chunk(out, type, flags);
    out.octets(value);
    end_chunk(out, start);
  }
};

struct TypeNumber {
  std::uint8_t operator()(const DataChunk&) const { return number(ChunkType::Data); }
  std::uint8_t operator()(const InitChunk&) const { return number(ChunkType::Init); }
  std::uint8_t operator()(const InitAckChunk&) const { return number(ChunkType::InitAck); }
  std::uint8_t operator()(const SackChunk&) const { return number(ChunkType::Sack); }
  std::uint8_t operator()(const HeartbeatChunk&) const { return number(ChunkType::Heartbeat); }
  std::uint8_t operator()(const HeartbeatAckChunk&) const {
    return number(ChunkType::HeartbeatAck);
  }
  std::uint8_t operator()(const AbortChunk&) const { return number(ChunkType::Abort); }
  std::uint8_t operator()(const ShutdownChunk&) const { return number(ChunkType::Shutdown); }
  std::uint8_t operator()(const ShutdownAckChunk&) const { return number(ChunkType::ShutdownAck); }
  std::uint8_t operator()(const ErrorChunk&) const { return number(ChunkType::Error); }
  std::uint8_t operator()(const CookieEchoChunk&) const { return number(ChunkType::CookieEcho); }
  std::uint8_t operator()(const CookieAckChunk&) const { return number(ChunkType::CookieAck); }
  std::uint8_t operator()(const ShutdownCompleteChunk&) const {
    return number(ChunkType::ShutdownComplete);
  }
  std::uint8_t operator()(const ReConfigChunk&) const { return number(ChunkType::ReConfig); }
  std::uint8_t operator()(const ForwardTsnChunk&) const { return number(ChunkType::ForwardTsn); }
  std::uint8_t operator()(const IDataChunk&) const { return number(ChunkType::IData); }
  std::uint8_t operator()(const IForwardTsnChunk&) const { return number(ChunkType::IForwardTsn); }
  std::uint8_t operator()(const UnknownChunk& chunk) const { return chunk.type; }

 private:
  static std::uint8_t number(ChunkType type) { return static_cast<std::uint8_t>(type); }
};

}  // namespace

Result<std::vector<Parameter>> parse_parameters(ByteView octets, std::size_t offset, Rule rule) {
  return parse_items<Parameter>(octets, offset, rule);
}

Result<Chunk> parse_chunk(std::uint8_t type, std::uint8_t flags, ByteView value,
                          std::size_t offset) {
  const auto tag = (flags & kFlagT) != 0 ? TagKind::Reflected : TagKind::Own;
  switch (static_cast<ChunkType>(type)) {
    case ChunkType::Data: return parse_data(flags, value, offset);
    case ChunkType::Init:
      return parse_init(value, offset, {9260, "3.3.2"}).map([](InitBody body) -> Chunk {
        return InitChunk{std::move(body)};
      });
    case ChunkType::InitAck:
      return parse_init(value, offset, {9260, "3.3.3"}).map([](InitBody body) -> Chunk {
        return InitAckChunk{std::move(body)};
      });
    case ChunkType::Sack: return parse_sack(value, offset);
    case ChunkType::Heartbeat: return HeartbeatChunk{copy(value)};
    case ChunkType::HeartbeatAck: return HeartbeatAckChunk{copy(value)};
    case ChunkType::Abort:
      return parse_items<ErrorCause>(value, offset, {9260, "3.3.7"})
          .map([tag](std::vector<ErrorCause> causes) -> Chunk {
            return AbortChunk{tag, std::move(causes)};
          });
    case ChunkType::Shutdown: return parse_shutdown(value, offset);
    case ChunkType::ShutdownAck:
      return parse_empty(value, offset, ShutdownAckChunk{}, {9260, "3.3.9"});
    case ChunkType::Error:
      return parse_items<ErrorCause>(value, offset, {9260, "3.3.10"})
          .map([](std::vector<ErrorCause> causes) -> Chunk {
            return ErrorChunk{std::move(causes)};
          });
    case ChunkType::CookieEcho: return CookieEchoChunk{copy(value)};
    case ChunkType::CookieAck:
      return parse_empty(value, offset, CookieAckChunk{}, {9260, "3.3.12"});
    case ChunkType::ShutdownComplete:
      return parse_empty(value, offset, ShutdownCompleteChunk{tag}, {9260, "3.3.13"});
    case ChunkType::ReConfig:
      return parse_parameters(value, offset, {6525, "3.1"})
          .map([](std::vector<Parameter> parameters) -> Chunk {
            return ReConfigChunk{std::move(parameters)};
          });
    case ChunkType::ForwardTsn: return parse_forward_tsn(value, offset);
    case ChunkType::IData: return parse_i_data(flags, value, offset);
    case ChunkType::IForwardTsn: return parse_i_forward_tsn(value, offset);
  }
  return UnknownChunk{type, flags, copy(value)};
}

void write(ByteWriter& out, const Chunk& chunk) {
  std::visit(Writer{out}, chunk);
}

//    |   Type = 0    |  Res  |I|U|B|E|            length             |
//    |                              TSN                              |
//    |           stream              |    stream sequence number     |
//    |                  payload protocol identifier                  |
//
//    |   Type = 64   |  Res  |I|U|B|E|            length             |
//    |                              TSN                              |
//    |           stream              |           reserved            |
//    |                      message identifier                       |
//    |  payload protocol identifier (B) or fragment sequence number  |
void write_data(ByteWriter& out, DataKind kind, const DataHeader& header, ByteView payload) {
  const auto flags = (header.immediate ? kFlagI : 0) | (header.unordered ? kFlagU : 0) |
                     (header.beginning ? kFlagB : 0) | (header.end ? kFlagE : 0);
  const auto type = kind == DataKind::Data ? ChunkType::Data : ChunkType::IData;
  const auto start = begin_chunk(out, type, static_cast<std::uint8_t>(flags));
  out.u32(header.tsn.value()).u16(header.stream.value());
  if (kind == DataKind::Data) {
    out.u16(header.ssn.value()).u32(header.ppid.value());
  } else {
    out.u16(0).u32(header.mid.value());
    out.u32(header.beginning ? header.ppid.value() : header.fsn);
  }
  out.octets(payload);
  end_chunk(out, start);
}

void write_parameters(ByteWriter& out, std::span<const Parameter> parameters) {
  write_items(out, parameters);
}

Bytes octets_of(const UnknownChunk& chunk) {
  ByteWriter out;
  out.u8(chunk.type).u8(chunk.flags).u16(kChunkHeaderSize + chunk.value.size());
  return out.octets(chunk.value).take();
}

Bytes octets_of(const Parameter& parameter) {
  ByteWriter out;
  return out.u16(parameter.type).u16(4 + parameter.value.size()).octets(parameter.value).take();
}

std::uint8_t type_number(const Chunk& chunk) {
  return std::visit(TypeNumber{}, chunk);
}

std::string_view name(const Chunk& chunk) {
  switch (static_cast<ChunkType>(type_number(chunk))) {
    case ChunkType::Data: return "DATA";
    case ChunkType::Init: return "INIT";
    case ChunkType::InitAck: return "INIT ACK";
    case ChunkType::Sack: return "SACK";
    case ChunkType::Heartbeat: return "HEARTBEAT";
    case ChunkType::HeartbeatAck: return "HEARTBEAT ACK";
    case ChunkType::Abort: return "ABORT";
    case ChunkType::Shutdown: return "SHUTDOWN";
    case ChunkType::ShutdownAck: return "SHUTDOWN ACK";
    case ChunkType::Error: return "ERROR";
    case ChunkType::CookieEcho: return "COOKIE ECHO";
    case ChunkType::CookieAck: return "COOKIE ACK";
    case ChunkType::ShutdownComplete: return "SHUTDOWN COMPLETE";
    case ChunkType::ReConfig: return "RE-CONFIG";
    case ChunkType::ForwardTsn: return "FORWARD TSN";
    case ChunkType::IData: return "I-DATA";
    case ChunkType::IForwardTsn: return "I-FORWARD-TSN";
  }
  return "chunk";
}

}  // namespace rtclab::sctp
