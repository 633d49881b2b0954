// The terms on which a courier carries the messages of a call: how long a piece is under way, what
// becomes of it, how often somebody collects it and looks for it, and what the applications at both
// ends make of that.
//
// Spec: RFC 8825 §3 leaves signalling open, and RFC 8838 §15 asks it for candidates exactly once
// and in order. What a courier cannot give, the applications must add: `receipt` and `resend`.
// Terms are values; docs/signalling.md explains them, courier_presets() are those that have a name.
#pragma once

#include "agents/base/time.h"
#include "topologies/link_quality.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rtclab::signalling {

// What the receiving application does with what arrives.
enum class Receipt : std::uint8_t {
  // Acts on everything at once, on a second copy too, and on a candidate before its description.
  AsItComes,
  // Takes each message once, and keeps a candidate until the description that it belongs to.
  Once,
  // Each once, and none before all that its sender sent earlier: what is lost holds up the rest.
  InOrder,
};

// An application that repeats a message until the other side has acknowledged it.
struct Resend {
  Duration after{0};    // the first time
  Duration at_most{0};  // each pause is twice the one before, up to this; `after`: all are equal
  Duration give_up{0};  // so long after the message was sent; 0: never
  friend bool operator==(const Resend&, const Resend&) = default;
};

struct CourierTerms {
  // --- the way of one piece ---
  Duration delay{0};          // from where it is collected to the mailbox, on the average
  topology::Jitter jitter{};  // `reorders`: one piece may overtake another
  double loss = 0;            // the probability that it never arrives
  double duplication = 0;     // that it arrives a second time, after a delay of its own
  // --- who goes when ---
  Duration collection{0};                   // a trip begins at each multiple of this; 0: at once
  std::optional<std::size_t> capacity{};    // pieces that a trip takes, in each direction
  Duration mailbox{0};                      // the receiver looks at each multiple; 0: all the time
  std::optional<std::size_t> piece_size{};  // octets that a piece holds: longer messages are cut up
  // --- the applications ---
  Receipt receipt = Receipt::Once;
  std::optional<Resend> resend{};
  friend bool operator==(const CourierTerms&, const CourierTerms&) = default;
};

struct CourierPreset {
  std::string_view name;   // "postcard"
  std::string_view title;  // "one card after the other, by post"
  CourierTerms terms;
};
// From the fastest to the slowest, which is the order in which they are listed.
[[nodiscard]] std::span<const CourierPreset> courier_presets();
// nullptr when there is none of that name.
[[nodiscard]] const CourierPreset* find_courier_preset(std::string_view name);

// As a scenario file says it: delay="2d" jitter="1d" overtaking="yes" … What is as it would be
// without the attribute is left out.
[[nodiscard]] std::string to_string(const CourierTerms& terms);
[[nodiscard]] std::string_view to_string(Receipt receipt);  // "as-it-comes", "once", "in-order"

}  // namespace rtclab::signalling
