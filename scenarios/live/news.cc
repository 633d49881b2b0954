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

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json transceiver_json(const peer::TransceiverInfo& info) {
  Json json{{"transceiver", info.id.value()},
            {"mid", or_null(info.mid)},
            {"kind", to_string(info.kind)},
            {"direction", to_string(info.direction)}};
  json["currentDirection"] =
      info.current_direction ? Json(to_string(*info.current_direction)) : Json(nullptr);
  json["sender"] = {{"track", or_null(info.sender.track)}, {"streams", info.sender.streams}};
  json["receiver"] = {{"track", info.receiver.track}, {"streams", info.receiver.streams}};
  return json;
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

std::string done_news(const Request& request) {
  return line_of(answer_to("done", request.id, name_of(request.command)));
}

std::string done_news(const Request& request, const peer::Description& description) {
  auto json = answer_to("done", request.id, name_of(request.command));
  json["description"] = {{"type", to_string(description.type)}, {"sdp", description.sdp}};
  return line_of(json);
}

std::string done_news(const Request& request, peer::TransceiverId transceiver) {
  auto json = answer_to("done", request.id, name_of(request.command));
  json["transceiver"] = transceiver.value();
  return line_of(json);
}

std::string done_news(const Request& request,
                      const std::vector<peer::TransceiverInfo>& transceivers) {
  auto json = answer_to("done", request.id, name_of(request.command));
  json["transceivers"] = Json::array();
  for (const auto& each : transceivers) json["transceivers"].push_back(transceiver_json(each));
  return line_of(json);
}

std::string statistics_news(const Request& request, const peer::StatsReport& report) {
  auto json = answer_to("statistics", request.id, name_of(request.command));
  json["report"] = Json::parse(report.to_json(), nullptr, false);
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

std::string candidate_error_news(const peer::IceCandidateError& error) {
  return line_of({{"event", "icecandidateerror"},
                  {"address", error.address},
                  {"port", error.port.value()},
                  {"url", error.url},
                  {"errorCode", error.error_code},
                  {"errorText", error.error_text}});
}

std::string track_news(const peer::TrackEvent& track) {
  return line_of({{"event", "track"},
                  {"transceiver", track.transceiver.value()},
                  {"kind", to_string(track.kind)},
                  {"track", track.track},
                  {"streams", track.streams}});
}

std::string remote_track_news(std::string_view what, peer::TransceiverId transceiver,
                              std::string_view track) {
  return line_of({{"event", what}, {"transceiver", transceiver.value()}, {"track", track}});
}

std::string stream_news(std::string_view what, std::string_view stream, std::string_view track) {
  return line_of({{"event", what}, {"stream", stream}, {"track", track}});
}

std::string buffered_amount_low_news(const peer::ChannelBufferedAmountLow& channel) {
  return line_of({{"event", "bufferedamountlow"}, {"channel", channel.label}});
}

std::string channel_news(std::string_view label, std::string_view state) {
  return line_of({{"event", "channel"}, {"channel", label}, {"state", state}});
}

std::string announced_news(const peer::DataChannelEvent& channel) {
  return line_of(
      {{"event", "datachannel"}, {"channel", channel.label}, {"protocol", channel.protocol}});
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
