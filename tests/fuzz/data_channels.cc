// Data channels over a peer whose SCTP is right and whose DCEP, payload protocols and resets are
// the input's. DCEP messages alone, too: what was read is written, and read again it is the same.
#include "agents/sctp/data_channel.h"
#include "agents/sctp/dcep.h"
#include "tests/fuzz/feed.h"
#include "tests/fuzz/target.h"

#include <array>
#include <vector>

namespace rtclab::fuzz {
namespace {

using namespace sctp;

void read_and_write(ByteView input) {
  const auto read = decode_dcep(input);
  if (!read) {
    require(read.error().offset <= input.size(), "a flaw is found inside the message");
    return;
  }
  const auto again = decode_dcep(encode(*read));
  require(again.has_value() && *again == *read, "what is written is what was read");
}

class Joined {
 public:
  explicit Joined(Feed& feed) : feed_{feed} {
    const auto mode = feed_.u8();
    Options options;
    options.interleaving = (mode & 1u) != 0;
    options.zero_checksum = (mode & 2u) != 0;
    options.max_message_size = options.remote_max_message_size = 4000;
    options.send_buffer = options.receive_buffer = 16000;
    if ((mode & 8u) != 0) options.outbound_streams = options.inbound_streams = 8;
    peer_.emplace(options, peer_rng_);
    channels_.emplace(options, rng_);
    const auto role = (mode & 4u) != 0 ? DtlsRole::Client : DtlsRole::Server;
    channels_->connect(now_, {role, 5000, 4000});
    peer_->connect(now_);
    settle();
  }

  void run() {
    constexpr int kMostSteps = 200;
    for (int steps = 0; !feed_.is_empty() && steps < kMostSteps; ++steps) {
      step();
      settle();
    }
  }

 private:
  void step() {
    switch (feed_.below(8)) {
      case 0:
        now_ += feed_.pause();
        channels_->handle_timeout(now_);
        return peer_->handle_timeout(now_);
      case 1: return peer_->reset_streams(now_, std::array{sctp::StreamId{feed_.u8()}});
      case 2: {
        ChannelInit init;
        const auto kind = feed_.u8();
        if ((kind & 1u) != 0) init.order = Order::Unordered;
        if ((kind & 2u) != 0) init.reliability = LimitedRetransmissions{kind};
        if ((kind & 4u) != 0) init.negotiated = sctp::StreamId{feed_.u8()};
        static_cast<void>(channels_->open(now_, feed_.text(), init));
        return;
      }
      case 3: return channels_->close(now_, ChannelId{feed_.u8()});
      case 4: static_cast<void>(channels_->send(now_, ChannelId{feed_.u8()}, feed_.text())); return;
      default: return say();
    }
  }

  void say() {
    static constexpr std::array kPpids{kPpidDcep,        kPpidDcep,        kPpidString, kPpidBinary,
                                       kPpidStringEmpty, kPpidBinaryEmpty, Ppid{99},    Ppid{0}};
    const auto kind = feed_.u8();
    const sctp::StreamId stream{feed_.u8()};
    const auto chunk = feed_.chunk();
    OutgoingMessage message{kPpids[kind % kPpids.size()], Bytes{chunk.begin(), chunk.end()}};
    if ((kind & 16u) != 0) message.order = Order::Unordered;
    static_cast<void>(peer_->send(now_, stream, std::move(message)));
  }

  void settle() {
    std::size_t said = 0;
    for (bool moved = true; moved;) {
      moved = false;
      require(said < 20000, "the two come to the end of what they say");
      while (auto output = channels_->poll_output()) {
        ++said;
        if (const auto* octets = std::get_if<Bytes>(&*output)) {
          moved = true;
          peer_->handle_packet(now_, *octets);
        }
      }
      while (auto output = peer_->poll_output()) {
        ++said;
        if (const auto* octets = std::get_if<Bytes>(&*output)) {
          moved = true;
          channels_->handle_packet(now_, *octets);
        }
      }
      while (peer_->poll_event()) {
      }
      while (channels_->poll_event()) {
      }
    }
    const auto wakeup = channels_->next_wakeup();
    require(!wakeup || wakeup->at > now_, "drained channels wake later than now");
  }

  Feed& feed_;
  SeededRng rng_{1};
  SeededRng peer_rng_{2};
  std::optional<Association> peer_;
  std::optional<DataChannels> channels_;
  Instant now_{};
};

}  // namespace

void data_channels(ByteView input) {
  read_and_write(input);
  Feed feed{input};
  Joined{feed}.run();
}

}  // namespace rtclab::fuzz
