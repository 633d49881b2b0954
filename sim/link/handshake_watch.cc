#include "sim/link/handshake_watch.h"

#include <algorithm>
#include <vector>

namespace rtclab::sim {
namespace {

constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kClientHello = 1;
constexpr std::size_t kHandshakeHeader = 12;
constexpr std::size_t kRandom = 32;

constexpr std::uint64_t kChangeCipherSpecPiece = ~std::uint64_t{0};
constexpr std::uint64_t kEncryptedPiece = kChangeCipherSpecPiece - 1;

struct Record {
  std::uint8_t type;
  bool encrypted;
  ByteView body;
};

std::optional<Record> next_record(ByteReader& reader) {
  const auto type = reader.u8();
  reader.skip(2);
  const bool encrypted = reader.u16() != 0;
  reader.skip(6);
  const auto body = reader.take(reader.u16());
  if (!reader.ok()) return std::nullopt;
  return Record{type, encrypted, body};
}

// Of the messages of one record in the clear.
void add_messages(ByteView body, std::vector<std::uint64_t>& pieces) {
  ByteReader reader{body};
  while (reader.remaining() >= kHandshakeHeader) {
    reader.skip(4);
    const std::uint64_t sequence = reader.u16();
    const auto offset = reader.u24();
    reader.skip(reader.u24());
    if (!reader.ok()) return;
    pieces.push_back(sequence << 24u | offset);
  }
}

std::vector<std::uint64_t> pieces_of(ByteView datagram) {
  std::vector<std::uint64_t> pieces;
  ByteReader reader{datagram};
  while (reader.remaining() > 0) {
    const auto record = next_record(reader);
    if (!record) break;
    if (record->type == kChangeCipherSpec) pieces.push_back(kChangeCipherSpecPiece);
    if (record->type != kHandshake) continue;
    if (record->encrypted) {
      pieces.push_back(kEncryptedPiece);
    } else {
      add_messages(record->body, pieces);
    }
  }
  return pieces;
}

// The random of the ClientHello that the datagram begins with; empty when it begins otherwise.
ByteView client_random_of(ByteView datagram) {
  ByteReader reader{datagram};
  const auto record = next_record(reader);
  if (!record || record->type != kHandshake || record->encrypted) return {};
  ByteReader message{record->body};
  if (message.u8() != kClientHello) return {};
  message.skip(kHandshakeHeader - 1 + 2);  // the version
  return message.take(kRandom);
}

}  // namespace

// Another handshake between the same two ports, as after an ICE restart: its messages count anew.
void HandshakeWatch::begin_anew_if_another(Handshake& handshake, ByteView payload) {
  const auto random = client_random_of(payload);
  if (random.empty() || std::ranges::equal(random, handshake.client_random)) return;
  if (!handshake.client_random.empty()) handshake = {};
  handshake.client_random.assign(random.begin(), random.end());
}

std::optional<FlightPart> HandshakeWatch::note(Way way, const PacketKind& datagram) {
  if (datagram.content != PacketKind::Content::Dtls) return std::nullopt;
  const auto pieces = pieces_of(datagram.payload);
  if (pieces.empty()) return std::nullopt;
  auto& handshake = handshakes_[std::minmax(datagram.source, datagram.destination)];
  begin_anew_if_another(handshake, datagram.payload);
  auto& side = handshake.sides[index(way)];
  auto& other = handshake.sides[1 - index(way)];

  const bool is_new = !side.sent.contains(pieces.front());
  if (is_new && side.answered) {
    side.part = {++flights_[index(way)], 1};
    side.this_sending.clear();
  } else if (!is_new && side.this_sending.contains(pieces.front())) {
    ++side.part.sending;
    side.this_sending.clear();
  }
  side.sent.insert(pieces.begin(), pieces.end());
  side.this_sending.insert(pieces.begin(), pieces.end());
  side.answered = false;
  if (is_new) other.answered = true;
  return side.part;
}

}  // namespace rtclab::sim
