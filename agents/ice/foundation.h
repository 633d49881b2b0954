// Foundations: candidates of one kind, from one address, through one server share one.
//
// Spec: RFC 8445 §5.1.1.3.
#pragma once

#include "agents/base/address.h"
#include "agents/base/deviation.h"
#include "agents/ice/priority.h"

#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace rtclab::ice {

class Foundations {
 public:
  // Deviation: SdpOneFoundation.
  explicit Foundations(const Deviations& deviations)
      : one_for_all_{deviations.has(Deviation::SdpOneFoundation)} {}

  struct Kind {
    CandidateType type;
    Transport transport;
    Ip base;
    std::optional<Ip> server;  // STUN or TURN; none for host and peer-reflexive candidates
    friend bool operator==(const Kind&, const Kind&) = default;
  };
  // "1", "2", … in the order in which the kinds were first asked for.
  [[nodiscard]] std::string of(const Kind& kind);

 private:
  bool one_for_all_;
  std::vector<Kind> kinds_;
};

}  // namespace rtclab::ice
