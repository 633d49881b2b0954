// DTLS datagrams as far as a link reads them: record and handshake headers, and nothing behind.
#pragma once

#include "agents/base/ip_packet.h"

#include <cstdint>
#include <initializer_list>

namespace rtclab {

// A record in the clear that holds one whole handshake message.
inline Bytes handshake_message(std::uint16_t sequence, std::uint8_t type = 2,
                               std::uint8_t random = 0) {
  constexpr std::size_t kBody = 2 + 32;
  ByteWriter writer;
  writer.u8(22).u16(0xfefd).u16(0).u16(0).u32(0).u16(12 + kBody);
  writer.u8(type).u24(kBody).u16(sequence).u24(0).u24(kBody);
  writer.u16(0xfefd);
  for (int i = 0; i < 32; ++i) writer.u8(random);
  return writer.take();
}
inline Bytes client_hello(std::uint16_t sequence, std::uint8_t random = 7) {
  return handshake_message(sequence, 1, random);
}
inline Bytes change_cipher_spec() {
  return ByteWriter{}.u8(20).u16(0xfefd).u16(0).u16(0).u32(0).u16(1).u8(1).take();
}
// What is encrypted: Finished (22), an alert (21), application data (23).
inline Bytes encrypted(std::uint8_t type) {
  return ByteWriter{}.u8(type).u16(0xfefd).u16(1).u16(0).u32(0).u16(16).zeros(16).take();
}

inline Bytes operator+(Bytes one, const Bytes& next) {
  one.insert(one.end(), next.begin(), next.end());
  return one;
}

}  // namespace rtclab
