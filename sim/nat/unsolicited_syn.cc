#include "sim/nat/unsolicited_syn.h"

#include "agents/base/ip_packet.h"
#include "sim/nat/icmp_error.h"

#include <algorithm>
#include <utility>

namespace rtclab::nat {
namespace {

// RFC 9293 §3.10.7.1: the reset of a SYN acknowledges it and all it carries.
std::optional<Bytes> reset_of(ByteView packet, const Flow& flow) {
  const auto header = ip::Header::parse(packet);
  constexpr std::size_t kTcpHeader = 20;
  if (!header || header->total_size < flow.header_size + kTcpHeader) return std::nullopt;
  const auto segment = header->payload(packet);
  ByteReader reader{segment};
  reader.skip(4);
  const auto sequence = reader.u32();
  reader.skip(4);
  const auto data_offset = std::size_t{reader.u8()} / 16 * 4;
  const auto data = segment.size() - std::min(segment.size(), data_offset);

  constexpr unsigned kRstAck = 0x14;
  ByteWriter reset;
  reset.u16(flow.destination.port.value()).u16(flow.source.port.value()).u32(0);
  reset.u32(sequence + 1 + static_cast<std::uint32_t>(data));
  reset.u16(0x5000u | kRstAck).u16(0).u32(0);
  const auto& from = flow.destination.ip;
  const auto& to = flow.source.ip;
  reset.patch_u16(16, ip::transport_checksum(from, to, ip::Protocol::Tcp, reset.view()));
  return ip::build({from, to, ip::Protocol::Tcp}, reset.view());
}

}  // namespace

void UnsolicitedSyns::note(Instant now, ByteView packet, const Flow& flow, const Ip& self) {
  switch (answer_) {
    case topology::UnsolicitedSyn::Silent: return;
    case topology::UnsolicitedSyn::Reset:
      if (auto reset = reset_of(packet, flow)) outbox_.push_back(*std::move(reset));
      return;
    case topology::UnsolicitedSyn::Icmp: break;
  }
  const bool waits = std::ranges::any_of(waiting_, [&](const Waiting& other) {
    return other.outside == flow.destination && other.remote == flow.source;
  });
  if (waits || waiting_.size() >= kMostWaiting) return;
  waiting_.push_back(
      {now + kSilence, flow.destination, flow.source, self, Bytes{packet.begin(), packet.end()}});
}

void UnsolicitedSyns::note_opened(const Endpoint& outside, const Endpoint& remote) {
  std::erase_if(waiting_,
                [&](const Waiting& syn) { return syn.outside == outside && syn.remote == remote; });
}

void UnsolicitedSyns::handle_timeout(Instant now) {
  for (; !waiting_.empty() && waiting_.front().until <= now; waiting_.pop_front()) {
    const auto& syn = waiting_.front();
    if (auto error = icmp_error(syn.self, syn.packet, kPortUnreachable)) {
      outbox_.push_back(*std::move(error));
    }
  }
}

std::optional<Instant> UnsolicitedSyns::next_wakeup() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().until;
}

std::optional<Bytes> UnsolicitedSyns::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto packet = std::move(outbox_.front());
  outbox_.pop_front();
  return packet;
}

}  // namespace rtclab::nat
