#include "agents/stun/stream_framing.h"

#include "agents/stun/message.h"

namespace rtclab::stun {
namespace {

constexpr std::byte kLastFirstOctet{3};  // RFC 7983 §7
constexpr Rule kRule{8489, "6.2.2"};

}  // namespace

Result<std::optional<std::size_t>> message_size(ByteView stream) {
  const std::optional<std::size_t> unknown_yet;
  if (stream.empty()) return unknown_yet;
  if (stream.front() > kLastFirstOctet) return fail(Flaw::BadValue, 0, {7983, "7"});
  ByteReader reader{stream};
  reader.skip(2);
  const std::size_t length = reader.u16();
  if (!reader.ok()) return unknown_yet;
  if (length % 4 != 0) return fail(Flaw::BadLength, 2, kRule);
  const auto cookie = reader.u32();
  if (!reader.ok()) return unknown_yet;
  if (cookie != kMagicCookie) return fail(Flaw::BadMagic, 4, kRule);
  return std::optional{kHeaderSize + length};
}

}  // namespace rtclab::stun
