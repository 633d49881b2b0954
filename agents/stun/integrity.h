// Keys, and the attributes that protect a message: MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256,
// FINGERPRINT.
//
// Spec: RFC 8489 §9.1.1 and §9.2.2 (keys), §14.5 to §14.7 (attributes).
// Deviation: passwords, usernames and realms are taken as already prepared by OpaqueString (RFC
// 8265); text in ASCII, which is all that ICE and our servers use, is its own prepared form.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/stun/attributes.h"
#include "agents/stun/message.h"

#include <string>
#include <string_view>

namespace rtclab::stun {

using Key = Bytes;

// RFC 8489 §9.1.1: the password itself.
[[nodiscard]] Key short_term_key(std::string_view password);
// RFC 8489 §9.2.2 and §18.5.1: a hash of "username:realm:password".
[[nodiscard]] Key long_term_key(std::string_view username, std::string_view realm,
                                std::string_view password,
                                PasswordHash algorithm = PasswordHash::Md5);
// RFC 8489 §14.4: SHA-256 of "username:realm".
[[nodiscard]] UserHash user_hash(std::string_view username, std::string_view realm);

// HMAC-SHA1 of `text` in hexadecimal: what a server signs its nonces with.
[[nodiscard]] std::string keyed_digest(ByteView key, std::string_view text);

// Both: the sender does not know yet which one the receiver supports (RFC 8489 §9.1.2).
enum class IntegrityAlgorithm { Sha1, Sha256, Both };

// How seal() protects a message.
struct Seal {
  Key key;  // empty: no integrity
  IntegrityAlgorithm integrity = IntegrityAlgorithm::Sha1;
  bool fingerprint = false;
  Deviations deviations;  // those of the sender that concern the form of a message
};

// The octets of `message`, which must not hold integrity or fingerprint attributes itself.
[[nodiscard]] Bytes seal(const Message& message, const Seal& how = {});

enum class Check { Absent, Ok, Bad };

// Whether the integrity attribute of this algorithm verifies under `key`; Both: the strongest one
// present decides (RFC 8489 §9.2.4). A SHA-256 that was cut short passes when it has at least 16
// octets (§14.6).
[[nodiscard]] Check check_integrity(ByteView datagram, ByteView key,
                                    IntegrityAlgorithm algorithm = IntegrityAlgorithm::Sha1);
// Whether the message ends with a FINGERPRINT that agrees with the octets before it.
[[nodiscard]] Check check_fingerprint(ByteView datagram);

}  // namespace rtclab::stun
