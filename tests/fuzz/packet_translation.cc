// RFC 7915 both ways, prefixes, and fragments: packets of anybody. What is translated parses, has
// the other family, and says the same on its way back.
#include "agents/base/checksum.h"
#include "agents/base/ip_fragment.h"
#include "agents/base/ip_packet.h"
#include "sim/nat/clat.h"
#include "sim/nat/npt.h"
#include "sim/nat/siit.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <algorithm>

namespace rtclab::fuzz {
namespace {

using Outcome = nat::Verdict::Outcome;

// With the header's checksum right, before which a fuzzer would stand for ever.
Bytes mended(ByteView packet) {
  Bytes copy{packet.begin(), packet.end()};
  if (copy.size() < 20 || std::to_integer<unsigned>(copy[0]) >> 4u != 4) return copy;
  const auto size = std::min((std::to_integer<std::size_t>(copy[0]) & 15u) * 4, copy.size());
  if (size < 20) return copy;
  copy[10] = copy[11] = std::byte{0};
  const auto checksum = checksum_close(checksum_add(0, ByteView{copy}.first(size)));
  copy[10] = static_cast<std::byte>(checksum >> 8u);
  copy[11] = static_cast<std::byte>(checksum);
  return copy;
}

// Every address has one of the other family, so that all that is left to refuse is the packet.
nat::siit::Translation anybody() {
  return {.to_v6 = [](const Ip& ip) -> std::optional<Ip> {
            auto v6 = ip;
            v6.octets[0] = 0x20;
            v6.octets[1] = 0x01;
            return v6;
          },
          .to_v4 = [](const Ip& ip) -> std::optional<Ip> {
            ByteReader reader{std::as_bytes(std::span{ip.octets}).subspan(12)};
            return Ip::v4(reader.u32());
          }};
}

void translate(ByteView packet, const ip::Header& header) {
  const auto way = anybody();
  if (header.source.is_v4()) {
    const auto v6 = nat::siit::to_v6(packet, way);
    if (!v6) return;
    const auto there = ip::Header::parse(*v6);
    require(there.has_value() && !there->source.is_v4(), "IPv6 comes out");
    const auto back = nat::siit::to_v4(*v6, way, header.identification);
    // What had to be shortened on its way, an error's quote, may be too short to come back.
    if (back) require(ip::Header::parse(*back).has_value(), "IPv4 comes back");
    return;
  }
  const auto v4 = nat::siit::to_v4(packet, way, 1);
  if (!v4) return;
  const auto there = ip::Header::parse(*v4);
  require(there.has_value() && there->source.is_v4(), "IPv4 comes out");
}

void pass_npt(ByteView packet, const ip::Header& header) {
  const nat::Npt npt{"npt", {header.source, 48}, *Prefix::parse("2001:db8:1::/48")};
  Bytes out{packet.begin(), packet.end()};
  if (npt.from_inside(out).outcome != Outcome::ToOutside) return;
  const auto shown = ip::Header::parse(out);
  require(shown.has_value(), "a prefix changes nothing else");
  const auto back =
      nat::translate_prefix(shown->source, *Prefix::parse("2001:db8:1::/48"), {header.source, 48});
  require(back.has_value() && *back == header.source, "an address comes back");
}

void pass_clat(const ip::Header& header, Bytes packet) {
  nat::Clat clat{"clat",
                 {*Prefix::parse("192.0.0.1/29"), header.source, *Ip::parse("2001:db8::64"),
                  *Prefix::parse("64:ff9b::/96")}};
  const auto verdict = clat.from_inside(packet);
  if (verdict.outcome != Outcome::ToOutside) return;
  require(ip::Header::parse(packet).has_value(), "a CLAT sends IPv6");
  for (const auto& part : verdict.rest) {
    require(ip::Header::parse(part).has_value() && part.size() <= ip::kLeastMtuV6,
            "what was cut fits every link");
  }
}

void reassemble(Feed& feed) {
  ip::Reassembler reassembler{{.packets = 4, .octets = 4096, .fragments = 16}};
  Instant now{};
  while (!feed.is_empty()) {
    now += feed.pause();
    for (const auto& first : reassembler.expire(now)) {
      require(ip::Fragment::of(first).has_value(), "what is given up was a fragment");
    }
    const auto packet = mended(feed.chunk());
    const auto fragment = ip::Fragment::of(packet);
    if (!fragment) continue;
    const auto whole = reassembler.take(now, packet, *fragment);
    require(reassembler.waiting() <= 4, "no more packets wait than may");
    if (!whole) continue;
    require(ip::Header::parse(*whole).has_value() && !ip::Fragment::of(*whole).has_value(),
            "what is put together is whole");
  }
}

void cut(ByteView packet, const ip::Header& header) {
  if (!header.source.is_v4() || header.total_size < 200) return;
  ip::Reassembler reassembler;
  std::optional<Bytes> whole;
  const auto head = header.header_size;
  for (const auto& part : ip::fragment_v4(packet.first(header.total_size), head + 64)) {
    require(part.size() <= head + 64, "a part fits");
    if (header.is_fragment()) continue;
    const auto fragment = ip::Fragment::of(part);
    require(fragment.has_value(), "a part is a fragment");
    whole = reassembler.take({}, part, *fragment);
  }
  if (header.is_fragment()) return;
  require(whole.has_value() && whole->size() == header.total_size, "the parts are the packet");
}

}  // namespace

void packet_translation(ByteView input) {
  Feed feed{input};
  if (feed.flip()) return reassemble(feed);
  const auto packet = mended(feed.chunk());
  const auto header = ip::Header::parse(packet);
  if (!header) return;
  const auto whole = ByteView{packet}.first(header->total_size);
  translate(whole, *header);
  cut(whole, *header);
  if (header->source.is_v4()) {
    pass_clat(*header, {whole.begin(), whole.end()});
  } else {
    pass_npt(whole, *header);
  }
}

}  // namespace rtclab::fuzz
