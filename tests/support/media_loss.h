// A call with audio and video over a link that loses packets: what getStats() says of the loss and
// of its repair, and what arithmetic says that must come out.
#pragma once

#include "agents/base/time.h"

#include <chrono>
#include <cstdint>

namespace rtclab::test {

struct LossRun {
  double loss = 0;                             // of each packet, in either direction
  unsigned calls = 1;                          // with the seeds from 1 up
  Duration length = std::chrono::seconds{60};  // so long both send
};

// Sums over the two directions, and over runs.
struct LossFigures {
  double loss = 0;
  unsigned calls = 0;
  unsigned ended = 0;                     // further calls, of which nothing is counted here
  double audio_sent = 0, audio_lost = 0;  // packets
  double played = 0, concealed = 0;       // samples; `played` has the concealed ones
  double video_sent = 0, video_lost = 0;  // packets, without retransmissions
  double repairs_sent = 0, repairs_received = 0;
  double frames_sent = 0, frames_shown = 0;
  double freezes = 0, frozen = 0;  // frozen: seconds
  double target = 0;               // bit/s of video at the end, by the rate control; mean

  LossFigures& operator+=(const LossFigures& other);
};

// Both peers of each call send for so long, then rest until every repair has come. A call that ends
// before, for 30 s without an answer to a consent check (RFC 7675 §5.1), is replaced by another
// seed's. Throws std::runtime_error when peers do not connect.
[[nodiscard]] LossFigures run_loss(const LossRun& run);

// What a count or a mean is by arithmetic, and its standard deviation by chance.
struct Expected {
  double mean = 0;
  double deviation = 0;

  // Within 4 standard deviations, which one case in 16,000 is not, and within `slack` beyond.
  [[nodiscard]] bool holds(double measured, double slack = 0) const;
};

// A packet is lost with probability p: so many of n, n p ± sqrt(n p (1 - p)).
[[nodiscard]] Expected expected_lost(double sent, double loss);
// A lost packet is asked for until it comes. A request comes through with 1 - p, then its answer
// with 1 - p, and only requests that come through are answered: the answers sent for one packet are
// geometric, 1 / (1 - p) ± sqrt(p) / (1 - p).
[[nodiscard]] Expected expected_repairs_sent(double lost, double loss);
// The share of lost packets that have not come after so many requests: (1 - (1 - p)²)^n.
[[nodiscard]] double left_after(unsigned requests, double loss);
// A picture stands for 150 ms longer than usual (W3C webrtc-stats, freezeCount) only if a packet
// has not come after this many requests, 50 ms apart, and not always then: the jitter buffer grows.
inline constexpr unsigned kRequestsBeforeFreeze = 2;
[[nodiscard]] Expected most_freezes(double video_lost, double loss);

}  // namespace rtclab::test
