// What a NAT does to packets. Plain C++: packets and the time come in, verdicts and events come
// out.
//
// Spec: RFC 4787 (UDP), RFC 5508 (ICMP), RFC 5382 (TCP). An unsolicited SYN from the outside is
// dropped without an answer, also after the 6 s in which RFC 5382 §4.3 (REQ-4) asks for that. One
// outside address, so pooling does not arise. Deviation from RFC 4787 §11 (REQ-14): fragments are
// dropped; no agent of ours sends any.
#pragma once

#include "agents/base/event.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "sim/nat/mapping_table.h"
#include "sim/nat/verdict.h"
#include "topologies/topology.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::nat {

class Translator {
 public:
  using Record = std::function<void(Instant, const Event&)>;

  // `nat` has an IPv4 address on each side. Reports nat:mapping_created, nat:mapping_expired and
  // nat:packet_filtered.
  Translator(topology::Nat nat, SeededRng rng, Record record);

  // Translates `packet` in place. What was dropped is left half done.
  [[nodiscard]] Verdict from_inside(Instant now, Bytes& packet);
  [[nodiscard]] Verdict from_outside(Instant now, Bytes& packet);

  // Reports the mappings that have ended.
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const { return table_.next_expiry(); }

  [[nodiscard]] std::size_t mappings() const { return table_.size(); }

 private:
  [[nodiscard]] std::optional<Verdict> unusable(ByteView packet) const;
  [[nodiscard]] std::optional<Verdict> blocked(const Flow& flow) const;
  [[nodiscard]] std::optional<Verdict> astray(const Flow& flow) const;
  [[nodiscard]] MappingEntry* map(Instant now, const Flow& flow);
  [[nodiscard]] Verdict hairpin(Instant now, Bytes& packet, const MappingEntry& sender);
  [[nodiscard]] Verdict inbound(Instant now, Bytes& packet, const Flow& flow, const Endpoint& from);
  [[nodiscard]] Verdict icmp_error_out(Instant now, Bytes& packet);
  [[nodiscard]] Verdict icmp_error_in(Bytes& packet);
  [[nodiscard]] Verdict drop(std::string why, std::optional<IcmpError> error = {}) const;
  void report_filtered(Instant now, const Flow& flow, const Endpoint& from,
                       std::string_view rule) const;

  topology::Nat nat_;
  Prefix inside_;
  Ip outside_;
  Record record_;
  MappingTable table_;
};

}  // namespace rtclab::nat
