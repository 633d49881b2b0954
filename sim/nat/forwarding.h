// What every machine on the way checks before it passes a packet on, and how it turns one away.
//
// Spec: RFC 1812 §5.2.2 (validity), §5.3.1 (time to live), §5.2.6 (fragmentation), §4.3.3 (the
// errors); RFC 8200 §3 and §5, RFC 4291 §2.5.6 (link-local packets stay on their link).
#pragma once

#include "sim/link/interface.h"
#include "sim/nat/icmp_error.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sim {

struct Refusal {
  std::string comment;                  // for the capture: "dropped by internet: …"
  std::optional<nat::IcmpError> error;  // for the sender, if it is told
};

// Why `machine` must not forward the packet, whatever its destination.
[[nodiscard]] std::optional<Refusal> refuse_to_forward(std::string_view machine, ByteView packet);
// Of a packet that must not be cut. A translator says what `came`, the size that it had before, so
// that its sender is told an MTU of its own family.
[[nodiscard]] std::optional<Refusal> refuse_as_too_big(std::string_view machine, ByteView packet,
                                                       const Interface& out,
                                                       std::optional<std::size_t> came = {});
// The packet, or its fragments: RFC 791 §2.3. Precondition: it is not refused as too big.
[[nodiscard]] std::vector<Bytes> cut_to_fit(Bytes packet, const Interface& out);

// Whether it ends here, and nobody is told: no machine of ours routes multicast, or is a member of
// a group.
[[nodiscard]] bool is_multicast(ByteView packet);

// The address in which a machine without addresses of its own answers: the "IPv4 dummy address"
// that IANA keeps for this (RFC 7600) or, for IPv6, the same behind the well-known prefix of RFC
// 6052.
[[nodiscard]] Ip dummy_address(Family family);
[[nodiscard]] Family family_of(ByteView packet);

// Captures the packet as dropped at `in` and sends the ICMP error, if there is one, back from
// `self`.
void turn_away(Interface& in, const Ip& self, const Arrival& arrival, const Refusal& refusal);

// What `in` answers in about the packet: its own address, or the dummy one.
[[nodiscard]] Ip own_address(const Interface& in, ByteView packet);

// Sends what was captured as received on its way, one hop older. Of several parts the last keeps
// the packet's identity: it is the one that makes it whole again.
void forward(Interface& out, std::vector<Bytes> parts, PacketId identity);

}  // namespace rtclab::sim
