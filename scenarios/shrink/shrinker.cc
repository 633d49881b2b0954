#include "scenarios/shrink/shrinker.h"

#include "topologies/nat_presets.h"
#include "topologies/xml_reductions.h"

#include <utility>

namespace rtclab::shrink {
namespace {

// A NAT becomes one that lets more through. The run keeps its time: what has not happened within a
// minute must not become what has not happened within a second.
const xml::Simpler& simpler() {
  static const xml::Simpler kSimpler = [] {
    xml::Simpler made{.kept = {"title"}, .kept_attributes = {"scenario/duration"}, .join = "link"};
    for (const auto& preset : topology::nat_presets()) {
      for (const auto* const place : {"nat/preset", "setNat/preset"})
        made.words[place].emplace_back(preset.name);
    }
    return made;
  }();
  return kSimpler;
}

class Run {
 public:
  Run(scenario::Texts start, const Search& search) : best_{std::move(start)}, search_{search} {}

  Shrunk whole() {
    // What could not go before may go when something else has gone.
    while (pass(&scenario::Texts::scenario) | pass(&scenario::Texts::topology)) {
    }
    return {std::move(best_), std::move(progress_), !exhausted()};
  }

 private:
  [[nodiscard]] bool exhausted() const { return progress_.runs >= search_.most_runs; }

  bool stays(const scenario::Texts& texts) {
    ++progress_.tried;
    ++progress_.runs;
    if (!search_.fails(texts)) return false;
    if (!search_.passes) return true;
    ++progress_.runs;
    return search_.passes(texts);
  }

  // Once through all that could go; whether anything has.
  bool pass(std::string scenario::Texts::*side) {
    bool any = false;
    auto offers = xml::reductions(best_.*side, simpler());
    for (std::size_t at = 0; at < offers.size() && !exhausted();) {
      auto texts = best_;
      texts.*side = xml::reduced(best_.*side, offers[at]);
      if (stays(texts)) {
        ++progress_.kept;
        progress_.last = offers[at].what;
        best_ = std::move(texts);
        any = true;
        // The same place holds what came next.
        offers = xml::reductions(best_.*side, simpler());
      } else {
        ++at;
      }
      search_.on_try(progress_);
    }
    return any && !exhausted();
  }

  scenario::Texts best_;
  const Search& search_;
  Progress progress_;
};

}  // namespace

Shrunk shrink(scenario::Texts start, const Search& search) {
  return Run{std::move(start), search}.whole();
}

}  // namespace rtclab::shrink
