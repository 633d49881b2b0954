// How much went over each path: what the statistics of a candidate pair are made of.
//
// Spec: W3C webrtc-stats §8.14 (RTCIceCandidatePairStats). Counted by path, for two pairs may share
// one (RFC 8445 §7.2.5.3.2): then they have the same numbers. A path begins with our first check or
// datagram on it, so that strangers who send from many addresses are not kept in mind.
#pragma once

#include "agents/base/address.h"
#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace rtclab::ice {

struct PairTraffic {
  std::uint64_t packets_sent = 0;  // data
  std::uint64_t bytes_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t requests_sent = 0;      // checks, without repetitions
  std::uint64_t requests_received = 0;  // checks and consent, with repetitions
  std::uint64_t responses_sent = 0;
  std::uint64_t responses_received = 0;
  std::uint64_t consent_requests_sent = 0;
  Duration total_round_trip{};  // over all responses_received
  std::optional<Duration> round_trip{};

  friend bool operator==(const PairTraffic&, const PairTraffic&) = default;
};

enum class Sent : std::uint8_t { Data, Check, Repetition, Consent, Answer };

class Traffic {
 public:
  void note_sent(const Path& path, std::size_t octets, Sent what) {
    const bool begins = what == Sent::Data || what == Sent::Check;
    auto* const traffic = begins ? &paths_[path] : find(path);
    if (traffic == nullptr) return;
    switch (what) {
      case Sent::Data:
        ++traffic->packets_sent;
        traffic->bytes_sent += octets;
        return;
      case Sent::Check: ++traffic->requests_sent; return;
      case Sent::Consent: ++traffic->consent_requests_sent; return;
      case Sent::Answer: ++traffic->responses_sent; return;
      case Sent::Repetition: return;
    }
  }
  void note_data(const Path& path, std::size_t octets) {
    auto* const traffic = find(path);
    if (traffic == nullptr) return;
    ++traffic->packets_received;
    traffic->bytes_received += octets;
  }
  void note_request(const Path& path) {
    if (auto* const traffic = find(path)) ++traffic->requests_received;
  }
  void note_response(const Path& path, const std::optional<Duration>& round_trip) {
    auto* const traffic = find(path);
    if (traffic == nullptr) return;
    ++traffic->responses_received;
    if (!round_trip) return;
    traffic->round_trip = round_trip;
    traffic->total_round_trip += *round_trip;
  }
  [[nodiscard]] PairTraffic of(const Path& path) const {
    const auto found = paths_.find(path);
    return found == paths_.end() ? PairTraffic{} : found->second;
  }

 private:
  [[nodiscard]] PairTraffic* find(const Path& path) {
    const auto found = paths_.find(path);
    return found == paths_.end() ? nullptr : &found->second;
  }

  std::map<Path, PairTraffic> paths_;
};

}  // namespace rtclab::ice
