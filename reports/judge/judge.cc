#include "reports/judge/judge.h"

#include "reports/judge/checkers.h"
#include "reports/judge/docket.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::judge {
namespace {

const std::vector<Checker>& all_checkers() {
  static const std::vector<Checker> kAll = [] {
    std::vector<Checker> all;
    for (const auto list : {stun_message_checkers(),
                            stun_transaction_checkers(),
                            stun_long_term_checkers(),
                            turn_client_checkers(),
                            turn_server_checkers(),
                            ice_candidate_checkers(),
                            ice_check_checkers(),
                            ice_role_checkers(),
                            ice_procedure_checkers(),
                            ice_tcp_checkers(),
                            consent_checkers(),
                            ice_sdp_checkers(),
                            trickle_checkers(),
                            sdp_checkers(),
                            offer_answer_checkers(),
                            bundle_checkers(),
                            dtls_sdp_checkers(),
                            jsep_checkers(),
                            w3c_checkers(),
                            sctp_packet_checkers(),
                            sctp_setup_checkers(),
                            sctp_transfer_checkers(),
                            sctp_congestion_checkers(),
                            sctp_stream_checkers(),
                            dcep_checkers(),
                            rtp_sdp_checkers(),
                            rtp_packet_checkers(),
                            rtp_stream_checkers(),
                            rtcp_form_checkers(),
                            rtcp_report_checkers(),
                            feedback_checkers(),
                            transport_feedback_checkers(),
                            media_control_checkers(),
                            srtp_checkers(),
                            nat_mapping_checkers(),
                            nat_lifetime_checkers(),
                            nat_filter_checkers(),
                            nat_icmp_checkers()}) {
      all.insert(all.end(), list.begin(), list.end());
    }
    return all;
  }();
  return kAll;
}

}  // namespace

std::string_view to_string(Level level) {
  return level == Level::Must ? "MUST" : "SHOULD";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass: return "pass";
    case Verdict::Fail: return "fail";
    case Verdict::Advice: return "advice";
    case Verdict::Declared: return "declared";
    case Verdict::Inconclusive: return "inconclusive";
  }
  __builtin_unreachable();
}

std::span<const Requirement> requirements() {
  static const std::vector<Requirement> kRequirements = [] {
    std::vector<Requirement> list;
    for (const auto& checker : all_checkers()) list.push_back(checker.requirement);
    return list;
  }();
  return kRequirements;
}

std::vector<Judgement> judge(const evidence::Evidence& evidence) {
  const Docket docket{evidence};
  std::vector<Judgement> judgements;
  for (std::size_t i = 0; i < all_checkers().size(); ++i) {
    const auto& checker = all_checkers()[i];
    Findings findings{docket};
    checker.check(docket, findings);
    judgements.push_back(findings.conclude(requirements()[i], checker.cases));
  }
  return judgements;
}

std::string count_of(std::span<const Judgement> judgements) {
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(judgements, verdict, &Judgement::verdict);
  };
  const auto declared = count(Verdict::Declared);
  return fmt::format("{} pass, {} fail, {} advice, {}{} did not come up", count(Verdict::Pass),
                     count(Verdict::Fail), count(Verdict::Advice),
                     declared == 0 ? "" : fmt::format("{} declared, ", declared),
                     count(Verdict::Inconclusive));
}

}  // namespace rtclab::judge
