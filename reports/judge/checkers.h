// The checkers, one list per part of the standards; judge.cc strings them together.
#pragma once

#include "reports/judge/findings.h"

#include <span>

namespace rtclab::judge {

[[nodiscard]] std::span<const Checker> stun_message_checkers();  // RFC 8489 §5, §14
[[nodiscard]] std::span<const Checker>
stun_transaction_checkers();  // RFC 8489 §6, §9.1, §12
[[nodiscard]] std::span<const Checker> stun_long_term_checkers();  // RFC 8489 §9.2, RFC 8656 §11.1
[[nodiscard]] std::span<const Checker> turn_client_checkers();     // RFC 8656
[[nodiscard]] std::span<const Checker> turn_server_checkers();     // RFC 8656, RFC 8489 §9.2.4
[[nodiscard]] std::span<const Checker> ice_check_checkers();  // RFC 8445 §7
[[nodiscard]] std::span<const Checker>
ice_role_checkers();  // RFC 8445 §6.1.1, §7.1, §7.3.1.1, §16.1
[[nodiscard]] std::span<const Checker> ice_procedure_checkers();  // RFC 8445 §6, §7.3, §8, §14; RFC 8863
[[nodiscard]] std::span<const Checker> ice_tcp_checkers();        // RFC 6544 §6 to §8
[[nodiscard]] std::span<const Checker> consent_checkers();        // RFC 7675
[[nodiscard]] std::span<const Checker>
ice_candidate_checkers();  // RFC 8445 §5.1, RFC 8839 §5.1, RFC 6544 §4
[[nodiscard]] std::span<const Checker> ice_sdp_checkers();       // RFC 8839, RFC 8445 §9
[[nodiscard]] std::span<const Checker> sdp_checkers();           // RFC 8866
[[nodiscard]] std::span<const Checker> offer_answer_checkers();  // RFC 3264
[[nodiscard]] std::span<const Checker> bundle_checkers();        // RFC 9143, 5761, 8858
[[nodiscard]] std::span<const Checker> dtls_sdp_checkers();      // RFC 8842, 8122, 8841
[[nodiscard]] std::span<const Checker> jsep_checkers();          // RFC 9429 §5, RFC 8853
[[nodiscard]] std::span<const Checker> w3c_checkers();           // RFC 9429 §3, W3C webrtc-pc
[[nodiscard]] std::span<const Checker> trickle_checkers();        // RFC 8838

[[nodiscard]] std::span<const Checker> sctp_packet_checkers();    // RFC 9260 §3, §6.8
[[nodiscard]] std::span<const Checker> sctp_setup_checkers();     // RFC 9260 §5, RFC 8261, RFC 8831 §6.1
[[nodiscard]] std::span<const Checker> sctp_transfer_checkers();  // RFC 9260 §6, §8; RFC 8260, 3758
[[nodiscard]] std::span<const Checker> sctp_stream_checkers();    // RFC 6525, RFC 8831 §6.7
[[nodiscard]] std::span<const Checker> dcep_checkers();           // RFC 8832, RFC 8831 §6, RFC 8841 §6

}  // namespace rtclab::judge
