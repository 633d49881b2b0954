// The checkers, one list per part of the standards; judge.cc strings them together.
#pragma once

#include "reports/judge/findings.h"

#include <span>

namespace rtclab::judge {

[[nodiscard]] std::span<const Checker> stun_message_checkers();      // RFC 8489 §5, §14
[[nodiscard]] std::span<const Checker> stun_transaction_checkers();  // RFC 8489 §6, §9.1, §12
[[nodiscard]] std::span<const Checker> stun_long_term_checkers();  // RFC 8489 §9.2, RFC 8656 §11.1
[[nodiscard]] std::span<const Checker> turn_client_checkers();     // RFC 8656
[[nodiscard]] std::span<const Checker> turn_server_checkers();     // RFC 8656, RFC 8489 §9.2.4
[[nodiscard]] std::span<const Checker> ice_check_checkers();       // RFC 8445 §7
[[nodiscard]] std::span<const Checker>
ice_role_checkers();  // RFC 8445 §6.1.1, §7.1, §7.3.1.1, §16.1
[[nodiscard]] std::span<const Checker>
ice_procedure_checkers();  // RFC 8445 §6, §7.3, §8, §14; RFC 8863
[[nodiscard]] std::span<const Checker> ice_tcp_checkers();  // RFC 6544 §6 to §8
[[nodiscard]] std::span<const Checker> consent_checkers();  // RFC 7675
[[nodiscard]] std::span<const Checker>
ice_candidate_checkers();  // RFC 8445 §5.1, RFC 8839 §5.1, RFC 6544 §4
[[nodiscard]] std::span<const Checker> ice_sdp_checkers();       // RFC 8839, RFC 8445 §9
[[nodiscard]] std::span<const Checker> sdp_checkers();           // RFC 8866
[[nodiscard]] std::span<const Checker> offer_answer_checkers();  // RFC 3264
[[nodiscard]] std::span<const Checker> bundle_checkers();        // RFC 9143, 5761, 8858
[[nodiscard]] std::span<const Checker> dtls_sdp_checkers();      // RFC 8842, 8122, 8841
[[nodiscard]] std::span<const Checker> jsep_checkers();          // RFC 9429 §5, RFC 8853
[[nodiscard]] std::span<const Checker> w3c_checkers();           // RFC 9429 §3, W3C webrtc-pc
[[nodiscard]] std::span<const Checker> trickle_checkers();       // RFC 8838

[[nodiscard]] std::span<const Checker> sctp_packet_checkers();  // RFC 9260 §3, §6.8
[[nodiscard]] std::span<const Checker>
sctp_setup_checkers();  // RFC 9260 §5, RFC 8261, RFC 8831 §6.1
[[nodiscard]] std::span<const Checker> sctp_transfer_checkers();  // RFC 9260 §6, §8; RFC 8260, 3758
[[nodiscard]] std::span<const Checker> sctp_congestion_checkers();  // RFC 9260 §6.3.3, §7.2, §9.2
[[nodiscard]] std::span<const Checker> sctp_stream_checkers();      // RFC 6525, RFC 8831 §6.7
[[nodiscard]] std::span<const Checker> dcep_checkers();  // RFC 8832, RFC 8831 §6, RFC 8841 §6

[[nodiscard]] std::span<const Checker> rtp_sdp_checkers();     // RFC 9429 §5.2.1, RFC 8834 §5.1
[[nodiscard]] std::span<const Checker> rtp_packet_checkers();  // RFC 3550 §5, §8; RFC 3551
[[nodiscard]] std::span<const Checker> rtp_stream_checkers();  // RFC 8285, 9143 §9, 8852, 4588
[[nodiscard]] std::span<const Checker> rtcp_form_checkers();  // RFC 3550 §6, RFC 5506, RFC 8834 §4
[[nodiscard]] std::span<const Checker> rtcp_report_checkers();         // RFC 3550 §6.4.1, RFC 8108
[[nodiscard]] std::span<const Checker> feedback_checkers();            // RFC 4585, RFC 5104
[[nodiscard]] std::span<const Checker> transport_feedback_checkers();  // transport-wide cc
[[nodiscard]] std::span<const Checker> media_control_checkers();       // RFC 8834 §5.1, §7.1
[[nodiscard]] std::span<const Checker> srtp_checkers();                // RFC 3711, 5764, 8827 §6.5

[[nodiscard]] std::span<const Checker>
nat_mapping_checkers();  // RFC 4787 §4, §7, §8; RFC 5382, 5508, 7857: which outside endpoint
[[nodiscard]] std::span<const Checker> nat_lifetime_checkers();  // RFC 4787 §4.3, RFC 5382 §5
[[nodiscard]] std::span<const Checker>
nat_filter_checkers();  // RFC 4787 §5, §6; RFC 5382 §4: who gets in
[[nodiscard]] std::span<const Checker> nat_icmp_checkers();  // RFC 5508, RFC 4787 §9

}  // namespace rtclab::judge
