// When feedback may leave before the next regular RTCP packet: decisions, each with its reason.
//
// Spec: RFC 4585 §3.5.1 to §3.5.3. Suppression by what other members say (§3.5.2, step 5) is left
// out: WebRTC's sessions have two endpoints.
#pragma once

#include "agents/base/rng.h"
#include "agents/base/time.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace rtclab::rtp {

struct FeedbackClock {
  Instant previous{};   // tp
  Instant next{};       // tn: the next regular packet
  Duration interval{};  // T_rr
  bool allow_early = true;
  std::optional<Instant> scheduled;  // a packet with feedback waits for this instant

  // §3.5.2, step 6: an early packet has left; it costs one regular one.
  [[nodiscard]] FeedbackClock after_early() const;
};

struct FeedbackRules {
  bool point_to_point = true;
  // T_max_fb_delay: how old feedback may grow and still be of use.
  Duration most_delay = std::chrono::milliseconds{500};
};

struct FeedbackDecision {
  enum class What : std::uint8_t { Join, Early, WithRegular, Discard };
  What what;
  Instant at;  // when it leaves; of no meaning for Discard
  std::string_view reason;
};
// §3.5.2, steps 1 to 4: feedback has come up at `now`.
[[nodiscard]] FeedbackDecision decide_feedback(const FeedbackClock& clock,
                                               const FeedbackRules& rules, Instant now, Rng& rng);

enum class RegularSlot : std::uint8_t { Regular, FeedbackOnly, Suppressed };
// §3.5.3: tn has come and reconsideration let it pass. `shortest` is T_rr_interval, 0 for none.
[[nodiscard]] RegularSlot decide_regular(Instant next, const std::optional<Instant>& last_regular,
                                         Duration shortest, bool feedback_waits, Rng& rng);

}  // namespace rtclab::rtp
