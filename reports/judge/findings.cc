#include "reports/judge/findings.h"

#include <fmt/format.h>

#include <utility>

namespace rtclab::judge {
namespace {

constexpr std::size_t kMostBreaches = 12;
constexpr std::size_t kMostExamples = 3;

Outcome outcome_of(bool good) {
  return good ? Outcome::Kept : Outcome::Broken;
}

}  // namespace

Exhibit Findings::exhibit(const Transmission& transmission, std::string_view who,
                          std::string what) const {
  const auto& packet = docket_.evidence().packets[transmission.packet];
  return {.what = fmt::format("{}: {}", who, what),
          .at = packet.at,
          .frame = packet.frame,
          .capture = docket_.evidence().interfaces[packet.interface].capture};
}

void Findings::check(bool good, const Transmission& by, std::string what) {
  note(outcome_of(good), exhibit(by, docket_.name(by.from), std::move(what)));
}

void Findings::check_of(std::string_view who, bool good, const Transmission& shown_by,
                        std::string what) {
  note(outcome_of(good), exhibit(shown_by, who, std::move(what)));
}

void Findings::check_signal(bool good, std::size_t signalling, std::string what) {
  const auto& message = docket_.evidence().signalling[signalling];
  note(outcome_of(good), {.what = fmt::format("{}: {}", message.from, what),
                          .at = message.sent,
                          .signalling = signalling});
}

void Findings::check_trace(bool good, const evidence::TraceEvent& event, std::string what) {
  note(outcome_of(good), {.what = fmt::format("{}: {}", event.vantage, what),
                          .at = event.at,
                          .trace_line = event.line});
}

void Findings::check_packet(std::string_view who, Outcome outcome, const evidence::Packet& packet,
                            std::string what) {
  note(outcome, {.what = fmt::format("{}: {}", who, what),
                 .at = packet.at,
                 .frame = packet.frame,
                 .capture = docket_.evidence().interfaces[packet.interface].capture});
}

void Findings::note(Outcome outcome, Exhibit exhibit) {
  ++cases_;
  if (outcome == Outcome::Broken) ++breaches_;
  if (outcome == Outcome::Declared) ++declared_count_;
  auto& list = outcome == Outcome::Broken ? bad_ : outcome == Outcome::Declared ? declared_ : good_;
  if (list.size() < (outcome == Outcome::Kept ? kMostExamples : kMostBreaches))
    list.push_back(std::move(exhibit));
}

Judgement Findings::conclude(const Requirement& requirement, std::string_view cases) const {
  Judgement judgement{.requirement = &requirement,
                      .cases = cases_,
                      .breaches = breaches_,
                      .declared = declared_count_};
  if (cases_ == 0) {
    judgement.verdict = Verdict::Inconclusive;
    judgement.summary = fmt::format("no {} in the evidence", cases);
  } else if (breaches_ == 0 && declared_count_ > 0) {
    judgement.verdict = Verdict::Declared;
    judgement.summary = fmt::format("{}: {} of {} not as required, as declared, first {}", cases,
                                    declared_count_, cases_, declared_.front().what);
    judgement.exhibits = declared_;
  } else if (breaches_ == 0) {
    judgement.verdict = Verdict::Pass;
    judgement.summary = fmt::format("{}: {} seen, all as required", cases, cases_);
    judgement.exhibits = good_;
  } else {
    judgement.verdict = requirement.level == Level::Must ? Verdict::Fail : Verdict::Advice;
    judgement.summary = fmt::format("{}: {} of {} not as required, first {}", cases, breaches_,
                                    cases_, bad_.front().what);
    judgement.exhibits = bad_;
  }
  return judgement;
}

}  // namespace rtclab::judge
