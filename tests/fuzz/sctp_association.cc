// An SCTP association: chunks of a peer that knows the tag and the checksum, which anybody does who
// is at the other end of the DTLS association.
#include "agents/sctp/association.h"
#include "agents/sctp/crc32c.h"
#include "agents/sctp/packet.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <array>

namespace rtclab::fuzz {
namespace {

using namespace sctp;

class Session {
 public:
  explicit Session(Feed& feed) : Session{feed, feed.u8()} {}
  // Bit 0: we connect; 1: with I-DATA; 2: without checksums.
  Session(Feed& feed, unsigned mode) : feed_{feed}, association_{options(mode), rng_} {
    if ((mode & 1u) != 0) association_.connect(now_);
    drain();
  }

  void run() {
    constexpr int kMostSteps = 300;
    for (int steps = 0; !feed_.is_empty() && steps < kMostSteps; ++steps) {
      step();
      drain();
    }
  }

 private:
  static Options options(unsigned mode) {
    Options options;
    options.interleaving = (mode & 2u) != 0;
    options.zero_checksum = (mode & 4u) != 0;
    options.max_message_size = 4000;
    options.receive_buffer = 8000;
    options.send_buffer = 8000;
    return options;
  }

  void step() {
    switch (feed_.below(10)) {
      case 0: return association_.handle_packet(now_, feed_.chunk());
      case 1: {
        if (const auto wakeup = association_.next_wakeup()) now_ = wakeup->at;
        return association_.handle_timeout(now_);
      }
      case 2: now_ += feed_.pause(); return association_.handle_timeout(now_);
      case 3: {
        const std::array streams{sctp::StreamId{feed_.u8()}};
        return association_.reset_streams(now_, streams);
      }
      case 4:
        static_cast<void>(
            association_.send(now_, sctp::StreamId{feed_.u8()},
                              {.ppid = Ppid{51}, .bytes = Bytes(1 + feed_.u16() % 3000u)}));
        return;
      case 5:
        if (feed_.below(16) == 0) association_.shutdown(now_);
        return;
      default: return association_.handle_packet(now_, forged());
    }
  }

  // The chunks are the input's; the common header is what the association expects.
  Bytes forged() {
    const auto with_own_tag = feed_.below(8) == 0;
    const auto chunks = feed_.chunk();
    ByteWriter out;
    out.u16(5000).u16(5000).u32(with_own_tag ? 0 : tag_).u32(0).octets(chunks);
    out.pad_to(4);
    auto packet = out.take();
    const auto checksum = packet_crc32c(packet);
    // RFC 9260 appendix A: least significant octet first.
    for (std::size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<std::byte>(checksum >> (8 * i));
    return packet;
  }

  void drain() {
    std::size_t said = 0;
    while (auto output = association_.poll_output()) {
      require(++said < 20000, "an association comes to the end of what it says");
      if (const auto* const packet = std::get_if<Bytes>(&*output)) learn(*packet);
    }
    while (association_.poll_event()) {
    }
    const auto wakeup = association_.next_wakeup();
    require(!wakeup || wakeup->at > now_, "a drained association wakes later than now");
  }

  // Behind the common header and the chunk header of INIT and INIT ACK stands the tag to use.
  void learn(ByteView packet) {
    if (packet.size() < 20) return;
    const auto type = std::to_integer<unsigned>(packet[12]);
    if (type == 1 || type == 2) tag_ = ByteReader{packet.subspan(16)}.u32();
  }

  Feed& feed_;
  SeededRng rng_{1};
  Association association_;
  std::uint32_t tag_ = 0;
  Instant now_{};
};

}  // namespace

void sctp_association(ByteView input) {
  Feed feed{input};
  Session{feed}.run();
}

}  // namespace rtclab::fuzz
