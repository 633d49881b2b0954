#include "scenarios/sweep/pipe.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace rtclab::sweep {
namespace {

constexpr std::size_t kHeader = 4;

bool send_all(int socket, ByteView octets) {
  while (!octets.empty()) {
    const auto sent = ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_all(int socket, std::span<std::byte> octets) {
  while (!octets.empty()) {
    const auto got = ::recv(socket, octets.data(), octets.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

bool send_message(int socket, ByteView message) {
  ByteWriter header;
  header.u32(static_cast<std::uint32_t>(message.size()));
  return send_all(socket, header.view()) && send_all(socket, message);
}

std::optional<Bytes> receive_message(int socket) {
  std::array<std::byte, kHeader> header{};
  if (!receive_all(socket, header)) return std::nullopt;
  Bytes message(ByteReader{header}.u32());
  if (!receive_all(socket, message)) return std::nullopt;
  return message;
}

void Messages::add(ByteView octets) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
}

std::optional<Bytes> Messages::next() {
  if (octets_.size() < kHeader) return std::nullopt;
  const std::size_t length = ByteReader{octets_}.u32();
  if (octets_.size() < kHeader + length) return std::nullopt;
  const auto begin = octets_.begin() + static_cast<std::ptrdiff_t>(kHeader);
  Bytes message{begin, begin + static_cast<std::ptrdiff_t>(length)};
  octets_.erase(octets_.begin(), begin + static_cast<std::ptrdiff_t>(length));
  return message;
}

}  // namespace rtclab::sweep
