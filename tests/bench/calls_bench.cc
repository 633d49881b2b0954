// Many calls with audio in one simulation: the memory of a peer once it is set up, the CPU time of
// a call and of each of its packets, beside the least that those packets must cost.
//
//   build/release/rtclab_calls_bench [CALLS [SECONDS]]
//
// 500 calls, whose two peers each send a frame of Opus every 20 ms without a pause, for 60 virtual
// seconds. No capture is written. Memory is what the allocator has given out (mallinfo2), and what
// the process occupies (VmRSS) beside it.
#include "tests/bench/cpu_time.h"
#include "tests/bench/packet_floor.h"
#include "tests/support/simulated_call.h"

#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace rtclab::bench {
namespace {

using namespace std::chrono_literals;

// What passes before media is measured: set-up, and the first reports of RTCP.
constexpr auto kSetUp = 5s;
constexpr auto kBetweenCalls = 2ms;
constexpr std::size_t kBelow = 28;  // UDP and IPv4

struct Memory {
  double given_out;  // octets
  double resident;

  static Memory now() {
    const auto info = mallinfo2();
    std::ifstream status{"/proc/self/status"};
    double resident = 0;
    for (std::string word; status >> word;) {
      if (word == "VmRSS:") status >> resident;
    }
    return {static_cast<double>(info.uordblks + info.hblkhd), resident * 1024};
  }
};

void print_per_peer(const char* what, const Memory& before, const Memory& after, double peers) {
  fmt::print("{:<34} {:9.1f} KiB given out {:9.1f} KiB resident\n", what,
             (after.given_out - before.given_out) / peers / 1024,
             (after.resident - before.resident) / peers / 1024);
}

// Sums over both peers of all calls.
struct Traffic {
  std::uint64_t media = 0;  // RTP packets that arrived
  test::SentDatagrams sent;

  void add(const peer::PeerConnection& peer) {
    const auto report = peer.stats();
    for (const auto* const stream : report.all("inbound-rtp"))
      media += std::get<std::uint64_t>(*stream->find("packetsReceived"));
    const auto of_peer = test::sent_by(peer);
    sent.packets += of_peer.packets;
    sent.octets += of_peer.octets;
  }
};

class Calls {
 public:
  explicit Calls(std::size_t count)
      : topology_{test::side_by_side(count, {.delay = 20ms})}, world_{topology_} {}

  void begin() {
    for (std::size_t n = 0; n < topology_.links.size(); ++n) {
      world_.schedule(Instant{} + n * kBetweenCalls, [this, n] {
        auto& call = *calls_.emplace_back(
            std::make_unique<test::SimulatedCall>(world_, n, test::SimulatedCall::Options{n + 1}));
        const auto speak = [](Instant now, peer::PeerConnection& peer) {
          return peer.add_track(now, {.id = "voice", .kind = peer::MediaKind::Audio}).has_value();
        };
        if (!call.alice(speak) || !call.bob(speak)) std::abort();
        call.begin();
      });
    }
    run_for(topology_.links.size() * kBetweenCalls + kSetUp);
  }
  void run_for(Duration duration) { world_.run_until(world_.now() + duration); }

  [[nodiscard]] Traffic traffic() const {
    Traffic sum;
    for (const auto& call : calls_) {
      sum.add(call->alice());
      sum.add(call->bob());
    }
    return sum;
  }
  [[nodiscard]] bool all_connected() const {
    return std::ranges::all_of(calls_, [](const auto& call) {
      return call->alice().connection_state() == peer::ConnectionState::Connected &&
             call->bob().connection_state() == peer::ConnectionState::Connected;
    });
  }

 private:
  topology::Topology topology_;
  sim::World world_;
  std::vector<std::unique_ptr<test::SimulatedCall>> calls_;
};

int bench(std::size_t count, Duration length) {
  const auto peers = 2.0 * static_cast<double>(count);
  PacketFloor floor{.calls = count, .packets = 0, .octets = 0, .length = length};
  double spent = 0;
  {
    const auto empty = Memory::now();
    Calls calls{count};
    const auto built = Memory::now();
    const auto begun = cpu_seconds();
    calls.begin();
    const auto set_up = cpu_seconds() - begun;
    const auto ready = Memory::now();
    if (!calls.all_connected()) {
      fmt::print(stderr, "a call did not connect\n");
      return 1;
    }
    fmt::print("{} calls with audio, {} peers\n", count, 2 * count);
    print_per_peer("a machine and its link", empty, built, peers);
    print_per_peer("a peer after set-up", built, ready, peers);
    fmt::print("{:<34} {:9.3f} ms CPU a call\n", "set-up, and the first 5 s of media",
               set_up * 1e3 / static_cast<double>(count));

    const auto before = calls.traffic();
    const auto start = cpu_seconds();
    calls.run_for(length);
    spent = cpu_seconds() - start;
    const auto after = calls.traffic();
    print_per_peer("a peer afterwards", built, Memory::now(), peers);
    floor.packets = after.sent.packets - before.sent.packets;
    floor.octets = (after.sent.octets - before.sent.octets) / floor.packets + kBelow;
    fmt::print("{} packets of media and {} others arrived in {} s, {} octets each on average\n",
               after.media - before.media, floor.packets - (after.media - before.media),
               std::chrono::duration<double>(length).count(), floor.octets);
  }
  const auto least = cpu_of(floor);
  const auto print = [&](const char* what, double seconds) {
    fmt::print("{:<34} {:9.3f} ms CPU a call {:9.3f} us a packet {:6.2f} x floor\n", what,
               seconds * 1e3 / static_cast<double>(count),
               seconds * 1e6 / static_cast<double>(floor.packets), seconds / least);
  };
  print("floor: ns-3 and AES-GCM alone", least);
  print("two-way audio", spent);
  return 0;
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  const auto calls = argc > 1 ? std::atoi(argv[1]) : 500;
  const auto seconds = argc > 2 ? std::atoi(argv[2]) : 60;
  if (calls < 1 || seconds < 1) {
    fmt::print(stderr, "usage: rtclab_calls_bench [CALLS [SECONDS]]\n");
    return 2;
  }
  return rtclab::bench::bench(static_cast<std::size_t>(calls), std::chrono::seconds{seconds});
}
