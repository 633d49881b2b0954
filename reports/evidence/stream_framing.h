// Which messages the octets of one direction of a TCP connection make.
//
// Spec: as in tcp_streams.h.
#pragma once

#include "reports/evidence/dissection.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace rtclab::evidence {

// One direction of a connection, its octets in order.
class StreamFraming {
 public:
  // The messages that these octets complete.
  [[nodiscard]] std::vector<Framed> take(const Endpoint& source, const Endpoint& destination,
                                         ByteView octets);

 private:
  enum class Guess : std::uint8_t { Undecided, Rfc4571, Turn, Tls, Opaque };
  [[nodiscard]] static Guess guess(ByteView octets);
  // How many octets the message at the front has, frame and padding included; nullopt: more must
  // come first; 0: what stands there is none.
  [[nodiscard]] std::optional<std::size_t> length_of_first() const;
  [[nodiscard]] Framed unframe(const Endpoint& source, const Endpoint& destination, ByteView whole);
  [[nodiscard]] std::string tls_words(ByteView record);

  Guess guess_ = Guess::Undecided;
  bool encrypted_ = false;  // TLS: records from here on are sealed
  Bytes waiting_;
};

}  // namespace rtclab::evidence
