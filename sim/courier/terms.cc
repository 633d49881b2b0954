#include "sim/courier/terms.h"

#include "topologies/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rtclab::signalling {
namespace {

using namespace std::chrono_literals;
using topology::JitterDistribution;

constexpr Duration kDay = 24h;

// Of a web page that keeps a request open until there is something to say.
constexpr CourierTerms long_polling() {
  return {.delay = 80ms, .jitter = {.spread = 40ms}};
}

// RFC 3261 §17.1.2.2: a request over UDP is sent again after T1 = 500 ms, then after twice as long
// each time up to T2 = 4 s, and given up after 64 × T1.
constexpr CourierTerms sip_like() {
  return {.delay = 60ms,
          .jitter = {.spread = 30ms, .reorders = true},
          .loss = 0.01,
          .resend = Resend{500ms, 4s, 32s}};
}

// Most mails are there in seconds, some in an hour: servers are slow, and greylists defer (RFC
// 6647).
constexpr CourierTerms e_mail() {
  return {.delay = 10s,
          .jitter = {.spread = 60s, .distribution = JitterDistribution::Pareto, .reorders = true},
          .loss = 0.002,
          .mailbox = 5min};
}

// RFC 1149 asks for one datagram on each bird; RFC 2549 §2 has birds of different speed overtake.
// The ways took 53 to 107 minutes when Bergen's Linux users flew it in April 2001, and five of
// nine did not come back; here a hawk gets one in ten.
constexpr CourierTerms pigeon() {
  return {.delay = 80min,
          .jitter = {.spread = 27min, .reorders = true},
          .loss = 0.1,
          .collection = 10min,
          .capacity = 1};
}

// Somebody takes a memory stick to the other house on the way to work.
constexpr CourierTerms sneakernet() {
  return {.delay = 30min, .collection = kDay};
}

// The box is emptied once a day, the postman comes once a day, and a card holds some 600 letters
// of a small hand.
constexpr CourierTerms postcard() {
  return {.delay = 2 * kDay,
          .jitter = {.spread = kDay, .reorders = true},
          .loss = 0.015,
          .collection = kDay,
          .mailbox = kDay,
          .piece_size = 600};
}

constexpr std::array kPresets{
    CourierPreset{"long-polling", "a web page that always has a request open", long_polling()},
    CourierPreset{"sip-like",
                  "single datagrams that are sent again until answered, as SIP's over UDP",
                  sip_like()},
    CourierPreset{"e-mail", "mails, looked for every few minutes", e_mail()},
    CourierPreset{"pigeon", "one message on each bird, some taken by hawks", pigeon()},
    CourierPreset{"sneakernet", "a memory stick in a pocket, once a day", sneakernet()},
    CourierPreset{"postcard", "by post, on as many cards as it takes", postcard()},
};

struct Words {
  std::string text;

  void add(std::string_view attribute, std::string_view value) {
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : " ", attribute, value);
  }
  void add(std::string_view attribute, Duration value) {
    if (value != Duration{0}) add(attribute, units::format_duration(value));
  }
  void add(std::string_view attribute, double share) {
    if (share != 0) add(attribute, fmt::format("{:g}%", share * 100));
  }
  void add(std::string_view attribute, const std::optional<std::size_t>& count) {
    if (count) add(attribute, std::to_string(*count));
  }
};

}  // namespace

std::span<const CourierPreset> courier_presets() {
  return kPresets;
}

const CourierPreset* find_courier_preset(std::string_view name) {
  const auto* const found = std::ranges::find(kPresets, name, &CourierPreset::name);
  return found == kPresets.end() ? nullptr : found;
}

std::string to_string(const CourierTerms& terms) {
  Words words;
  words.add("delay", terms.delay);
  words.add("jitter", terms.jitter.spread);
  if (terms.jitter.distribution != JitterDistribution::Uniform)
    words.add("jitterDistribution", to_string(terms.jitter.distribution));
  if (terms.jitter.reorders) words.add("overtaking", "yes");
  words.add("loss", terms.loss);
  words.add("duplication", terms.duplication);
  words.add("collection", terms.collection);
  words.add("capacity", terms.capacity);
  words.add("mailbox", terms.mailbox);
  words.add("pieceSize", terms.piece_size);
  words.add("receipt", to_string(terms.receipt));
  if (terms.resend) {
    words.add("resend", terms.resend->after);
    if (terms.resend->at_most != terms.resend->after)
      words.add("resendAtMost", terms.resend->at_most);
    words.add("giveUp", terms.resend->give_up);
  }
  return std::move(words.text);
}

std::string_view to_string(Receipt receipt) {
  switch (receipt) {
    case Receipt::AsItComes: return "as-it-comes";
    case Receipt::Once: return "once";
    case Receipt::InOrder: return "in-order";
  }
  __builtin_unreachable();
}

}  // namespace rtclab::signalling
