// STUN: any datagram is read; what was read is written, and read again it is the same.
#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "tests/fuzz/target.h"

#include <algorithm>

namespace rtclab::fuzz {
namespace {

using namespace stun;

bool is_protection(const Attribute& attribute) {
  return attribute.type == AttributeType::MessageIntegrity ||
         attribute.type == AttributeType::MessageIntegritySha256 ||
         attribute.type == AttributeType::Fingerprint;
}

// All that an agent may ask a message.
void look_through(const Message& message) {
  static_cast<void>(message.name());
  static_cast<void>(unknown_required(message));
  static_cast<void>(message.find<XorMappedAddress>());
  static_cast<void>(message.find<MappedAddress>());
  static_cast<void>(message.find<ErrorCode>());
  static_cast<void>(message.find<UnknownAttributes>());
  static_cast<void>(message.find<Username>());
  static_cast<void>(message.find<PasswordAlgorithms>());
  static_cast<void>(message.find<stun::Data>());
  static_cast<void>(message.find<Lifetime>());
  static_cast<void>(message.find<Icmp>());
  static_cast<void>(message.find_all<XorPeerAddress>());
  static_cast<void>(message.find<AddressErrorCode>());
  static_cast<void>(message.find<ResponsePort>());
}

}  // namespace

void stun_message(ByteView input) {
  const auto key = short_term_key("asd88fgpdd777uzjYhagZg");
  const auto reading = Message::parse_structure(input);
  const auto strict = Message::parse(input);
  require(strict.has_value() == (reading.framed && reading.flaws.empty()),
          "parse() accepts what parse_structure() finds no flaw in");
  if (reading.message) look_through(*reading.message);
  static_cast<void>(looks_like_stun(input));
  static_cast<void>(check_fingerprint(input));
  for (const auto algorithm :
       {IntegrityAlgorithm::Sha1, IntegrityAlgorithm::Sha256, IntegrityAlgorithm::Both}) {
    static_cast<void>(check_integrity(input, key, algorithm));
  }
  if (!strict) return;

  // What stands behind integrity does not count, so it may be malformed; without integrity it would
  // count.
  auto bare = *strict;
  const auto significant = strict->significant();
  bare.attributes.assign(significant.begin(), significant.end());
  std::erase_if(bare.attributes, is_protection);
  const auto octets = seal(bare, {.key = key, .fingerprint = true});
  require(check_integrity(octets, key) == Check::Ok, "what is sealed verifies");
  require(check_fingerprint(octets) == Check::Ok, "what is sealed has its fingerprint");
  auto again = Message::parse(octets);
  require(again.has_value(), "what is written can be read");
  std::erase_if(again->attributes, is_protection);
  require(*again == bare, "what is written is what was read");
}

}  // namespace rtclab::fuzz
