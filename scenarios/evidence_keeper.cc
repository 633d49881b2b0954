#include "scenarios/evidence_keeper.h"

#include "reports/evidence/load.h"

namespace rtclab::scenario {

EvidenceKeeper::EvidenceKeeper(capture::Sink* other, const evidence::TraceHeader& header)
    : other_{other}, capture_{capture_text_, "rtclab"}, trace_{trace_text_, header} {}

// Both number from 0 in the same order.
capture::InterfaceId EvidenceKeeper::add_interface(const capture::InterfaceInfo& info) {
  if (other_ != nullptr) other_->add_interface(info);
  return capture_.add_interface(info);
}

void EvidenceKeeper::packet(const capture::Sighting& sighting) {
  if (other_ != nullptr) other_->packet(sighting);
  capture_.packet(sighting);
}

void EvidenceKeeper::dropped(const capture::Sighting& sighting, std::string_view comment) {
  if (other_ != nullptr) other_->dropped(sighting, comment);
  capture_.dropped(sighting, comment);
}

void EvidenceKeeper::secrets(Instant at, std::string_view nss_line) {
  if (other_ != nullptr) other_->secrets(at, nss_line);
  capture_.secrets(at, nss_line);
}

FileResult<std::vector<judge::Judgement>> EvidenceKeeper::judge() const {
  return evidence::read_run(capture_text_.view(), trace_text_.view())
      .map([](const evidence::Evidence& evidence) { return judge::judge(evidence); });
}

}  // namespace rtclab::scenario
