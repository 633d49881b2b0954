#include "agents/stun/long_term_client.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/nonce_cookie.h"

#include <algorithm>
#include <utility>

namespace rtclab::stun {
namespace {

// RFC 8489 §9.2.1: the cookie announces a list that somebody took out.
bool was_bid_down(const Message& response) {
  const auto nonce = response.find<Nonce>();
  if (!nonce) return false;
  const auto features = security_features(nonce->value);
  return features && features->password_algorithms && !response.has<PasswordAlgorithms>();
}

bool is_supported(const PasswordAlgorithm& algorithm) {
  return algorithm.hash == PasswordHash::Md5 || algorithm.hash == PasswordHash::Sha256;
}

}  // namespace

LongTermClient::LongTermClient(std::string username, std::string password, Deviations deviations)
    : username_{std::move(username)}, password_{std::move(password)}, deviations_{deviations} {}

Bytes LongTermClient::seal(Message request, bool fingerprint) const {
  if (!challenge_) {
    if (deviations_.has(Deviation::TurnCredentialsInFirstRequest)) request.add(Username{username_});
    return stun::seal(request, {.key = {}, .fingerprint = fingerprint, .deviations = deviations_});
  }
  if (challenge_->anonymous) {
    request.add(user_hash(username_, challenge_->realm));
  } else {
    request.add(Username{username_});
  }
  request.add(Realm{challenge_->realm}).add(Nonce{challenge_->nonce});
  if (challenge_->algorithms) {
    request.attributes.push_back({PasswordAlgorithms::kType, *challenge_->algorithms});
    request.add(PasswordAlgorithm{challenge_->hash, {}});
  }
  // RFC 8489 §9.2.5: a server that lists password algorithms is spoken to with SHA-256 only.
  const auto integrity =
      challenge_->algorithms ? IntegrityAlgorithm::Sha256 : IntegrityAlgorithm::Sha1;
  return stun::seal(request, {challenge_->key, integrity, fingerprint, deviations_});
}

LongTermClient::Next LongTermClient::receive(const Message& response, ByteView datagram,
                                             bool signed_request) {
  const auto error = response.cls == Class::Error ? response.find<ErrorCode>() : std::nullopt;
  const int code = error ? error->code : 0;
  if (code == error::kUnauthenticated || code == error::kStaleNonce) {
    return take_challenge(response, code == error::kStaleNonce, signed_request);
  }
  if (was_bid_down(response)) return Next::Ignore;
  // A redirection may come from a server that does not know us (RFC 8489 §10).
  if (!signed_request || code == error::kTryAlternate) return Next::Report;
  // An unsigned 400 is ignored like every other response that does not verify (RFC 8489 §9.2.5).
  const auto check = check_integrity(datagram, challenge_->key, IntegrityAlgorithm::Both);
  return check == Check::Ok ? Next::Report : Next::Ignore;
}

LongTermClient::Next LongTermClient::take_challenge(const Message& response, bool stale,
                                                    bool signed_request) {
  auto fresh = read_challenge(response);
  if (!fresh) return Next::Report;
  if (stale && signed_request) {
    if (!deviations_.has(Deviation::TurnKeepStaleNonce)) challenge_ = std::move(fresh);
    return Next::Retry;
  }
  // RFC 8489 §9.2.5: the same name and password in the same realm would be refused again.
  const bool is_refused = signed_request && challenge_ && challenge_->realm == fresh->realm;
  if (is_refused && !deviations_.has(Deviation::TurnSameCredentialsAgain)) return Next::Report;
  challenge_ = std::move(fresh);
  return Next::Retry;
}

std::optional<LongTermClient::Challenge> LongTermClient::read_challenge(
    const Message& response) const {
  const auto realm = response.find<Realm>();
  const auto nonce = response.find<Nonce>();
  if (!nonce || (!realm && !challenge_) || was_bid_down(response)) return std::nullopt;

  Challenge challenge{.realm = realm ? realm->value : challenge_->realm,
                      .nonce = nonce->value,
                      .algorithms = std::nullopt,
                      .hash = PasswordHash::Md5,
                      .anonymous = false,
                      .key = {}};
  const auto features = security_features(nonce->value);
  challenge.anonymous = features && features->username_anonymity;
  if (const auto algorithms = response.find<PasswordAlgorithms>()) {
    const auto chosen = std::ranges::find_if(algorithms->list, is_supported);
    if (chosen == algorithms->list.end()) return std::nullopt;
    challenge.hash = chosen->hash;
    challenge.algorithms = response.find(PasswordAlgorithms::kType)->value;
    if (deviations_.has(Deviation::TurnReorderPasswordAlgorithms)) {
      auto reversed = *algorithms;
      std::ranges::reverse(reversed.list);
      challenge.algorithms = reversed.encode({});
    }
  }
  challenge.key = long_term_key(username_, challenge.realm, password_, challenge.hash);
  return challenge;
}

}  // namespace rtclab::stun
