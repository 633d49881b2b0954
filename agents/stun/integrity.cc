#include "agents/stun/integrity.h"

#include "agents/stun/deviate.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string>

namespace rtclab::stun {
namespace {

constexpr std::size_t kAttributeHeader = 4;
constexpr std::size_t kSha1Octets = 20;
constexpr std::size_t kSha256Octets = 32;
constexpr std::size_t kFingerprintSize = kAttributeHeader + 4;
constexpr std::uint32_t kFingerprintXor = 0x5354554e;
constexpr std::size_t kLengthField = 2;

const unsigned char* raw(ByteView octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

Bytes hash(const EVP_MD* algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  [[maybe_unused]] const int done =
      EVP_Digest(text.data(), text.size(), out.data(), &size, algorithm, nullptr);
  assert(done == 1);
  const auto octets = std::as_bytes(std::span{out}).first(size);
  return {octets.begin(), octets.end()};
}

Bytes hmac(const EVP_MD* algorithm, ByteView key, ByteView text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  [[maybe_unused]] const auto* const done =
      HMAC(algorithm, key.data(), static_cast<int>(key.size()), raw(text), text.size(), out.data(),
           &size);
  assert(done != nullptr);
  const auto octets = std::as_bytes(std::span{out}).first(size);
  return {octets.begin(), octets.end()};
}

std::uint32_t crc(ByteView octets) {
  return static_cast<std::uint32_t>(crc32_z(0, raw(octets), octets.size())) ^ kFingerprintXor;
}

// --- writing ---

class Sealing {
 public:
  Sealing(const Message& message, const Seal& how) : message_{message}, how_{how} {
    const bool response = message.cls == Class::Success || message.cls == Class::Error;
    const bool refuses = response && has(Deviation::StunResponseUnsigned);
    sha1_ = !how.key.empty() && !refuses && how.integrity != IntegrityAlgorithm::Sha256;
    sha256_ = !how.key.empty() && !refuses && how.integrity != IntegrityAlgorithm::Sha1;
  }

  Bytes run() {
    const auto top_bits = has(Deviation::StunTypeTopBits) ? 0x8000u : 0u;
    out_.u16(top_bits | type_field(message_.cls, message_.method)).u16(0).u32(kMagicCookie);
    out_.octets(message_.transaction.octets);

    const bool fingerprint_early = how_.fingerprint && has(Deviation::StunFingerprintNotLast);
    // Where no integrity follows, the last attribute has to stand behind the early FINGERPRINT.
    const auto behind =
        fingerprint_early && !sha1_ && !sha256_ && !message_.attributes.empty() ? 1u : 0u;
    const auto before = std::span{message_.attributes}.first(message_.attributes.size() - behind);
    const auto after = std::span{message_.attributes}.last(behind);

    for (const auto& attribute : before) append(attribute.type, attribute.value);
    if (fingerprint_early) append_fingerprint(total_size(before, after));
    for (const auto& attribute : after) append(attribute.type, attribute.value);
    if (sha1_)
      append_integrity(MessageIntegrity::kType, EVP_sha1(), kSha1Octets, total_size(before, after));
    if (sha256_) {
      append_integrity(MessageIntegritySha256::kType, EVP_sha256(), kSha256Octets,
                       total_size(before, after));
    }
    if (how_.fingerprint && !fingerprint_early) append_fingerprint(out_.size() + kFingerprintSize);
    set_length(out_.size());
    return out_.take();
  }

 private:
  [[nodiscard]] bool has(Deviation deviation) const { return how_.deviations.has(deviation); }

  void append(AttributeType type, ByteView value) {
    assert(value.size() <= 0xffff);
    out_.u16(static_cast<std::uint16_t>(type)).u16(value.size()).octets(value);
    // RFC 8489 §14: padding is zero.
    if (!has(Deviation::StunPaddingNonZero)) {
      out_.pad_to(4);
    } else {
      while (out_.size() % 4 != 0) out_.u8(0xff);
    }
  }

  // RFC 8489 §14.5: the length counts up to and with this attribute, whatever else will follow.
  void append_integrity(AttributeType type, const EVP_MD* algorithm, std::size_t octets,
                        std::size_t total) {
    const bool unadjusted = has(Deviation::StunIntegrityUnadjustedLength);
    patch_length((unadjusted ? total : out_.size() + kAttributeHeader + octets) - kHeaderSize);
    append(type, hmac(algorithm, how_.key, out_.view()));
  }

  // RFC 8489 §14.7: the CRC covers the header's final length.
  void append_fingerprint(std::size_t total) {
    set_length(total);
    append(Fingerprint::kType, ByteWriter{4}.u32(crc(out_.view())).take());
  }

  [[nodiscard]] std::size_t total_size(std::span<const Attribute> before,
                                       std::span<const Attribute> after) const {
    auto total = kHeaderSize + (how_.fingerprint ? kFingerprintSize : 0);
    for (const auto list : {before, after}) {
      for (const auto& attribute : list)
        total += kAttributeHeader + (attribute.value.size() + 3) / 4 * 4;
    }
    if (sha1_) total += kAttributeHeader + kSha1Octets;
    if (sha256_) total += kAttributeHeader + kSha256Octets;
    return total;
  }

  // The length as a receiver shall see it in a message of `total` octets.
  void set_length(std::size_t total) {
    patch_length(total - (has(Deviation::StunLengthCountsHeader) ? 0 : kHeaderSize));
  }
  void patch_length(std::size_t length) { out_.patch_u16(kLengthField, length); }

  const Message& message_;
  const Seal& how_;
  bool sha1_ = false;
  bool sha256_ = false;
  ByteWriter out_{256};
};

// --- checking ---

struct Found {
  std::size_t offset;  // of the attribute
  ByteView value;
};

// The first attribute of `type` in a datagram whose form need not be sound.
std::optional<Found> find_raw(ByteView datagram, AttributeType type) {
  ByteReader reader{datagram};
  reader.skip(kHeaderSize);
  while (reader.remaining() >= kAttributeHeader) {
    const auto at = reader.offset();
    const auto here = AttributeType{reader.u16()};
    const std::size_t length = reader.u16();
    const auto value = reader.take(length);
    if (!reader.ok()) return std::nullopt;
    if (here == type) return Found{at, value};
    reader.skip(std::min((4 - length % 4) % 4, reader.remaining()));
  }
  return std::nullopt;
}

bool equal(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Check check(ByteView datagram, ByteView key, AttributeType type, const EVP_MD* algorithm) {
  const auto found = find_raw(datagram, type);
  if (!found) return Check::Absent;
  if (flaw_in(type, found->value, {})) return Check::Bad;
  ByteWriter text{found->offset};
  text.octets(datagram.first(found->offset));
  text.patch_u16(kLengthField,
                 found->offset + kAttributeHeader + found->value.size() - kHeaderSize);
  const auto expected = hmac(algorithm, key, text.view());
  return equal(ByteView{expected}.first(found->value.size()), found->value) ? Check::Ok
                                                                            : Check::Bad;
}

}  // namespace

Key short_term_key(std::string_view password) {
  return to_octets(password);
}

Key long_term_key(std::string_view username, std::string_view realm, std::string_view password,
                  PasswordHash algorithm) {
  std::string text{username};
  text.append(":").append(realm).append(":").append(password);
  return hash(algorithm == PasswordHash::Sha256 ? EVP_sha256() : EVP_md5(), text);
}

UserHash user_hash(std::string_view username, std::string_view realm) {
  UserHash attribute;
  std::ranges::copy(hash(EVP_sha256(), std::string{username}.append(":").append(realm)),
                    attribute.value.begin());
  return attribute;
}

std::string keyed_digest(ByteView key, std::string_view text) {
  return to_hex(hmac(EVP_sha1(), key, as_octets(text)));
}

Bytes seal(const Message& message, const Seal& how) {
  assert(std::ranges::none_of(message.attributes, [](const Attribute& attribute) {
    return attribute.type == MessageIntegrity::kType ||
           attribute.type == MessageIntegritySha256::kType || attribute.type == Fingerprint::kType;
  }));
  if (how.deviations.none()) return Sealing{message, how}.run();
  const auto deviant = deviate(message, how.deviations);
  return Sealing{deviant, how}.run();
}

Check check_integrity(ByteView datagram, ByteView key, IntegrityAlgorithm algorithm) {
  if (algorithm != IntegrityAlgorithm::Sha1) {
    const auto strong = check(datagram, key, MessageIntegritySha256::kType, EVP_sha256());
    if (algorithm == IntegrityAlgorithm::Sha256 || strong != Check::Absent) return strong;
  }
  return check(datagram, key, MessageIntegrity::kType, EVP_sha1());
}

Check check_fingerprint(ByteView datagram) {
  if (datagram.size() < kHeaderSize + kFingerprintSize) return Check::Absent;
  const auto at = datagram.size() - kFingerprintSize;
  const auto found = find_raw(datagram, Fingerprint::kType);
  if (!found || found->offset != at || found->value.size() != 4) return Check::Absent;
  return ByteReader{found->value}.u32() == crc(datagram.first(at)) ? Check::Ok : Check::Bad;
}

}  // namespace rtclab::stun
