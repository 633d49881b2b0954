// What a NAT64 does to packets: hosts that have only IPv6 reach servers that have only IPv4. Plain
// C++: packets and the time come in, verdicts, answers and events come out.
//
// Spec: RFC 6146 (stateful), RFC 7915 (the packets), RFC 6052 (the prefix). It is a stateless
// translator before a NAT of IPv4 (translator.h): in between each host inside goes by an address of
// 240.0.0.0/4, which no packet on any link and no report shows. So everything that a NAT's
// behaviour can be holds here too; docs/decisions/0017 says what that costs. Fragments: RFC 6146
// §3.4 by fragment_tracker.h.
#pragma once

#include "sim/nat/fragment_tracker.h"
#include "sim/nat/siit.h"
#include "sim/nat/translator.h"
#include "topologies/topology.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::nat {

class Nat64 {
 public:
  // `nat` has an IPv6 address inside and an IPv4 one outside. Reports what Translator does, with
  // IPv6 endpoints inside.
  Nat64(topology::Nat64 nat, SeededRng rng, const Translator::Record& record);

  // Whether a packet from the inside is for the prefix; else it is none of ours.
  [[nodiscard]] bool is_meant(const Ip& destination) const;
  // Translates `packet` in place. What was dropped is left half done.
  [[nodiscard]] Verdict from_inside(Instant now, Bytes& packet);   // of IPv6
  [[nodiscard]] Verdict from_outside(Instant now, Bytes& packet);  // of IPv4
  // A later part of a packet whose first part met that fate.
  [[nodiscard]] Verdict follow(Bytes& part, const FragmentFate& fate);

  // Of the ways to both sides: what "packet too big" may promise.
  void set_mtus(std::size_t inside, std::size_t outside);

  // As those of Translator.
  void handle_timeout(Instant now) { translator_.handle_timeout(now); }
  [[nodiscard]] std::optional<Instant> next_wakeup() const { return translator_.next_wakeup(); }
  [[nodiscard]] std::optional<Bytes> poll_output() { return translator_.poll_output(); }
  void restart(Instant now) { translator_.restart(now); }
  void set_behaviour(Instant now, const topology::NatBehaviour& behaviour) {
    translator_.set_behaviour(now, behaviour);
  }
  // As that of Translator: what was mapped to an address that is gone ends.
  void set_addresses(Instant now, const std::vector<Prefix>& inside,
                     const std::vector<Prefix>& outside);
  [[nodiscard]] std::size_t mappings() const { return translator_.mappings(); }

 private:
  [[nodiscard]] Verdict drop(std::string_view why, std::optional<IcmpError> error = {}) const;
  [[nodiscard]] bool admit_host(const Ip& host);
  [[nodiscard]] std::optional<Ip> in_between(const Ip& v6) const;
  [[nodiscard]] std::optional<Ip> inside_address(const Ip& v4) const;
  [[nodiscard]] Verdict to_inside(Bytes& packet, Verdict verdict);
  [[nodiscard]] std::string with_names(std::string text) const;

  topology::Nat64 nat_;
  std::map<Ip, Ip> hosts_;    // by IPv6: the address in between
  std::map<Ip, Ip> by_v4_;    // the other way round
  siit::Translation family_;  // between IPv6 and the in-between
  std::uint16_t identification_;
  Translator translator_;
};

}  // namespace rtclab::nat
