// Short-term credentials, as connectivity checks use them: what a server answers to a request that
// does not prove itself.
//
// Spec: RFC 8489 §9.1.3. ICE rests on the older text (RFC 8445 §7: MESSAGE-INTEGRITY only), so a
// check is held to SHA-1 unless it carries SHA-256 as well.
#pragma once

#include "agents/base/bytes.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"

#include <functional>
#include <optional>
#include <string_view>

namespace rtclab::stun {

enum class ShortTerm {
  Accepted,
  Incomplete,  // 400, unsigned: no USERNAME or no integrity
  Refused,     // 401, unsigned: an unknown USERNAME or a wrong password
};

// The password that belongs to a USERNAME; nullopt when the name is not valid here.
using PasswordOf = std::function<std::optional<Key>(std::string_view username)>;

[[nodiscard]] ShortTerm check_short_term(const Message& request, ByteView datagram,
                                         const PasswordOf& password_of);
// The code of the error response; 0 for Accepted.
[[nodiscard]] int error_code(ShortTerm verdict);
// RFC 8489 §9.1.3: a response carries that one integrity attribute which authenticated the request.
[[nodiscard]] IntegrityAlgorithm integrity_for_response(const Message& request);

}  // namespace rtclab::stun
