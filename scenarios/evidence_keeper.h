// Keeps the evidence of a run in memory, for scenarios that expect something of the verdicts: what
// a run would write into capture.pcapng and trace.jsonl, judged without a file.
#pragma once

#include "agents/base/result.h"
#include "reports/evidence/trace_writer.h"
#include "reports/judge/judge.h"
#include "sim/capture/pcapng_writer.h"
#include "sim/capture/sink.h"

#include <sstream>
#include <string_view>
#include <vector>

namespace rtclab::scenario {

class EvidenceKeeper final : public capture::Sink {
 public:
  // `other` gets all the same, unless it is null.
  EvidenceKeeper(capture::Sink* other, const evidence::TraceHeader& header);

  capture::InterfaceId add_interface(const capture::InterfaceInfo& info) override;
  void packet(const capture::Sighting& sighting) override;
  void dropped(const capture::Sighting& sighting, std::string_view comment) override;
  void secrets(Instant at, std::string_view nss_line) override;
  void record(Instant at, std::string_view vantage, const Event& event) {
    trace_.write(at, vantage, event);
  }

  // Once the run is over.
  [[nodiscard]] FileResult<std::vector<judge::Judgement>> judge() const;

 private:
  capture::Sink* other_;
  std::ostringstream capture_text_;
  std::ostringstream trace_text_;
  capture::PcapngWriter capture_;
  evidence::TraceWriter trace_;
};

}  // namespace rtclab::scenario
