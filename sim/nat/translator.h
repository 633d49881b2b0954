// What a NAT does to packets. Plain C++: packets and the time come in, verdicts, answers and events
// come out.
//
// Spec: RFC 4787 (UDP), RFC 5508 (ICMP), RFC 5382 (TCP), RFC 7857 (updates to the three), RFC 6888
// (carriers' NATs: their log of §4 are the events). Which behaviour of those is the topology's. Of a
// packet in fragments the first one is translated here, and shows the way to the others
// (fragment_tracker.h).
#pragma once

#include "agents/base/event.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "sim/nat/mapping_table.h"
#include "sim/nat/unsolicited_syn.h"
#include "sim/nat/verdict.h"
#include "topologies/topology.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::nat {

class Translator {
 public:
  using Record = std::function<void(Instant, const Event&)>;

  // `nat` has an IPv4 address on each side. Reports nat:mapping_created, nat:mapping_expired,
  // nat:packet_filtered, nat:packet_refused, nat:mapping_refused, nat:restarted, nat:behaviour_changed and
  // nat:addresses_changed.
  Translator(topology::Nat nat, SeededRng rng, Record record);
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  // Translates `packet` in place. What was dropped is left half done.
  [[nodiscard]] Verdict from_inside(Instant now, Bytes& packet);
  [[nodiscard]] Verdict from_outside(Instant now, Bytes& packet);

  // Reports the mappings that have ended, and answers what waited for its answer.
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;
  // A packet of the NAT's own, for the outside. To be drained after each call.
  [[nodiscard]] std::optional<Bytes> poll_output() { return syns_.poll_output(); }

  // What the person who owns it does to it. Mappings that cannot stay are reported as expired, with
  // the reason.
  // Loses all its state, as by a power cut.
  void restart(Instant now);
  void set_behaviour(Instant now, const topology::NatBehaviour& behaviour);
  // Of the outside; at least one is of IPv4. Mappings on addresses that are gone end.
  void set_addresses(Instant now, std::vector<Prefix> addresses);
  // Of the inside; at least one is of IPv4. Mappings of hosts that are gone stay until they expire.
  void set_inside(std::vector<Prefix> addresses) { nat_.inside.addresses = std::move(addresses); }

  [[nodiscard]] std::size_t mappings() const { return table_.size(); }

 private:
  [[nodiscard]] std::optional<Verdict> unusable(ByteView packet) const;
  [[nodiscard]] std::optional<Verdict> blocked(const Flow& flow) const;
  [[nodiscard]] std::optional<Verdict> not_allowed(Instant now, const Flow& flow) const;
  [[nodiscard]] std::optional<Verdict> astray(const Flow& flow) const;
  [[nodiscard]] bool is_own(const Ip& address) const;
  [[nodiscard]] tl::expected<MappingEntry*, Refusal> map(Instant now, const Flow& flow);
  [[nodiscard]] Verdict refuse(Instant now, const Flow& flow, Refusal why) const;
  [[nodiscard]] Verdict hairpin(Instant now, Bytes& packet, const MappingEntry& sender);
  [[nodiscard]] Verdict hairpin_query(Instant now, Bytes& packet, const MappingEntry& sender);
  [[nodiscard]] Verdict hairpin_reply(Instant now, Bytes& packet, const Flow& flow);
  [[nodiscard]] Verdict inbound(Instant now, Bytes& packet, const Flow& flow, const Endpoint& from);
  [[nodiscard]] tl::expected<MappingEntry*, Verdict> admitted(Instant now, ip::Protocol protocol,
                                                              const Endpoint& outside,
                                                              const Endpoint& from,
                                                              TcpFlags flags = {});
  [[nodiscard]] Verdict icmp_error_out(Instant now, Bytes& packet);
  [[nodiscard]] Verdict icmp_error_in(Bytes& packet);
  [[nodiscard]] Verdict drop(std::string why, std::optional<IcmpError> error = {}) const;
  void report_filtered(Instant now, ip::Protocol protocol, const Endpoint& outside,
                       const Endpoint& from, std::string_view rule) const;
  [[nodiscard]] std::vector<Ip> outside_addresses() const;

  topology::Nat nat_;
  Record record_;
  Instant now_{};  // of the call that is being answered
  MappingTable table_;
  UnsolicitedSyns syns_;
};

}  // namespace rtclab::nat
