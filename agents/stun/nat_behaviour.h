// What RFC 5780's tests say about the NATs on the way to a server: pure functions from what was
// observed to a verdict with its reason.
//
// Spec: RFC 5780 §4.2 to §4.4 and §3.4, in the words of RFC 4787 §4 and §5.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::stun {

enum class Dependence : std::uint8_t {
  EndpointIndependent,
  AddressDependent,
  AddressAndPortDependent,
};

[[nodiscard]] std::string_view to_string(Dependence dependence);  // "endpoint-independent", …

// A verdict; nullopt where the tests could not tell, and `reason` says why.
template <class T>
struct Finding {
  std::optional<T> value;
  std::string reason;
};

// How long a mapping lasts without traffic.
struct LifetimeBounds {
  Duration at_least{};                // it was still there
  std::optional<Duration> less_than;  // it was gone; nullopt: never, as far as was looked
  friend bool operator==(const LifetimeBounds&, const LifetimeBounds&) = default;
};

// What source address a packet has that came back through the NAT (RFC 4787 §6, REQ-9).
enum class HairpinSource : std::uint8_t {
  Internal,  // its sender's own
  External,  // one of the NAT
};

[[nodiscard]] std::string_view to_string(HairpinSource source);  // "internal", "external"

struct NatBehaviour {
  Finding<Endpoint> mapped;  // nullopt: UDP does not reach the server
  Finding<bool> translated;  // whether `mapped` is another address than ours
  Finding<Dependence> mapping;
  Finding<Dependence> filtering;
  Finding<bool> hairpinning;
  Finding<HairpinSource> hairpin_source;
  Finding<LifetimeBounds> lifetime;
};

// How a request fared.
struct Observation {
  std::optional<Endpoint> mapped;  // nullopt: no answer
  Endpoint from;                   // where the answer came from
  int code = 0;                    // of an error response
  [[nodiscard]] bool is_answered() const { return mapped.has_value(); }
};

// Tests II and III of RFC 5780 §4.3; `third` is made only where `second` differs from `first`.
[[nodiscard]] Finding<Dependence> judge_mapping(const Endpoint& local, const Endpoint& first,
                                                const Observation& second,
                                                const std::optional<Observation>& third);
// Tests II and III of RFC 5780 §4.4; `third` is made only where `second` got no answer. An answer
// counts when it comes from where it was asked to come from.
struct FilteringTest {
  Observation seen;
  Endpoint asked_from;
};
[[nodiscard]] Finding<Dependence> judge_filtering(const FilteringTest& second,
                                                  const std::optional<FilteringTest>& third);

}  // namespace rtclab::stun
