// One type per attribute: its value as C++ sees it, encode() and decode().
//
// Spec: RFC 8489 §14, RFC 8445 §7.1 and §16.1, RFC 8656 §18, RFC 5780 §7, RFC 6062 §6.2.
// Attributes of one shape share a template (attribute_shapes.h); the others stand here in full.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/stun/attribute_shapes.h"
#include "agents/stun/attribute_type.h"
#include "agents/stun/message.h"
#include "agents/stun/transaction_id.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::stun {

// --- RFC 8489 ---
using MappedAddress = AddressAttribute<AttributeType::MappedAddress>;
using XorMappedAddress = XorAddressAttribute<AttributeType::XorMappedAddress>;
using AlternateServer = AddressAttribute<AttributeType::AlternateServer>;
// §14.3: fewer than 509 octets. §14.9, §14.10, §14.14: fewer than 128 characters, which can be 763
// octets.
using Username = TextAttribute<AttributeType::Username, 508>;
using Realm = TextAttribute<AttributeType::Realm, 763>;
using Nonce = TextAttribute<AttributeType::Nonce, 763>;
using Software = TextAttribute<AttributeType::Software, 763>;
using AlternateDomain = TextAttribute<AttributeType::AlternateDomain, 255>;
using UserHash = FixedAttribute<AttributeType::UserHash, 32>;
using MessageIntegrity = FixedAttribute<AttributeType::MessageIntegrity, 20>;
using Fingerprint = NumberAttribute<AttributeType::Fingerprint, std::uint32_t>;

// §14.6: the HMAC may be cut to a multiple of 4 octets, not below 16.
struct MessageIntegritySha256 {
  static constexpr auto kType = AttributeType::MessageIntegritySha256;
  Bytes value;

  [[nodiscard]] Bytes encode(const TransactionId&) const { return value; }
  [[nodiscard]] static Decoded<MessageIntegritySha256> decode(ByteView in, const TransactionId&);
  friend bool operator==(const MessageIntegritySha256&, const MessageIntegritySha256&) = default;
};

// §14.8. The codes have names in error_code.h.
struct ErrorCode {
  static constexpr auto kType = AttributeType::ErrorCode;
  int code = 0;
  std::string reason;

  // With the phrase that the RFCs give the code.
  [[nodiscard]] static ErrorCode standard(int code);
  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<ErrorCode> decode(ByteView in, const TransactionId&);
  friend bool operator==(const ErrorCode&, const ErrorCode&) = default;
};

struct UnknownAttributes {
  static constexpr auto kType = AttributeType::UnknownAttributes;
  std::vector<AttributeType> types;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<UnknownAttributes> decode(ByteView in, const TransactionId&);
  friend bool operator==(const UnknownAttributes&, const UnknownAttributes&) = default;
};

// §18.5: how the key is derived from the password.
enum class PasswordHash : std::uint16_t { Md5 = 0x0001, Sha256 = 0x0002 };

// §14.12. Neither of the two algorithms has parameters; what came is kept, for the list must be
// echoed.
struct PasswordAlgorithm {
  static constexpr auto kType = AttributeType::PasswordAlgorithm;
  PasswordHash hash = PasswordHash::Md5;
  Bytes parameters;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<PasswordAlgorithm> decode(ByteView in, const TransactionId&);
  friend bool operator==(const PasswordAlgorithm&, const PasswordAlgorithm&) = default;
};

struct PasswordAlgorithms {
  static constexpr auto kType = AttributeType::PasswordAlgorithms;
  std::vector<PasswordAlgorithm> list;  // in the server's order of preference

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<PasswordAlgorithms> decode(ByteView in, const TransactionId&);
  friend bool operator==(const PasswordAlgorithms&, const PasswordAlgorithms&) = default;
};

// --- RFC 8445 ---
using Priority = NumberAttribute<AttributeType::Priority, std::uint32_t>;
using UseCandidate = FlagAttribute<AttributeType::UseCandidate>;
using IceControlled =
    NumberAttribute<AttributeType::IceControlled, std::uint64_t>;  // the tie-breaker
using IceControlling =
    NumberAttribute<AttributeType::IceControlling, std::uint64_t>;  // the tie-breaker

// --- RFC 8656 ---
using Lifetime = NumberAttribute<AttributeType::Lifetime, std::uint32_t>;  // seconds
using XorPeerAddress = XorAddressAttribute<AttributeType::XorPeerAddress>;
using XorRelayedAddress = XorAddressAttribute<AttributeType::XorRelayedAddress>;
using Data = OpaqueAttribute<AttributeType::Data>;
using DontFragment = FlagAttribute<AttributeType::DontFragment>;
using ReservationToken = FixedAttribute<AttributeType::ReservationToken, 8>;

// §18.6 and §18.11: the family is a number of its own, since a server must answer 440 to one it
// does not know.
enum class FamilyCode : std::uint8_t { V4 = 0x01, V6 = 0x02 };
[[nodiscard]] FamilyCode family_code(Family family);
using RequestedAddressFamily = FamilyAttribute<AttributeType::RequestedAddressFamily, FamilyCode>;
using AdditionalAddressFamily = FamilyAttribute<AttributeType::AdditionalAddressFamily, FamilyCode>;

// §18.1: two octets are reserved: zero when sent, ignored when received.
struct ChannelNumber {
  static constexpr auto kType = AttributeType::ChannelNumber;
  std::uint16_t value = 0;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<ChannelNumber> decode(ByteView in, const TransactionId&);
  friend bool operator==(const ChannelNumber&, const ChannelNumber&) = default;
};

// §18.7: also reserve the port above, for a later Allocate with the token.
struct EvenPort {
  static constexpr auto kType = AttributeType::EvenPort;
  bool reserve_next = false;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<EvenPort> decode(ByteView in, const TransactionId&);
  friend bool operator==(const EvenPort&, const EvenPort&) = default;
};

// §18.8: the number of the protocol in an IP header: 17 for UDP, 6 for TCP (RFC 6062).
struct RequestedTransport {
  static constexpr auto kType = AttributeType::RequestedTransport;
  static constexpr std::uint8_t kUdp = 17;
  static constexpr std::uint8_t kTcp = 6;
  std::uint8_t protocol = kUdp;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<RequestedTransport> decode(ByteView in, const TransactionId&);
  friend bool operator==(const RequestedTransport&, const RequestedTransport&) = default;
};

// §18.12: why one of two families could not be had.
struct AddressErrorCode {
  static constexpr auto kType = AttributeType::AddressErrorCode;
  FamilyCode family = FamilyCode::V6;
  int code = 0;
  std::string reason;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<AddressErrorCode> decode(ByteView in, const TransactionId&);
  friend bool operator==(const AddressErrorCode&, const AddressErrorCode&) = default;
};

// §18.13: an ICMP error that came back for a relayed datagram. `code` has 9 bits on the wire.
struct Icmp {
  static constexpr auto kType = AttributeType::Icmp;
  std::uint8_t type = 0;
  std::uint16_t code = 0;
  std::uint32_t error_data = 0;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<Icmp> decode(ByteView in, const TransactionId&);
  friend bool operator==(const Icmp&, const Icmp&) = default;
};

// --- RFC 5780 ---
using ResponseOrigin = AddressAttribute<AttributeType::ResponseOrigin>;
using OtherAddress = AddressAttribute<AttributeType::OtherAddress>;
using Padding = OpaqueAttribute<AttributeType::Padding>;
using CacheTimeout = NumberAttribute<AttributeType::CacheTimeout, std::uint32_t>;

// §7.2: from which of its addresses the server shall answer.
struct ChangeRequest {
  static constexpr auto kType = AttributeType::ChangeRequest;
  bool change_ip = false;
  bool change_port = false;

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<ChangeRequest> decode(ByteView in, const TransactionId&);
  friend bool operator==(const ChangeRequest&, const ChangeRequest&) = default;
};

// §7.5: two octets of port, two of padding that a sender sets to zero.
struct ResponsePort {
  static constexpr auto kType = AttributeType::ResponsePort;
  Port port{0};

  [[nodiscard]] Bytes encode(const TransactionId&) const;
  [[nodiscard]] static Decoded<ResponsePort> decode(ByteView in, const TransactionId&);
  friend bool operator==(const ResponsePort&, const ResponsePort&) = default;
};

// --- RFC 6062 ---
using ConnectionId = NumberAttribute<AttributeType::ConnectionId, std::uint32_t>;

// What is wrong with the value of an attribute that has a codec here; nullopt when nothing is, or
// the type has none.
[[nodiscard]] std::optional<Flaw> flaw_in(AttributeType type, ByteView value,
                                          const TransactionId& transaction);
// Whether a type has a codec here.
[[nodiscard]] bool has_codec(AttributeType type);

}  // namespace rtclab::stun
