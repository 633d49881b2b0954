#include "agents/srtp/counter_mode_transform.h"

#include "agents/srtp/octets.h"

#include <algorithm>
#include <utility>

namespace rtclab::srtp {
namespace {

constexpr std::size_t kShaTagSize = 10;  // 80 of 160 bits

void append_tag(Bytes& packet, const Sha1& tag) {
  packet.insert(packet.end(), tag.begin(), tag.begin() + kShaTagSize);
}

// Takes the tag off when it is the right one.
bool take_tag(Bytes& packet, const Sha1& expected) {
  const auto signed_size = packet.size() - kShaTagSize;
  if (!equal_in_constant_time(ByteView{packet}.subspan(signed_size),
                              ByteView{expected}.first(kShaTagSize))) {
    return false;
  }
  packet.resize(signed_size);
  return true;
}

}  // namespace

CounterModeTransform::Half::Half(SessionKeys session_keys)
    : keys{std::move(session_keys)}, cipher{keys.encryption}, mac{keys.authentication} {}

// RFC 3711 §4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16).
void CounterModeTransform::Half::encrypt(rtp::Ssrc ssrc, std::uint64_t index,
                                         std::span<std::byte> octets) {
  Block counter{};
  std::ranges::copy(keys.salt, counter.begin());
  xor_number(std::span{counter}.subspan(4, 4), ssrc.value());
  xor_number(std::span{counter}.subspan(8, 6), index);
  cipher.apply(counter, octets);
}

CounterModeTransform::CounterModeTransform(SessionKeys rtp, SessionKeys rtcp)
    : rtp_{std::move(rtp)}, rtcp_{std::move(rtcp)} {}

void CounterModeTransform::protect(const RtpPlace& place, Bytes& packet) {
  rtp_.encrypt(place.ssrc, place.index, std::span{packet}.subspan(place.header_size));
  append_tag(packet, rtp_.mac.sign(packet, word(rollover_counter(place.index))));
}

bool CounterModeTransform::unprotect(const RtpPlace& place, Bytes& packet) {
  const auto signed_part = ByteView{packet}.first(packet.size() - kShaTagSize);
  const auto tag = rtp_.mac.sign(signed_part, word(rollover_counter(place.index)));
  if (!take_tag(packet, tag)) return false;
  rtp_.encrypt(place.ssrc, place.index, std::span{packet}.subspan(place.header_size));
  return true;
}

//    | header 8 | encrypted | E and index 4 | tag 10 |
void CounterModeTransform::protect(const RtcpPlace& place, Bytes& packet) {
  if (place.secrecy == Secrecy::Encrypted) {
    rtcp_.encrypt(place.ssrc, place.index, std::span{packet}.subspan(kRtcpClearSize));
  }
  append(packet, word(index_word(place)));
  append_tag(packet, rtcp_.mac.sign(packet, {}));
}

bool CounterModeTransform::unprotect(const RtcpPlace& place, Bytes& packet) {
  const auto tag = rtcp_.mac.sign(ByteView{packet}.first(packet.size() - kShaTagSize), {});
  if (!take_tag(packet, tag)) return false;
  packet.resize(packet.size() - kSrtcpIndexSize);
  if (place.secrecy == Secrecy::Encrypted) {
    rtcp_.encrypt(place.ssrc, place.index, std::span{packet}.subspan(kRtcpClearSize));
  }
  return true;
}

}  // namespace rtclab::srtp
