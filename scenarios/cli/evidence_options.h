// The argument EVIDENCE, the same for every command that reads one.
#pragma once

#include "agents/base/result.h"
#include "reports/evidence/evidence.h"
#include "scenarios/cli/console.h"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace rtclab::cli {

struct EvidenceOptions {
  std::string path;
  std::string signalling;
  std::string nat;  // "inside=IF,outside=IF", or empty

  // Says on standard error what is missing of it.
  [[nodiscard]] FileResult<evidence::Evidence> load(const Console& console) const;
  // A short name for what is written about it: the folder's, or the capture's without its ending.
  [[nodiscard]] std::string name() const;
};

[[nodiscard]] std::shared_ptr<EvidenceOptions> add_evidence_options(CLI::App& command);

}  // namespace rtclab::cli
