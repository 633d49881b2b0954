// Octets, and reading and writing them in network order.
//
// ByteReader and ByteWriter never run past the end: reading too far is remembered and answered with
// zeros, so that a parser checks ok() once, after the fields that belong together.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

[[nodiscard]] inline ByteView as_octets(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}
[[nodiscard]] inline Bytes to_octets(std::string_view text) {
  const auto view = as_octets(text);
  return {view.begin(), view.end()};
}
[[nodiscard]] inline std::string_view as_text(ByteView octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// Lower-case hexadecimal, no separators: "2112a442".
[[nodiscard]] std::string to_hex(ByteView octets);
// The inverse; whitespace is skipped. An odd or foreign digit ends the program's assumptions: it
// asserts, because only tests and tables in the source use it.
[[nodiscard]] Bytes from_hex(std::string_view hex);

class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_{in} {}

  [[nodiscard]] bool ok() const { return !overrun_; }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] std::size_t remaining() const { return in_.size() - at_; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  ByteView take(std::size_t count) {
    if (count > remaining()) {
      overrun_ = true;
      at_ = in_.size();
      return {};
    }
    const auto part = in_.subspan(at_, count);
    at_ += count;
    return part;
  }
  ByteView rest() { return take(remaining()); }
  void skip(std::size_t count) { take(count); }

 private:
  std::uint64_t number(std::size_t octets) {
    std::uint64_t value = 0;
    for (const auto octet : take(octets))
      value = value << 8u | std::to_integer<std::uint64_t>(octet);
    return value;
  }

  ByteView in_;
  std::size_t at_ = 0;
  bool overrun_ = false;
};

class ByteWriter {
 public:
  ByteWriter() = default;
  explicit ByteWriter(std::size_t reserve) { out_.reserve(reserve); }

  ByteWriter& u8(std::uint64_t value) { return number(value, 1); }
  ByteWriter& u16(std::uint64_t value) { return number(value, 2); }
  ByteWriter& u24(std::uint64_t value) { return number(value, 3); }
  ByteWriter& u32(std::uint64_t value) { return number(value, 4); }
  ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
  ByteWriter& octets(ByteView view) {
    out_.insert(out_.end(), view.begin(), view.end());
    return *this;
  }
  ByteWriter& text(std::string_view view) { return octets(as_octets(view)); }
  ByteWriter& zeros(std::size_t count) {
    out_.resize(out_.size() + count);
    return *this;
  }
  ByteWriter& pad_to(std::size_t multiple) {
    return zeros((multiple - out_.size() % multiple) % multiple);
  }
  // Overwrites two octets written earlier: a length that is known only now.
  ByteWriter& patch_u16(std::size_t at, std::uint64_t value) {
    assert(at + 2 <= out_.size());
    out_[at] = static_cast<std::byte>(value >> 8u);
    out_[at + 1] = static_cast<std::byte>(value);
    return *this;
  }

  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] ByteView view() const { return out_; }
  [[nodiscard]] Bytes take() { return std::move(out_); }

 private:
  ByteWriter& number(std::uint64_t value, unsigned octets) {
    for (auto shift = 8 * octets; shift != 0; shift -= 8) {
      out_.push_back(static_cast<std::byte>(value >> (shift - 8)));
    }
    return *this;
  }

  Bytes out_;
};

}  // namespace rtclab
