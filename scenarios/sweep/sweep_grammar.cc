#include "scenarios/sweep/loader.h"

namespace rtclab::sweep {

const xml::Grammar& grammar() {
  using Words = std::vector<std::string_view>;
  const Words condition{"signalingState",  "iceGatheringState", "iceConnectionState",
                        "connectionState", "channel",           "readyState",
                        "messages"};
  const auto with = [](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  // clang-format off
  static const xml::Grammar kGrammar{
      "sweep",
      {
          {.name = "sweep", .required = {"name", "scenario"}, .optional = {"seeds", "mostEvents"},
           .children = {"title", "description", "set", "axes", "collect", "report"}},
          {.name = "title", .has_text = true, .once = true},
          {.name = "description", .has_text = true, .once = true},
          {.name = "set", .required = {"name"}, .optional = {"value"}},
          {.name = "axes", .optional = {"combine", "sample", "sampleSeed"}, .children = {"axis", "drops", "axes"}},
          {.name = "axis", .required = {"name"},
           .optional = {"set", "values", "from", "to", "step", "factor", "presets"}, .children = {"set", "point"}},
          {.name = "point", .required = {"name"}, .optional = {"value"}, .children = {"set"}},
          {.name = "drops", .required = {"name"}, .optional = {"what", "atOnce"}, .children = {"until"}},
          {.name = "until", .required = {"peer"}, .optional = condition, .once = true},

          {.name = "collect",
           .children = {"time", "expectation", "recorded", "event", "statistic", "selectedPair", "step",
                        "simulatorEvents"}, .once = true},
          {.name = "time", .required = {"name", "peer"}, .optional = with({"since"}, condition)},
          {.name = "expectation", .required = {"name", "text"}},
          {.name = "recorded", .required = {"name", "by", "event"}},
          {.name = "event", .required = {"name", "peer", "type"}},
          {.name = "statistic", .required = {"name", "peer", "type", "member"}, .optional = {"kind", "rid"}},
          {.name = "selectedPair", .required = {"name", "peer"}, .optional = {"local", "remote"}},
          {.name = "step", .required = {"name", "what"}, .optional = {"since"}},
          {.name = "simulatorEvents", .required = {"name"}},

          {.name = "report", .children = {"heatMap", "rates", "distribution", "faults"}, .once = true},
          {.name = "heatMap", .required = {"rows", "columns"}, .optional = {"of", "statistic"}},
          {.name = "rates", .required = {"by"}, .optional = {"of", "series"}},
          {.name = "distribution", .required = {"of"}, .optional = {"by"}},
          {.name = "faults", .required = {"axis", "of"}},
      }};
  // clang-format on
  return kGrammar;
}

}  // namespace rtclab::sweep
