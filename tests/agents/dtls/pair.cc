#include "tests/agents/dtls/pair.h"

#include <cassert>

namespace rtclab::dtls::test {
namespace {

constexpr std::size_t kRecordHeader = 13;
constexpr std::size_t kHandshakeHeader = 12;

std::string handshake_name(unsigned type) {
  switch (type) {
    case 1: return "ClientHello";
    case 2: return "ServerHello";
    case 11: return "Certificate";
    case 12: return "ServerKeyExchange";
    case 13: return "CertificateRequest";
    case 14: return "ServerHelloDone";
    case 15: return "CertificateVerify";
    case 16: return "ClientKeyExchange";
    default: return "handshake " + std::to_string(type);
  }
}

std::string record_name(unsigned type, unsigned epoch, ByteView body) {
  if (epoch != 0) {
    switch (type) {
      case 21: return "[alert]";
      case 22: return "[Finished]";
      case 23: return "[data]";
      default: return "[?]";
    }
  }
  switch (type) {
    case 20: return "ChangeCipherSpec";
    case 21: return "alert " + std::to_string(std::to_integer<int>(body[1]));
    case 22: return handshake_name(std::to_integer<unsigned>(body[0]));
    default: return "?";
  }
}

}  // namespace

std::string records(ByteView datagram) {
  std::string text;
  ByteReader reader{datagram};
  while (reader.remaining() >= kRecordHeader) {
    const unsigned type = reader.u8();
    reader.skip(2);
    const unsigned epoch = reader.u16();
    reader.skip(6);
    const auto body = reader.take(reader.u16());
    if (!text.empty()) text += ' ';
    text += record_name(type, epoch, body);
  }
  return text;
}

std::vector<Bytes> refragment(ByteView datagram, std::size_t size) {
  std::vector<Bytes> fragments;
  std::uint64_t number = 0;
  ByteReader reader{datagram};
  while (reader.remaining() >= kRecordHeader) {
    const auto head = reader.take(5);  // type, version, epoch
    reader.skip(6);
    ByteReader message{reader.take(reader.u16())};
    const auto type_and_length = message.take(4);
    const auto sequence = message.take(2);
    assert(message.u24() == 0);  // whole messages only
    message.skip(3);
    for (std::size_t offset = 0; message.remaining() > 0;) {
      const auto part = message.take(std::min(size, message.remaining()));
      fragments.push_back(ByteWriter{}
                              .octets(head)
                              .u16(number >> 32u)
                              .u32(number & 0xffffffffu)
                              .u16(kHandshakeHeader + part.size())
                              .octets(type_and_length)
                              .octets(sequence)
                              .u24(offset)
                              .u24(part.size())
                              .octets(part)
                              .take());
      offset += part.size();
      ++number;
    }
  }
  return fragments;
}

Bytes history(const Pair& pair) {
  ByteWriter writer;
  for (const auto& sent : pair.sent) {
    writer.u64(static_cast<std::uint64_t>(sent.at.time_since_epoch().count()))
        .u8(sent.from == Role::Client ? 0 : 1)
        .u16(sent.bytes.size())
        .octets(sent.bytes);
  }
  return writer.take();
}

}  // namespace rtclab::dtls::test
