// The table of docs/measurements.md: what loss does to audio and video, and what of it is repaired,
// beside the same by arithmetic.
//
//   build/release/rtclab_loss_sweep [CALLS [SECONDS]]
//
// For each loss so many calls (5), seeds from 1 up, of so many virtual seconds (60), both ways.
// "ended": further calls, which lost every consent check of 30 s.
#include "tests/support/media_loss.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <string>

namespace rtclab::bench {
namespace {

using test::Expected;
using test::LossFigures;

constexpr double kLosses[] = {0, 0.01, 0.02, 0.05, 0.10, 0.20};

// In percent of `whole`, two standard deviations wide.
std::string percent(const Expected& expected, double whole) {
  return fmt::format("{:.2f} ± {:.2f}", 100 * expected.mean / whole,
                     200 * expected.deviation / whole);
}

void print_row(const LossFigures& sum) {
  const double streams = 2.0 * sum.calls;
  const auto repairs = test::expected_repairs_sent(sum.video_lost, sum.loss);
  const auto each = [&](double count) { return sum.video_lost > 0 ? count / sum.video_lost : 0; };
  fmt::print(
      "| {:.0f} % | {:.2f} | {:.2f} | {} | {:.2f} | {} | {:.3f} | {} | {:.2f} | {:.2f} | "
      "{:.1f} | {:.1f} | {:.0f} | {} |\n",
      100 * sum.loss, 100 * sum.audio_lost / sum.audio_sent, 100 * sum.concealed / sum.played,
      percent(test::expected_lost(sum.audio_sent, sum.loss), sum.audio_sent),
      100 * sum.video_lost / sum.video_sent,
      percent(test::expected_lost(sum.video_sent, sum.loss), sum.video_sent),
      each(sum.repairs_sent),
      sum.loss > 0 ? fmt::format("{:.3f} ± {:.3f}", each(repairs.mean), 2 * each(repairs.deviation))
                   : std::string{"-"},
      100 * each(sum.repairs_received), 100 * sum.frames_shown / sum.frames_sent,
      sum.freezes / streams, test::most_freezes(sum.video_lost, sum.loss).mean / streams,
      sum.target / sum.calls / 1000, sum.ended);
}

void sweep(unsigned calls, Duration length) {
  fmt::print(
      "| loss | audio lost % | concealed % | expected | video lost % | expected | RTX sent a loss "
      "| "
      "expected | RTX came % | frames shown % | freezes a stream | at most | kbit/s | ended |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const auto loss : kLosses) {
    print_row(test::run_loss({.loss = loss, .calls = calls, .length = length}));
  }
}

}  // namespace
}  // namespace rtclab::bench

int main(int argc, char** argv) {
  const auto calls = argc > 1 ? std::atoi(argv[1]) : 5;
  const auto seconds = argc > 2 ? std::atoi(argv[2]) : 60;
  if (calls < 1 || seconds < 1) {
    fmt::print(stderr, "usage: rtclab_loss_sweep [CALLS [SECONDS]]\n");
    return 2;
  }
  rtclab::bench::sweep(static_cast<unsigned>(calls), std::chrono::seconds{seconds});
}
