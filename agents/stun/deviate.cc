#include "agents/stun/deviate.h"

#include "agents/stun/attributes.h"

#include <algorithm>
#include <array>
#include <string>

namespace rtclab::stun {
namespace {

using enum Deviation;

void erase(Message& message, AttributeType type) {
  std::erase_if(message.attributes, [&](const Attribute& a) { return a.type == type; });
}

// A fault that leaves one attribute out of one kind of message.
struct Omission {
  Deviation deviation;
  Class cls;
  Method method;
  AttributeType type;
};
// clang-format off
constexpr std::array kOmissions{
    Omission{TurnPermissionWithoutPeer,    Class::Request,    Method::CreatePermission, AttributeType::XorPeerAddress},
    Omission{TurnSendWithoutData,          Class::Indication, Method::Send,             AttributeType::Data},
    Omission{TurnDataWithoutPeer,          Class::Indication, Method::Data,             AttributeType::XorPeerAddress},
    Omission{TurnGrantWithoutLifetime,     Class::Success,    Method::Allocate,         AttributeType::Lifetime},
};
// clang-format on

// Writes over the value of an attribute, where the message has it.
template <class F>
void change(Message& message, AttributeType type, F f) {
  for (auto& attribute : message.attributes) {
    if (attribute.type == type) f(attribute.value);
  }
}

void deviate_response(Message& message, const Deviations& deviations) {
  if (deviations.has(StunResponseWrongMappedAddress)) {
    change(message, XorMappedAddress::kType, [&](Bytes& value) {
      auto address = XorMappedAddress::decode(value, message.transaction);
      if (!address) return;
      address->endpoint.port = Port{static_cast<std::uint16_t>(address->endpoint.port.value() + 1)};
      value = address->encode(message.transaction);
    });
  }
  if (deviations.has(StunErrorWithoutCode)) erase(message, ErrorCode::kType);
  if (deviations.has(StunMappedAddressUnmasked)) {
    change(message, XorMappedAddress::kType, [&](Bytes& value) {
      const auto address = XorMappedAddress::decode(value, message.transaction);
      if (address) value = encode_address(address->endpoint);
    });
  }
  if (deviations.has(StunErrorNumberTooHigh)) {
    change(message, ErrorCode::kType, [](Bytes& value) { value.at(3) = std::byte{138}; });
  }
  if (deviations.has(StunUnknownAttributesUnlisted)) erase(message, UnknownAttributes::kType);
  if (deviations.has(TurnShortLifetime) && message.method == Method::Allocate) {
    change(message, Lifetime::kType,
           [&](Bytes& value) { value = Lifetime{60}.encode(message.transaction); });
  }
  if (deviations.has(StunResponseOtherMethod) && message.method == Method::Binding)
    message.method = Method::Allocate;
  if (deviations.has(StunResponseFreshTransactionId)) {
    // The complement is as good as a fresh draw, which seal() has no generator for.
    for (auto& octet : message.transaction.octets) octet = ~octet;
  }
}

void deviate_request(Message& message, const Deviations& deviations) {
  if (deviations.has(TurnRequestWithoutRealm)) erase(message, Realm::kType);
}

}  // namespace

Message deviate(Message message, const Deviations& deviations) {
  for (const auto& omission : kOmissions) {
    if (deviations.has(omission.deviation) && message.cls == omission.cls &&
        message.method == omission.method) {
      erase(message, omission.type);
    }
  }
  if (deviations.has(StunLongSoftware)) {
    erase(message, Software::kType);
    message.add(Software{std::string(200, 'x')});
  }
  const bool response = message.cls == Class::Success || message.cls == Class::Error;
  if (response) deviate_response(message, deviations);
  if (message.cls == Class::Request) deviate_request(message, deviations);
  return message;
}

}  // namespace rtclab::stun
