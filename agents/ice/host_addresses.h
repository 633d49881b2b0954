// Which of a machine's addresses may become host candidates.
//
// Spec: RFC 8445 §5.1.1.1. Its rule on temporary addresses (RFC 8981) cannot be applied: a driver
// does not tell them apart from stable ones.
#pragma once

#include "agents/base/address.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rtclab::ice {

// Why `address` is no candidate; nullopt when it may be one.
[[nodiscard]] std::optional<std::string_view> why_no_candidate(const Ip& address);

struct InterfaceAddress {
  std::string_view interface;
  Ip ip;
};
// Those that may be candidates, in the given order. A link-local address reaches nobody whom a
// routed one of its family on its interface does not reach as well, and is left out beside one.
[[nodiscard]] std::vector<Ip> candidate_addresses(std::span<const InterfaceAddress> addresses);

}  // namespace rtclab::ice
