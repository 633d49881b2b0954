// The header extension of an RTP packet: one block of elements, in the one-byte or the two-byte
// form.
//
// Spec: RFC 8285 §4.1 to §4.3; RFC 3550 §5.3.1. What an element means says the a=extmap line with
// its id (extensions.h has those that we know). A block that is in neither form is kept as octets.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::rtp {

using ExtensionId = std::uint8_t;  // 1 to 14 in the one-byte form, 1 to 255 in the two-byte form

struct ExtensionElement {
  ExtensionId id = 0;
  Bytes data;  // 1 to 16 octets in the one-byte form, 0 to 255 in the two-byte form
  friend bool operator==(const ExtensionElement&, const ExtensionElement&) = default;
};

enum class ExtensionForm : std::uint8_t { OneByte, TwoByte, Other };

struct HeaderExtension {
  // "defined by profile": 0xBEDE is the one-byte form, 0x1000 to 0x100F the two-byte form, whose
  // last four bits are the application's.
  std::uint16_t profile = kOneByteProfile;
  std::vector<ExtensionElement> elements;  // of the two forms
  Bytes octets;                            // of any other; a multiple of four

  static constexpr std::uint16_t kOneByteProfile = 0xbede;
  static constexpr std::uint16_t kTwoByteProfile = 0x1000;

  [[nodiscard]] ExtensionForm form() const;
  // The first element with this id.
  [[nodiscard]] std::optional<ByteView> find(ExtensionId id) const;
  // Sets or adds an element; takes the two-byte form when the one-byte form cannot carry it.
  // Preconditions: id is not 0, at most 255 octets, form() is not Other.
  void set(ExtensionId id, ByteView data);

  // `block` is what stands behind profile and length; `offset` is where it began in the packet.
  [[nodiscard]] static Result<HeaderExtension> parse(std::uint16_t profile, ByteView block,
                                                     std::size_t offset);
  // Profile, length and block, padded to 32 bits.
  void write(ByteWriter& out) const;
  friend bool operator==(const HeaderExtension&, const HeaderExtension&) = default;
};

}  // namespace rtclab::rtp
