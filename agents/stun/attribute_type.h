// The attribute types of STUN and its usages, as one table.
//
// Spec: RFC 8489 §18.3, RFC 8445 §16.1, RFC 8656 §18, RFC 5780 §7, RFC 6062 §6.2. At the end of the
// table stand a few that deployed agents send and no RFC defines; they only have names here.
#pragma once

#include "agents/base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rtclab::stun {

enum class AttributeType : std::uint16_t {
  MappedAddress = 0x0001,
  ChangeRequest = 0x0003,
  Username = 0x0006,
  MessageIntegrity = 0x0008,
  ErrorCode = 0x0009,
  UnknownAttributes = 0x000A,
  ChannelNumber = 0x000C,
  Lifetime = 0x000D,
  XorPeerAddress = 0x0012,
  Data = 0x0013,
  Realm = 0x0014,
  Nonce = 0x0015,
  XorRelayedAddress = 0x0016,
  RequestedAddressFamily = 0x0017,
  EvenPort = 0x0018,
  RequestedTransport = 0x0019,
  DontFragment = 0x001A,
  MessageIntegritySha256 = 0x001C,
  PasswordAlgorithm = 0x001D,
  UserHash = 0x001E,
  XorMappedAddress = 0x0020,
  ReservationToken = 0x0022,
  Priority = 0x0024,
  UseCandidate = 0x0025,
  Padding = 0x0026,
  ResponsePort = 0x0027,
  ConnectionId = 0x002A,
  AdditionalAddressFamily = 0x8000,
  AddressErrorCode = 0x8001,
  PasswordAlgorithms = 0x8002,
  AlternateDomain = 0x8003,
  Icmp = 0x8004,
  Software = 0x8022,
  AlternateServer = 0x8023,
  CacheTimeout = 0x8027,
  Fingerprint = 0x8028,
  IceControlled = 0x8029,
  IceControlling = 0x802A,
  ResponseOrigin = 0x802B,
  OtherAddress = 0x802C,
  Nomination = 0xC001,
  GoogNetworkInfo = 0xC057,
  GoogMiscInfo = 0xC059,
  GoogMessageIntegrity32 = 0xC060,
  DtlsInStun = 0xC070,
  DtlsInStunAck = 0xC071,
};

struct AttributeTypeInfo {
  AttributeType type;
  std::string_view name;  // as the RFC prints it: "XOR-MAPPED-ADDRESS"
  Rule rule;              // where its form is defined; Rule{} for those without an RFC
};

[[nodiscard]] std::span<const AttributeTypeInfo> all_attribute_types();
// nullptr for a type outside the table.
[[nodiscard]] const AttributeTypeInfo* attribute_info(AttributeType type);
// "USERNAME"; "0x7eee" for a type outside the table.
[[nodiscard]] std::string attribute_name(AttributeType type);

// RFC 8489 §14: a receiver that does not know a type below 0x8000 cannot process the message.
[[nodiscard]] constexpr bool is_comprehension_required(AttributeType type) {
  return static_cast<std::uint16_t>(type) < 0x8000;
}

}  // namespace rtclab::stun
