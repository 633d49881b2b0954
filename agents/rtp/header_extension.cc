#include "agents/rtp/header_extension.h"

#include <algorithm>
#include <cassert>

namespace rtclab::rtp {
namespace {

constexpr Rule kOneByteRule{8285, "4.2"};
constexpr Rule kTwoByteRule{8285, "4.3"};
constexpr ExtensionId kReservedId = 15;
constexpr std::size_t kLongestOneByte = 16;

bool fits_one_byte(ExtensionId id, std::size_t size) {
  return id < kReservedId && size >= 1 && size <= kLongestOneByte;
}

//     0 1 2 3 4 5 6 7
//    |  ID   |  L-1  | data …
tl::expected<void, ParseError> read_one_byte(ByteReader& in, std::size_t offset,
                                             std::vector<ExtensionElement>& elements) {
  while (in.remaining() != 0) {
    const auto at = offset + in.offset();
    const auto head = in.u8();
    const auto id = static_cast<ExtensionId>(head >> 4u);
    if (head == 0) continue;  // padding
    // RFC 8285 §4.2: id 15, and id 0 with a length, end the processing; what stood before counts.
    if (id == kReservedId || id == 0) return {};
    const auto data = in.take((head & 0x0fu) + 1u);
    if (!in.ok()) return fail(Flaw::BadLength, at, kOneByteRule);
    elements.push_back({id, {data.begin(), data.end()}});
  }
  return {};
}

tl::expected<void, ParseError> read_two_byte(ByteReader& in, std::size_t offset,
                                             std::vector<ExtensionElement>& elements) {
  while (in.remaining() != 0) {
    const auto at = offset + in.offset();
    const auto id = in.u8();
    if (id == 0) continue;  // padding has no length octet
    const auto data = in.take(in.u8());
    if (!in.ok()) return fail(Flaw::BadLength, at, kTwoByteRule);
    elements.push_back({id, {data.begin(), data.end()}});
  }
  return {};
}

void write_element(ByteWriter& out, const ExtensionElement& element, ExtensionForm form) {
  if (form == ExtensionForm::OneByte) {
    assert(fits_one_byte(element.id, element.data.size()));
    out.u8(static_cast<unsigned>(element.id) << 4u | (element.data.size() - 1));
  } else {
    assert(element.id != 0 && element.data.size() <= 255);
    out.u8(element.id).u8(element.data.size());
  }
  out.octets(element.data);
}

}  // namespace

ExtensionForm HeaderExtension::form() const {
  if (profile == kOneByteProfile) return ExtensionForm::OneByte;
  if ((profile & 0xfff0u) == kTwoByteProfile) return ExtensionForm::TwoByte;
  return ExtensionForm::Other;
}

std::optional<ByteView> HeaderExtension::find(ExtensionId id) const {
  const auto found = std::ranges::find(elements, id, &ExtensionElement::id);
  if (found == elements.end()) return std::nullopt;
  return found->data;
}

void HeaderExtension::set(ExtensionId id, ByteView data) {
  assert(id != 0 && data.size() <= 255 && form() != ExtensionForm::Other);
  if (!fits_one_byte(id, data.size()) && form() == ExtensionForm::OneByte) {
    profile = kTwoByteProfile;
  }
  const auto found = std::ranges::find(elements, id, &ExtensionElement::id);
  if (found == elements.end()) {
    elements.push_back({id, {data.begin(), data.end()}});
  } else {
    found->data.assign(data.begin(), data.end());
  }
}

Result<HeaderExtension> HeaderExtension::parse(std::uint16_t profile, ByteView block,
                                               std::size_t offset) {
  HeaderExtension extension{.profile = profile, .elements = {}, .octets = {}};
  ByteReader in{block};
  tl::expected<void, ParseError> read;
  switch (extension.form()) {
    case ExtensionForm::OneByte: read = read_one_byte(in, offset, extension.elements); break;
    case ExtensionForm::TwoByte: read = read_two_byte(in, offset, extension.elements); break;
    case ExtensionForm::Other: extension.octets.assign(block.begin(), block.end()); break;
  }
  if (!read) return tl::make_unexpected(read.error());
  return extension;
}

//    |       defined by profile      |       length in words         |
void HeaderExtension::write(ByteWriter& out) const {
  out.u16(profile);
  const auto length_at = out.size();
  out.u16(0);
  const auto begin = out.size();
  out.octets(octets);
  for (const auto& element : elements) write_element(out, element, form());
  const auto size = out.size() - begin;
  out.zeros((4 - size % 4) % 4);
  out.patch_u16(length_at, (size + 3) / 4);
}

}  // namespace rtclab::rtp
