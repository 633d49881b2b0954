#include "agents/stun/short_term.h"

#include "agents/stun/error_code.h"

namespace rtclab::stun {

ShortTerm check_short_term(const Message& request, ByteView datagram,
                           const PasswordOf& password_of) {
  const auto username = request.find<Username>();
  if (!username || !(request.has<MessageIntegrity>() || request.has<MessageIntegritySha256>())) {
    return ShortTerm::Incomplete;
  }
  const auto key = password_of(username->value);
  if (!key) return ShortTerm::Refused;
  const auto check = check_integrity(datagram, *key, IntegrityAlgorithm::Both);
  return check == Check::Ok ? ShortTerm::Accepted : ShortTerm::Refused;
}

int error_code(ShortTerm verdict) {
  switch (verdict) {
    case ShortTerm::Accepted: return 0;
    case ShortTerm::Incomplete: return error::kBadRequest;
    case ShortTerm::Refused: return error::kUnauthenticated;
  }
  __builtin_unreachable();
}

IntegrityAlgorithm integrity_for_response(const Message& request) {
  return request.has<MessageIntegritySha256>() ? IntegrityAlgorithm::Sha256
                                               : IntegrityAlgorithm::Sha1;
}

}  // namespace rtclab::stun
