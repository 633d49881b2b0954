// Faults that no NAT would be configured to have, for showing that the judge sees them.
//
// What a configuration can express is no fault but a NatBehaviour: that a NAT is symmetric, forgets
// early or does not hairpin. These stand beside agents' deviations (agents/base/deviation.h); a
// peer cannot have them.
#pragma once

#include "sim/nat/flow.h"
#include "sim/nat/translator.h"
#include "sim/nat/verdict.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace rtclab::nat {

enum class Fault : std::uint8_t {
  RewritesPayload,        // RFC 4787 REQ-10: changes what stands above the ports
  ErrorsEndMappings,      // RFC 4787 REQ-12: an ICMP error about a mapping is its end
  ErrorsUntranslated,     // RFC 5508 REQ-4: what an ICMP error quotes stays as it came
  ErrorsWithBadChecksum,  // the same: its checksum is wrong afterwards
  DamagedErrorsPass,      // RFC 5508 REQ-3: one with a wrong checksum passes
  RefusedRefresh,         // RFC 7857 §6: what the filter refuses refreshes the mapping
  ErrorsRefresh,          // RFC 5508 REQ-6: ICMP errors from outside do
  OwnErrorsRefresh,       // RFC 7857 §6: ICMP errors of the inside do
  ResetsSwallowed,        // RFC 7857 §2.2: no RST comes in
  QueriesDropped,         // RFC 5508 REQ-1: no ICMP query leaves
  UdpOpensTcp,            // RFC 7857 §5: a mapping of UDP lets TCP in
};

// Stands before a translator and spoils what it does. Without faults it changes nothing.
class FaultyTranslator {
 public:
  FaultyTranslator(Translator& translator, std::set<Fault> faults)
      : translator_{translator}, faults_{std::move(faults)} {}

  [[nodiscard]] Verdict from_inside(Instant now, Bytes& packet);
  [[nodiscard]] Verdict from_outside(Instant now, Bytes& packet);

 private:
  [[nodiscard]] bool has(Fault fault) const { return faults_.contains(fault); }
  void note_outbound(const Bytes& before, Bytes& after);
  void refresh(Instant now, const Endpoint& outside);
  [[nodiscard]] Verdict open_for_tcp(Verdict refused, const Flow& flow, Bytes& packet) const;
  void spoil_error(const Bytes& before, Bytes& packet);

  Translator& translator_;
  std::set<Fault> faults_;
  std::map<Endpoint, Bytes> last_out_;  // of UDP as it came, by outside endpoint
  std::map<Endpoint, Endpoint> udp_;    // outside to inside
  std::set<Endpoint> ended_;            // mappings that an ICMP error has ended
};

}  // namespace rtclab::nat
