#include "agents/peer/event.h"

namespace rtclab::peer {
namespace {

template <class State>
rtclab::Event change(std::string_view name, State from, State to) {
  return {.name = name,
          .fields = {{"from", std::string{to_string(from)}}, {"to", std::string{to_string(to)}}},
          .rule = std::nullopt};
}

rtclab::Event about_channel(std::string_view name, ChannelId id, const std::string& label) {
  return {.name = name,
          .fields = {{"channel", std::uint64_t{id.value()}}, {"label", label}},
          .rule = std::nullopt};
}

rtclab::Event about_track(std::string_view name, TransceiverId id, const std::string& track) {
  return {.name = name,
          .fields = {{"transceiver", std::uint64_t{id.value()}}, {"track", track}},
          .rule = std::nullopt};
}

}  // namespace

std::size_t size_of(const Message& message) {
  return std::visit([](const auto& content) { return content.size(); }, message);
}

rtclab::Event OperationSettled::describe() const {
  rtclab::Event event{.name = kName,
                      .fields = {{"operation", std::uint64_t{id.value()}}, {"method", method}},
                      .rule = std::nullopt};
  if (const auto* error = std::get_if<Error>(&outcome)) {
    event.fields.push_back({"outcome", error->name});
    event.fields.push_back({"message", error->message});
    if (error->sdp_line_number)
      event.fields.push_back({"sdp_line", std::uint64_t{*error->sdp_line_number}});
  } else {
    event.fields.push_back({"outcome", std::string{"fulfilled"}});
  }
  if (const auto* description = std::get_if<Description>(&outcome)) {
    event.fields.push_back({"type", std::string{to_string(description->type)}});
    event.fields.push_back({"sdp", description->sdp});
  }
  return event;
}

rtclab::Event IceCandidateEvent::describe() const {
  rtclab::Event event{.name = kName, .fields = {}, .rule = std::nullopt};
  if (!candidate) {
    event.fields.push_back({"gathering_complete", true});
    return event;
  }
  event.fields.push_back({"candidate", candidate->candidate});
  if (candidate->sdp_mid) event.fields.push_back({"sdp_mid", *candidate->sdp_mid});
  if (candidate->sdp_mline_index) {
    event.fields.push_back({"sdp_mline_index", std::uint64_t{*candidate->sdp_mline_index}});
  }
  if (candidate->username_fragment) {
    event.fields.push_back({"username_fragment", *candidate->username_fragment});
  }
  return event;
}

rtclab::Event SignalingStateChange::describe() const {
  return change(kName, from, to);
}
rtclab::Event IceGatheringStateChange::describe() const {
  return change(kName, from, to);
}
rtclab::Event IceConnectionStateChange::describe() const {
  return change(kName, from, to);
}
rtclab::Event ConnectionStateChange::describe() const {
  return change(kName, from, to);
}

rtclab::Event NegotiationNeeded::describe() const {
  return {.name = kName, .fields = {}, .rule = std::nullopt};
}

rtclab::Event IceCandidateError::describe() const {
  return {.name = kName,
          .fields = {{"address", address},
                     {"port", std::uint64_t{port.value()}},
                     {"url", url},
                     {"code", std::int64_t{error_code}},
                     {"text", error_text}},
          .rule = std::nullopt};
}

rtclab::Event SelectedCandidatePairChange::describe() const {
  rtclab::Event event{.name = kName, .fields = {}, .rule = std::nullopt};
  if (mid) event.fields.push_back({"mid", *mid});
  event.fields.push_back({"local", local});
  event.fields.push_back({"remote", remote});
  return event;
}

rtclab::Event TrackEvent::describe() const {
  std::string names;
  for (const auto& stream : streams) names += (names.empty() ? "" : " ") + stream;
  return {.name = kName,
          .fields = {{"transceiver", std::uint64_t{transceiver.value()}},
                     {"kind", std::string{to_string(kind)}},
                     {"track", track},
                     {"streams", names}},
          .rule = std::nullopt};
}
rtclab::Event StreamTrackAdded::describe() const {
  return {.name = kName, .fields = {{"stream", stream}, {"track", track}}, .rule = std::nullopt};
}
rtclab::Event StreamTrackRemoved::describe() const {
  return {.name = kName, .fields = {{"stream", stream}, {"track", track}}, .rule = std::nullopt};
}
rtclab::Event TrackEnded::describe() const {
  return about_track(kName, transceiver, track);
}
rtclab::Event TrackMuted::describe() const {
  return about_track(kName, transceiver, track);
}
rtclab::Event TrackUnmuted::describe() const {
  return about_track(kName, transceiver, track);
}

rtclab::Event DataChannelEvent::describe() const {
  auto event = about_channel(kName, id, label);
  event.fields.push_back({"protocol", protocol});
  return event;
}
rtclab::Event ChannelOpen::describe() const {
  return about_channel(kName, id, label);
}
rtclab::Event ChannelBufferedAmountLow::describe() const {
  return about_channel(kName, id, label);
}
rtclab::Event ChannelClosing::describe() const {
  return about_channel(kName, id, label);
}
rtclab::Event ChannelError::describe() const {
  auto event = about_channel(kName, id, label);
  event.fields.push_back({"message", error.message});
  return event;
}
rtclab::Event ChannelClose::describe() const {
  return about_channel(kName, id, label);
}

rtclab::Event ChannelMessage::describe() const {
  auto event = about_channel(kName, id, label);
  event.fields.push_back({"size", std::uint64_t{size_of(message)}});
  event.fields.push_back({"direction", std::string{"received"}});
  return event;
}

rtclab::Event Secrets::describe() const {
  return {.name = kName, .fields = {{"nss_line", nss_line}}, .rule = std::nullopt};
}

}  // namespace rtclab::peer
