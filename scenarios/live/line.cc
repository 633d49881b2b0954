#include "scenarios/live/line.h"

#include "agents/base/text.h"
#include "scenarios/live/members.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace rtclab::program {
namespace {

using Known = std::vector<std::string>;

// No line of ours is nested deeper. Giving an id back recurses as deep as the id is nested, and a
// line has room for two million brackets.
constexpr int kDeepest = 16;

peer::Description read_description(Members& members) {
  static const Known known{"type", "sdp"};
  members.only(known);
  const auto text = members.required_text("type");
  const auto type = peer::parse_sdp_type(text);
  if (!type)
    members.complain(fmt::format(
        "there is no description of type \"{}\": expected offer, answer, pranswer or rollback",
        text));
  peer::Description description{.type = type.value_or(peer::SdpType::Offer),
                                .sdp = members.text("sdp").value_or("")};
  if (type && *type != peer::SdpType::Rollback) members.required_text("sdp");
  return description;
}

peer::IceCandidateInit read_candidate(Members& members) {
  static const Known known{"type", "candidate", "sdpMid", "sdpMLineIndex", "usernameFragment"};
  members.only(known);
  peer::IceCandidateInit init;
  init.candidate = members.text("candidate").value_or("");
  init.sdp_mid = members.text("sdpMid");
  init.sdp_mline_index = members.number("sdpMLineIndex");
  init.username_fragment = members.text("usernameFragment");
  // Pion writes an empty mid beside the right index; browsers take that for none, and so do we.
  if (init.sdp_mid && init.sdp_mid->empty() && init.sdp_mline_index) init.sdp_mid.reset();
  return init;
}

// Reads the object that is the member `name` with `read`; its complaints become those of `members`.
template <class Read>
auto read_inside(Members& members, const char* name, Read read) {
  using Value = decltype(read(members));
  const auto* const object = members.object(name);
  if (object == nullptr) return std::optional<Value>{};
  Members inside{*object, name};
  std::optional<Value> value{read(inside)};
  if (!inside.complaint().empty()) members.complain(inside.complaint());
  return value;
}

Command read_create_offer(Members& members) {
  const auto read = [](Members& options) {
    static const Known known{"iceRestart"};
    options.only(known);
    return options.flag("iceRestart").value_or(false);
  };
  return CreateOffer{.ice_restart = read_inside(members, "options", read).value_or(false)};
}

Command read_create_answer(Members& /*members*/) {
  return CreateAnswer{};
}

Command read_set_local_description(Members& members) {
  return SetLocalDescription{read_inside(members, "description", read_description)};
}

Command read_set_remote_description(Members& members) {
  if (!members.has("description"))
    members.complain("setRemoteDescription: \"description\" is missing");
  return SetRemoteDescription{
      read_inside(members, "description", read_description).value_or(peer::Description{})};
}

Command read_add_ice_candidate(Members& members) {
  if (!members.has("candidate") && !members.is_null("candidate"))
    members.complain("addIceCandidate: \"candidate\" is missing (null: no more candidates)");
  return AddIceCandidate{read_inside(members, "candidate", read_candidate)};
}

peer::DataChannelInit read_channel_init(Members& members) {
  static const Known known{"ordered",  "maxPacketLifeTime", "maxRetransmits",
                           "protocol", "negotiated",        "id"};
  members.only(known);
  peer::DataChannelInit init;
  init.ordered = members.flag("ordered").value_or(true);
  init.max_packet_life_time = members.number("maxPacketLifeTime");
  init.max_retransmits = members.number("maxRetransmits");
  init.protocol = members.text("protocol").value_or("");
  init.negotiated = members.flag("negotiated").value_or(false);
  init.id = members.number("id");
  return init;
}

Command read_create_data_channel(Members& members) {
  auto label = members.required_text("label");
  return CreateDataChannel{
      std::move(label),
      read_inside(members, "init", read_channel_init).value_or(peer::DataChannelInit{})};
}

std::optional<Bytes> read_hex(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  if (text.size() % 2 != 0 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  return from_hex(text);
}

Command read_send(Members& members) {
  Send send{members.required_text("channel"), {}};
  const auto text = members.text("text");
  const auto hex = members.text("hex");
  if (text.has_value() == hex.has_value())
    members.complain("send: expected either \"text\" or \"hex\"");
  if (text) send.message = *text;
  if (hex) {
    const auto octets = read_hex(*hex);
    if (!octets) members.complain("send: \"hex\" must be an even number of hexadecimal digits");
    send.message = octets.value_or(Bytes{});
  }
  return send;
}

Command read_close_channel(Members& members) {
  return CloseChannel{members.required_text("channel")};
}
Command read_close(Members& /*members*/) {
  return Close{};
}
Command read_quit(Members& /*members*/) {
  return Quit{};
}

struct Reader {
  Command (*read)(Members&);
  Known members;
};

// In the order of command_names().
const std::array kReaders{
    Reader{read_create_offer, {"options"}},
    Reader{read_create_answer, {}},
    Reader{read_set_local_description, {"description"}},
    Reader{read_set_remote_description, {"description"}},
    Reader{read_add_ice_candidate, {"candidate"}},
    Reader{read_create_data_channel, {"label", "init"}},
    Reader{read_send, {"channel", "text", "hex"}},
    Reader{read_close_channel, {"channel"}},
    Reader{read_close, {}},
    Reader{read_quit, {}},
};
static_assert(std::tuple_size_v<decltype(kReaders)> == std::variant_size_v<Command>);

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
  const auto& reader = kReaders.at(static_cast<std::size_t>(found - names.begin()));
  Members arguments{json, name};
  auto known = reader.members;
  known.insert(known.end(), {"command", "id"});
  arguments.only(known);
  Request request{error.id, reader.read(arguments)};
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
