#include "sim/link/impairments.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace rtclab::sim {
namespace {

bool falls(SeededRng& rng, double probability) {
  return probability > 0 && rng.uniform() < probability;
}

SeededRng stream(const Impairments::Fork& fork, std::string_view effect,
                 std::string_view direction) {
  return fork(fmt::format("{} {}", effect, direction));
}

std::string describe(const topology::BurstLoss& loss, bool bad) {
  return fmt::format("burst loss in the {} state ({:g} % on average)", bad ? "bad" : "good",
                     loss.mean_loss() * 100);
}

std::string describe(const topology::Drop& drop) {
  return fmt::format("{} {} of the list of drops", to_string(drop.what), drop.number);
}

}  // namespace

std::string duration_text(Duration duration) {
  const auto count = static_cast<double>(duration.count());
  const auto size = std::abs(count);
  if (size >= 1e9) return fmt::format("{:g} s", count / 1e9);
  if (size >= 1e6) return fmt::format("{:g} ms", count / 1e6);
  return fmt::format("{:g} us", count / 1e3);
}

Impairments::Impairments(const Fork& fork, std::string_view direction,
                         topology::LinkQuality quality)
    : loss_{stream(fork, "loss", direction)},
      bursts_{stream(fork, "burst loss", direction)},
      jitter_{stream(fork, "jitter", direction)},
      duplication_{stream(fork, "duplication", direction)},
      corruption_{stream(fork, "corruption", direction)},
      reordering_{stream(fork, "reordering", direction)} {
  set(std::move(quality), 0);
}

void Impairments::set(topology::LinkQuality quality, std::size_t flights_before) {
  if (quality.drops != drops_.drops()) drops_.set(quality.drops, flights_before);
  quality_ = std::move(quality);
}

std::optional<std::string> Impairments::outage_at(Instant now) const {
  const auto time = now.time_since_epoch();
  for (const auto& outage : quality_.outages) {
    if (time < outage.from || time >= outage.to) continue;
    // Until somebody says otherwise: a scenario took it down.
    if (outage.to == Duration::max()) return "it is down";
    return fmt::format("an outage from {} to {}", duration_text(outage.from),
                       duration_text(outage.to));
  }
  return std::nullopt;
}

Impairments::Verdict Impairments::judge(Instant now, ByteView packet, const PacketKind& kind,
                                        const std::optional<FlightPart>& flight) {
  Verdict verdict;
  auto& treatment = verdict.treatment;
  const auto lose = [&](auto&& reason) {
    if (!treatment.lost) verdict.lost_by = reason();
    treatment.lost = true;
  };
  if (const auto drop = drops_.check(kind, flight)) lose([&] { return describe(*drop); });
  if (const auto outage = outage_at(now)) lose([&] { return *outage; });
  if (quality_.burst_loss && bursts_.loses_next(*quality_.burst_loss)) {
    lose([&] { return describe(*quality_.burst_loss, bursts_.is_bad()); });
  }
  if (falls(loss_, quality_.loss)) {
    lose([&] { return fmt::format("{:g} % loss", quality_.loss * 100); });
  }
  if (quality_.jitter.spread > Duration{0}) treatment.jitter = jitter_.next(quality_.jitter);
  treatment.twice = falls(duplication_, quality_.duplication);
  if (falls(corruption_, quality_.corruption)) {
    treatment.turned_bit = corruption_.below(packet.size() * 8);
  }
  if (falls(reordering_, quality_.reordering)) treatment.held_back = quality_.reordering_delay;
  return verdict;
}

}  // namespace rtclab::sim
