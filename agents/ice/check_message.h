// Connectivity checks as STUN messages: written, read, and answered.
//
// Spec: RFC 8445 §7.1 and §7.2.2 (what a check carries), §7.3 (how it is authenticated); RFC 8489
// §9.1.3, §6.3.1; draft-thatcher-ice-renomination §4 (NOMINATION). Deviation from RFC 8445 §7.3: a
// check without FINGERPRINT but with right integrity is accepted, since the integrity tells more
// than the checksum would.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/deviation.h"
#include "agents/base/rng.h"
#include "agents/ice/credentials.h"
#include "agents/ice/priority.h"
#include "agents/ice/state.h"
#include "agents/stun/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rtclab::ice {

// Backup: keeps a pair fresh that may take over; Reconnecting: the first on a new TCP connection of
// a pair that had lost its own (RFC 6544 §11.1).
enum class CheckKind : std::uint8_t { Ordinary, Triggered, Nominating, Backup, Reconnecting };
[[nodiscard]] std::string_view to_string(CheckKind kind);  // "ordinary", "triggered", …

// What one check says, apart from the credentials.
struct CheckContent {
  Priority priority;  // as a peer-reflexive candidate (RFC 8445 §7.1.1)
  Role role = Role::Controlling;
  std::uint64_t tie_breaker = 0;
  bool use_candidate = false;
  std::optional<std::uint32_t> nomination = {};  // 24 bits, draft-thatcher-ice-renomination §4
};

// Deviations: IceCheckWithoutUsername, IceCheckWithoutPriority, IceNoRoleAttribute,
// IceUsernameSwapped, IceCheckWithoutFingerprint (in seal_check).
[[nodiscard]] stun::Message make_check(const stun::TransactionId& id, const CheckContent& content,
                                       const Credentials& local, const Credentials& remote,
                                       const Deviations& deviations);
[[nodiscard]] Bytes seal_check(const stun::Message& check, const Credentials& remote,
                               const Deviations& deviations);

// A peer's check that may be believed.
struct ReceivedCheck {
  std::string local_ufrag;   // ours: names the generation
  std::string remote_ufrag;  // the sender's
  Priority priority;
  std::optional<Role> role;  // of the sender; none when it did not say
  std::uint64_t tie_breaker = 0;
  bool use_candidate = false;
  std::optional<std::uint32_t> nomination = {};
  [[nodiscard]] bool nominates() const { return use_candidate || nomination; }
};

// The part of USERNAME before the colon, which is ours; nullopt when there is none.
[[nodiscard]] std::optional<std::string> addressed_ufrag(const stun::Message& request);

// Either the check, or the error response that it is owed. `ours` are the credentials that
// addressed_ufrag() led to; nullptr when it led nowhere.
[[nodiscard]] std::variant<ReceivedCheck, stun::Message> read_check(const stun::Message& request,
                                                                    ByteView datagram,
                                                                    const Credentials* ours);

[[nodiscard]] stun::Message error_response(const stun::Message& request, int code);
[[nodiscard]] stun::Message success_response(const stun::Message& request, const Endpoint& source);
// `password` empty: unsigned.
[[nodiscard]] Bytes seal_response(const stun::Message& response, std::string_view password,
                                  const Deviations& deviations);

}  // namespace rtclab::ice
