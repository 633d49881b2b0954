#include "agents/ice/framing.h"

#include <cassert>

namespace rtclab::ice {
namespace {

constexpr std::size_t kLengthSize = 2;

}  // namespace

Bytes frame(ByteView datagram) {
  assert(datagram.size() <= kMaxFrame);
  return ByteWriter{kLengthSize + datagram.size()}.u16(datagram.size()).octets(datagram).take();
}

void Deframer::push(ByteView octets) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(read_));
  read_ = 0;
  buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

std::size_t Deframer::announced() const {
  return ByteReader{ByteView{buffer_}.subspan(read_, kLengthSize)}.u16();
}

std::optional<Bytes> Deframer::pop() {
  while (buffered() >= kLengthSize && buffered() >= kLengthSize + announced()) {
    const auto length = announced();
    const auto datagram = ByteView{buffer_}.subspan(read_ + kLengthSize, length);
    read_ += kLengthSize + length;
    if (length > 0) return Bytes{datagram.begin(), datagram.end()};
  }
  return std::nullopt;
}

std::optional<std::byte> Deframer::peek() const {
  if (buffered() <= kLengthSize || announced() == 0) return std::nullopt;
  return buffer_[read_ + kLengthSize];
}

}  // namespace rtclab::ice
