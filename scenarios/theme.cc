#include "scenarios/theme.h"

#include <algorithm>
#include <array>

namespace rtclab::scenario {
namespace {

// clang-format off
constexpr std::array kThemes{
    Theme{"call",          "calls: set-up from end to end, on good days and in many places"},
    Theme{"descriptions",  "descriptions: pending and current, at every step"},
    Theme{"renegotiation", "renegotiation: a call that changes what it exchanges"},
    Theme{"glare",         "glare: offers that cross each other"},
    Theme{"rollback",      "rollback: offers that are taken back"},
    Theme{"candidates",    "candidates: trickled early, late, twice, hidden or wrong"},
    Theme{"nomination",    "nomination: roles, pairs, and who chooses them"},
    Theme{"restart",       "ICE restarts"},
    Theme{"mobility",      "networks that change under a call"},
    Theme{"nat",           "NATs and firewalls"},
    Theme{"turn",          "TURN: calls over relays"},
    Theme{"tcp",           "candidates over TCP"},
    Theme{"ipv6",          "IPv6, and the ways between it and IPv4"},
    Theme{"loss",          "loss, outages and lost flights"},
    Theme{"signalling",    "signalling that is slow, lossy or out of order"},
    Theme{"data",          "data channels"},
    Theme{"media",         "audio and video"},
    Theme{"real-stacks",   "failures between real stacks, re-enacted"},
};
// clang-format on

}  // namespace

std::span<const Theme> themes() {
  return kThemes;
}

const Theme* find_theme(std::string_view name) {
  const auto* const found = std::ranges::find(kThemes, name, &Theme::name);
  return found == kThemes.end() ? nullptr : found;
}

}  // namespace rtclab::scenario
