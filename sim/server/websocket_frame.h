// WebSocket frames: the codec, and a reader that finds frames in a stream.
//
// Spec: RFC 6455 §5. No extension is ever agreed on, so the reserved bits must be 0.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::websocket {

enum class Role : std::uint8_t { Client, Server };

enum class Opcode : std::uint8_t {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10,
};

using MaskingKey = std::array<std::byte, 4>;

struct Frame {
  bool fin = true;
  Opcode opcode = Opcode::Text;
  std::optional<MaskingKey> mask;  // of the frame on the wire; `payload` is clear
  Bytes payload;

  [[nodiscard]] bool is_control() const { return opcode >= Opcode::Close; }
  [[nodiscard]] Bytes serialize() const;
  friend bool operator==(const Frame&, const Frame&) = default;
};

class FrameReader {
 public:
  // `sender` is who writes the frames: a client masks, a server does not (§5.1). A frame whose
  // payload is larger than `limit` is refused as soon as its length is read.
  FrameReader(Role sender, std::size_t limit) : sender_{sender}, limit_{limit} {}

  void push(ByteView octets) { pending_.insert(pending_.end(), octets.begin(), octets.end()); }
  // The next whole frame; nullopt when more octets are needed. After an error there is no going on.
  [[nodiscard]] Result<std::optional<Frame>> next();

 private:
  Role sender_;
  std::size_t limit_;
  Bytes pending_;
};

}  // namespace rtclab::websocket
