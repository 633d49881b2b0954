// How much may be sent: what comes back from the network in, a target bitrate and its reason out.
//
// A RateController is told of each feedback once and answers with a decision. It knows no packet
// formats and keeps no clock, so that any other can be put in its place
// (Session::Options::rate_controller).
#pragma once

#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace rtclab::media {

// One packet that transport-wide feedback told about.
struct PacketResult {
  Instant sent;
  std::optional<Duration>
      received{};         // by the remote's clock, from an origin of its own; nullopt: lost
  std::size_t bytes = 0;  // RTP header and payload
};

struct TransportFeedback {
  Instant now;
  std::span<const PacketResult> packets;  // in the order in which they were sent
  std::optional<Duration> round_trip_time{};
};

// From the report blocks of one SR or RR, weighted over our streams.
struct LossReport {
  Instant now;
  double fraction_lost = 0;  // 0..1
  std::optional<Duration> round_trip_time{};
};

struct RateDecision {
  std::uint64_t target = 0;  // bit/s for RTP of all streams together, retransmissions included
  std::string_view reason;   // a literal: "delay rises", "loss above 10 %", "probing upwards"

  friend bool operator==(const RateDecision&, const RateDecision&) = default;
};

struct RateLimits {
  std::uint64_t min = 30'000;
  std::uint64_t start = 300'000;
  std::uint64_t max = 2'500'000;
};

class RateController {
 public:
  virtual ~RateController() = default;
  // The sum of what the encodings may use has changed.
  virtual void set_limits(Instant now, const RateLimits& limits) = 0;
  virtual void on_feedback(const TransportFeedback& feedback) = 0;
  virtual void on_loss_report(const LossReport& report) = 0;
  // The receiver's own estimate (draft-alvestrand-rmcat-remb-03).
  virtual void on_remb(Instant now, std::uint64_t bitrate) = 0;
  [[nodiscard]] virtual RateDecision decision() const = 0;
};

// Always `bitrate`, whatever happens.
[[nodiscard]] std::unique_ptr<RateController> make_fixed_rate(std::uint64_t bitrate);
// Delay and loss, after Google Congestion Control (draft-ietf-rmcat-gcc-02); see
// delay_loss_controller.h.
[[nodiscard]] std::unique_ptr<RateController> make_delay_loss_controller(const RateLimits& limits);

}  // namespace rtclab::media
