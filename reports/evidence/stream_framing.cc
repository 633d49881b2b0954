#include "reports/evidence/stream_framing.h"

#include "agents/base/octets_at.h"
#include "agents/stun/message.h"
#include "reports/evidence/dtls_records.h"

#include <fmt/format.h>

namespace rtclab::evidence {
namespace {

constexpr std::size_t kFrameHeader = 2;          // RFC 4571 §2: the length
constexpr std::size_t kChannelHeader = 4;        // RFC 8656 §12.4
constexpr std::size_t kTlsHeader = 5;            // RFC 8446 §5.1
constexpr std::size_t kMostWaiting = 1u << 17u;  // a message of two octets of length is shorter

unsigned octet(ByteView octets, std::size_t place) {
  return std::to_integer<unsigned>(octets[place]);
}

bool has_cookie_at(ByteView octets, std::size_t place) {
  ByteReader reader{octets};
  reader.skip(place);
  return reader.u32() == stun::kMagicCookie && reader.ok();
}

std::size_t padded(std::size_t length) {
  return (length + 3) / 4 * 4;
}

}  // namespace

// What opens a connection is STUN, in a frame or without one (RFC 6544 §7.1, RFC 8489 §6.2.2), or
// TLS.
StreamFraming::Guess StreamFraming::guess(ByteView octets) {
  if (octets.size() >= 3 && octet(octets, 0) >= kChangeCipherSpec &&
      octet(octets, 0) <= kApplicationData && octet(octets, 1) == 3 && octet(octets, 2) <= 4) {
    return Guess::Tls;
  }
  if (octets.size() < 4 + kFrameHeader + 4) return Guess::Undecided;
  if (octet(octets, 0) <= 3 && has_cookie_at(octets, 4)) return Guess::Turn;
  if (octet(octets, 2) <= 3 && has_cookie_at(octets, 6)) return Guess::Rfc4571;
  return Guess::Opaque;
}

std::optional<std::size_t> StreamFraming::length_of_first() const {
  const ByteView octets{waiting_};
  switch (guess_) {
    case Guess::Rfc4571:
      if (octets.size() < kFrameHeader) return std::nullopt;
      return kFrameHeader + u16_at(octets, 0);
    case Guess::Turn:
      if (octets.size() < kChannelHeader) return std::nullopt;
      if (octet(octets, 0) <= 3) {
        if (octets.size() < 8) return std::nullopt;
        return has_cookie_at(octets, 4) ? stun::kHeaderSize + u16_at(octets, 2) : 0;
      }
      if (octet(octets, 0) >= 0x40 && octet(octets, 0) <= 0x7f)
        return kChannelHeader + padded(u16_at(octets, 2));
      return 0;
    case Guess::Tls:
      if (octets.size() < kTlsHeader) return std::nullopt;
      if (octet(octets, 1) != 3) return 0;
      return kTlsHeader + u16_at(octets, 3);
    case Guess::Undecided:
    case Guess::Opaque: return std::nullopt;
  }
  return std::nullopt;
}

std::string StreamFraming::tls_words(ByteView record) {
  switch (octet(record, 0)) {
    case kChangeCipherSpec: encrypted_ = true; return "ChangeCipherSpec";
    case kAlert: {
      const auto alert = encrypted_ ? std::nullopt : read_dtls_alert(record.subspan(kTlsHeader));
      return alert ? fmt::format("alert {}", alert_name(alert->description)) : "alert";
    }
    case kHandshake:
      if (encrypted_ || record.size() <= kTlsHeader) return "handshake";
      return std::string{handshake_name(static_cast<std::uint8_t>(octet(record, kTlsHeader)))};
    default: return "application data";
  }
}

Framed StreamFraming::unframe(const Endpoint& source, const Endpoint& destination, ByteView whole) {
  const auto framed = [&](Framing framing, ByteView payload, Dissection dissection) {
    return Framed{framing, {payload.begin(), payload.end()}, std::move(dissection)};
  };
  if (guess_ == Guess::Tls) {
    Dissection dissection;
    dissection.kind = Kind::Tls;
    dissection.words = tls_words(whole);
    return framed(Framing::Tls, whole, std::move(dissection));
  }
  if (guess_ == Guess::Rfc4571) {
    const auto payload = whole.subspan(kFrameHeader);
    return framed(Framing::Rfc4571, payload, dissect_udp(source, destination, payload));
  }
  const bool channel = octet(whole, 0) > 3;
  const auto payload = channel ? whole.first(kChannelHeader + u16_at(whole, 2)) : whole;
  auto dissection = channel && octet(whole, 0) > 0x4f ? Dissection{}
                                                      // RFC 8656 §12: reserved numbers
                                                      : dissect_udp(source, destination, payload);
  // RFC 6062 §4.3: behind these two a data connection carries what the peer sends.
  const auto* const message = dissection.stun.get();
  if (message != nullptr && message->method == stun::Method::ConnectionBind &&
      message->cls != stun::Class::Error) {
    guess_ = Guess::Undecided;
  }
  return framed(Framing::Turn, payload, std::move(dissection));
}

std::vector<Framed> StreamFraming::take(const Endpoint& source, const Endpoint& destination,
                                        ByteView octets) {
  std::vector<Framed> messages;
  if (guess_ == Guess::Opaque) return messages;
  waiting_.insert(waiting_.end(), octets.begin(), octets.end());
  while (guess_ != Guess::Opaque) {
    if (guess_ == Guess::Undecided) guess_ = guess(waiting_);
    const auto length = length_of_first();
    if (!length || (*length != 0 && waiting_.size() < *length)) break;
    if (*length == 0) {
      messages.push_back({Framing::Broken, waiting_, {}});
      guess_ = Guess::Opaque;
      break;
    }
    const Bytes whole{waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(*length)};
    messages.push_back(unframe(source, destination, whole));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(*length));
  }
  if (guess_ == Guess::Opaque || waiting_.size() > kMostWaiting) {
    guess_ = Guess::Opaque;
    waiting_.clear();
  }
  return messages;
}

}  // namespace rtclab::evidence
