#include "agents/stun/nat_behaviour.h"

namespace rtclab::stun {
namespace {

using enum Dependence;

// Why an answer to a CHANGE-REQUEST proves nothing; empty when it does.
std::string doubt(const FilteringTest& test) {
  if (test.seen.code != 0)
    return "the server answered CHANGE-REQUEST with " + std::to_string(test.seen.code);
  if (test.seen.is_answered() && test.seen.from != test.asked_from)
    return "the server answered from " + test.seen.from.to_string() + " and not, as asked, from " +
           test.asked_from.to_string();
  return {};
}

}  // namespace

std::string_view to_string(Dependence dependence) {
  switch (dependence) {
    case EndpointIndependent: return "endpoint-independent";
    case AddressDependent: return "address-dependent";
    case AddressAndPortDependent: return "address-and-port-dependent";
  }
  return "";
}

std::string_view to_string(HairpinSource source) {
  return source == HairpinSource::Internal ? "internal" : "external";
}

Finding<Dependence> judge_mapping(const Endpoint& local, const Endpoint& first,
                                  const Observation& second,
                                  const std::optional<Observation>& third) {
  if (first == local)
    return {EndpointIndependent, "the mapped address is our own: there is no translation"};
  if (!second.is_answered()) return {std::nullopt, "the server's other address did not answer"};
  if (*second.mapped == first)
    return {EndpointIndependent, "another address of the server saw the same mapping"};
  if (!third || !third->is_answered())
    return {std::nullopt, "the server's other address and port did not answer"};
  if (*third->mapped == *second.mapped)
    return {AddressDependent, "another address saw another mapping, another port of it the same"};
  return {AddressAndPortDependent, "another port of the other address saw a third mapping"};
}

Finding<Dependence> judge_filtering(const FilteringTest& second,
                                    const std::optional<FilteringTest>& third) {
  if (auto why = doubt(second); !why.empty()) return {std::nullopt, std::move(why)};
  if (second.seen.is_answered())
    return {EndpointIndependent,
            "an answer from an address that was never written to came through"};
  if (!third) return {std::nullopt, "the third test was not made"};
  if (auto why = doubt(*third); !why.empty()) return {std::nullopt, std::move(why)};
  if (third->seen.is_answered())
    return {AddressDependent, "an answer came through from another port, not from another address"};
  return {AddressAndPortDependent, "an answer from another port did not come through"};
}

}  // namespace rtclab::stun
