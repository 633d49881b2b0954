#include "scenarios/live/media_reader.h"

#include "agents/base/text.h"
#include "scenarios/live/inside.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace rtclab::program {
namespace {

using Known = std::vector<std::string>;

peer::MediaKind read_kind(Members& members) {
  const auto text = members.required_text("kind");
  const auto kind = peer::parse_media_kind(text);
  if (!kind)
    members.complain(fmt::format("there is no kind \"{}\": expected audio or video", text));
  return kind.value_or(peer::MediaKind::Audio);
}

// A file says itself of what kind it is.
TrackWishes read_track(Members& members) {
  static const Known known{"id", "kind", "file"};
  members.only(known);
  TrackWishes track;
  track.file = members.text("file").value_or("");
  track.id =
      track.file.empty() ? members.required_text("id") : members.text("id").value_or(track.file);
  if (track.file.empty() || members.has("kind")) track.kind = read_kind(members);
  return track;
}

peer::Direction read_direction(Members& members) {
  const auto text = members.required_text("direction");
  const auto direction = peer::parse_direction(text);
  if (!direction)
    members.complain(fmt::format(
        "there is no direction \"{}\": expected sendrecv, sendonly, recvonly or inactive", text));
  return direction.value_or(peer::Direction::SendRecv);
}

peer::TransceiverId read_transceiver(Members& members) {
  if (!members.has("transceiver"))
    members.complain("\"transceiver\" is missing: a number that addTransceiver gave");
  return peer::TransceiverId{members.number("transceiver").value_or(0)};
}

peer::Encoding read_encoding(Members& members) {
  static const Known known{"rid", "active", "scaleResolutionDownBy", "maxFramerate", "maxBitrate"};
  members.only(known);
  peer::Encoding encoding;
  encoding.rid = members.text("rid").value_or("");
  encoding.active = members.flag("active").value_or(true);
  encoding.scale_resolution_down_by = members.real("scaleResolutionDownBy");
  encoding.max_framerate = members.real("maxFramerate");
  if (const auto rate = members.large_number("maxBitrate")) {
    if (*rate > std::numeric_limits<std::uint32_t>::max())
      members.complain(fmt::format("maxBitrate: expected at most 4294967295, found {}", *rate));
    encoding.max_bitrate = static_cast<std::uint32_t>(*rate);
  }
  return encoding;
}

peer::Codec read_codec(Members& members) {
  static const Known known{"mimeType", "clockRate", "channels", "sdpFmtpLine"};
  members.only(known);
  peer::Codec codec;
  const auto type = members.required_text("mimeType");
  const auto slash = type.find('/');
  if (slash == std::string::npos)
    members.complain(
        fmt::format("\"{}\" is no MIME type: expected \"audio/opus\" or the like", type));
  codec.name = type.substr(slash + 1);
  codec.clock_rate = static_cast<std::uint32_t>(members.large_number("clockRate").value_or(0));
  codec.channels = members.number("channels").value_or(1);
  codec.parameters = members.text("sdpFmtpLine").value_or("");
  return codec;
}

// Reads each object of the list `name` with `read`.
template <class Read>
auto read_each(Members& members, const char* name, Read read) {
  std::vector<decltype(read(members))> values;
  const auto* const list = members.list(name);
  if (list == nullptr) return values;
  for (const auto& each : *list) {
    Members inside{each, name};
    values.push_back(read(inside));
    if (!inside.complaint().empty()) members.complain(inside.complaint());
  }
  return values;
}

peer::TransceiverInit read_init(Members& members) {
  static const Known known{"direction", "streams", "sendEncodings"};
  members.only(known);
  peer::TransceiverInit init;
  if (members.has("direction")) init.direction = read_direction(members);
  init.streams = members.texts("streams");
  init.send_encodings = read_each(members, "sendEncodings", read_encoding);
  return init;
}

std::optional<peer::BundlePolicy> parse_bundle_policy(std::string_view text) {
  if (text == "balanced") return peer::BundlePolicy::Balanced;
  if (text == "max-compat") return peer::BundlePolicy::MaxCompat;
  if (text == "max-bundle") return peer::BundlePolicy::MaxBundle;
  return std::nullopt;
}

std::optional<peer::IceTransportPolicy> parse_transport_policy(std::string_view text) {
  if (text == "all") return peer::IceTransportPolicy::All;
  if (text == "relay") return peer::IceTransportPolicy::Relay;
  return std::nullopt;
}

// RTCIceServer: "urls" is one or a list.
ServerWishes read_server(Members& members) {
  static const Known known{"urls", "username", "credential"};
  members.only(known);
  ServerWishes wishes;
  auto urls =
      members.is_list("urls") ? members.texts("urls") : std::vector{members.required_text("urls")};
  for (auto& url : urls) {
    auto& wished = url.starts_with("turn") ? wishes.turn : wishes.stun;
    wished.push_back(std::move(url));
  }
  wishes.username = members.text("username").value_or("");
  wishes.credential = members.text("credential").value_or("");
  return wishes;
}

SetConfiguration read_configuration(Members& members) {
  static const Known known{"iceServers", "iceTransportPolicy", "bundlePolicy"};
  members.only(known);
  SetConfiguration set;
  if (members.has("iceServers")) set.servers = read_each(members, "iceServers", read_server);
  if (const auto text = members.text("iceTransportPolicy")) {
    set.ice_transport_policy = parse_transport_policy(*text);
    if (!set.ice_transport_policy)
      members.complain(
          fmt::format("there is no iceTransportPolicy \"{}\": expected all or relay", *text));
  }
  if (const auto text = members.text("bundlePolicy")) {
    set.bundle_policy = parse_bundle_policy(*text);
    if (!set.bundle_policy)
      members.complain(fmt::format(
          "there is no bundlePolicy \"{}\": expected balanced, max-compat or max-bundle", *text));
  }
  return set;
}

}  // namespace

Command read_add_transceiver(Members& members) {
  AddTransceiver add;
  if (members.has("kind") == members.has("track"))
    members.complain("addTransceiver: expected either \"kind\" or \"track\"");
  if (members.has("kind")) add.what = read_kind(members);
  if (auto track = read_inside(members, "track", read_track)) add.what = *std::move(track);
  if (auto init = read_inside(members, "init", read_init)) add.init = *std::move(init);
  return add;
}

Command read_add_track(Members& members) {
  if (!members.has("track")) members.complain("addTrack: \"track\" is missing");
  return AddTrack{read_inside(members, "track", read_track).value_or(TrackWishes{}),
                  members.texts("streams")};
}

Command read_remove_track(Members& members) {
  return RemoveTrack{read_transceiver(members)};
}

Command read_replace_track(Members& members) {
  if (!members.has("track") && !members.is_null("track"))
    members.complain("replaceTrack: \"track\" is missing (null: none)");
  return ReplaceTrack{read_transceiver(members), read_inside(members, "track", read_track)};
}

Command read_set_direction(Members& members) {
  return SetDirection{read_transceiver(members), read_direction(members)};
}

Command read_stop_transceiver(Members& members) {
  return StopTransceiver{read_transceiver(members)};
}

Command read_set_streams(Members& members) {
  return SetStreams{read_transceiver(members), members.texts("streams")};
}

Command read_set_codec_preferences(Members& members) {
  return SetCodecPreferences{read_transceiver(members), read_each(members, "codecs", read_codec)};
}

Command read_set_configuration(Members& members) {
  if (!members.has("configuration"))
    members.complain("setConfiguration: \"configuration\" is missing");
  return read_inside(members, "configuration", read_configuration).value_or(SetConfiguration{});
}

}  // namespace rtclab::program
