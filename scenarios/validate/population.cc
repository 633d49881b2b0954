// Populations: what share of calls connects without a relay when both ends are drawn from a mix.
#include "scenarios/validate/mixes.h"
#include "scenarios/validate/punching.h"
#include "scenarios/validate/sections.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace rtclab::validate {
namespace {

constexpr std::string_view kEasy = "EIM/APDF";
constexpr std::string_view kHard = "APDM/APDF";

// All filter by address and port, and so many map independently of the endpoint.
Mix easy_and_hard(double easy) {
  return {{kEasy, easy}, {kHard, 1 - easy}};
}

// A published share, and a mix that comes to it.
struct Study {
  std::string_view name;
  std::string_view says;
  Mix mix;
  Interval published;  // of the share that connects without a relay
};

const std::vector<Study>& studies() {
  static const std::vector<Study> kStudies{
      {"Ford, Srisuresh, Kegel 2005",
       "82 % of NATs support UDP hole punching: 0.82² = 67 %",
       easy_and_hard(0.82),
       {0.665, 0.675}},
      {"libp2p DCUtR (arXiv 2510.27500), with Ford's mix",
       "70 % ± 7.1 %",
       easy_and_hard(0.82),
       {0.629, 0.771}},
      {"libp2p DCUtR, the mix that comes to its mean",
       "70 % ± 7.1 %",
       easy_and_hard(0.8367),
       {0.629, 0.771}},
      {"TURN needed by 15 % (callstats.io)",
       "√0.85 = 0.922 easy, 7.8 % symmetric",
       easy_and_hard(0.922),
       {0.845, 0.855}},
      {"TURN needed by 22 % (Twilio, callstats.io)",
       "√0.78 = 0.883 easy, 11.7 % symmetric",
       easy_and_hard(0.8832),
       {0.775, 0.785}},
      {"TURN needed by 15 to 22 %, a mix of all sorts",
       "15 to 22 % need a relay",
       {{"OPEN", 0.05}, {"EIM/EIF", 0.1}, {"EIM/ADF", 0.1}, {kEasy, 0.6}, {kHard, 0.15}},
       {0.78, 0.85}},
  };
  return kStudies;
}

std::string mix_text(const Mix& mix) {
  std::vector<std::string> parts;
  for (const auto& part : mix)
    parts.push_back(fmt::format("{} {}", percent(part.share), part.kind));
  return fmt::format("{}", fmt::join(parts, ", "));
}

Check check_published(const Study& study, double arithmetic) {
  return {.what = std::string{study.name},
          .expected = std::string{study.says},
          .measured = percent(arithmetic),
          .within =
              fmt::format("{} to {}", percent(study.published.low), percent(study.published.high)),
          .agrees = study.published.holds(arithmetic)};
}

// Ford's other figure.
void add_tcp(Section& section, std::size_t calls, std::uint64_t seed) {
  constexpr double kEasyOverTcp = 0.64;
  section.blocks.emplace_back(Prose{
      "Over TCP 64 % of Ford's NATs could be punched: they mapped independently of the endpoint, "
      "and did not answer a SYN that nobody asked for. If the rest is symmetric, 0.64² of the "
      "pairs connect. As in that paper, both ends connect to a third machine, hear from it how the "
      "other looks from outside, and then open from the same port at the same instant."});
  Checks checks{.caption = "Ford, Srisuresh, Kegel 2005, over TCP", .rows = {}};
  checks.rows.push_back(check_share("64 % of NATs support TCP hole punching: 0.64·0.64",
                                    kEasyOverTcp * kEasyOverTcp,
                                    punch_tcp(kEasyOverTcp, calls, seed)));
  section.blocks.emplace_back(std::move(checks));
}

// DCUtR's attempts. What made one fail the study does not say; here it is loss, the only thing that
// the NATs of such a pair leave to chance.
void add_attempts(Section& section, const Effort& effort) {
  constexpr double kAtFirst = 0.976;
  const double loss = 1 - std::sqrt(kAtFirst);
  const double fails = 1 - kAtFirst;
  const double ever = 1 - fails * fails * fails;
  section.blocks.emplace_back(Prose{fmt::format(
      "Of DCUtR's calls that came through, 97.6 % did at the first of three attempts. A session of "
      "ICE has no such attempts: each of its checks is sent up to seven times. So here both ends "
      "do what DCUtR does: they send at the same instant, one request and its answer have to "
      "arrive, and nothing is sent again. The study does not say why attempts failed; here they "
      "fail by loss alone. With p lost each way an attempt succeeds with q = (1-p)²; q = 97.6 % is "
      "p = 1 - √0.976 = {:.4f} %. Of all calls 1 - (1-q)³ = {:.4f} % then come through, and of "
      "those q / (1 - (1-q)³) = {:.2f} % at the first attempt. {} calls between two NATs "
      "EIM/APDF.",
      100 * loss, 100 * ever, 100 * kAtFirst / ever, effort.samples)});
  const auto at = punch_udp(loss, effort.samples, effort.seed);
  const auto all = at[0] + at[1] + at[2];
  Checks checks{.caption = "DCUtR's attempts (arXiv 2510.27500)", .rows = {}};
  checks.rows.push_back(check_share("calls that come through", ever, {all, effort.samples}));
  checks.rows.push_back(
      check_share("of these at the first attempt", kAtFirst / ever, {at[0], all}));
  checks.rows.push_back(check_share("at the second", fails * kAtFirst / ever, {at[1], all}));
  checks.rows.push_back(check_share("at the third", fails * fails * kAtFirst / ever, {at[2], all}));
  section.blocks.emplace_back(std::move(checks));
}

}  // namespace

Section population(const Effort& effort) {
  const auto calls = effort.samples / 5;
  Section section{.name = "population",
                  .title = "Populations: how many calls connect without a relay",
                  .source =
                      "Ford, Srisuresh, Kegel, USENIX 2005; arXiv 2510.27500 (DCUtR); Twilio "
                      "and callstats.io on the need of TURN"};
  section.blocks.emplace_back(Prose{fmt::format(
      "Both ends of {} calls are drawn from each mix, and two ICE agents behind such NATs meet "
      "without a relay. Expected is the sum over all pairs of kinds of share times share, where "
      "the table of eleven kinds says that they connect; measured is the share of the runs that "
      "did. The mixes are ours: the studies say what share connects, not behind what. A call that "
      "a study counts as failed may have failed for other reasons, such as UDP that is blocked.",
      calls)});
  Table mixes{{"study", "mix", "arithmetic"}, {}};
  Checks published{.caption = "The arithmetic of each mix against what was published", .rows = {}};
  Checks measured{.caption = "Runs against the arithmetic", .rows = {}};
  for (const auto& study : studies()) {
    const auto expected = expected_direct(study.mix);
    mixes.rows.push_back({std::string{study.name}, mix_text(study.mix),
                          fmt::format("{} = {}", arithmetic_text(study.mix), percent(expected))});
    published.rows.push_back(check_published(study, expected));
    measured.rows.push_back(check_share(std::string{study.name}, expected,
                                        measure_direct(study.mix, calls, effort.seed)));
  }
  section.blocks.emplace_back(std::move(mixes));
  section.blocks.emplace_back(std::move(published));
  section.blocks.emplace_back(std::move(measured));
  add_tcp(section, calls, effort.seed);
  add_attempts(section, effort);
  return section;
}

}  // namespace rtclab::validate
