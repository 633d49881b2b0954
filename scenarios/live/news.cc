#include "scenarios/live/news.h"

#include "scenarios/live/members.h"

#include <fmt/format.h>

namespace rtclab::program {
namespace {

// Text from the network may be no UTF-8; it must not end the program, so bad octets become U+FFFD.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json answer_to(std::string_view event, std::string_view id, std::string_view command) {
  Json json{{"event", event}};
  if (!id.empty()) json["id"] = Json::parse(id, nullptr, false);
  if (!command.empty()) json["command"] = command;
  return json;
}

Json value_json(const Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

}  // namespace

std::string ready_news(std::string_view name, std::uint64_t seed,
                       const std::vector<live::InterfaceAddress>& addresses) {
  Json json{{"event", "ready"}, {"name", name}, {"seed", seed}, {"addresses", Json::array()}};
  for (const auto& each : addresses)
    json["addresses"].push_back(
        {{"interface", each.interface}, {"address", each.address.to_string()}});
  return line_of(json);
}

std::string done_news(const Request& request,
                      const std::optional<peer::Description>& description) {
  auto json = answer_to("done", request.id, name_of(request.command));
  if (description)
    json["description"] = {{"type", to_string(description->type)}, {"sdp", description->sdp}};
  return line_of(json);
}

std::string error_news(std::string_view id, std::string_view command, const peer::Error& error) {
  auto json = answer_to("error", id, command);
  json["name"] = error.name;
  json["message"] = error.message;
  if (!error.error_detail.empty()) json["errorDetail"] = error.error_detail;
  if (error.sdp_line_number) json["sdpLineNumber"] = *error.sdp_line_number;
  return line_of(json);
}

std::string error_news(const LineError& error) {
  return error_news(error.id, error.command, peer::Error::type_error(error.message));
}

std::string state_news(std::string_view which, std::string_view state) {
  return line_of({{"event", "state"}, {"which", which}, {"state", state}});
}

std::string negotiation_needed_news() {
  return line_of({{"event", "negotiationneeded"}});
}

std::string gathering_done_news() {
  return line_of({{"event", "icecandidate"}, {"candidate", nullptr}});
}

std::string channel_news(std::string_view label, std::string_view state) {
  return line_of({{"event", "channel"}, {"channel", label}, {"state", state}});
}

std::string announced_news(const peer::DataChannelEvent& channel) {
  return line_of({{"event", "datachannel"},
                  {"channel", channel.label},
                  {"protocol", channel.protocol}});
}

std::string data_news(const peer::ChannelMessage& message) {
  Json json{{"event", "data"}, {"channel", message.label}};
  if (const auto* const text = std::get_if<std::string>(&message.message))
    json["text"] = *text;
  else
    json["hex"] = to_hex(std::get<Bytes>(message.message));
  return line_of(json);
}

std::string pair_news(const Event& selected) {
  Json json{{"event", "pair"}};
  for (const auto& field : selected.fields) json[std::string{field.key}] = value_json(field.value);
  return line_of(json);
}

}  // namespace rtclab::program
