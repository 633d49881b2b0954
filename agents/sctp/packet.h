// SCTP packets: the common header and the chunks behind it.
//
// Spec: RFC 9260 §3, §6.8 (checksum), §6.10 (bundling). Differs from §6.10 in one point: a partial
// chunk at the end costs the whole packet, not only that chunk; under DTLS no network can have cut
// it.
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/sctp/chunk.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rtclab::sctp {

inline constexpr std::size_t kCommonHeaderSize = 12;

// ZeroToo: DTLS has made sure of the octets already, so that a checksum of 0 is as good as a right
// one (RFC 9653 §5.3), but not in a packet with INIT or COOKIE ECHO.
enum class ChecksumPolicy : std::uint8_t { Verify, ZeroToo, Ignore };
// What a packet is given (RFC 9653 §5.2).
enum class Checksum : std::uint8_t { Crc32c, Zero };

struct CommonHeader {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t verification_tag = 0;
  friend bool operator==(const CommonHeader&, const CommonHeader&) = default;
};

struct Packet {
  CommonHeader header;
  std::vector<Chunk> chunks;

  [[nodiscard]] static Result<Packet> parse(ByteView octets,
                                            ChecksumPolicy policy = ChecksumPolicy::Verify);
  [[nodiscard]] Bytes serialize() const;
  friend bool operator==(const Packet&, const Packet&) = default;
};

// Puts the right checksum into a packet of at least kCommonHeaderSize octets.
void set_checksum(std::span<std::byte> packet);

// Fills one packet up to the MTU.
class PacketWriter {
 public:
  PacketWriter(const CommonHeader& header, std::size_t mtu);

  // Room for one more chunk, padding included.
  [[nodiscard]] std::size_t room() const { return mtu_ - out_.size(); }
  [[nodiscard]] bool empty() const { return out_.size() == kCommonHeaderSize; }
  // False, and nothing is written, when the chunk does not fit.
  bool add(const Chunk& chunk);
  // Precondition: it fits.
  void add_data(DataKind kind, const DataHeader& header, ByteView payload);
  // The packet with its checksum.
  [[nodiscard]] Bytes finish(Checksum checksum = Checksum::Crc32c);

 private:
  std::size_t mtu_;
  ByteWriter out_;
};

}  // namespace rtclab::sctp
