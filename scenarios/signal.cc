#include "scenarios/signal.h"

#include <nlohmann/json.hpp>

namespace rtclab::scenario {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCandidate = "candidate";
constexpr std::string_view kEnd = "end-of-candidates";

std::string_view type_of(const Signal& signal) {
  if (const auto* description = std::get_if<peer::Description>(&signal))
    return to_string(description->type);
  return std::get<peer::IceCandidateInit>(signal).candidate.empty() ? kEnd : kCandidate;
}

std::optional<std::string> text_member(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::optional<Signal> parse_candidate(const Json& json, bool is_end) {
  peer::IceCandidateInit init;
  if (!is_end) {
    const auto candidate = text_member(json, "candidate");
    if (!candidate) return std::nullopt;
    init.candidate = *candidate;
  }
  init.sdp_mid = text_member(json, "sdpMid");
  init.username_fragment = text_member(json, "usernameFragment");
  const auto index = json.find("sdpMLineIndex");
  if (index != json.end() && index->is_number_unsigned())
    init.sdp_mline_index = index->get<std::uint16_t>();
  return init;
}

Event event(std::string_view name, const Signal& signal, std::string_view id, std::string_view from,
            std::string_view to) {
  return {.name = name,
          .fields = {{"id", std::string{id}},
                     {"from", std::string{from}},
                     {"to", std::string{to}},
                     {"type", std::string{type_of(signal)}}},
          .rule = std::nullopt};
}

}  // namespace

std::string to_json(const Signal& signal) {
  Json json{{"type", type_of(signal)}};
  if (const auto* description = std::get_if<peer::Description>(&signal)) {
    json["sdp"] = description->sdp;
    return json.dump();
  }
  const auto& init = std::get<peer::IceCandidateInit>(signal);
  if (!init.candidate.empty()) json["candidate"] = init.candidate;
  if (init.sdp_mid) json["sdpMid"] = *init.sdp_mid;
  if (init.sdp_mline_index) json["sdpMLineIndex"] = *init.sdp_mline_index;
  if (init.username_fragment) json["usernameFragment"] = *init.username_fragment;
  return json.dump();
}

std::optional<Signal> parse_signal(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto type = text_member(json, "type");
  if (!type) return std::nullopt;
  if (*type == kCandidate || *type == kEnd) return parse_candidate(json, *type == kEnd);
  const auto sdp_type = peer::parse_sdp_type(*type);
  const auto sdp = text_member(json, "sdp");
  if (!sdp_type || !sdp) return std::nullopt;
  return peer::Description{*sdp_type, *sdp};
}

Event sent_event(const Signal& signal, std::string_view id, std::string_view from,
                 std::string_view to) {
  auto sent = event("signalling:sent", signal, id, from, to);
  if (const auto* description = std::get_if<peer::Description>(&signal)) {
    sent.fields.push_back({"sdp", description->sdp});
    return sent;
  }
  const auto& init = std::get<peer::IceCandidateInit>(signal);
  if (!init.candidate.empty()) sent.fields.push_back({"candidate", init.candidate});
  if (init.sdp_mid) sent.fields.push_back({"sdp_mid", *init.sdp_mid});
  if (init.sdp_mline_index)
    sent.fields.push_back({"sdp_mline_index", std::uint64_t{*init.sdp_mline_index}});
  if (init.username_fragment) sent.fields.push_back({"username_fragment", *init.username_fragment});
  return sent;
}

Event received_event(const Signal& signal, std::string_view id, std::string_view from,
                     std::string_view to) {
  return event("signalling:received", signal, id, from, to);
}

}  // namespace rtclab::scenario
