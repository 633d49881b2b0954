// Messages between two processes: their length in four octets of network order, then they.
#pragma once

#include "agents/base/bytes.h"

#include <optional>
#include <utility>

namespace rtclab::sweep {

// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const { return number_; }
  void close();

 private:
  int number_ = -1;
};

// All of it, or false when the other side is gone.
[[nodiscard]] bool send_message(int socket, ByteView message);
// Waits for a whole message; nullopt when the other side is gone.
[[nodiscard]] std::optional<Bytes> receive_message(int socket);

// Puts messages together from what comes in pieces.
class Messages {
 public:
  void add(ByteView octets);
  [[nodiscard]] std::optional<Bytes> next();

 private:
  Bytes octets_;
};

}  // namespace rtclab::sweep
