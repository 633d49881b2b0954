// The largest packet that gets through to each destination, as far as a host has been told.
//
// Spec: RFC 1191 §3 and §6.3 (IPv4), RFC 8201 §4 and §5.2 (IPv6): "packet too big" makes it
// smaller, ten minutes later the interface's own MTU is tried again. Only what somebody says about
// a packet of ours counts: the caller has seen to that as far as a quote shows it.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>

namespace rtclab::sim {

class PathMtu {
 public:
  // RFC 1191 §6.3, RFC 8201 §4: an increase MUST NOT be tried less than 5 minutes after, and SHOULD
  // not before 10.
  static constexpr Duration kLifetime = std::chrono::minutes{10};
  // RFC 791 §3.2, RFC 8201 §4: a smaller figure is never believed.
  static constexpr std::size_t kLeastV4 = 68;
  static constexpr std::size_t kLeastV6 = 1280;
  static constexpr std::size_t kMostDestinations = 1024;

  // To a destination by an interface with this MTU.
  [[nodiscard]] std::size_t of(const Ip& destination, std::size_t interface_mtu,
                               Instant now) const {
    const auto known = known_.find(destination);
    const bool counts = known != known_.end() && now < known->second.until;
    return counts ? std::min(known->second.mtu, interface_mtu) : interface_mtu;
  }

  // Somebody on the way takes no more than `mtu`. Returns whether that is less than was known.
  bool note(const Ip& destination, std::size_t mtu, std::size_t interface_mtu, Instant now) {
    mtu = std::max(mtu, destination.is_v4() ? kLeastV4 : kLeastV6);
    if (mtu >= of(destination, interface_mtu, now)) return false;
    if (known_.size() >= kMostDestinations && !known_.contains(destination)) {
      std::erase_if(known_, [&](const auto& entry) { return entry.second.until <= now; });
      if (known_.size() >= kMostDestinations) known_.erase(known_.begin());
    }
    known_[destination] = {mtu, now + kLifetime};
    return true;
  }

 private:
  struct Known {
    std::size_t mtu;
    Instant until;
  };
  std::map<Ip, Known> known_;
};

}  // namespace rtclab::sim
