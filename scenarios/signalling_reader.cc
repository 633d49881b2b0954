#include "scenarios/reading.h"
#include "sim/courier/terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::scenario::reading {
namespace {

using signalling::CourierTerms;
using signalling::Receipt;
using topology::JitterDistribution;
using xml::Choice;
using xml::Element;

constexpr std::array kDistributions{
    Choice<JitterDistribution>{"uniform", JitterDistribution::Uniform},
    Choice<JitterDistribution>{"normal", JitterDistribution::Normal},
    Choice<JitterDistribution>{"exponential", JitterDistribution::Exponential},
    Choice<JitterDistribution>{"pareto", JitterDistribution::Pareto}};
constexpr std::array kReceipts{Choice<Receipt>{"as-it-comes", Receipt::AsItComes},
                               Choice<Receipt>{"once", Receipt::Once},
                               Choice<Receipt>{"in-order", Receipt::InOrder}};

// A courier that is asked to repeat without end would fill any run.
constexpr Duration kLeastResend = std::chrono::milliseconds{100};

// What only a courier has.
constexpr std::array<std::string_view, 14> kCourierAttributes{
    "delay",       "jitter",     "jitterDistribution", "overtaking", "loss",
    "duplication", "collection", "capacity",           "pieceSize",  "mailbox",
    "receipt",     "resend",     "resendAtMost",       "giveUp"};

// What a step can change in mid-run: the way, not the applications at its ends.
constexpr std::array<std::string_view, 9> kWayAttributes{
    "delay",       "jitter",     "jitterDistribution", "overtaking", "loss",
    "duplication", "collection", "capacity",           "mailbox"};

WebSocketSignalling read_websocket(const Element& root, const Element* element,
                                   const topology::Topology& topology) {
  const auto known = names_of(topology.signalling_servers);
  if (known.empty()) {
    root.complain("topology",
                  fmt::format("topology \"{}\" has no signalling server, and peers that cannot "
                              "signal cannot call; <signalling via=\"e-mail\"/> needs none",
                              topology.name));
    return {};
  }
  for (const auto attribute : kCourierAttributes) {
    if (element == nullptr || !element->has(attribute)) continue;
    element->complain(attribute,
                      fmt::format("{} is a courier's; what befalls a WebSocket are the links' "
                                  "doings (or via=\"…\" was forgotten)",
                                  attribute));
  }
  if (element == nullptr || !element->has("server")) {
    if (known.size() > 1) {
      (element == nullptr ? root : *element)
          .complain(fmt::format("expected <signalling server=\"…\"/>, one of: {}",
                                fmt::join(known, ", ")));
    }
    return {known.front()};
  }
  auto server = element->text("server");
  if (!is_one_of(server, known)) element->complain_unknown("server", "signalling server", known);
  return {std::move(server)};
}

void read_resend(const Element& element, CourierTerms& terms) {
  if (element.has("resend")) {
    const auto after = element.duration("resend");
    if (after == Duration{0}) {
      terms.resend.reset();  // "0s": a preset's is taken away
    } else if (after < kLeastResend) {
      element.complain_value("resend", "0s, or a time of at least 100ms");
    } else {
      terms.resend = {after, after, terms.resend ? terms.resend->give_up : Duration{0}};
    }
  }
  for (const std::string_view attribute : {"resendAtMost", "giveUp"}) {
    if (element.has(attribute) && !terms.resend) {
      element.complain(attribute,
                       fmt::format("{} belongs to an application that repeats what it sends, "
                                   "expected resend=\"…\" too",
                                   attribute));
      return;
    }
  }
  if (!terms.resend) return;
  terms.resend->at_most = element.duration("resendAtMost", terms.resend->at_most);
  terms.resend->give_up = element.duration("giveUp", terms.resend->give_up);
  if (terms.resend->at_most < terms.resend->after)
    element.complain_value("resendAtMost", "no less than resend");
}

std::optional<std::size_t> read_count(const Element& element, std::string_view attribute,
                                      std::uint64_t least, std::uint64_t most,
                                      std::optional<std::size_t> usual) {
  return element.has(attribute) ? std::optional{element.number(attribute, least, most)} : usual;
}

// The terms of the way, as the element says otherwise.
CourierTerms read_way(const Element& element, CourierTerms terms) {
  terms.delay = element.duration("delay", terms.delay);
  terms.jitter.spread = element.duration("jitter", terms.jitter.spread);
  terms.jitter.distribution = element.choice<JitterDistribution>(
      "jitterDistribution", kDistributions, terms.jitter.distribution);
  terms.jitter.reorders = element.yes_no("overtaking", terms.jitter.reorders);
  terms.loss = element.probability("loss", terms.loss);
  terms.duplication = element.probability("duplication", terms.duplication);
  terms.collection = element.duration("collection", terms.collection);
  terms.capacity = read_count(element, "capacity", 1, 1'000'000, terms.capacity);
  terms.mailbox = element.duration("mailbox", terms.mailbox);
  if (terms.capacity && terms.collection == Duration{0}) {
    element.complain(element.has("capacity") ? "capacity" : "collection",
                     "capacity is what one trip takes, and without collection=\"…\" there are no "
                     "trips");
  }
  return terms;
}

// A preset with what the element says otherwise.
CourierTerms read_terms(const Element& element, CourierTerms terms) {
  terms = read_way(element, std::move(terms));
  // Below the least, an offer would be thousands of pieces.
  terms.piece_size = read_count(element, "pieceSize", 16, 1'000'000, terms.piece_size);
  terms.receipt = element.choice<Receipt>("receipt", kReceipts, terms.receipt);
  read_resend(element, terms);
  return terms;
}

std::vector<std::string> carriers() {
  std::vector<std::string> names{std::string{kWebSocket}, std::string{kCourier}};
  for (const auto& preset : signalling::courier_presets()) names.emplace_back(preset.name);
  return names;
}

}  // namespace

Signalling read_signalling(const Element& root, const topology::Topology& topology) {
  const auto found = root.child("signalling");
  const auto* const element = found ? &*found : nullptr;
  const auto via = element == nullptr ? std::string{kWebSocket} : element->text("via", kWebSocket);
  if (via == kWebSocket) return read_websocket(root, element, topology);
  if (element->has("server"))
    element->complain("server", "a courier goes beside the network and needs no server");
  const auto* const preset = signalling::find_courier_preset(via);
  if (preset == nullptr && via != kCourier)
    element->complain_unknown("via", "way of signalling", carriers());
  return CourierSignalling{
      via, read_terms(*element, preset == nullptr ? CourierTerms{} : preset->terms)};
}

Action read_signalling_change(const Element& element, const Loaded& loaded,
                              std::optional<CourierTerms>& terms) {
  SetSignalling action{
      loaded.scenario.peers.empty() ? "" : loaded.scenario.peers.front().name, {}, {}};
  const auto* const courier = std::get_if<CourierSignalling>(&loaded.scenario.signalling);
  if (courier == nullptr) {
    element.complain(
        "only a courier's terms can be set; what befalls a WebSocket are the doings of links "
        "(<setLink>) and of its server (<stopServer>)");
    return action;
  }
  if (!terms) terms = courier->terms;
  for (const auto attribute : kWayAttributes) {
    if (!element.has(attribute)) continue;
    action.what += fmt::format("{}{}=\"{}\"", action.what.empty() ? "" : " ", attribute,
                               element.text(attribute));
  }
  if (action.what.empty()) element.complain("expected what changes: loss=\"…\", delay=\"…\" …");
  action.terms = *(terms = read_way(element, *terms));
  return action;
}

}  // namespace rtclab::scenario::reading
