#include "sim/link/network.h"

#include <cassert>

namespace rtclab::sim {

Network::Network(std::uint64_t seed, capture::Sink* sink) : sink_{sink}, root_{seed} {}

capture::InterfaceId Network::add_interface(const capture::InterfaceInfo& info) {
  const capture::InterfaceId id{interfaces_++};
  if (sink_ != nullptr) {
    [[maybe_unused]] const auto known_as = sink_->add_interface(info);
    assert(known_as == id && "a sink serves one network");
  }
  return id;
}

}  // namespace rtclab::sim
