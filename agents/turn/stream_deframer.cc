#include "agents/turn/stream_deframer.h"

#include "agents/stun/message.h"
#include "agents/turn/channel_data.h"

#include <utility>

namespace rtclab::turn {
namespace {

constexpr std::size_t kChannelHeader = 4;
constexpr std::byte kLastStunOctet{3};
constexpr Rule kStreamRule{8489, "6.2.2"};

constexpr std::size_t padded(std::size_t size) {
  return (size + 3) / 4 * 4;
}

}  // namespace

void StreamDeframer::push(ByteView octets) {
  buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

std::optional<Result<Bytes>> StreamDeframer::poll() {
  const auto frame = next_frame();
  if (!frame) return tl::make_unexpected(frame.error());
  if (!*frame || buffer_.size() < (*frame)->stride) return std::nullopt;
  const auto end = [&](std::size_t size) {
    return buffer_.begin() + static_cast<std::ptrdiff_t>(size);
  };
  Bytes message{buffer_.begin(), end((*frame)->size)};
  buffer_.erase(buffer_.begin(), end((*frame)->stride));
  consumed_ += (*frame)->stride;
  return message;
}

// Each flaw is told as soon as its octets are there: a peer that speaks something else must not
// keep us waiting for a length that it never meant.
Result<std::optional<StreamDeframer::Frame>> StreamDeframer::next_frame() const {
  const std::optional<Frame> unknown_yet;
  if (buffer_.empty()) return unknown_yet;
  const bool is_channel_data = looks_like_channel_data(buffer_);
  if (!is_channel_data && buffer_.front() > kLastStunOctet)
    return flaw(Flaw::BadValue, 0, {7983, "7"});

  ByteReader reader{buffer_};
  reader.skip(2);
  const std::size_t length = reader.u16();
  if (!reader.ok()) return unknown_yet;
  if (is_channel_data) {
    const auto size = kChannelHeader + length;
    return std::optional{Frame{size, padded(size)}};
  }
  if (length % 4 != 0) return flaw(Flaw::BadLength, 2, kStreamRule);
  const auto cookie = reader.u32();
  if (!reader.ok()) return unknown_yet;
  if (cookie != stun::kMagicCookie) return flaw(Flaw::BadMagic, 4, kStreamRule);
  const auto size = stun::kHeaderSize + length;
  return std::optional{Frame{size, size}};
}

Bytes StreamDeframer::take_rest() {
  consumed_ += buffer_.size();
  return std::exchange(buffer_, {});
}

}  // namespace rtclab::turn
