// What loss does to a STUN transaction: how often it fails, is sent again, and how long it waits.
#include "scenarios/validate/bench.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/loss.h"
#include "scenarios/validate/sections.h"
#include "scenarios/validate/stun_series.h"
#include "sim/host/agent_host.h"
#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;

// A figure as its source prints it, and a unit of its last digit.
struct Printed {
  double value;
  double last_unit;
};

struct LossRow {
  double loss;
  Printed fails;
  Printed resends;
  Printed extra_wait;  // seconds
};

// clang-format off
constexpr std::array kPrinted{
    LossRow{0.01, {1.2e-12, 0.1e-12}, {0.020, 0.001}, {0.010, 0.001}},
    LossRow{0.05, {8.4e-8,  0.1e-8},  {0.098, 0.001}, {0.061, 0.001}},
    LossRow{0.10, {8.9e-6,  0.1e-6},  {0.19,  0.01},  {0.152, 0.001}},
    LossRow{0.20, {7.8e-4,  0.1e-4},  {0.36,  0.01},  {0.529, 0.001}},
    LossRow{0.30, {9.0e-3,  0.1e-3},  {0.51,  0.01},  {1.34,  0.01}},
    LossRow{0.50, {0.134,   0.001},   {0.75,  0.01},  {4.14,  0.01}},
};
// clang-format on

constexpr std::array kSendTimes{0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5};  // RFC 8489 §6.2.1, seconds

// The same by arithmetic: try k (from 0) is the first that gets through with (1-q)^k q.
struct Arithmetic {
  double fails;
  double resends;
  double extra_wait;            // mean, when it succeeds
  double extra_wait_deviation;  // of one transaction
};
Arithmetic arithmetic_of(double loss) {
  const double q = (1 - loss) * (1 - loss);
  double mean = 0;
  double square = 0;
  double chance = q;
  for (const double at : kSendTimes) {
    mean += chance * at;
    square += chance * at * at;
    chance *= 1 - q;
  }
  const double fails = std::pow(1 - q, kSendTimes.size());
  mean /= 1 - fails;
  square /= 1 - fails;
  return {fails, 1 - q, mean, std::sqrt(square - mean * mean)};
}

struct StunFigures {
  std::size_t count = 0;
  std::size_t failed = 0;
  std::size_t resent = 0;
  double extra_wait = 0;  // sum of those that succeeded, seconds
};

StunFigures measure_stun(const topology::LinkQuality& link, std::size_t count, std::uint64_t seed) {
  const auto topology = client_and_stun_server(link);
  sim::World world{topology, {.seed = seed}};
  auto rng = world.fork("transactions");
  sim::AgentHost<StunSeries> client{
      world.host(kClient),
      {[](Instant, const Event&) {}},
      StunSeries::Config{.server = topology.stun_servers.front().endpoint(), .count = count},
      rng};
  world.run_until(Instant{count * 1ms + 40s});

  StunFigures figures;
  for (const auto& outcome : client.agent().outcomes()) {
    ++figures.count;
    if (outcome.sends > 1) ++figures.resent;
    if (!outcome.answered) {
      ++figures.failed;
    } else {
      const Duration extra = *outcome.answered - outcome.begun - 2 * kOneWay;
      figures.extra_wait += std::chrono::duration<double>(extra).count();
    }
  }
  return figures;
}

Check check_printed(const std::string& what, const Printed& printed, double formula) {
  return {.what = what,
          .expected = number(printed.value),
          .measured = number(formula),
          .within = fmt::format("one unit of its last digit: ± {}", number(printed.last_unit)),
          .agrees = std::abs(formula - printed.value) <= printed.last_unit};
}

std::string at_loss(std::string_view what, double loss) {
  return fmt::format("{} at p = {:.0f} %", what, 100 * loss);
}

}  // namespace

std::vector<Check> stun_checks(double loss, const topology::LinkQuality& link, std::size_t count,
                               std::uint64_t seed) {
  const auto expected = arithmetic_of(loss);
  const auto seen = measure_stun(link, count, seed);
  const auto succeeded = seen.count - seen.failed;
  return {
      check_share(at_loss("P(fail)", loss), expected.fails, {seen.failed, seen.count}),
      check_share(at_loss("P(resend)", loss), expected.resends, {seen.resent, seen.count}),
      check_mean(at_loss("extra wait", loss), expected.extra_wait, expected.extra_wait_deviation,
                 seen.extra_wait / static_cast<double>(succeeded), succeeded, "s")};
}

Section stun_loss(const Effort& effort) {
  const auto count = 5 * effort.samples;
  Section section{.name = "stun-loss",
                  .title = "What loss does to a STUN transaction",
                  .source =
                      "RFC 8489 §6.2.1 (seven requests at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and "
                      "31.5 s) and arithmetic"};
  section.blocks.emplace_back(Prose{fmt::format(
      "A client makes {} transactions with a STUN server over a link that loses each packet with "
      "probability p, each way on its own. A try gets through with q = (1-p)². P(fail) = (1-q)⁷; "
      "P(at least one resend) = 1-q; the mean extra wait of those that succeed is "
      "Σ tₖ q (1-q)ᵏ / (1-(1-q)⁷) over the seven times tₖ. The client is our agents' own "
      "`stun::Transaction` on a simulated host, the server our STUN server; the formulas are "
      "used for the expectation only.",
      count)});
  Checks formulas{.caption = "The formulas give the figures of the table from outside",
                  .rows = {},
                  .listed = false};
  Checks measured{.caption = "Measured", .rows = {}};
  for (const auto& [loss, fails, resends, extra_wait] : kPrinted) {
    const auto expected = arithmetic_of(loss);
    formulas.rows.push_back(check_printed(at_loss("P(fail)", loss), fails, expected.fails));
    formulas.rows.push_back(check_printed(at_loss("P(resend)", loss), resends, expected.resends));
    formulas.rows.push_back(
        check_printed(at_loss("extra wait", loss), extra_wait, expected.extra_wait));
    std::ranges::move(stun_checks(loss, losing(loss), count, effort.seed),
                      std::back_inserter(measured.rows));
  }
  section.blocks.emplace_back(std::move(formulas));
  section.blocks.emplace_back(std::move(measured));
  return section;
}

}  // namespace rtclab::validate
