// Links that have a name: what people mean when they say "over LTE", as values that can be checked.
//
// A preset is no more than the LinkQuality it expands to: <link preset="lte"> and the same numbers
// written out are the same link. docs/links.md prints the table.
#pragma once

#include "topologies/link_quality.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::topology {

struct LinkPreset {
  std::string_view name;    // "lte"
  std::string_view title;   // "a phone on LTE"
  std::string_view reason;  // where the numbers are from
  LinkQuality up;           // from the customer to the network: a link's a to b
  LinkQuality down;         // from the network to the customer
};

// From the best to the worst, which is the order in which they are listed.
[[nodiscard]] std::span<const LinkPreset> link_presets();
// nullptr when there is none of that name.
[[nodiscard]] const LinkPreset* find_link_preset(std::string_view name);

// What a quality is made of, where it differs from a link without attributes, in the words of
// files:
// {"delay", "35ms"}. A burst loss is one term: "goodToBad 1%, badToGood 19%, lossInBad 40%".
struct LinkTerm {
  std::string_view attribute;
  std::string value;
  friend bool operator==(const LinkTerm&, const LinkTerm&) = default;
};
[[nodiscard]] std::vector<LinkTerm> terms_of(const LinkQuality& quality);

}  // namespace rtclab::topology
