// The shapes that several attributes share: an address, an XORed address, a text, a number, a flag,
// octets.
//
// Every attribute type A has A::kType, encode(transaction) and A::decode(octets, transaction); the
// transaction id matters only to the XORed addresses (RFC 8489 §14.2).
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/stun/attribute_type.h"
#include "agents/stun/transaction_id.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rtclab::stun {

// A value, or what is wrong with the octets; the parser adds where they stand and which rule they
// break.
template <class A>
using Decoded = tl::expected<A, Flaw>;

[[nodiscard]] inline auto refuse(Flaw flaw) {
  return tl::make_unexpected(flaw);
}

// RFC 8489 §14.1 and §14.2: family, port, address; XORed with the cookie and the transaction id on
// demand.
[[nodiscard]] Bytes encode_address(const Endpoint& endpoint);
[[nodiscard]] Bytes encode_xor_address(const Endpoint& endpoint, const TransactionId& transaction);
[[nodiscard]] Decoded<Endpoint> decode_address(ByteView in);
[[nodiscard]] Decoded<Endpoint> decode_xor_address(ByteView in, const TransactionId& transaction);

template <AttributeType T>
struct AddressAttribute {
  static constexpr auto kType = T;
  Endpoint endpoint;

  [[nodiscard]] Bytes encode(const TransactionId&) const { return encode_address(endpoint); }
  [[nodiscard]] static Decoded<AddressAttribute> decode(ByteView in, const TransactionId&) {
    return decode_address(in).map(
        [](const Endpoint& decoded) { return AddressAttribute{decoded}; });
  }
  friend bool operator==(const AddressAttribute&, const AddressAttribute&) = default;
};

template <AttributeType T>
struct XorAddressAttribute {
  static constexpr auto kType = T;
  Endpoint endpoint;

  [[nodiscard]] Bytes encode(const TransactionId& transaction) const {
    return encode_xor_address(endpoint, transaction);
  }
  [[nodiscard]] static Decoded<XorAddressAttribute> decode(ByteView in,
                                                           const TransactionId& transaction) {
    return decode_xor_address(in, transaction).map([](const Endpoint& decoded) {
      return XorAddressAttribute{decoded};
    });
  }
  friend bool operator==(const XorAddressAttribute&, const XorAddressAttribute&) = default;
};

template <AttributeType T, std::size_t MaxOctets>
struct TextAttribute {
  static constexpr auto kType = T;
  static constexpr auto kMaxOctets = MaxOctets;
  std::string value;  // UTF-8 as it came; not checked, because integrity is computed over octets

  [[nodiscard]] Bytes encode(const TransactionId&) const { return to_octets(value); }
  [[nodiscard]] static Decoded<TextAttribute> decode(ByteView in, const TransactionId&) {
    if (in.size() > MaxOctets) return refuse(Flaw::BadLength);
    return TextAttribute{std::string{as_text(in)}};
  }
  friend bool operator==(const TextAttribute&, const TextAttribute&) = default;
};

template <AttributeType T, class Number>
struct NumberAttribute {
  static constexpr auto kType = T;
  Number value = 0;

  [[nodiscard]] Bytes encode(const TransactionId&) const {
    ByteWriter writer{sizeof(Number)};
    if constexpr (sizeof(Number) == 8) {
      writer.u64(value);
    } else {
      static_assert(sizeof(Number) == 4);
      writer.u32(value);
    }
    return writer.take();
  }
  [[nodiscard]] static Decoded<NumberAttribute> decode(ByteView in, const TransactionId&) {
    if (in.size() != sizeof(Number)) return refuse(Flaw::BadLength);
    ByteReader reader{in};
    return NumberAttribute{static_cast<Number>(sizeof(Number) == 8 ? reader.u64() : reader.u32())};
  }
  friend bool operator==(const NumberAttribute&, const NumberAttribute&) = default;
};

template <AttributeType T>
struct FlagAttribute {
  static constexpr auto kType = T;

  [[nodiscard]] Bytes encode(const TransactionId&) const { return {}; }
  [[nodiscard]] static Decoded<FlagAttribute> decode(ByteView in, const TransactionId&) {
    if (!in.empty()) return refuse(Flaw::BadLength);
    return FlagAttribute{};
  }
  friend bool operator==(const FlagAttribute&, const FlagAttribute&) = default;
};

template <AttributeType T>
struct OpaqueAttribute {
  static constexpr auto kType = T;
  Bytes value;

  [[nodiscard]] Bytes encode(const TransactionId&) const { return value; }
  [[nodiscard]] static Decoded<OpaqueAttribute> decode(ByteView in, const TransactionId&) {
    return OpaqueAttribute{Bytes{in.begin(), in.end()}};
  }
  friend bool operator==(const OpaqueAttribute&, const OpaqueAttribute&) = default;
};

template <AttributeType T, std::size_t Octets>
struct FixedAttribute {
  static constexpr auto kType = T;
  std::array<std::byte, Octets> value{};

  [[nodiscard]] Bytes encode(const TransactionId&) const { return {value.begin(), value.end()}; }
  [[nodiscard]] static Decoded<FixedAttribute> decode(ByteView in, const TransactionId&) {
    if (in.size() != Octets) return refuse(Flaw::BadLength);
    FixedAttribute attribute;
    std::ranges::copy(in, attribute.value.begin());
    return attribute;
  }
  friend bool operator==(const FixedAttribute&, const FixedAttribute&) = default;
};

// RFC 8656 §18.6: one octet of family, three reserved ones: zero when sent, ignored when received.
template <AttributeType T, class FamilyNumber>
struct FamilyAttribute {
  static constexpr auto kType = T;
  FamilyNumber family{1};

  [[nodiscard]] Bytes encode(const TransactionId&) const {
    return ByteWriter{4}.u8(static_cast<std::uint8_t>(family)).zeros(3).take();
  }
  [[nodiscard]] static Decoded<FamilyAttribute> decode(ByteView in, const TransactionId&) {
    if (in.size() != 4) return refuse(Flaw::BadLength);
    return FamilyAttribute{FamilyNumber{ByteReader{in}.u8()}};
  }
  friend bool operator==(const FamilyAttribute&, const FamilyAttribute&) = default;
};

}  // namespace rtclab::stun
