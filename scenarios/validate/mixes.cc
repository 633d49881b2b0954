#include "scenarios/validate/mixes.h"

#include "scenarios/validate/access_kinds.h"
#include "scenarios/validate/meeting.h"

#include <fmt/format.h>

namespace rtclab::validate {
namespace {

bool connects(const Part& a, const Part& b) {
  const auto& kinds = access_kinds();
  std::size_t column = 0;
  while (kinds[column].name != b.kind) ++column;
  return access_kind(a.kind).reaches[column] == 'P';
}

const Part& draw(const Mix& mix, Rng& rng) {
  double left = rng.uniform();
  for (const auto& part : mix) {
    if (left < part.share) return part;
    left -= part.share;
  }
  return mix.back();
}

}  // namespace

double expected_direct(const Mix& mix) {
  double sum = 0;
  for (const auto& a : mix) {
    for (const auto& b : mix) {
      if (connects(a, b)) sum += a.share * b.share;
    }
  }
  return sum;
}

std::string arithmetic_text(const Mix& mix) {
  std::vector<std::string> terms;
  for (const auto& a : mix) {
    for (const auto& b : mix) {
      if (connects(a, b)) terms.push_back(fmt::format("{}·{}", a.share, b.share));
    }
  }
  return fmt::format("{}", fmt::join(terms, " + "));
}

Counted measure_direct(const Mix& mix, std::size_t calls, std::uint64_t seed) {
  auto rng = SeededRng{seed}.fork("population");
  Counted direct{0, calls};
  for (std::size_t n = 0; n < calls; ++n) {
    const auto& a = draw(mix, rng);
    const auto& b = draw(mix, rng);
    const auto topology = two_sides(access_kind(a.kind).access, access_kind(b.kind).access);
    if (meet(topology, {.seed = rng.next(), .has_relay = false}) == Outcome::Direct) ++direct.hits;
  }
  return direct;
}

}  // namespace rtclab::validate
