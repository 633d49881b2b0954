// The checkers, one list per part of the standards; judge.cc strings them together.
#pragma once

#include "reports/judge/findings.h"

#include <span>

namespace rtclab::judge {

[[nodiscard]] std::span<const Checker> stun_message_checkers();  // RFC 8489 §5, §14
[[nodiscard]] std::span<const Checker>
stun_transaction_checkers();                                  // RFC 8489 §6, §9, §12; RFC 8656
[[nodiscard]] std::span<const Checker> ice_check_checkers();  // RFC 8445 §7
[[nodiscard]] std::span<const Checker>
ice_role_checkers();  // RFC 8445 §6.1.1, §7.1, §7.3.1.1, §16.1
[[nodiscard]] std::span<const Checker> ice_procedure_checkers();  // RFC 8445 §6, §8, §14
[[nodiscard]] std::span<const Checker> consent_checkers();        // RFC 7675
[[nodiscard]] std::span<const Checker> sdp_checkers();            // RFC 8839, 8866, 8842, 9143
[[nodiscard]] std::span<const Checker> trickle_checkers();        // RFC 8838

}  // namespace rtclab::judge
