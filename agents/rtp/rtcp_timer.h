// When RTCP leaves: so that all members of a session together keep to its share, however many they
// are.
//
// Spec: RFC 3550 §6.2 (the share), §6.3 and A.7 (timer reconsideration, reverse reconsideration,
// BYE back-off); RFC 4585 §3.4 (Tmin of AVPF).
#pragma once

#include "agents/base/rng.h"
#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>

namespace rtclab::rtp {

struct RtcpPopulation {
  std::size_t members = 1;  // we are one
  std::size_t senders = 0;
  bool we_send = false;
};

struct RtcpBudget {
  double octets_per_second = 400;  // of RTCP: 5 % of the session's bandwidth
  // RFC 3550 §6.2: 5 s, or 360 s divided by the session's kbit/s where that is less; RFC 4585
  // §3.5.1: 0 between two endpoints.
  Duration minimum = std::chrono::seconds{5};
};

// RFC 3550 §6.3.1 Td: the deterministic interval. `average_size` in octets, with UDP and IP
// headers. `minimum` is halved by the caller before the first packet.
[[nodiscard]] Duration deterministic_interval(const RtcpPopulation& population,
                                              double octets_per_second, double average_size,
                                              Duration minimum);
// §6.3.1 T: half to one and a half times of it, divided by e - 3/2, which reconsideration takes
// away.
[[nodiscard]] Duration randomized_interval(Duration deterministic, Rng& rng);

class RtcpTimer {
 public:
  // `probable_size`: of the first packet that will be sent (RFC 3550 §6.3.2).
  RtcpTimer(RtcpBudget budget, double probable_size, SeededRng rng)
      : budget_{budget}, average_size_{probable_size}, rng_{rng} {}

  void start(Instant now, const RtcpPopulation& population);
  [[nodiscard]] Instant next() const { return next_; }  // tn

  // At next(): §6.3.6. True: a packet leaves now, and its size must be told next. False: next() is
  // later, because members have joined since it was set.
  [[nodiscard]] bool expire(Instant now, const RtcpPopulation& population);
  void note_sent(Instant now, const RtcpPopulation& population, std::size_t octets);
  void note_received(std::size_t octets) { average(octets); }  // §6.3.3
  // §6.3.4: members have left by BYE or silence. next() comes nearer.
  void note_departure(Instant now, const RtcpPopulation& population);

  // §6.3.7: we leave. True: our BYE may leave at once, because the session has no more than
  // kBackOffMembers. False: it leaves when expire() says so, which from now on counts only the BYEs
  // of others.
  [[nodiscard]] bool leave(Instant now, const RtcpPopulation& population, std::size_t bye_octets);
  void note_bye() { ++leaving_members_; }

  static constexpr std::size_t kBackOffMembers = 50;

 private:
  [[nodiscard]] Duration draw(const RtcpPopulation& population);
  void average(std::size_t octets);

  RtcpBudget budget_;
  double average_size_;
  SeededRng rng_;
  Instant previous_{};  // tp
  Instant next_{};
  std::size_t members_ = 1;          // pmembers: when next_ was set
  std::size_t leaving_members_ = 1;  // who leaves with us
  bool initial_ = true;
  bool leaving_ = false;
};

}  // namespace rtclab::rtp
