#include "sim/nat/fault.h"

#include "agents/base/checksum.h"
#include "agents/base/octets_at.h"
#include "sim/nat/icmp_error.h"

#include <algorithm>
#include <optional>
#include <span>

namespace rtclab::nat {
namespace {

using Outcome = Verdict::Outcome;

constexpr std::uint8_t kEchoRequest = 8;

std::size_t header_of(ByteView packet) {
  return (std::to_integer<std::size_t>(packet.front()) & 0x0fu) * 4;
}

// The ICMP message in an IPv4 packet; empty when there is none.
std::span<std::byte> icmp_in(Bytes& packet) {
  const auto header = ip::Header::parse(packet);
  if (!header || header->protocol != ip::Protocol::Icmp) return {};
  return std::span{packet}.subspan(header->header_size);
}

bool is_error(std::span<const std::byte> icmp) {
  return icmp.size() > kIcmpHeader && is_icmp_error(std::to_integer<std::uint8_t>(icmp.front()));
}

// Of the packet that an ICMP error quotes.
std::optional<Flow> quoted_in(Bytes& packet) {
  const auto icmp = icmp_in(packet);
  return is_error(icmp) ? Flow::of(icmp.subspan(kIcmpHeader)) : std::nullopt;
}

void close_checksum(std::span<std::byte> icmp) {
  set_u16_at(icmp, 2, 0);
  set_u16_at(icmp, 2, checksum_close(checksum_add(0, icmp)));
}

// Two words change places: every checksum stays right.
void spoil_payload(Bytes& packet) {
  const auto flow = Flow::of(packet);
  if (!flow) return;
  auto begin = flow->header_size;
  if (flow->protocol == ip::Protocol::Udp)
    begin += 8;
  else if (flow->protocol == ip::Protocol::Tcp)
    begin += std::to_integer<std::size_t>(packet[begin + 12] >> 4) * 4;
  else
    return;
  if (packet.size() < begin + 4) return;
  std::swap(packet[begin], packet[begin + 2]);
  std::swap(packet[begin + 1], packet[begin + 3]);
}

}  // namespace

Verdict FaultyTranslator::from_inside(Instant now, Bytes& packet) {
  if (faults_.empty()) return translator_.from_inside(now, packet);
  const auto before = packet;
  const auto icmp = icmp_in(packet);
  if (has(Fault::QueriesDropped) && !icmp.empty() &&
      std::to_integer<std::uint8_t>(icmp.front()) == kEchoRequest)
    return {Outcome::Dropped, "dropped by a fault: ICMP queries do not leave", {}};
  auto verdict = translator_.from_inside(now, packet);
  if (verdict.outcome != Outcome::ToOutside) return verdict;
  note_outbound(before, packet);
  if (has(Fault::RewritesPayload)) spoil_payload(packet);
  if (has(Fault::OwnErrorsRefresh)) {
    if (const auto quoted = quoted_in(packet)) refresh(now, quoted->destination);
  }
  return verdict;
}

Verdict FaultyTranslator::from_outside(Instant now, Bytes& packet) {
  if (faults_.empty()) return translator_.from_outside(now, packet);
  if (has(Fault::DamagedErrorsPass)) {
    if (const auto icmp = icmp_in(packet); is_error(icmp)) close_checksum(icmp);
  }
  auto before = packet;
  const auto flow = Flow::of(packet);
  if (flow && flow->protocol == ip::Protocol::Tcp && flow->flags.rst && has(Fault::ResetsSwallowed))
    return {Outcome::Dropped, "dropped by a fault: no RST comes in", {}};
  const auto quoted = quoted_in(before);
  auto verdict = translator_.from_outside(now, packet);
  if (verdict.outcome == Outcome::Dropped) {
    if (flow && flow->protocol == ip::Protocol::Udp && has(Fault::RefusedRefresh))
      refresh(now, flow->destination);
    if (flow && has(Fault::UdpOpensTcp)) return open_for_tcp(std::move(verdict), *flow, packet);
    return verdict;
  }
  if (quoted) {
    spoil_error(before, packet);
    if (has(Fault::ErrorsRefresh)) refresh(now, quoted->source);
    if (has(Fault::ErrorsEndMappings)) ended_.insert(quoted->source);
  }
  return verdict;
}

// Remembers what a packet out shows of its mapping. A mapping that has ended is another from now
// on.
void FaultyTranslator::note_outbound(const Bytes& before, Bytes& after) {
  const auto inside = Flow::of(before);
  const auto outside = Flow::of(after);
  if (!inside || !outside) return;
  if (inside->protocol == ip::Protocol::Udp) {
    last_out_[outside->source] = before;
    udp_[outside->source] = inside->source;
  }
  if (!ended_.contains(outside->source)) return;
  auto other = outside->source;
  other.port = Port{static_cast<std::uint16_t>(other.port.value() ^ 0x0400u)};
  rewrite(after, *outside, End::Source, other);
}

// As if the inside had sent its last packet once more.
void FaultyTranslator::refresh(Instant now, const Endpoint& outside) {
  const auto found = last_out_.find(outside);
  if (found == last_out_.end()) return;
  auto again = found->second;
  (void)translator_.from_inside(now, again);
}

Verdict FaultyTranslator::open_for_tcp(Verdict refused, const Flow& flow, Bytes& packet) const {
  const auto mapping = udp_.find(flow.destination);
  if (flow.protocol != ip::Protocol::Tcp || mapping == udp_.end()) return refused;
  rewrite(packet, flow, End::Destination, mapping->second);
  return {Outcome::ToInside, {}, {}};
}

void FaultyTranslator::spoil_error(const Bytes& before, Bytes& packet) {
  const auto icmp = icmp_in(packet);
  if (has(Fault::ErrorsUntranslated)) {
    const auto quoted = ByteView{before}.subspan(header_of(before) + kIcmpHeader);
    std::ranges::copy(quoted, icmp.begin() + kIcmpHeader);
    close_checksum(icmp);
  }
  if (has(Fault::ErrorsWithBadChecksum)) icmp[2] ^= std::byte{0x55};
}

}  // namespace rtclab::nat
