#include "topologies/link_presets.h"
#include "topologies/units.h"

#include <utility>

namespace rtclab::topology {
namespace {

std::string text_of(const BurstLoss& loss) {
  const auto part = [](std::string_view name, double share) {
    return std::string{name} + " " + units::format_probability(share);
  };
  auto text = part("goodToBad", loss.good_to_bad) + ", " + part("badToGood", loss.bad_to_good);
  if (loss.loss_in_bad != BurstLoss{}.loss_in_bad) {
    text += ", " + part("lossInBad", loss.loss_in_bad);
  }
  if (loss.loss_in_good != BurstLoss{}.loss_in_good) {
    text += ", " + part("lossInGood", loss.loss_in_good);
  }
  return text;
}

class LinkTerms {
 public:
  void add(std::string_view attribute, bool differs, std::string value) {
    if (differs) terms.push_back({attribute, std::move(value)});
  }
  void add(std::string_view attribute, Duration value) {
    add(attribute, value != Duration{0}, units::format_duration(value));
  }
  void add_share(std::string_view attribute, double value) {
    add(attribute, value != 0, units::format_probability(value));
  }

  std::vector<LinkTerm> terms;
};

void add_jitter(LinkTerms& to, const Jitter& jitter) {
  to.add("jitter", jitter.spread);
  to.add("jitterDistribution", jitter.distribution != Jitter{}.distribution,
         std::string{to_string(jitter.distribution)});
  to.add_share("jitterCorrelation", jitter.correlation);
  to.add("jitterReorders", jitter.reorders, "yes");
}

}  // namespace

std::vector<LinkTerm> terms_of(const LinkQuality& quality) {
  const LinkQuality usual;
  LinkTerms to;
  to.add("delay", quality.delay);
  add_jitter(to, quality.jitter);
  to.add("rate", quality.rate.has_value(), quality.rate ? units::format_rate(*quality.rate) : "");
  to.add("bandwidthTrace", !quality.opportunities.empty(),
         std::to_string(quality.opportunities.size()) + " opportunities");
  to.add("queue", quality.queue != usual.queue, std::to_string(quality.queue));
  to.add("queueDiscipline", quality.discipline != usual.discipline,
         std::string{to_string(quality.discipline)});
  to.add("mtu", quality.mtu != usual.mtu, std::to_string(quality.mtu));
  to.add_share("loss", quality.loss);
  to.add("burstLoss", quality.burst_loss.has_value(),
         text_of(quality.burst_loss.value_or(BurstLoss{})));
  to.add_share("duplication", quality.duplication);
  to.add_share("corruption", quality.corruption);
  to.add_share("reordering", quality.reordering);
  to.add("reorderingDelay", quality.reordering_delay);
  return std::move(to.terms);
}

}  // namespace rtclab::topology
