#include "agents/media/circuit_breaker.h"

#include "agents/media/units.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rtclab::media {
namespace {

constexpr Duration kBreakInterval = std::chrono::seconds{15};
constexpr double kExcess = 10;

}  // namespace

double tcp_throughput(double size, double loss, Duration round_trip_time) {
  const auto seconds = std::max(in_seconds(round_trip_time), 0.001);
  if (loss <= 0) return std::numeric_limits<double>::infinity();
  return 8 * size / (seconds * std::sqrt(2 * loss / 3));
}

void CircuitBreaker::start(Instant now) {
  *this = {};
  started_ = reported_ = idle_until_ = rate_began_ = now;
}

void CircuitBreaker::note_sent(Instant now, std::size_t bytes) {
  // Silence of ours asks for no reports: the time counts from where sending began again.
  if (!last_sent_ || now - *last_sent_ > std::chrono::seconds{1}) idle_until_ = now;
  last_sent_ = now;
  bytes_ += bytes;
  ++packets_;
}

void CircuitBreaker::note_report(Instant now, const Report& report) {
  reported_ = now;
  auto& stream = streams_[report.ssrc];
  if (stream.highest != report.highest_sequence || stream.moved == Instant{}) stream.moved = now;
  stream.highest = report.highest_sequence;
  note_congestion(now, report);
}

void CircuitBreaker::note_congestion(Instant now, const Report& report) {
  if (packets_ == 0 || now <= rate_began_) return;
  const auto rate = static_cast<double>(bytes_) * 8 / in_seconds(now - rate_began_);
  const auto size = static_cast<double>(bytes_) / static_cast<double>(packets_);
  const bool over =
      rate > kExcess * tcp_throughput(size, report.fraction_lost, report.round_trip_time);
  if (!over) congested_since_.reset();
  if (over && !congested_since_) congested_since_ = now;
  if (now - rate_began_ >= std::chrono::seconds{1}) {
    rate_began_ = now;
    bytes_ = packets_ = 0;
  }
}

std::optional<std::string_view> CircuitBreaker::check(Instant now) const {
  if (!last_sent_ || now - *last_sent_ > std::chrono::seconds{1}) return std::nullopt;
  if (now - std::max({started_, reported_, idle_until_}) >= kBreakInterval) return "no reports";
  if (congested_since_ && now - *congested_since_ >= kBreakInterval) return "congestion";
  const bool all_stand = !streams_.empty() && std::ranges::all_of(streams_, [&](const auto& entry) {
    return now - std::max(entry.second.moved, idle_until_) >= kBreakInterval;
  });
  if (all_stand) return "media timeout";
  return std::nullopt;
}

}  // namespace rtclab::media
