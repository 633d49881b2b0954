// What a link does to packets in one direction, as plain values.
//
// Spec: RFC 8289 (CoDel), RFC 8290 (FQ-CoDel), RFC 2680 and Gilbert (1960), Elliott (1963) for
// losses in bursts; the names of the effects are those of netem(8). docs/links.md explains them and
// lists the presets.
#pragma once

#include "agents/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rtclab::topology {

// How delays are spread about their mean.
enum class JitterDistribution {
  Uniform,      // within mean ± spread
  Normal,       // standard deviation = spread
  Exponential,  // mean + an exponential of mean `spread`
  Pareto,       // mean + a Pareto of shape 3 and mean `spread`: rare, long delays
};

struct Jitter {
  Duration spread{0};
  JitterDistribution distribution = JitterDistribution::Uniform;
  double correlation = 0;  // of one packet's delay with the last one's, 0 to 1
  bool reorders = false;   // else a packet waits for the one before it
  friend bool operator==(const Jitter&, const Jitter&) = default;
};

// Gilbert-Elliott: a state that is drawn anew before each packet, and a loss in each.
struct BurstLoss {
  double good_to_bad = 0;
  double bad_to_good = 1;
  double loss_in_bad = 1;
  double loss_in_good = 0;
  friend bool operator==(const BurstLoss&, const BurstLoss&) = default;

  [[nodiscard]] double mean_loss() const {
    const double bad = good_to_bad / (good_to_bad + bad_to_good);
    return bad * loss_in_bad + (1 - bad) * loss_in_good;
  }
};

enum class QueueDiscipline { DropTail, CoDel, FqCoDel };

// Nothing gets through from `from` on and before `to`, in the time of the run.
struct Outage {
  Duration from{0};
  Duration to{0};
  friend bool operator==(const Outage&, const Outage&) = default;
};

// One thing that is lost for certain: the n-th of its kind that this direction carries, counted
// from 1.
struct Drop {
  enum class What {
    Packet,      // any IP packet
    Datagram,    // of UDP
    Stun,        // a STUN message, by RFC 7983's first octet
    DtlsRecord,  // a datagram with DTLS
    DtlsFlight,  // all datagrams of a DTLS handshake up to the other direction's next ones
    Rtp,         // RTP or RTCP
    TcpSegment,
  };
  What what = What::Packet;
  std::size_t number = 1;
  friend bool operator==(const Drop&, const Drop&) = default;
};

// One direction of a link.
struct LinkQuality {
  Duration delay{0};  // propagation
  Jitter jitter{};
  std::optional<std::uint64_t> rate{};  // bits per second; nullopt: sending takes no time
  // A bandwidth that changes, in mahimahi's form: the times of the opportunities to send 1504
  // octets, from the run's begin, in ascending order; after the last it begins anew. Empty: `rate`.
  std::vector<Duration> opportunities{};
  std::size_t queue = 100;  // packets that wait for a link with a rate; more are dropped
  QueueDiscipline discipline = QueueDiscipline::DropTail;
  std::size_t mtu = 1500;  // octets of an IP packet

  double loss = 0;  // the probability that a packet is lost, 0 to 1, each on its own
  std::optional<BurstLoss> burst_loss{};
  double duplication = 0;         // that it arrives twice
  double corruption = 0;          // that one bit of it is turned
  double reordering = 0;          // that it is held back for `reordering_delay` longer
  Duration reordering_delay{0};   // others pass it meanwhile
  std::vector<Outage> outages{};  // in ascending order, not overlapping
  std::vector<Drop> drops{};
  friend bool operator==(const LinkQuality&, const LinkQuality&) = default;

  // Of `loss` and `burst_loss` together; outages and drops aside.
  [[nodiscard]] double mean_loss() const {
    return burst_loss ? 1 - (1 - loss) * (1 - burst_loss->mean_loss()) : loss;
  }
};

// As files and reports write them: "uniform", "fq-codel", "dtls-flight", …
[[nodiscard]] std::string_view to_string(JitterDistribution distribution);
[[nodiscard]] std::string_view to_string(QueueDiscipline discipline);
[[nodiscard]] std::string_view to_string(Drop::What what);

}  // namespace rtclab::topology
