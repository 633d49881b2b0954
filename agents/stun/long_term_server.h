// The server's half of the long-term credential mechanism: challenges, nonces and who may pass.
//
// Spec: RFC 8489 §9.2.4. A nonce is not stored: it holds the time of its issue and an HMAC over
// that time and the client's address, so that no two clients ever get the same one, and an old one
// is known by its age.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"
#include "agents/stun/nonce_cookie.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rtclab::stun {

struct User {
  std::string name;
  std::string password;
};

class LongTermServer {
 public:
  struct Options {
    std::string realm;
    std::vector<User> users;
    Duration nonce_lifetime = std::chrono::hours{1};  // RFC 8656 §5: SHOULD be at most an hour
    SecurityFeatures features{.password_algorithms = true, .username_anonymity = false};
    Deviations deviations;
  };
  // How the response to an accepted request is sealed, and whose request it is.
  struct Accepted {
    std::string username;
    Key key;
    IntegrityAlgorithm integrity;
  };

  LongTermServer(Options options, Rng& rng);

  // The checks of RFC 8489 §9.2.4 in their order. A Message is the error response, to be sent
  // without integrity.
  [[nodiscard]] std::variant<Accepted, Message> authenticate(Instant now, const Message& request,
                                                             ByteView datagram,
                                                             const Endpoint& client) const;

  [[nodiscard]] std::string nonce_for(Instant now, const Endpoint& client) const;
  // Whether the nonce was made for this client, however long ago.
  [[nodiscard]] bool has_issued(std::string_view nonce, const Endpoint& client) const {
    return issue_of(nonce, client).has_value();
  }

 private:
  [[nodiscard]] const User* user_of(const Message& request) const;
  [[nodiscard]] std::string nonce_issued_at(Instant issued, const Endpoint& client) const;
  [[nodiscard]] std::optional<Instant> issue_of(std::string_view nonce,
                                                const Endpoint& client) const;
  [[nodiscard]] bool is_fresh(Instant now, std::string_view nonce, const Endpoint& client) const;
  [[nodiscard]] Message challenge(Instant now, const Message& request, int code,
                                  const Endpoint& client) const;

  Options options_;
  Key secret_;
};

}  // namespace rtclab::stun
