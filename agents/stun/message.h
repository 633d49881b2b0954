// A STUN message: header and attributes, and how it is read from a datagram.
//
// Spec: RFC 8489 §5 (header), §14 (attributes), §6.3 (what a receiver checks). It is written by
// seal() in integrity.h, because the integrity and fingerprint attributes cover the octets before
// them.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/stun/attribute_type.h"
#include "agents/stun/transaction_id.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::stun {

inline constexpr std::size_t kHeaderSize = 20;
inline constexpr std::uint32_t kMagicCookie = 0x2112A442;

// The two class bits C1 C0.
enum class Class : std::uint8_t { Request = 0, Indication = 1, Success = 2, Error = 3 };

// Twelve bits; values outside this list are kept as they came.
enum class Method : std::uint16_t {
  Binding = 0x001,
  Allocate = 0x003,
  Refresh = 0x004,
  Send = 0x006,
  Data = 0x007,
  CreatePermission = 0x008,
  ChannelBind = 0x009,
  Connect = 0x00A,            // RFC 6062 §6.1
  ConnectionBind = 0x00B,     // RFC 6062 §6.1
  ConnectionAttempt = 0x00C,  // RFC 6062 §6.1
};

[[nodiscard]] std::string_view to_string(Class cls);  // "request", "indication", "success", "error"
[[nodiscard]] std::string to_string(Method method);  // "Binding", …; "0x080" for one we do not know

struct Attribute {
  AttributeType type;
  Bytes value;  // without the padding
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

struct Reading;

struct Message {
  Class cls = Class::Request;
  Method method = Method::Binding;
  TransactionId transaction;
  std::vector<Attribute>
      attributes;  // all of them, in order, also those that a receiver must ignore

  // The whole of `datagram` as a message whose known attributes all have their proper form.
  [[nodiscard]] static Result<Message> parse(ByteView datagram);
  // As much as can be read, and what is wrong with it: for the judge, and for servers that owe a
  // 400.
  [[nodiscard]] static Reading parse_structure(ByteView datagram);
  // The empty answer to `request`: its method, its transaction id.
  [[nodiscard]] static Message response_to(const Message& request, Class cls);

  // The attributes that count: RFC 8489 §14.5, §14.6 and §14.7 let a receiver ignore what stands
  // behind integrity, except a second integrity attribute and FINGERPRINT.
  [[nodiscard]] std::span<const Attribute> significant() const;

  // The first attribute of type A that counts; nullopt when there is none or its form is wrong.
  template <class A>
  [[nodiscard]] std::optional<A> find() const {
    const auto* const attribute = find(A::kType);
    if (attribute == nullptr) return std::nullopt;
    const auto decoded = A::decode(attribute->value, transaction);
    return decoded ? std::optional<A>{*decoded} : std::nullopt;
  }
  // All attributes of type A that count, in order; those of wrong form are left out.
  template <class A>
  [[nodiscard]] std::vector<A> find_all() const {
    std::vector<A> found;
    for (const auto& attribute : significant()) {
      if (attribute.type != A::kType) continue;
      if (const auto decoded = A::decode(attribute.value, transaction)) found.push_back(*decoded);
    }
    return found;
  }
  [[nodiscard]] const Attribute* find(AttributeType type) const;
  [[nodiscard]] bool has(AttributeType type) const { return find(type) != nullptr; }
  template <class A>
  [[nodiscard]] bool has() const {
    return has(A::kType);
  }

  // Appends. `transaction` must be set before: XOR-MAPPED-ADDRESS and its kin depend on it.
  template <class A>
  Message& add(const A& attribute) {
    attributes.push_back({A::kType, attribute.encode(transaction)});
    return *this;
  }

  // "Binding request", "Allocate error": for events and test output.
  [[nodiscard]] std::string name() const;

  friend bool operator==(const Message&, const Message&) = default;
};

// What parse_structure() found.
struct Reading {
  std::optional<Message> message;  // set as soon as the header could be read
  bool framed =
      false;  // header and attributes fill the datagram exactly; attribute values may be bad
  std::vector<ParseError> flaws;  // what makes parse() refuse; the first is its answer
  std::vector<ParseError>
      tolerated;  // breaks a rule for senders that receivers must overlook: padding not zero
};

// The two octets of the type field, and back (RFC 8489 §5, figure 3).
[[nodiscard]] std::uint16_t type_field(Class cls, Method method);
[[nodiscard]] Class class_of(std::uint16_t type);
[[nodiscard]] Method method_of(std::uint16_t type);

// Whether a datagram on a socket shared with other protocols is STUN: first octet 0..3 (RFC 7983
// §7), the cookie in its place, a length that fits (RFC 8489 §5). Whether FINGERPRINT agrees is
// check_fingerprint()'s question.
[[nodiscard]] bool looks_like_stun(ByteView datagram);

// The comprehension-required attributes of `message` that are not in `understood`, in order, each
// once: what a 420 must list (RFC 8489 §6.3.1). Without `understood`, all types that have a codec
// in attributes.h count as known.
[[nodiscard]] std::vector<AttributeType> unknown_required(const Message& message);
[[nodiscard]] std::vector<AttributeType> unknown_required(
    const Message& message, std::span<const AttributeType> understood);

}  // namespace rtclab::stun
