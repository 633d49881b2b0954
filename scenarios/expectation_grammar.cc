#include "scenarios/expectation_grammar.h"

#include <string_view>

namespace rtclab::scenario {
namespace {

using Attributes = std::vector<std::string_view>;

Attributes joined(std::initializer_list<Attributes> lists) {
  Attributes all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace

std::vector<xml::ElementRule> expectation_rules() {
  const Attributes condition{"signalingState",  "iceGatheringState", "iceConnectionState",
                             "connectionState", "channel",           "readyState",
                             "messages"};
  const Attributes window{"from", "by", "until", "after", "before"};
  const Attributes times{"count", "atLeast", "atMost", "never"};
  const Attributes bounds{"atLeast", "atMost"};
  const Attributes when{"always", "never"};
  const Attributes moment = joined({condition,
                                    {"at", "step", "stepBegin", "peer", "event", "errorCode", "url",
                                     "errorDetail", "recorded", "by", "text", "nth"}});
  const Attributes edges{"after", "before"};
  // clang-format off
  return {
      {.name = "expect",
       .children = {"include", "state", "states", "duration", "step", "selectedPair", "selectedPairs", "candidates", "event",
                    "recorded", "message", "messages", "sessionDescription", "transceiver", "transceivers", "statistic",
                    "verdict", "verdicts"},
       .once = true},
      {.name = "after", .optional = moment},
      {.name = "before", .optional = moment},
      {.name = "from", .optional = moment},
      {.name = "to", .optional = moment},

      {.name = "state", .required = {"peer"}, .optional = joined({condition, window, when}), .children = edges},
      {.name = "states", .required = {"peer", "attribute", "order"}, .optional = joined({{"channel"}, window}),
       .children = edges},
      {.name = "duration", .optional = bounds, .children = {"from", "to"}},
      {.name = "step", .required = {"step"}, .optional = joined({window, bounds}), .children = edges},
      {.name = "selectedPair", .required = {"peer"},
       .optional = joined({{"local", "remote", "protocol", "family", "localAddress", "remoteAddress", "localMachine",
                            "remoteMachine", "relay"}, window, when}),
       .children = edges},
      {.name = "selectedPairs", .required = {"peer"}, .optional = joined({{"order"}, times, window}),
       .children = edges},
      {.name = "candidates", .required = {"peer"},
       .optional = joined({{"which", "type", "protocol", "tcpType", "family"}, times, window}), .children = edges},
      {.name = "event", .required = {"peer", "type"},
       .optional = joined({{"channel", "errorCode", "url", "errorDetail"}, times, window}), .children = edges},
      {.name = "recorded", .required = {"by", "event"},
       .optional = joined({times, {"from", "until", "after", "before"}}), .children = edges},
      {.name = "message", .required = {"peer", "channel", "text"}, .optional = joined({times, window}),
       .children = edges},
      {.name = "messages", .required = {"peer", "channel"},
       .optional = joined({{"sender", "inOrder", "once", "complete"}, times, window}), .children = edges},
      {.name = "sessionDescription", .required = {"peer", "attribute"},
       .optional = {"type", "contains", "lacks", "matches", "at", "after"}, .children = {"after"}},
      {.name = "transceiver", .required = {"peer", "transceiver"},
       .optional = {"currentDirection", "direction", "track", "muted"}},
      {.name = "transceivers", .required = {"peer"}, .optional = joined({{"kind", "currentDirection"}, times})},
      {.name = "statistic", .required = {"peer", "type", "member"},
       .optional = joined({{"kind", "rid", "is"}, bounds})},
      {.name = "verdict", .required = {"requirement", "is"}},
      {.name = "verdicts", .optional = {"fail", "advice", "declared", "inconclusive", "of"}},
  };
  // clang-format on
}

}  // namespace rtclab::scenario
