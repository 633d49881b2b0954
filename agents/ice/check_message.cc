#include "agents/ice/check_message.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"

#include <array>
#include <utility>

namespace rtclab::ice {
namespace {

// A check without PRIORITY breaks RFC 8445 §7.1.1; its sender is taken for a peer-reflexive
// candidate of the lowest local preference rather than refused.
const Priority kUnstatedPriority =
    candidate_priority(type_preference(CandidateType::PeerReflexive, Transport::Udp), 0, 1);

// What a Binding request may carry that must be understood (RFC 8489 §14: the types below 0x8000).
constexpr std::array kUnderstood{stun::AttributeType::Username,
                                 stun::AttributeType::MessageIntegrity,
                                 stun::AttributeType::MessageIntegritySha256,
                                 stun::AttributeType::Priority, stun::AttributeType::UseCandidate};

// The 24 bits of NOMINATION; libwebrtc writes 32 of them, of which it never needs the uppermost.
std::optional<std::uint32_t> nomination_of(const stun::Message& request) {
  for (const auto& attribute : request.attributes) {
    if (attribute.type != stun::AttributeType::Nomination || attribute.value.size() != 4) continue;
    return ByteReader{attribute.value}.u32() & 0xffffffu;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(CheckKind kind) {
  switch (kind) {
    case CheckKind::Ordinary: return "ordinary";
    case CheckKind::Triggered: return "triggered";
    case CheckKind::Nominating: return "nominating";
    case CheckKind::Backup: return "backup";
    case CheckKind::Reconnecting: return "reconnecting";
  }
  __builtin_unreachable();
}

stun::Message make_check(const stun::TransactionId& id, const CheckContent& content,
                         const Credentials& local, const Credentials& remote,
                         const Deviations& deviations) {
  stun::Message check{.cls = stun::Class::Request,
                      .method = stun::Method::Binding,
                      .transaction = id,
                      .attributes = {}};
  if (!deviations.has(Deviation::IceCheckWithoutUsername)) {
    const bool swapped = deviations.has(Deviation::IceUsernameSwapped);
    check.add(stun::Username{swapped ? local.ufrag + ':' + remote.ufrag
                                     : remote.ufrag + ':' + local.ufrag});
  }
  if (!deviations.has(Deviation::IceCheckWithoutPriority))
    check.add(stun::Priority{content.priority.value()});
  if (!deviations.has(Deviation::IceNoRoleAttribute)) {
    if (content.role == Role::Controlling) {
      check.add(stun::IceControlling{content.tie_breaker});
    } else {
      check.add(stun::IceControlled{content.tie_breaker});
    }
  }
  if (content.use_candidate) check.add(stun::UseCandidate{});
  if (content.nomination) {
    check.attributes.push_back({stun::AttributeType::Nomination,
                                ByteWriter{}.u32(*content.nomination & 0xffffffu).take()});
  }
  return check;
}

Bytes seal_check(const stun::Message& check, const Credentials& remote,
                 const Deviations& deviations) {
  return stun::seal(check, {.key = stun::short_term_key(remote.pwd),
                            .integrity = stun::IntegrityAlgorithm::Sha1,
                            .fingerprint = !deviations.has(Deviation::IceCheckWithoutFingerprint),
                            .deviations = deviations});
}

std::optional<std::string> addressed_ufrag(const stun::Message& request) {
  const auto username = request.find<stun::Username>();
  if (!username) return std::nullopt;
  const auto colon = username->value.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return username->value.substr(0, colon);
}

std::variant<ReceivedCheck, stun::Message> read_check(const stun::Message& request,
                                                      ByteView datagram, const Credentials* ours) {
  // RFC 8489 §9.1.3: both or a 400; an unknown user name or a wrong key is a 401.
  if (!request.has<stun::MessageIntegrity>() || !request.has<stun::Username>()) {
    return error_response(request, stun::error::kBadRequest);
  }
  const auto ufrag = addressed_ufrag(request);
  if (ours == nullptr || !ufrag ||
      stun::check_integrity(datagram, stun::short_term_key(ours->pwd)) != stun::Check::Ok) {
    return error_response(request, stun::error::kUnauthenticated);
  }
  if (const auto unknown = stun::unknown_required(request, kUnderstood); !unknown.empty()) {
    auto refusal = error_response(request, stun::error::kUnknownAttribute);
    refusal.add(stun::UnknownAttributes{unknown});
    return refusal;
  }

  const auto username = request.find<stun::Username>()->value;
  const auto priority = request.find<stun::Priority>();
  ReceivedCheck check{.local_ufrag = *ufrag,
                      .remote_ufrag = username.substr(ufrag->size() + 1),
                      .priority = priority ? Priority{priority->value} : kUnstatedPriority,
                      .role = std::nullopt,
                      .tie_breaker = 0,
                      .use_candidate = request.has<stun::UseCandidate>(),
                      .nomination = nomination_of(request)};
  if (const auto controlling = request.find<stun::IceControlling>()) {
    check.role = Role::Controlling;
    check.tie_breaker = controlling->value;
  } else if (const auto controlled = request.find<stun::IceControlled>()) {
    check.role = Role::Controlled;
    check.tie_breaker = controlled->value;
  }
  return check;
}

stun::Message error_response(const stun::Message& request, int code) {
  auto response = stun::Message::response_to(request, stun::Class::Error);
  response.add(stun::ErrorCode::standard(code));
  return response;
}

stun::Message success_response(const stun::Message& request, const Endpoint& source) {
  return stun::Message::response_to(request, stun::Class::Success)
      .add(stun::XorMappedAddress{source});
}

Bytes seal_response(const stun::Message& response, std::string_view password,
                    const Deviations& deviations) {
  return stun::seal(response,
                    {.key = password.empty() ? stun::Key{} : stun::short_term_key(password),
                     .integrity = stun::IntegrityAlgorithm::Sha1,
                     .fingerprint = true,
                     .deviations = deviations});
}

}  // namespace rtclab::ice
