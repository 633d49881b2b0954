#include "sim/nat/cut_before.h"

#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"

namespace rtclab::nat::siit {
namespace {

// What is whole becomes 20 octets longer, what is a part 28.
bool is_to_be_cut(const ip::Header& header, ByteView packet) {
  if (!ip::may_be_fragmented(packet) || header.protocol == ip::Protocol::Icmp) return false;
  return packet.size() > (header.is_fragment() ? kCutBefore : ip::kLeastMtuV6 - 20);
}

}  // namespace

tl::expected<std::vector<Bytes>, Untranslatable> cut_and_translate(ByteView packet,
                                                                   const Translation& translation) {
  std::vector<Bytes> parts;
  if (is_to_be_cut(*ip::Header::parse(packet), packet)) {
    parts = ip::fragment_v4(packet, kCutBefore);
  } else {
    parts.emplace_back(packet.begin(), packet.end());
  }
  for (auto& part : parts) {
    auto translated = to_v6(part, translation);
    if (!translated) return tl::make_unexpected(translated.error());
    part = *std::move(translated);
  }
  return parts;
}

}  // namespace rtclab::nat::siit
