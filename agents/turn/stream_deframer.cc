#include "agents/turn/stream_deframer.h"

#include "agents/stun/stream_framing.h"
#include "agents/turn/channel_data.h"

#include <utility>

namespace rtclab::turn {
namespace {

constexpr std::size_t kChannelHeader = 4;

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

Result<std::optional<StreamDeframer::Frame>> StreamDeframer::next_frame() const {
  if (!looks_like_channel_data(buffer_)) {
    const auto size = stun::message_size(buffer_);
    if (!size) return fail(size.error().flaw, consumed_ + size.error().offset, size.error().rule);
    return size->has_value() ? std::optional{Frame{**size, **size}} : std::nullopt;
  }
  ByteReader reader{buffer_};
  reader.skip(2);
  const auto size = kChannelHeader + reader.u16();
  return reader.ok() ? std::optional{Frame{size, padded(size)}} : std::nullopt;
}

Bytes StreamDeframer::take_rest() {
  consumed_ += buffer_.size();
  return std::exchange(buffer_, {});
}

}  // namespace rtclab::turn
