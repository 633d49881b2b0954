// What a NAT or a firewall lets pass at all, whoever has spoken to whom: one rule for both.
//
// It stands before mapping and filtering. Answers to what the inside was allowed to begin are no
// beginning: what comes from the outside is only asked whether its transport is blocked.
#pragma once

#include "sim/nat/flow.h"
#include "topologies/nat.h"

#include <optional>
#include <string>

namespace rtclab::nat {

// Why nothing of this protocol passes, in either direction: "udp is blocked".
[[nodiscard]] std::optional<std::string> blocked_by(const topology::Policy& policy,
                                                    ip::Protocol protocol);

// Why the inside may not begin this: "policy: of what begins here only tcp/443 passes, not udp to
// 203.0.113.1:3478". An echo is in no list, so that a policy that names anything lets out none.
[[nodiscard]] std::optional<std::string> not_allowed_by(const topology::Policy& policy,
                                                        const Flow& outbound);

}  // namespace rtclab::nat
