#include "topologies/link_reader.h"

#include "agents/base/text.h"
#include "topologies/bandwidth_trace.h"
#include "topologies/vocabulary.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace rtclab::topology {
namespace {

constexpr std::uint64_t kMostQueued = 1'000'000;
// RFC 791 §3.2: every link carries 68 octets; the most is what an IPv4 header can say.
constexpr std::uint64_t kLeastMtu = 68;
constexpr std::uint64_t kMostMtu = 65535;
constexpr std::uint64_t kMostCounted = 1'000'000;

void read_jitter(const xml::Element& element, Jitter& jitter) {
  jitter.spread = element.duration("jitter", jitter.spread);
  jitter.distribution = element.choice<JitterDistribution>(
      "jitterDistribution", kJitterDistributions, jitter.distribution);
  jitter.correlation = element.probability("jitterCorrelation", jitter.correlation);
  jitter.reorders = element.yes_no("jitterReorders", jitter.reorders);
}

BurstLoss read_burst_loss(const xml::Element& element) {
  BurstLoss loss;
  loss.good_to_bad = element.probability("goodToBad", loss.good_to_bad);
  loss.bad_to_good = element.probability("badToGood", loss.bad_to_good);
  loss.loss_in_bad = element.probability("lossInBad", loss.loss_in_bad);
  loss.loss_in_good = element.probability("lossInGood", loss.loss_in_good);
  if (loss.good_to_bad + loss.bad_to_good == 0) {
    element.complain("goodToBad and badToGood are both 0%, so that no state is ever left");
  }
  return loss;
}

void read_outages(const xml::Element& element, std::vector<Outage>& outages) {
  const auto found = element.children("outage");
  if (found.empty()) return;
  outages.clear();
  for (const auto& child : found) {
    const Outage outage{child.duration("from"), child.duration("to")};
    if (outage.to <= outage.from) child.complain("to", "expected a time after from");
    if (!outages.empty() && outage.from < outages.back().to) {
      child.complain("from", "expected outages in order, the one before it ends later");
    }
    outages.push_back(outage);
  }
}

// "datagram:7": what and which.
std::optional<Drop> parse_drop(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto kind =
      std::ranges::find(kDropKinds, text.substr(0, colon), &xml::Choice<Drop::What>::text);
  const auto number = parse_unsigned(text.substr(colon + 1));
  if (kind == kDropKinds.end() || !number || *number < 1 || *number > kMostCounted) return {};
  return Drop{kind->value, static_cast<std::size_t>(*number)};
}

// All of a list in one attribute, so that who changes attributes can change it.
void read_list_of_drops(const xml::Element& element, std::vector<Drop>& drops) {
  const auto text = element.text("drops");
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    const auto drop = parse_drop(word);
    if (!drop) {
      element.complain_value(
          "drops", "what is lost and its number, with spaces between: datagram:7 dtls-flight:2");
      return;
    }
    drops.push_back(*drop);
    if (std::ranges::count(drops, *drop) > 1)
      element.complain("drops", std::string{word} + " stands here twice");
  }
}

void read_drops(const xml::Element& element, std::vector<Drop>& drops) {
  const auto found = element.children("drop");
  if (found.empty() && !element.has("drops")) return;
  drops.clear();
  for (const auto& child : found) {
    drops.push_back({child.choice<Drop::What>("what", kDropKinds, Drop::What::Packet),
                     child.number("number", 1, kMostCounted)});
    if (std::ranges::count(drops, drops.back()) > 1) child.complain("this drop stands here twice");
  }
  if (element.has("drops")) read_list_of_drops(element, drops);
}

void read_bandwidth(const xml::Element& element, LinkQuality& quality,
                    const std::filesystem::path& file) {
  if (element.has("rate")) {
    quality.rate = element.rate("rate");
    quality.opportunities.clear();
  }
  if (!element.has("bandwidthTrace")) return;
  if (element.has("rate")) {
    element.complain("bandwidthTrace", "a link has a rate or a bandwidthTrace, not both");
    return;
  }
  quality.rate.reset();
  if (element.text("bandwidthTrace").empty()) {
    element.complain_value("bandwidthTrace", "the name of a file beside this one");
    return;
  }
  auto trace = load_bandwidth_trace(file.parent_path() / element.text("bandwidthTrace"));
  if (trace) {
    quality.opportunities = *std::move(trace);
  } else {
    element.complain("bandwidthTrace", trace.error().to_string());
  }
}

}  // namespace

const std::vector<std::string_view>& link_attributes() {
  static const std::vector<std::string_view> kNames{"delay",
                                                    "jitter",
                                                    "jitterDistribution",
                                                    "jitterCorrelation",
                                                    "jitterReorders",
                                                    "rate",
                                                    "bandwidthTrace",
                                                    "queue",
                                                    "queueDiscipline",
                                                    "mtu",
                                                    "loss",
                                                    "duplication",
                                                    "corruption",
                                                    "reordering",
                                                    "reorderingDelay",
                                                    "drops"};
  return kNames;
}

const std::vector<std::string_view>& link_children() {
  static const std::vector<std::string_view> kNames{"burstLoss", "outage", "drop"};
  return kNames;
}

const std::vector<xml::ElementRule>& link_child_rules() {
  static const std::vector<xml::ElementRule> kRules{
      {.name = "burstLoss",
       .required = {"goodToBad", "badToGood"},
       .optional = {"lossInBad", "lossInGood"}},
      {.name = "outage", .required = {"from", "to"}},
      {.name = "drop", .required = {"number"}, .optional = {"what"}},
  };
  return kRules;
}

LinkQuality read_link_quality(const xml::Element& element, LinkQuality quality,
                              const std::filesystem::path& file) {
  quality.delay = element.duration("delay", quality.delay);
  read_jitter(element, quality.jitter);
  read_bandwidth(element, quality, file);
  quality.queue = element.number("queue", 1, kMostQueued, quality.queue);
  quality.discipline =
      element.choice<QueueDiscipline>("queueDiscipline", kQueueDisciplines, quality.discipline);
  quality.mtu = element.number("mtu", kLeastMtu, kMostMtu, quality.mtu);
  quality.loss = element.probability("loss", quality.loss);
  quality.duplication = element.probability("duplication", quality.duplication);
  quality.corruption = element.probability("corruption", quality.corruption);
  quality.reordering = element.probability("reordering", quality.reordering);
  quality.reordering_delay = element.duration("reorderingDelay", quality.reordering_delay);
  if (quality.reordering > 0 && quality.reordering_delay == Duration{0}) {
    element.complain(element.has("reordering") ? "reordering" : "reorderingDelay",
                     "packets are held back for no time, expected a reorderingDelay");
  }
  if (element.has("reorderingDelay") && quality.reordering == 0) {
    element.complain("reorderingDelay", "nothing is held back, expected reordering as well");
  }
  const auto bursts = element.children("burstLoss");
  if (bursts.size() > 1) bursts[1].complain("<burstLoss> stands here twice");
  if (!bursts.empty()) quality.burst_loss = read_burst_loss(bursts.front());
  read_outages(element, quality.outages);
  read_drops(element, quality.drops);
  return quality;
}

}  // namespace rtclab::topology
