#include "scenarios/cli/progress.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>
#include <string>

namespace rtclab::cli {
namespace {

constexpr std::chrono::milliseconds kEvery{100};
constexpr std::size_t kBar = 24;

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBar));
  std::string text;
  for (std::size_t i = 0; i < kBar; ++i) text += i < full ? "█" : "░";
  return text;
}

}  // namespace

std::string time_left_text(std::chrono::seconds left) {
  const auto all = left.count();
  const auto hours = all / 3600;
  const auto minutes = all / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, all % 60);
  return fmt::format("{}:{:02}", minutes, all % 60);
}

Progress::Progress(std::ostream& out, bool shows, sweep::RunNumber done, sweep::RunNumber all)
    : out_{out}, shows_{shows}, before_{done}, done_{done}, all_{all} {}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void Progress::note(const sweep::Row& row) {
  ++done_;
  if (row.outcome != sweep::Outcome::AsExpected) ++not_as_expected_;
}

void Progress::show() {
  const auto now = Clock::now();
  if (!shows_ || now - shown_ < kEvery) return;
  shown_ = now;
  const auto share = static_cast<double>(done_) / static_cast<double>(all_);
  const auto rate = static_cast<double>(played()) / std::max(seconds(), 1e-3);
  auto line = fmt::format("{} {:3.0f} %  {}/{}  {:.{}f} runs/s", bar(share), share * 100, done_,
                          all_, rate, rate < 10 ? 1 : 0);
  if (played() > 0) {
    const auto left = static_cast<double>(all_ - done_) / rate;
    line += fmt::format("  {} left",
                        time_left_text(std::chrono::seconds{static_cast<std::int64_t>(left + 1)}));
  }
  if (not_as_expected_ > 0) line += fmt::format("  {} not as expected", not_as_expected_);
  fmt::print(out_, "\r{}\x1b[K", line);
  out_.flush();
}

void Progress::clear() {
  if (!shows_) return;
  fmt::print(out_, "\r\x1b[K");
  out_.flush();
}

}  // namespace rtclab::cli
