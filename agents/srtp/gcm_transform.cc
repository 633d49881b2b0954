#include "agents/srtp/gcm_transform.h"

#include "agents/srtp/octets.h"

#include <algorithm>
#include <utility>

namespace rtclab::srtp {
namespace {

constexpr std::size_t kGcmTagSize = 16;

GcmUse gcm_use(Use use) {
  return use == Use::Protect ? GcmUse::Seal : GcmUse::Open;
}

}  // namespace

GcmTransform::Half::Half(SessionKeys session_keys, Use use)
    : keys{std::move(session_keys)}, cipher{keys.encryption, gcm_use(use)} {}

// RFC 7714 §8.1, §9.1: 16 zero bits, SSRC, 48 bits of index (ROC and SEQ; 17 zero bits and the
// SRTCP index), XOR the salt.
Nonce GcmTransform::Half::nonce(rtp::Ssrc ssrc, std::uint64_t index) const {
  Nonce nonce{};
  std::ranges::copy(keys.salt, nonce.begin());
  xor_number(std::span{nonce}.subspan(2, 4), ssrc.value());
  xor_number(std::span{nonce}.subspan(6, 6), index);
  return nonce;
}

GcmTransform::GcmTransform(SessionKeys rtp, SessionKeys rtcp, Use use)
    : rtp_{std::move(rtp), use}, rtcp_{std::move(rtcp), use} {}

void GcmTransform::protect(const RtpPlace& place, Bytes& packet) {
  const std::span all{packet};
  const auto tag =
      rtp_.cipher.seal(rtp_.nonce(place.ssrc, place.index), all.first(place.header_size), {},
                       all.subspan(place.header_size));
  append(packet, tag);
}

bool GcmTransform::unprotect(const RtpPlace& place, Bytes& packet) {
  const std::span all{packet};
  const auto size = packet.size() - kGcmTagSize;
  const bool authentic =
      rtp_.cipher.open(rtp_.nonce(place.ssrc, place.index), all.first(place.header_size), {},
                       all.subspan(place.header_size, size - place.header_size), all.subspan(size));
  packet.resize(size);
  return authentic;
}

//    | header 8 | encrypted | tag 16 | E and index 4 |    the header and the last word are signed
//    too
void GcmTransform::protect(const RtcpPlace& place, Bytes& packet) {
  const std::span all{packet};
  const auto clear = place.secrecy == Secrecy::Encrypted ? kRtcpClearSize : packet.size();
  const auto last = word(index_word(place));
  const auto tag = rtcp_.cipher.seal(rtcp_.nonce(place.ssrc, place.index), all.first(clear), last,
                                     all.subspan(clear));
  append(packet, tag);
  append(packet, last);
}

bool GcmTransform::unprotect(const RtcpPlace& place, Bytes& packet) {
  const std::span all{packet};
  const auto size = packet.size() - kGcmTagSize - kSrtcpIndexSize;
  const auto clear = place.secrecy == Secrecy::Encrypted ? kRtcpClearSize : size;
  const bool authentic = rtcp_.cipher.open(
      rtcp_.nonce(place.ssrc, place.index), all.first(clear), word(index_word(place)),
      all.subspan(clear, size - clear), all.subspan(size, kGcmTagSize));
  packet.resize(size);
  return authentic;
}

}  // namespace rtclab::srtp
