// When to stop sending although nobody has asked for it: what RFC 8083 asks of every sender.
//
// Spec: RFC 8083 §4.1 (no reports), §4.2 (reports, but nothing arrives), §4.3 (ten times what TCP
// would take). Its CB_INTERVAL depends on the intervals of both sides and is at most 15 s for the
// usual ones; this one is 15 s, so that it never breaks early.
#pragma once

#include "agents/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace rtclab::media {

class CircuitBreaker {
 public:
  struct Report {
    std::uint32_t ssrc = 0;
    std::uint32_t highest_sequence = 0;  // extended
    double fraction_lost = 0;
    Duration round_trip_time{};
  };
  void start(Instant now);
  void note_sent(Instant now, std::size_t bytes);
  void note_report(Instant now, const Report& report);
  // Why sending must stop; nullopt: it need not.
  [[nodiscard]] std::optional<std::string_view> check(Instant now) const;

 private:
  struct Stream {
    std::uint32_t highest = 0;
    Instant moved{};
  };
  void note_congestion(Instant now, const Report& report);

  Instant started_{};
  Instant reported_{};    // the latest report
  Instant idle_until_{};  // what was sent last, after a pause
  std::optional<Instant> last_sent_;
  std::map<std::uint32_t, Stream> streams_;
  std::optional<Instant> congested_since_;
  Instant rate_began_{};
  std::uint64_t bytes_ = 0, packets_ = 0;  // since rate_began_
};

// RFC 8083 §4.3: the simple formula, in bit/s: packets of `size` octets, loss p, round trip R.
[[nodiscard]] double tcp_throughput(double size, double loss, Duration round_trip_time);

}  // namespace rtclab::media
