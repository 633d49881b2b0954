#include "scenarios/live/line.h"

#include "agents/base/text.h"
#include "scenarios/live/command_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rtclab::program {
namespace {

// No line of ours is nested deeper. Giving an id back recurses as deep as the id is nested, and a
// line has room for two million brackets.
constexpr int kDeepest = 16;

tl::expected<Line, LineError> read_request(const Json& json) {
  Members members{json, "command"};
  const auto name = members.text("command").value_or("");
  LineError error{.id = json.contains("id")
                            ? json.at("id").dump(-1, ' ', false, Json::error_handler_t::replace)
                            : std::string{},
                  .command = name,
                  .message = members.complaint()};
  if (!error.message.empty()) return tl::make_unexpected(std::move(error));
  const auto& names = command_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    error.message = fmt::format("there is no command \"{}\"{} (there are: {})", name,
                                did_you_mean(name, names), fmt::join(names, ", "));
    return tl::make_unexpected(std::move(error));
  }
  Members arguments{json, name};
  Request request{error.id,
                  read_command(static_cast<std::size_t>(found - names.begin()), arguments)};
  if (arguments.complaint().empty()) return request;
  error.message = arguments.complaint();
  return tl::make_unexpected(std::move(error));
}

tl::expected<Line, LineError> read_signal(const Json& json) {
  Members members{json, "signal"};
  const auto type = members.text("type");
  const bool is_candidate = !type || *type == "candidate" || *type == "end-of-candidates";
  if (is_candidate && members.complaint().empty()) {
    if (!type && members.is_null("candidate")) return NoMoreCandidates{};
    if (type && *type == "candidate") members.required_text("candidate");
    auto candidate = read_candidate(members);
    if (members.complaint().empty()) return scenario::Signal{std::move(candidate)};
  } else if (members.complaint().empty()) {
    auto description = read_description(members);
    if (members.complaint().empty()) return scenario::Signal{std::move(description)};
  }
  return tl::make_unexpected(LineError{{}, {}, members.complaint()});
}

}  // namespace

tl::expected<Line, LineError> parse_line(std::string_view text) {
  const auto refuse = [](std::string message) {
    return tl::make_unexpected(LineError{{}, {}, std::move(message)});
  };
  if (text.size() > kLongestLine)
    return refuse(fmt::format("a line may have at most {} octets", kLongestLine));
  bool is_too_deep = false;
  const auto note_depth = [&](int depth, Json::parse_event_t /*event*/, const Json& /*value*/) {
    is_too_deep |= depth > kDeepest;
    return !is_too_deep;
  };
  const auto json = Json::parse(text, note_depth, false);
  if (is_too_deep)
    return refuse(fmt::format("this line is nested deeper than {} levels", kDeepest));
  if (json.is_discarded()) return refuse("this line is not JSON: expected one object a line");
  if (!json.is_object()) return refuse("this line is not a JSON object");
  // News first: a peer's answer to a command names the command, and must not be taken for one.
  if (json.contains("event")) return News{};
  if (json.contains("command")) return read_request(json);
  if (json.contains("type") || json.contains("candidate")) return read_signal(json);
  return refuse(
      "expected a member \"command\" (what to do), or \"type\" or \"candidate\" (what the other "
      "peer said)");
}

}  // namespace rtclab::program
