#include "agents/stun/long_term_server.h"

#include "agents/base/text.h"
#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace rtclab::stun {
namespace {

constexpr std::size_t kTimeDigits = 16;

// In the order of preference.
const PasswordAlgorithms kAlgorithms{{{PasswordHash::Sha256, {}}, {PasswordHash::Md5, {}}}};

Message refuse_as_bad(const Message& request) {
  return Message::response_to(request, Class::Error).add(ErrorCode::standard(error::kBadRequest));
}

struct Derivation {
  PasswordHash hash = PasswordHash::Md5;
  IntegrityAlgorithm response = IntegrityAlgorithm::Sha1;
};

// RFC 8489 §9.2.4: which algorithm the request names; nullopt when it names one as it must not.
std::optional<Derivation> derivation(const Message& request, std::string_view nonce) {
  const auto features = security_features(nonce);
  if (!features || !features->password_algorithms) return Derivation{};
  const auto list = request.find<PasswordAlgorithms>();
  const auto chosen = request.find<PasswordAlgorithm>();
  if (!request.has<PasswordAlgorithms>() && !request.has<PasswordAlgorithm>()) return Derivation{};
  if (!list || !chosen || *list != kAlgorithms) return std::nullopt;
  if (std::ranges::find(list->list, *chosen) == list->list.end()) return std::nullopt;
  return Derivation{chosen->hash, IntegrityAlgorithm::Sha256};
}

}  // namespace

LongTermServer::LongTermServer(Options options, Rng& rng)
    : options_{std::move(options)}, secret_(20) {
  rng.fill(secret_);
}

std::variant<LongTermServer::Accepted, Message> LongTermServer::authenticate(
    Instant now, const Message& request, ByteView datagram, const Endpoint& client) const {
  if (!request.has<MessageIntegrity>() && !request.has<MessageIntegritySha256>()) {
    return challenge(now, request, error::kUnauthenticated, client);
  }
  const auto nonce = request.find<Nonce>();
  if (!(request.has<Username>() || request.has<UserHash>()) || !request.has<Realm>() || !nonce) {
    return refuse_as_bad(request);
  }
  const auto how = derivation(request, nonce->value);
  if (!how) return refuse_as_bad(request);
  const auto* const user = user_of(request);
  if (user == nullptr) return challenge(now, request, error::kUnauthenticated, client);
  auto key = long_term_key(user->name, options_.realm, user->password, how->hash);
  if (check_integrity(datagram, key, IntegrityAlgorithm::Both) != Check::Ok) {
    return challenge(now, request, error::kUnauthenticated, client);
  }
  if (!is_fresh(now, nonce->value, client))
    return challenge(now, request, error::kStaleNonce, client);
  return Accepted{user->name, std::move(key), how->response};
}

std::string LongTermServer::nonce_for(Instant now, const Endpoint& client) const {
  if (options_.deviations.has(Deviation::TurnOneNonceForAll)) return nonce_issued_at({}, client);
  return nonce_issued_at(now, client);
}

std::string LongTermServer::nonce_issued_at(Instant issued, const Endpoint& client) const {
  const auto count = static_cast<std::uint64_t>(issued.time_since_epoch().count());
  auto nonce = nonce_cookie(options_.features) + to_hex(ByteWriter{8}.u64(count).view());
  const bool is_shared = options_.deviations.has(Deviation::TurnOneNonceForAll);
  nonce += keyed_digest(secret_, nonce + " " + (is_shared ? "" : client.to_string())).substr(0, 24);
  return nonce;
}

std::optional<Instant> LongTermServer::issue_of(std::string_view nonce,
                                                const Endpoint& client) const {
  const auto cookie = nonce_cookie(options_.features);
  if (nonce.size() < cookie.size() + kTimeDigits) return std::nullopt;
  const auto count = parse_unsigned(nonce.substr(cookie.size(), kTimeDigits), 16);
  if (!count) return std::nullopt;
  const Instant issued{Duration{static_cast<std::int64_t>(*count)}};
  return nonce == nonce_issued_at(issued, client) ? std::optional{issued} : std::nullopt;
}

bool LongTermServer::is_fresh(Instant now, std::string_view nonce, const Endpoint& client) const {
  const auto issued = issue_of(nonce, client);
  return issued && now - *issued < options_.nonce_lifetime;
}

const User* LongTermServer::user_of(const Message& request) const {
  const auto username = request.find<Username>();
  const auto hash = options_.features.username_anonymity ? request.find<UserHash>() : std::nullopt;
  const auto found = std::ranges::find_if(options_.users, [&](const User& user) {
    return username ? user.name == username->value
                    : hash && user_hash(user.name, options_.realm) == *hash;
  });
  return found == options_.users.end() ? nullptr : &*found;
}

Message LongTermServer::challenge(Instant now, const Message& request, int code,
                                  const Endpoint& client) const {
  const auto stale = request.find<Nonce>();
  const bool repeats =
      stale && code == error::kStaleNonce && options_.deviations.has(Deviation::TurnSameNonceAgain);
  auto response = Message::response_to(request, Class::Error);
  response.add(ErrorCode::standard(code)).add(Realm{options_.realm});
  if (!options_.deviations.has(Deviation::TurnChallengeWithoutNonce))
    response.add(repeats ? *stale : Nonce{nonce_for(now, client)});
  if (options_.features.password_algorithms) response.add(kAlgorithms);
  return response;
}

}  // namespace rtclab::stun
