#include "agents/stun/attributes.h"

#include "agents/stun/error_code.h"

#include <tuple>
#include <utility>

namespace rtclab::stun {
namespace {

// RFC 8489 §14.8: hundreds and the rest apart. Bits above the class are reserved and not looked at.
struct CodeAndReason {
  int code;
  std::string reason;
};

void write_code(ByteWriter& writer, int code, std::string_view reason) {
  writer.u8(static_cast<std::uint64_t>(code / 100))
      .u8(static_cast<std::uint64_t>(code % 100))
      .text(reason);
}

Decoded<CodeAndReason> read_code(ByteReader& reader) {
  const int hundreds = reader.u8() & 0x07;
  const int rest = reader.u8();
  if (!reader.ok()) return refuse(Flaw::BadLength);
  if (hundreds < 3 || hundreds > 6 || rest > 99) return refuse(Flaw::BadValue);
  if (reader.remaining() > 763) return refuse(Flaw::BadLength);
  return CodeAndReason{hundreds * 100 + rest, std::string{as_text(reader.rest())}};
}

void write_algorithm(ByteWriter& writer, const PasswordAlgorithm& algorithm) {
  writer.u16(static_cast<std::uint16_t>(algorithm.hash)).u16(algorithm.parameters.size());
  writer.octets(algorithm.parameters).pad_to(4);
}

Decoded<PasswordAlgorithm> read_algorithm(ByteReader& reader) {
  PasswordAlgorithm algorithm{PasswordHash{reader.u16()}, {}};
  const std::size_t size = reader.u16();
  const auto parameters = reader.take(size);
  if (!reader.ok()) return refuse(Flaw::BadLength);
  algorithm.parameters.assign(parameters.begin(), parameters.end());
  // The padding of the last parameters may as well have been counted as the attribute's own.
  reader.skip(std::min((4 - size % 4) % 4, reader.remaining()));
  return algorithm;
}

}  // namespace

Decoded<MessageIntegritySha256> MessageIntegritySha256::decode(ByteView in, const TransactionId&) {
  if (in.size() < 16 || in.size() > 32 || in.size() % 4 != 0) return refuse(Flaw::BadLength);
  return MessageIntegritySha256{Bytes{in.begin(), in.end()}};
}

ErrorCode ErrorCode::standard(int code) {
  return {code, std::string{error::reason_phrase(code)}};
}

//    0                   1                   2                   3
//   |           Reserved, should be 0         |Class|     Number    |
//   |      Reason Phrase (variable)                                ..
Bytes ErrorCode::encode(const TransactionId&) const {
  ByteWriter writer{4 + reason.size()};
  writer.u16(0);
  write_code(writer, code, reason);
  return writer.take();
}

Decoded<ErrorCode> ErrorCode::decode(ByteView in, const TransactionId&) {
  ByteReader reader{in};
  reader.skip(2);
  return read_code(reader).map([](CodeAndReason&& read) {
    return ErrorCode{read.code, std::move(read.reason)};
  });
}

Bytes UnknownAttributes::encode(const TransactionId&) const {
  ByteWriter writer{2 * types.size()};
  for (const auto type : types) writer.u16(static_cast<std::uint16_t>(type));
  return writer.take();
}

Decoded<UnknownAttributes> UnknownAttributes::decode(ByteView in, const TransactionId&) {
  if (in.size() % 2 != 0) return refuse(Flaw::BadLength);
  UnknownAttributes attribute;
  ByteReader reader{in};
  while (reader.remaining() != 0) attribute.types.push_back(AttributeType{reader.u16()});
  return attribute;
}

Bytes PasswordAlgorithm::encode(const TransactionId&) const {
  ByteWriter writer{4 + parameters.size()};
  write_algorithm(writer, *this);
  return writer.take();
}

Decoded<PasswordAlgorithm> PasswordAlgorithm::decode(ByteView in, const TransactionId&) {
  ByteReader reader{in};
  auto algorithm = read_algorithm(reader);
  if (algorithm && reader.remaining() != 0) return refuse(Flaw::BadLength);
  return algorithm;
}

//   |         Algorithm 1           | Algorithm 1 Parameters Length |
//   |                 Algorithm 1 Parameters (variable)             |
//   |         Algorithm 2           | …
Bytes PasswordAlgorithms::encode(const TransactionId&) const {
  ByteWriter writer;
  for (const auto& algorithm : list) write_algorithm(writer, algorithm);
  return writer.take();
}

Decoded<PasswordAlgorithms> PasswordAlgorithms::decode(ByteView in, const TransactionId&) {
  PasswordAlgorithms attribute;
  ByteReader reader{in};
  while (reader.remaining() != 0) {
    auto algorithm = read_algorithm(reader);
    if (!algorithm) return refuse(algorithm.error());
    attribute.list.push_back(std::move(*algorithm));
  }
  return attribute;
}

FamilyCode family_code(Family family) {
  return family == Family::V4 ? FamilyCode::V4 : FamilyCode::V6;
}

Bytes ChannelNumber::encode(const TransactionId&) const {
  return ByteWriter{4}.u16(value).u16(0).take();
}

Decoded<ChannelNumber> ChannelNumber::decode(ByteView in, const TransactionId&) {
  if (in.size() != 4) return refuse(Flaw::BadLength);
  return ChannelNumber{ByteReader{in}.u16()};
}

Bytes EvenPort::encode(const TransactionId&) const {
  return ByteWriter{1}.u8(reserve_next ? 0x80u : 0u).take();
}

Decoded<EvenPort> EvenPort::decode(ByteView in, const TransactionId&) {
  if (in.size() != 1) return refuse(Flaw::BadLength);
  return EvenPort{(ByteReader{in}.u8() & 0x80u) != 0};
}

Bytes RequestedTransport::encode(const TransactionId&) const {
  return ByteWriter{4}.u8(protocol).zeros(3).take();
}

Decoded<RequestedTransport> RequestedTransport::decode(ByteView in, const TransactionId&) {
  if (in.size() != 4) return refuse(Flaw::BadLength);
  return RequestedTransport{ByteReader{in}.u8()};
}

//    0                   1                   2                   3
//   |  Family       |    Reserved             |Class|     Number    |
//   |      Reason Phrase (variable)                                ..
Bytes AddressErrorCode::encode(const TransactionId&) const {
  ByteWriter writer{4 + reason.size()};
  writer.u8(static_cast<std::uint8_t>(family)).u8(0);
  write_code(writer, code, reason);
  return writer.take();
}

Decoded<AddressErrorCode> AddressErrorCode::decode(ByteView in, const TransactionId&) {
  ByteReader reader{in};
  const auto family = FamilyCode{reader.u8()};
  reader.skip(1);
  return read_code(reader).map([&](CodeAndReason&& read) {
    return AddressErrorCode{family, read.code, std::move(read.reason)};
  });
}

//    0                   1                   2                   3
//   |  Reserved                     |  ICMP Type  |  ICMP Code      |
//   |                          Error Data                           |
// The figure of RFC 8656 §18.13 gives seven bits to the type and nine to the code.
Bytes Icmp::encode(const TransactionId&) const {
  return ByteWriter{8}.u16(0).u16(type << 9u | (code & 0x1ffu)).u32(error_data).take();
}

Decoded<Icmp> Icmp::decode(ByteView in, const TransactionId&) {
  if (in.size() != 8) return refuse(Flaw::BadLength);
  ByteReader reader{in};
  reader.skip(2);
  const unsigned both = reader.u16();
  return Icmp{static_cast<std::uint8_t>(both >> 9u), static_cast<std::uint16_t>(both & 0x1ffu),
              reader.u32()};
}

Bytes ChangeRequest::encode(const TransactionId&) const {
  return ByteWriter{4}.u32((change_ip ? 4u : 0u) | (change_port ? 2u : 0u)).take();
}

Decoded<ChangeRequest> ChangeRequest::decode(ByteView in, const TransactionId&) {
  if (in.size() != 4) return refuse(Flaw::BadLength);
  const auto flags = ByteReader{in}.u32();
  return ChangeRequest{(flags & 4u) != 0, (flags & 2u) != 0};
}

Bytes ResponsePort::encode(const TransactionId&) const {
  return ByteWriter{4}.u16(port.value()).u16(0).take();
}

Decoded<ResponsePort> ResponsePort::decode(ByteView in, const TransactionId&) {
  if (in.size() != 4) return refuse(Flaw::BadLength);
  return ResponsePort{Port{ByteReader{in}.u16()}};
}

namespace {

// The list of everything that has a codec: flaw_in() and has_codec() are made from it.
using AllAttributes =
    std::tuple<MappedAddress, XorMappedAddress, AlternateServer, Username, Realm, Nonce, Software,
               AlternateDomain, UserHash, MessageIntegrity, MessageIntegritySha256, Fingerprint,
               ErrorCode, UnknownAttributes, PasswordAlgorithm, PasswordAlgorithms, Priority,
               UseCandidate, IceControlled, IceControlling, Lifetime, XorPeerAddress,
               XorRelayedAddress, Data, DontFragment, ReservationToken, RequestedAddressFamily,
               AdditionalAddressFamily, ChannelNumber, EvenPort, RequestedTransport,
               AddressErrorCode, Icmp, ResponseOrigin, OtherAddress, Padding, CacheTimeout,
               ChangeRequest, ResponsePort, ConnectionId>;

struct Codec {
  AttributeType type;
  std::optional<Flaw> (*flaw)(ByteView, const TransactionId&);
};

template <class A>
std::optional<Flaw> flaw_of(ByteView value, const TransactionId& transaction) {
  const auto decoded = A::decode(value, transaction);
  return decoded ? std::nullopt : std::optional{decoded.error()};
}

template <class... A>
constexpr auto codecs(std::tuple<A...>*) {
  std::array table{Codec{A::kType, &flaw_of<A>}...};
  std::ranges::sort(table, {}, &Codec::type);
  return table;
}

constexpr auto kCodecs = codecs(static_cast<AllAttributes*>(nullptr));

const Codec* codec(AttributeType type) {
  const auto* const row = std::ranges::lower_bound(kCodecs, type, {}, &Codec::type);
  return row != kCodecs.end() && row->type == type ? row : nullptr;
}

}  // namespace

std::optional<Flaw> flaw_in(AttributeType type, ByteView value, const TransactionId& transaction) {
  const auto* const row = codec(type);
  return row == nullptr ? std::nullopt : row->flaw(value, transaction);
}

bool has_codec(AttributeType type) {
  return codec(type) != nullptr;
}

}  // namespace rtclab::stun
