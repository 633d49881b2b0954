#include "agents/peer/media_path.h"

#include "agents/rtp/packet.h"

#include <string>
#include <utility>

namespace rtclab::peer {
namespace {

srtp::PacketKind kind_of(ByteView datagram) {
  return rtp::looks_like_rtcp(datagram) ? srtp::PacketKind::Rtcp : srtp::PacketKind::Rtp;
}

}  // namespace

void MediaPath::set_keys(srtp::Profile profile, srtp::DtlsRole role, ByteView keying_material) {
  srtp_.emplace(profile, role, keying_material, deviations_);
  trace_.push_back(srtp::Keyed{profile}.describe());
}

void MediaPath::drop_keys(Instant now) {
  srtp_.reset();
  set_path(now, false);
}

void MediaPath::set_path(Instant now, bool carries) {
  const bool writable = carries && srtp_.has_value();
  if (std::exchange(writable_, writable) != writable) session_.set_writable(now, writable);
}

void MediaPath::handle_datagram(Instant now, ByteView datagram) {
  if (!srtp_) return;
  const auto kind = kind_of(datagram);
  const auto opened = srtp_->unprotect(kind, datagram);
  if (!opened) {
    refuse(kind, opened.error());
  } else if (kind == srtp::PacketKind::Rtp) {
    session_.handle_rtp(now, *opened);
  } else {
    session_.handle_rtcp(now, *opened);
  }
}

std::optional<Bytes> MediaPath::poll_datagram() {
  if (again_) return std::exchange(again_, std::nullopt);
  while (auto packet = session_.poll_packet()) {
    if (!srtp_) continue;
    const auto kind =
        packet->kind == media::PacketKind::Rtp ? srtp::PacketKind::Rtp : srtp::PacketKind::Rtcp;
    auto sealed = seal(kind, std::move(packet->bytes));
    if (!sealed) {
      refuse(kind, sealed.error());
      continue;
    }
    const bool twice = deviations_.has(Deviation::SrtpSendTwice) && kind == srtp::PacketKind::Rtp;
    if (twice && ++sent_ % 50 == 0) again_ = *sealed;
    return *std::move(sealed);
  }
  return std::nullopt;
}

// SRTP protects nothing but version 2, so a version that deviates is put on behind it.
srtp::Outcome<Bytes> MediaPath::seal(srtp::PacketKind kind, Bytes packet) {
  constexpr std::byte kOtherVersion{0xc0};
  const bool other = deviations_.has(Deviation::RtpWrongVersion) && kind == srtp::PacketKind::Rtp;
  if (other) packet.front() ^= kOtherVersion;
  auto sealed = srtp_->protect(kind, packet);
  if (other && sealed) sealed->front() ^= kOtherVersion;
  return sealed;
}

std::optional<rtclab::Event> MediaPath::poll_trace() {
  if (trace_.empty()) return std::nullopt;
  auto event = std::move(trace_.front());
  trace_.pop_front();
  return event;
}

void MediaPath::refuse(srtp::PacketKind kind, srtp::Failure failure) {
  trace_.push_back(srtp::PacketRefused{kind, failure}.describe());
}

}  // namespace rtclab::peer
