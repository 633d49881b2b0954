// The chunks of SCTP as plain values, and their octets.
//
// Spec: RFC 9260 §3.3; RFC 3758 §3.2 (FORWARD TSN); RFC 6525 §3 (RE-CONFIG); RFC 8260 §2.1 and
// §2.3.1 (I-DATA, I-FORWARD-TSN). A chunk of another
// type is an UnknownChunk; what to do with it stands in its two upper bits (RFC 9260 §3.2), not in
// this codec. The same holds for parameters: each list is kept whole, known or not.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/sctp/tsn.h"
#include "agents/sctp/types.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::sctp {

enum class ChunkType : std::uint8_t {
  Data = 0,
  Init = 1,
  InitAck = 2,
  Sack = 3,
  Heartbeat = 4,
  HeartbeatAck = 5,
  Abort = 6,
  Shutdown = 7,
  ShutdownAck = 8,
  Error = 9,
  CookieEcho = 10,
  CookieAck = 11,
  ShutdownComplete = 14,
  IData = 64,
  ReConfig = 130,
  ForwardTsn = 192,
  IForwardTsn = 194,
};

// What the two upper bits of an unknown type ask for (RFC 9260 §3.2 for chunks, §3.2.1 for
// parameters).
struct UnknownTypeAction {
  bool go_on;   // with what follows; otherwise stop here
  bool report;  // to the sender
  [[nodiscard]] static constexpr UnknownTypeAction of_chunk(std::uint8_t type) {
    return {.go_on = (type & 0x80u) != 0, .report = (type & 0x40u) != 0};
  }
  [[nodiscard]] static constexpr UnknownTypeAction of_parameter(std::uint16_t type) {
    return {.go_on = (type & 0x8000u) != 0, .report = (type & 0x4000u) != 0};
  }
};

// A type-length-value item inside a chunk: a parameter, or an error cause.
struct Parameter {
  std::uint16_t type = 0;
  Bytes value;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};
struct ErrorCause {
  std::uint16_t code = 0;
  Bytes value;
  friend bool operator==(const ErrorCause&, const ErrorCause&) = default;
};

// What stands before the user data of a DATA or I-DATA chunk.
struct DataHeader {
  Tsn tsn{0};
  StreamId stream{0};
  Ssn ssn{0};              // DATA alone
  Ppid ppid{0};            // in I-DATA only the first fragment tells it
  bool immediate = false;  // I: the sender would like its SACK at once
  bool unordered = false;  // U
  bool beginning = false;  // B: first fragment of a message
  bool end = false;        // E: last fragment
  // I-DATA alone: which message of the stream, and which fragment of the message.
  Mid mid{0};
  std::uint32_t fsn = 0;
  friend bool operator==(const DataHeader&, const DataHeader&) = default;
};
struct DataChunk {
  DataHeader header;
  Bytes payload;
  friend bool operator==(const DataChunk&, const DataChunk&) = default;
};

// A message's fragments name their message, so that those of other streams may stand between them.
struct IDataChunk {
  DataHeader header;
  Bytes payload;
  friend bool operator==(const IDataChunk&, const IDataChunk&) = default;
};

// INIT and INIT ACK have one shape.
struct InitBody {
  std::uint32_t initiate_tag = 0;
  std::uint32_t receiver_window = 0;
  std::uint16_t outbound_streams = 0;
  std::uint16_t inbound_streams = 0;
  Tsn initial_tsn{0};
  std::vector<Parameter> parameters;
  friend bool operator==(const InitBody&, const InitBody&) = default;
};
struct InitChunk {
  InitBody body;
  friend bool operator==(const InitChunk&, const InitChunk&) = default;
};
struct InitAckChunk {
  InitBody body;
  friend bool operator==(const InitAckChunk&, const InitAckChunk&) = default;
};

// Offsets from the cumulative TSN, both ends included.
struct GapAckBlock {
  std::uint16_t start = 0;
  std::uint16_t end = 0;
  friend bool operator==(const GapAckBlock&, const GapAckBlock&) = default;
};
struct SackChunk {
  Tsn cumulative_tsn{0};
  std::uint32_t receiver_window = 0;
  std::vector<GapAckBlock> gaps;
  std::vector<Tsn> duplicates;
  friend bool operator==(const SackChunk&, const SackChunk&) = default;
};

// The parameters are the sender's own; the peer sends them back as they are.
struct HeartbeatChunk {
  Bytes information;
  friend bool operator==(const HeartbeatChunk&, const HeartbeatChunk&) = default;
};
struct HeartbeatAckChunk {
  Bytes information;
  friend bool operator==(const HeartbeatAckChunk&, const HeartbeatAckChunk&) = default;
};

// T: the verification tag is the receiver's of the packet that is answered, reflected (RFC 9260
// §8.5.1).
enum class TagKind : std::uint8_t { Own, Reflected };

struct AbortChunk {
  TagKind tag = TagKind::Own;
  std::vector<ErrorCause> causes;
  friend bool operator==(const AbortChunk&, const AbortChunk&) = default;
};
struct ShutdownChunk {
  Tsn cumulative_tsn{0};
  friend bool operator==(const ShutdownChunk&, const ShutdownChunk&) = default;
};
struct ShutdownAckChunk {
  friend bool operator==(const ShutdownAckChunk&, const ShutdownAckChunk&) = default;
};
struct ErrorChunk {
  std::vector<ErrorCause> causes;
  friend bool operator==(const ErrorChunk&, const ErrorChunk&) = default;
};
struct CookieEchoChunk {
  Bytes cookie;
  friend bool operator==(const CookieEchoChunk&, const CookieEchoChunk&) = default;
};
struct CookieAckChunk {
  friend bool operator==(const CookieAckChunk&, const CookieAckChunk&) = default;
};
struct ShutdownCompleteChunk {
  TagKind tag = TagKind::Own;
  friend bool operator==(const ShutdownCompleteChunk&, const ShutdownCompleteChunk&) = default;
};
struct ReConfigChunk {
  std::vector<Parameter> parameters;  // one or two; see reconfiguration.h
  friend bool operator==(const ReConfigChunk&, const ReConfigChunk&) = default;
};
struct ForwardTsnChunk {
  struct Skipped {
    StreamId stream{0};
    Ssn ssn{0};
    friend bool operator==(const Skipped&, const Skipped&) = default;
  };
  Tsn new_cumulative_tsn{0};
  std::vector<Skipped> skipped;  // ordered streams only
  friend bool operator==(const ForwardTsnChunk&, const ForwardTsnChunk&) = default;
};
struct IForwardTsnChunk {
  struct Skipped {
    StreamId stream{0};
    bool unordered = false;  // U: `mid` counts the unordered messages
    Mid mid{0};
    friend bool operator==(const Skipped&, const Skipped&) = default;
  };
  Tsn new_cumulative_tsn{0};
  std::vector<Skipped> skipped;
  friend bool operator==(const IForwardTsnChunk&, const IForwardTsnChunk&) = default;
};
struct UnknownChunk {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  Bytes value;
  friend bool operator==(const UnknownChunk&, const UnknownChunk&) = default;
};

using Chunk =
    std::variant<DataChunk, InitChunk, InitAckChunk, SackChunk, HeartbeatChunk, HeartbeatAckChunk,
                 AbortChunk, ShutdownChunk, ShutdownAckChunk, ErrorChunk, CookieEchoChunk,
                 CookieAckChunk, ShutdownCompleteChunk, ReConfigChunk, ForwardTsnChunk, IDataChunk,
                 IForwardTsnChunk, UnknownChunk>;

inline constexpr std::size_t kChunkHeaderSize = 4;
// Which of the two kinds of chunk carries user data: all of an association are of one kind (RFC
// 8260 §2.2.1).
enum class DataKind : std::uint8_t { Data, IData };
inline constexpr std::size_t kDataHeaderSize = 16;   // chunk header included
inline constexpr std::size_t kIDataHeaderSize = 20;  // likewise
[[nodiscard]] constexpr std::size_t header_size(DataKind kind) {
  return kind == DataKind::Data ? kDataHeaderSize : kIDataHeaderSize;
}

// A size on the wire: chunks, parameters and causes are padded to four octets.
[[nodiscard]] constexpr std::size_t padded(std::size_t size) {
  return (size + 3) / 4 * 4;
}

// The name as RFC 9260 prints it: "COOKIE ECHO"; "chunk" for an unknown type.
[[nodiscard]] std::string_view name(const Chunk& chunk);
[[nodiscard]] std::uint8_t type_number(const Chunk& chunk);

// Appends the chunk and its padding.
void write(ByteWriter& out, const Chunk& chunk);
void write_data(ByteWriter& out, DataKind kind, const DataHeader& header, ByteView payload);
void write_parameters(ByteWriter& out, std::span<const Parameter> parameters);
// The whole chunk without padding, as an error cause quotes it.
[[nodiscard]] Bytes octets_of(const UnknownChunk& chunk);
[[nodiscard]] Bytes octets_of(const Parameter& parameter);

// `value` is what stands after the chunk header, without padding; `offset` is where it began in the
// packet.
[[nodiscard]] Result<Chunk> parse_chunk(std::uint8_t type, std::uint8_t flags, ByteView value,
                                        std::size_t offset);
[[nodiscard]] Result<std::vector<Parameter>> parse_parameters(ByteView octets, std::size_t offset,
                                                              Rule rule);

}  // namespace rtclab::sctp
