// The client's half of the long-term credential mechanism: what it knows about the server's
// challenge, and how it proves itself with it.
//
// Spec: RFC 8489 §9.2.3 (forming a request), §9.2.5 (receiving a response).
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/stun/integrity.h"
#include "agents/stun/message.h"

#include <optional>
#include <string>

namespace rtclab::stun {

class LongTermClient {
 public:
  LongTermClient(std::string username, std::string password, Deviations deviations = {});

  // Before a challenge: without credentials (RFC 8489 §9.2.3.1). After it: with all of them.
  [[nodiscard]] Bytes seal(Message request, bool fingerprint) const;

  enum class Next {
    Report,  // the response stands as it is: a success, or an error that no credentials would mend
    Retry,   // a new transaction with the same content has a chance (401, 438)
    Ignore,  // as if it never came; the transaction goes on
  };
  // What to do about a response; `signed_request`: has_challenge() when its request was sealed. A
  // server that answers 438 for ever is for the caller to give up on.
  [[nodiscard]] Next receive(const Message& response, ByteView datagram, bool signed_request);

  [[nodiscard]] bool has_challenge() const { return challenge_.has_value(); }

 private:
  struct Challenge {
    std::string realm;
    std::string nonce;
    std::optional<Bytes> algorithms;  // PASSWORD-ALGORITHMS, to be returned octet for octet
    PasswordHash hash = PasswordHash::Md5;
    bool anonymous = false;  // USERHASH instead of USERNAME
    Key key;
  };

  [[nodiscard]] std::optional<Challenge> read_challenge(const Message& response) const;
  [[nodiscard]] Next take_challenge(const Message& response, bool stale, bool signed_request);

  std::string username_;
  std::string password_;
  Deviations deviations_;
  std::optional<Challenge> challenge_;
};

}  // namespace rtclab::stun
