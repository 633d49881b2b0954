#include "agents/mdns/name.h"

#include "agents/base/text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace rtclab::mdns {
namespace {

constexpr Rule kForm{1035, "3.1"};
constexpr Rule kCompression{1035, "4.1.4"};
constexpr std::size_t kLabelOctets = 63;  // RFC 1035 §2.3.4
constexpr std::size_t kNameOctets = 255;  // RFC 1035 §2.3.4, length octets and the root's counted
// No honest name has more pointers than labels; without a limit a datagram full of pointers to
// pointers costs the square of its size.
constexpr std::size_t kMostLabels = 127;
constexpr std::uint8_t kPointerBits = 0xc0;
constexpr std::size_t kHeaderOctets = 12;  // no name stands in the header
constexpr std::size_t kPointerReach = 0x3fff;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::optional<Name> Name::parse(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  Name name;
  if (text.empty()) return name;
  std::size_t octets = 1;
  for (const auto label : split(text, '.')) {
    octets += 1 + label.size();
    if (label.empty() || label.size() > kLabelOctets || octets > kNameOctets) return std::nullopt;
    name.labels.emplace_back(label);
  }
  return name;
}

std::string Name::to_string() const {
  std::string text;
  for (const auto& label : labels) {
    if (!text.empty()) text += '.';
    for (const char c : label) {
      if (c == '.' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text;
}

std::string Name::key() const {
  auto text = to_string();
  std::ranges::transform(text, text.begin(), lower);
  return text;
}

Result<Name> read_name(ByteView message, ByteReader& reader) {
  Name name;
  std::size_t octets = 1;
  std::optional<ByteReader> elsewhere;  // where a pointer led
  auto lowest = reader.offset();        // pointers must lead below this
  std::size_t pointers = 0;
  while (true) {
    auto& in = elsewhere ? *elsewhere : reader;
    const auto at = in.offset();
    const auto length = in.u8();
    if (!in.ok()) return fail(Flaw::Truncated, message.size(), kForm);
    if (length == 0) return name;
    if ((length & kPointerBits) == kPointerBits) {
      const std::size_t target = (length & ~kPointerBits & 0xffu) << 8u | in.u8();
      if (!in.ok()) return fail(Flaw::Truncated, message.size(), kCompression);
      if (target >= lowest || target < kHeaderOctets || ++pointers > kMostLabels) {
        return fail(Flaw::BadValue, at, kCompression);
      }
      lowest = target;
      elsewhere.emplace(message);
      elsewhere->skip(target);
      continue;
    }
    if ((length & kPointerBits) != 0) return fail(Flaw::BadValue, at, kCompression);
    const auto label = in.take(length);
    if (!in.ok()) return fail(Flaw::Truncated, message.size(), kForm);
    octets += 1 + label.size();
    if (octets > kNameOctets) return fail(Flaw::BadLength, at, {1035, "2.3.4"});
    name.labels.emplace_back(as_text(label));
  }
}

void NameWriter::write(ByteWriter& out, const Name& name) {
  auto rest = name.labels;
  while (!rest.empty()) {
    if (const auto earlier = written_.find(rest); earlier != written_.end()) {
      out.u16(static_cast<std::uint64_t>(kPointerBits) << 8u | earlier->second);
      return;
    }
    if (out.size() <= kPointerReach) written_.emplace(rest, out.size());
    const auto label = std::move(rest.front());
    rest.erase(rest.begin());
    out.u8(label.size()).text(label);
  }
  out.u8(0);
}

}  // namespace rtclab::mdns
