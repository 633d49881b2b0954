#include "agents/peer/error.h"
#include "scenarios/network_reader.h"
#include "scenarios/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace rtclab::scenario::reading {
namespace {

using namespace std::chrono_literals;
using xml::Choice;
using xml::Element;

constexpr std::array kKinds{Choice<std::string_view>{"audio", "audio"},
                            Choice<std::string_view>{"video", "video"}};
constexpr std::array kDirections{Choice<std::string_view>{"sendrecv", "sendrecv"},
                                 Choice<std::string_view>{"sendonly", "sendonly"},
                                 Choice<std::string_view>{"recvonly", "recvonly"},
                                 Choice<std::string_view>{"inactive", "inactive"}};

struct RateBounds {
  std::uint64_t least;  // bit/s
  std::uint64_t most;
  std::string_view text;
};
// RFC 6716 §2.1.1.
constexpr RateBounds kAudioRates{6'000, 510'000, "6kbit/s to 510kbit/s, as Opus has"};
constexpr RateBounds kVideoRates{1'000, 100'000'000, "1kbit/s to 100Mbit/s"};

std::uint64_t read_rate(const Element& element, std::string_view attribute,
                        const RateBounds& bounds, std::uint64_t usual) {
  const auto rate = element.rate(attribute, usual);
  if (rate < bounds.least || rate > bounds.most) element.complain_value(attribute, bounds.text);
  return rate;
}

// One step, by the peer that it names.
struct StepReader {
  const Element& element;
  const Loaded& loaded;
  const Names& names;
  NetworkReader& network;

  [[nodiscard]] std::string peer() const { return read_peer_name(element, "peer", loaded); }
  [[nodiscard]] std::string direction(std::optional<std::string_view> usual) const {
    return std::string{element.choice<std::string_view>("direction", kDirections, usual)};
  }
  [[nodiscard]] std::string kind() const {
    return std::string{element.choice<std::string_view>("kind", kKinds)};
  }

  [[nodiscard]] Action create_data_channel() const {
    CreateDataChannel action{peer(), element.text("label")};
    auto& init = action.init;
    init.ordered = element.yes_no("ordered", true);
    init.protocol = element.text("protocol", "");
    const auto short_number = [&](std::string_view name) -> std::optional<std::uint16_t> {
      constexpr std::uint64_t kNone = 65536;
      const auto value = element.number(name, 0, 65535, kNone);
      return value == kNone ? std::nullopt : std::optional{static_cast<std::uint16_t>(value)};
    };
    init.max_retransmits = short_number("maxRetransmits");
    init.max_packet_life_time = short_number("maxPacketLifeTime");
    init.id = short_number("id");
    init.negotiated = element.yes_no("negotiated", false);
    using peer::Priority;
    static constexpr std::array kPriorities{
        Choice<Priority>{"very-low", Priority::VeryLow}, Choice<Priority>{"low", Priority::Low},
        Choice<Priority>{"medium", Priority::Medium}, Choice<Priority>{"high", Priority::High}};
    init.priority = element.choice<Priority>("priority", kPriorities, Priority::Low);
    return action;
  }
  [[nodiscard]] Action create_offer() const {
    return CreateOffer{peer(), element.yes_no("iceRestart", false)};
  }
  [[nodiscard]] Action create_answer() const { return CreateAnswer{peer()}; }
  [[nodiscard]] Action set_local_description() const {
    using What = SetLocalDescription::What;
    static constexpr std::array kWhat{Choice<What>{"created", What::Created},
                                      Choice<What>{"implicit", What::Implicit},
                                      Choice<What>{"rollback", What::Rollback}};
    return SetLocalDescription{peer(), element.choice<What>("description", kWhat, What::Created)};
  }
  [[nodiscard]] Action send_description() const {
    return SendDescription{peer(), read_peer_name(element, "to", loaded)};
  }
  [[nodiscard]] Action set_remote_description() const {
    static constexpr std::array kWhat{Choice<bool>{"received", false},
                                      Choice<bool>{"rollback", true}};
    return SetRemoteDescription{peer(), element.choice<bool>("description", kWhat, false)};
  }
  [[nodiscard]] Action discard_description() const { return DiscardDescription{peer()}; }
  [[nodiscard]] Action add_ice_candidate() const {
    AddIceCandidate action{peer(), std::nullopt};
    const bool has_place =
        element.has("sdpMid") || element.has("sdpMLineIndex") || element.has("usernameFragment");
    if (!element.has("candidate")) {
      if (has_place) {
        element.complain("a null candidate belongs to no section, expected candidate=\"…\"");
      }
      return action;
    }
    peer::IceCandidateInit init;
    init.candidate = element.text("candidate");
    if (element.has("sdpMid")) init.sdp_mid = element.text("sdpMid");
    if (element.has("sdpMLineIndex")) {
      init.sdp_mline_index = static_cast<std::uint16_t>(element.number("sdpMLineIndex", 0, 0xffff));
    }
    if (element.has("usernameFragment")) init.username_fragment = element.text("usernameFragment");
    action.candidate = std::move(init);
    return action;
  }
  [[nodiscard]] Action restart_ice() const { return RestartIce{peer()}; }
  // A track with what it shows; the attributes of the other kind are complained of.
  [[nodiscard]] peer::MediaTrack track() const {
    peer::MediaTrack track{element.identifier("track"), *peer::parse_media_kind(kind())};
    const bool is_video = track.kind == peer::MediaKind::Video;
    const auto refuse = [&](std::string_view attribute, std::string_view other_kind) {
      if (element.has(attribute))
        element.complain(attribute, fmt::format("{} is for kind=\"{}\"", attribute, other_kind));
    };
    for (const auto attribute : {"width", "height", "framerate"}) {
      if (!is_video) refuse(attribute, "video");
    }
    for (const auto attribute : {"dtx", "pauses"}) {
      if (is_video) refuse(attribute, "audio");
    }
    if (is_video) {
      media::VideoSourceOptions video;
      video.width = static_cast<std::uint16_t>(element.number("width", 16, 7680, video.width));
      video.height = static_cast<std::uint16_t>(element.number("height", 16, 4320, video.height));
      video.framerate = static_cast<double>(element.number("framerate", 1, 240, 30));
      video.bitrate = read_rate(element, "bitrate", kVideoRates, video.bitrate);
      track.source = video;
    } else {
      media::AudioSourceOptions audio;
      audio.bitrate = read_rate(element, "bitrate", kAudioRates, audio.bitrate);
      audio.dtx = element.yes_no("dtx", audio.dtx);
      audio.pauses = element.yes_no("pauses", audio.pauses);
      track.source = audio;
    }
    return track;
  }
  [[nodiscard]] Action add_transceiver() const {
    const auto owner = peer();
    AddTransceiver action{
        owner, names.new_transceiver(element, owner), kind(), direction("sendrecv"), {}};
    if (element.has("track")) action.track = track();
    for (const auto& child : element.children("sendEncoding"))
      action.send_encodings.push_back(encoding(child));
    return action;
  }
  // What the interface itself refuses (a rid given twice, a scale below 1) is the call's error.
  [[nodiscard]] static peer::Encoding encoding(const Element& child) {
    peer::Encoding encoding{.rid = child.text("rid"), .active = child.yes_no("active", true)};
    if (child.has("scaleResolutionDownBy"))
      encoding.scale_resolution_down_by = child.decimal("scaleResolutionDownBy");
    if (child.has("maxFramerate")) encoding.max_framerate = child.decimal("maxFramerate");
    if (child.has("maxBitrate"))
      encoding.max_bitrate =
          static_cast<std::uint32_t>(read_rate(child, "maxBitrate", kVideoRates, 0));
    return encoding;
  }
  [[nodiscard]] Action add_track() const { return AddTrack{peer(), track()}; }
  [[nodiscard]] Action replace_track() const {
    ReplaceTrack action{peer(), transceiver(), {}};
    if (element.has("track")) {
      action.track = track();
    } else if (element.has("kind")) {
      element.complain("kind", "kind belongs to a track, expected track=\"…\" too");
    }
    return action;
  }
  [[nodiscard]] std::string transceiver() const { return names.transceiver(element, peer()); }
  [[nodiscard]] Action remove_track() const {
    return RemoveTrack{peer(), names.track(element, peer())};
  }
  [[nodiscard]] Action stop() const { return StopTransceiver{peer(), transceiver()}; }
  [[nodiscard]] Action set_direction() const {
    return SetDirection{peer(), transceiver(), direction(std::nullopt)};
  }
  [[nodiscard]] Action set_configuration() const {
    return SetConfiguration{peer(), read_configuration(element, loaded.topology)};
  }
  [[nodiscard]] Action send() const {
    return SendMessage{peer(),
                       names.channel(element),
                       element.text("text"),
                       static_cast<unsigned>(element.number("count", 1, 1'000'000, 1)),
                       element.duration("interval", Duration{0}),
                       element.number("octets", 0, 262144, 0)};
  }
  [[nodiscard]] Action close_channel() const {
    return CloseChannel{peer(), names.channel(element)};
  }
  [[nodiscard]] Action close() const { return ClosePeer{peer()}; }

  [[nodiscard]] Action set_interface() const { return network.set_interface(element); }
  [[nodiscard]] Action set_link() const { return network.set_link(element); }
  [[nodiscard]] Action link_up_or_down() const { return network.link_up_or_down(element); }
  [[nodiscard]] Action restart_nat() const { return network.restart_nat(element); }
  [[nodiscard]] Action set_nat() const { return network.set_nat(element); }
  [[nodiscard]] Action set_address() const { return network.set_address(element); }
  [[nodiscard]] Action set_server() const { return network.set_server(element); }
  [[nodiscard]] Action wait() const {
    if (element.has("for")) {
      if (element.has("peer"))
        element.complain("a <wait> has either for=\"…\" or a condition, not both");
      return Wait{std::nullopt, element.duration("for")};
    }
    if (!element.has("peer"))
      element.complain("expected for=\"2s\", or peer=\"…\" with a condition");
    return Wait{read_condition(element, names, loaded), element.duration("atMost", 60s)};
  }
};

using Read = Action (StepReader::*)() const;

// Every step that a timeline can have. What a peer that negotiates by itself must not be made to do
// is marked: it would take the pattern's calls from under it.
struct Word {
  std::string_view element;
  Read read;
  bool negotiates = false;
};
// clang-format off
constexpr std::array kWords{
    Word{"createDataChannel",    &StepReader::create_data_channel},
    Word{"createOffer",          &StepReader::create_offer,           true},
    Word{"createAnswer",         &StepReader::create_answer,          true},
    Word{"setLocalDescription",  &StepReader::set_local_description,  true},
    Word{"sendDescription",      &StepReader::send_description,       true},
    Word{"setRemoteDescription", &StepReader::set_remote_description, true},
    Word{"discardDescription",   &StepReader::discard_description,    true},
    Word{"addIceCandidate",      &StepReader::add_ice_candidate},
    Word{"restartIce",           &StepReader::restart_ice},
    Word{"addTransceiver",       &StepReader::add_transceiver},
    Word{"addTrack",             &StepReader::add_track},
    Word{"replaceTrack",         &StepReader::replace_track},
    Word{"removeTrack",          &StepReader::remove_track},
    Word{"stop",                 &StepReader::stop},
    Word{"setDirection",         &StepReader::set_direction},
    Word{"setConfiguration",     &StepReader::set_configuration},
    Word{"send",                 &StepReader::send},
    Word{"closeChannel",         &StepReader::close_channel},
    Word{"close",                &StepReader::close},
    Word{"interfaceUp",          &StepReader::set_interface},
    Word{"interfaceDown",        &StepReader::set_interface},
    Word{"setLink",              &StepReader::set_link},
    Word{"linkDown",             &StepReader::link_up_or_down},
    Word{"linkUp",               &StepReader::link_up_or_down},
    Word{"restartNat",           &StepReader::restart_nat},
    Word{"setNat",               &StepReader::set_nat},
    Word{"setAddress",           &StepReader::set_address},
    Word{"stopServer",           &StepReader::set_server},
    Word{"startServer",          &StepReader::set_server},
    Word{"wait",                 &StepReader::wait},
};
// clang-format on

void check_pattern(const Element& element, const Loaded& loaded) {
  const auto name = element.text("peer", "");
  const auto* const peer = loaded.scenario.find_peer(name);
  if (peer == nullptr || !peer->polite) return;
  element.complain(fmt::format("{} negotiates by itself (polite=\"…\"), <{}> would get in its way",
                               name, element.name()));
}

}  // namespace

Names read_timeline(const Element& timeline, Loaded& loaded) {
  Names names;
  NetworkReader network{loaded.topology, loaded.scenario.file};
  for (const auto& element : timeline.children()) {
    const auto word = std::ranges::find(kWords, element.name(), &Word::element);
    if (word == kWords.end()) continue;  // the grammar has refused it
    if (word->negotiates) check_pattern(element, loaded);
    Step step{.action = (StepReader{element, loaded, names, network}.*word->read)(),
              .at = std::nullopt,
              .comment = element.text("note", ""),
              .error = element.text("error", ""),
              .line = element.line()};
    if (element.has("at")) step.at = element.duration("at");
    if (!step.error.empty() && !is_one_of(step.error, peer::error_names()))
      element.complain_unknown("error", "error", peer::error_names());
    names.note(step);
    loaded.scenario.steps.push_back(std::move(step));
  }
  return names;
}

}  // namespace rtclab::scenario::reading
