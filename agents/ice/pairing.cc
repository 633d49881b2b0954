#include "agents/ice/pairing.h"

namespace rtclab::ice {
namespace {

using Kind = PairingDecision::Kind;

// RFC 6544 §6.2, the table.
bool may_connect(TcpType local, TcpType remote) {
  switch (local) {
    case TcpType::Active: return remote == TcpType::Passive;
    case TcpType::Passive: return remote == TcpType::Active;
    case TcpType::So: return remote == TcpType::So;
  }
  __builtin_unreachable();
}

}  // namespace

PairingDecision decide_pairing(const Candidate& local, const Candidate& remote) {
  if (local.transport != remote.transport) return {Kind::Never, "their transports differ"};
  if (local.address.ip.family() != remote.address.ip.family())
    return {Kind::Never, "their address families differ"};
  // Behind a NAT64 a reflexive address is of another family than what is sent from (RFC 8445
  // §6.1.2.4: the base), and no packet of the base's family reaches this remote candidate.
  if (local.base.ip.family() != remote.address.ip.family())
    return {Kind::Never, "the local base is of another address family"};
  if (!local.address.ip.is_v4() &&
      local.address.ip.is_link_local() != remote.address.ip.is_link_local())
    return {Kind::Never, "a link-local IPv6 address reaches only its like"};
  // A name tells only the neighbours where its host is; the relay's operator would learn it.
  if (local.type == CandidateType::Relayed && !remote.host_name.empty())
    return {Kind::Never, "an address behind an mDNS name is not told to a relay"};
  if (local.transport == Transport::Udp) return {Kind::Pair, {}};
  if (!local.tcp_type || !remote.tcp_type || !may_connect(*local.tcp_type, *remote.tcp_type))
    return {Kind::Never, "their TCP types do not fit"};
  if (local.tcp_type == TcpType::Passive)
    return {Kind::Awaited, "a passive candidate waits for the peer to connect"};
  return {Kind::Pair, {}};
}

}  // namespace rtclab::ice
