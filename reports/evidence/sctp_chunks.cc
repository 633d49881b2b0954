#include "reports/evidence/sctp_chunks.h"

#include "agents/sctp/chunk.h"
#include "agents/sctp/dcep.h"
#include "agents/sctp/packet.h"

#include <fmt/format.h>

#include <algorithm>

namespace rtclab::evidence {
namespace {

std::string_view chunk_name(std::uint8_t type) {
  switch (type) {
    case 0: return "DATA";
    case 1: return "INIT";
    case 2: return "INIT ACK";
    case 3: return "SACK";
    case 4: return "HEARTBEAT";
    case 5: return "HEARTBEAT ACK";
    case 6: return "ABORT";
    case 7: return "SHUTDOWN";
    case 8: return "SHUTDOWN ACK";
    case 9: return "ERROR";
    case 10: return "COOKIE ECHO";
    case 11: return "COOKIE ACK";
    case 14: return "SHUTDOWN COMPLETE";
    case 64: return "I-DATA";
    case 130: return "RE-CONFIG";
    case 192: return "FORWARD-TSN";
    case 194: return "I-FORWARD-TSN";
    default: return "chunk";
  }
}

// In quotation marks, and no longer than a label bears. Never cuts a UTF-8 character in two.
std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 40;  // octets
  const auto is_continuation = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u;
  };
  auto size = std::min(text.size(), kMost);
  if (size < text.size()) {
    for (int back = 0; back < 3 && is_continuation(size); ++back) --size;
  }
  return fmt::format("\"{}{}\"", text.substr(0, size), size < text.size() ? "…" : "");
}

void describe_dcep(ByteView octets, SctpChunk& chunk) {
  const auto message = sctp::decode_dcep(octets);
  chunk.sets_up = true;
  if (!message) {
    chunk.message = "malformed DCEP";
  } else if (const auto* const open = std::get_if<sctp::DcepOpen>(&*message)) {
    chunk.message = "open " + in_quotes(open->label);
  } else {
    chunk.message = "open ACK";
  }
}

template <class DataLike>
void describe_data(const DataLike& data, SctpChunk& chunk) {
  const auto& header = data.header;
  const bool whole = header.beginning && header.end;
  if (!whole) {
    chunk.message = fmt::format("part, {} octets", data.payload.size());
  } else if (header.ppid == sctp::kPpidDcep) {
    describe_dcep(data.payload, chunk);
  } else if (header.ppid == sctp::kPpidString) {
    chunk.message = in_quotes(as_text(data.payload));
  } else if (header.ppid == sctp::kPpidStringEmpty) {
    chunk.message = in_quotes("");
  } else if (header.ppid == sctp::kPpidBinaryEmpty) {
    chunk.message = "0 octets";  // RFC 8831 §6.6: the one octet on the wire says nothing
  } else {
    chunk.message = fmt::format("{} octets", data.payload.size());
  }
}

// What makes or ends an association, a channel or a stream: each of them is worth a look.
bool sets_up(std::uint8_t type) {
  switch (type) {
    case 0:    // DATA
    case 3:    // SACK
    case 4:    // HEARTBEAT
    case 5:    // HEARTBEAT ACK
    case 64:   // I-DATA
    case 192:  // FORWARD-TSN
    case 194:  // I-FORWARD-TSN
      return false;
    default: return true;
  }
}

}  // namespace

std::vector<SctpChunk> read_sctp_chunks(ByteView packet) {
  std::vector<SctpChunk> chunks;
  ByteReader reader{packet};
  reader.skip(sctp::kCommonHeaderSize);
  while (reader.remaining() >= sctp::kChunkHeaderSize) {
    const auto type = reader.u8();
    const auto flags = reader.u8();
    const std::size_t length = reader.u16();
    if (length < sctp::kChunkHeaderSize) break;
    const auto offset = reader.offset();
    const auto value = reader.take(std::min(length - sctp::kChunkHeaderSize, reader.remaining()));
    reader.skip(std::min(sctp::padded(length) - length, reader.remaining()));
    SctpChunk chunk{std::string{chunk_name(type)}, {}, sets_up(type)};
    const auto parsed = sctp::parse_chunk(type, flags, value, offset);
    if (parsed) {
      if (const auto* const data = std::get_if<sctp::DataChunk>(&*parsed)) {
        describe_data(*data, chunk);
      } else if (const auto* const interleaved = std::get_if<sctp::IDataChunk>(&*parsed)) {
        describe_data(*interleaved, chunk);
      }
    }
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

std::string SctpChunk::text() const {
  if (message.empty()) return name;
  return message.front() == '"' ? message : name + ": " + message;
}

std::string text_of(const std::vector<SctpChunk>& chunks) {
  std::string text;
  for (const auto& chunk : chunks) text += (text.empty() ? "" : ", ") + chunk.text();
  return text;
}

}  // namespace rtclab::evidence
