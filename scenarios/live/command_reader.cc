#include "scenarios/live/command_reader.h"

#include "scenarios/live/inside.h"
#include "scenarios/live/media_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::program {

using Known = std::vector<std::string>;

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

namespace {

Command read_create_offer(Members& members) {
  const auto read = [](Members& options) {
    static const Known known{"iceRestart"};
    options.only(known);
    return peer::OfferOptions{.ice_restart = options.flag("iceRestart").value_or(false)};
  };
  return CreateOffer{read_inside(members, "options", read).value_or(peer::OfferOptions{})};
}

template <class C>
Command read_plain(Members& /*members*/) {
  return C{};
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

Command read_set_threshold(Members& members) {
  if (!members.has("octets"))
    members.complain("setBufferedAmountLowThreshold: \"octets\" is missing");
  auto channel = members.required_text("channel");
  return SetBufferedAmountLowThreshold{std::move(channel),
                                       members.large_number("octets").value_or(0)};
}

struct Reader {
  Command (*read)(Members&);
  Known members;
};

// In the order of command_names().
const std::array kReaders{
    Reader{read_create_offer, {"options"}},
    Reader{read_plain<CreateAnswer>, {}},
    Reader{read_set_local_description, {"description"}},
    Reader{read_set_remote_description, {"description"}},
    Reader{read_add_ice_candidate, {"candidate"}},
    Reader{read_add_transceiver, {"kind", "track", "init"}},
    Reader{read_add_track, {"track", "streams"}},
    Reader{read_remove_track, {"transceiver"}},
    Reader{read_replace_track, {"transceiver", "track"}},
    Reader{read_set_direction, {"transceiver", "direction"}},
    Reader{read_stop_transceiver, {"transceiver"}},
    Reader{read_set_streams, {"transceiver", "streams"}},
    Reader{read_set_codec_preferences, {"transceiver", "codecs"}},
    Reader{read_plain<GetTransceivers>, {}},
    Reader{read_plain<RestartIce>, {}},
    Reader{read_set_configuration, {"configuration"}},
    Reader{read_plain<GetStats>, {}},
    Reader{read_create_data_channel, {"label", "init"}},
    Reader{read_send, {"channel", "text", "hex"}},
    Reader{read_set_threshold, {"channel", "octets"}},
    Reader{read_close_channel, {"channel"}},
    Reader{read_plain<Close>, {}},
    Reader{read_plain<Quit>, {}},
};
static_assert(std::tuple_size_v<decltype(kReaders)> == std::variant_size_v<Command>);

}  // namespace

Command read_command(std::size_t index, Members& members) {
  const auto& reader = kReaders.at(index);
  auto known = reader.members;
  known.insert(known.end(), {"command", "id"});
  members.only(known);
  return reader.read(members);
}

}  // namespace rtclab::program
