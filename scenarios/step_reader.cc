#include "scenarios/step_reader.h"

#include "agents/base/text.h"
#include "agents/peer/codec.h"
#include "agents/peer/error.h"
#include "scenarios/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
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

// What description="…" means besides the names of descriptions.
constexpr std::array<std::string_view, 3> kLocalWords{"created", "implicit", "rollback"};
constexpr std::array<std::string_view, 2> kRemoteWords{"received", "rollback"};

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
struct ActionReader {
  const Element& element;
  const Loaded& loaded;
  const Names& names;
  NetworkReader& network;
  std::optional<signalling::CourierTerms>& courier;

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
    return CreateOffer{peer(), element.yes_no("iceRestart", false), new_description("")};
  }
  [[nodiscard]] Action create_answer() const { return CreateAnswer{peer(), new_description("")}; }
  // The name that as="…" gives.
  [[nodiscard]] std::string new_description(std::optional<std::string_view> fallback) const {
    if (fallback && !element.has("as")) return std::string{*fallback};
    auto name = element.identifier("as");
    for (const auto* const word : {"created", "implicit", "received", "rollback"}) {
      if (name == word)
        element.complain("as", fmt::format("{} means something already, expected a name", word));
    }
    return name;
  }
  [[nodiscard]] Action set_local_description() const {
    using What = SetLocalDescription::What;
    static const std::map<std::string, What, std::less<>> kWhat{
        {"created", What::Created}, {"implicit", What::Implicit}, {"rollback", What::Rollback}};
    const auto text = element.text("description", "created");
    SetLocalDescription action{.peer = peer()};
    if (const auto found = kWhat.find(text); found != kWhat.end()) {
      action.what = found->second;
    } else {
      action.what = What::Named;
      action.description = names.description(element, kLocalWords);
    }
    action.type = other_type(action.what != What::Implicit && action.what != What::Rollback);
    return action;
  }
  [[nodiscard]] Action send_description() const {
    SendDescription action{peer(), read_peer_name(element, "to", loaded)};
    if (element.has("description")) action.description = names.description(element, {});
    action.times = static_cast<unsigned>(element.number("times", 1, 100, 1));
    return action;
  }
  [[nodiscard]] Action set_remote_description() const {
    const auto text = element.text("description", "received");
    SetRemoteDescription action{.peer = peer(), .rollback = text == "rollback"};
    if (text != "received" && text != "rollback")
      action.description = names.description(element, kRemoteWords);
    action.type = other_type(!action.rollback);
    return action;
  }
  // What a description is set as, if not as what it is.
  [[nodiscard]] std::optional<peer::SdpType> other_type(bool has_text) const {
    if (!element.has("type")) return std::nullopt;
    if (!has_text)
      element.complain("type", fmt::format("description=\"{}\" is of no other type",
                                           element.text("description")));
    if (element.text("type") == "rollback")
      element.complain("type", "a rollback has no text, expected description=\"rollback\"");
    using peer::SdpType;
    static constexpr std::array kTypes{Choice<SdpType>{"offer", SdpType::Offer},
                                       Choice<SdpType>{"pranswer", SdpType::Pranswer},
                                       Choice<SdpType>{"answer", SdpType::Answer}};
    return element.choice<SdpType>("type", kTypes);
  }
  [[nodiscard]] Action receive_description() const {
    return ReceiveDescription{peer(), new_description(std::nullopt)};
  }
  [[nodiscard]] Action munge() const {
    auto old = names.description(element, {});
    Munge action{peer(), old, new_description(old), element.text("replace"), element.text("with")};
    if (const auto flaw = pattern_flaw(action.pattern)) {
      element.complain("replace",
                       fmt::format("{} is no regular expression: {}", action.pattern, *flaw));
    } else if (const auto other = replacement_flaw(action.pattern, action.with)) {
      element.complain("with", fmt::format("{}: {}", action.with, *other));
    }
    return action;
  }
  [[nodiscard]] Action hold_candidates() const { return HoldCandidates{peer()}; }
  [[nodiscard]] Action send_candidates() const {
    static constexpr std::array kOrders{Choice<bool>{"as-found", false},
                                        Choice<bool>{"reversed", true}};
    SendCandidates action{peer(), read_peer_name(element, "to", loaded),
                          element.choice<bool>("order", kOrders, false)};
    if (element.has("usernameFragment"))
      action.username_fragment = element.text("usernameFragment");
    return action;
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
  [[nodiscard]] Action set_codec_preferences() const {
    SetCodecPreferences action{peer(), transceiver(), {}};
    const auto known = known_codecs();
    const auto text = element.text("codecs", "");
    for (const auto name : split(text, ' ')) {
      if (name.empty()) continue;
      if (!is_one_of(std::string{name}, known))
        element.complain("codecs", unknown("codec", std::string{name}, known));
      action.codecs.emplace_back(name);
    }
    return action;
  }
  // By their names in descriptions, each once.
  [[nodiscard]] static std::vector<std::string> known_codecs() {
    std::vector<std::string> known;
    for (const auto kind : {peer::MediaKind::Audio, peer::MediaKind::Video}) {
      for (const auto& codec : peer::default_codecs(kind)) {
        if (!is_one_of(codec.name, known)) known.push_back(codec.name);
      }
    }
    return known;
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
  [[nodiscard]] Action set_signalling() const {
    return read_signalling_change(element, loaded, courier);
  }
  [[nodiscard]] Action wait() const {
    const bool has_trigger = reading::has_trigger(element);
    if (has_trigger == element.has("for"))
      element.complain(
          "expected either for=\"2s\" or what to wait for: peer=\"…\" with a state, "
          "event=\"…\", packet=\"…\" or step=\"…\"");
    if (!has_trigger) return Wait{std::nullopt, element.duration("for", 0s)};
    return Wait{read_trigger(element, names, loaded), element.duration("atMost", 60s)};
  }
};

using Read = Action (ActionReader::*)() const;

// Every step that a timeline can have. What a peer that negotiates by itself must not be made to do
// is marked: it would take the pattern's calls from under it.
struct Word {
  std::string_view element;
  Read read;
  bool negotiates = false;
};
// clang-format off
constexpr std::array kWords{
    Word{"createDataChannel",    &ActionReader::create_data_channel},
    Word{"createOffer",          &ActionReader::create_offer,           true},
    Word{"createAnswer",         &ActionReader::create_answer,          true},
    Word{"setLocalDescription",  &ActionReader::set_local_description,  true},
    Word{"sendDescription",      &ActionReader::send_description,       true},
    Word{"setRemoteDescription", &ActionReader::set_remote_description, true},
    Word{"receiveDescription",   &ActionReader::receive_description,    true},
    Word{"discardDescription",   &ActionReader::discard_description,    true},
    Word{"munge",                &ActionReader::munge,                  true},
    Word{"holdCandidates",       &ActionReader::hold_candidates,        true},
    Word{"sendCandidates",       &ActionReader::send_candidates,        true},
    Word{"addIceCandidate",      &ActionReader::add_ice_candidate},
    Word{"restartIce",           &ActionReader::restart_ice},
    Word{"addTransceiver",       &ActionReader::add_transceiver},
    Word{"addTrack",             &ActionReader::add_track},
    Word{"replaceTrack",         &ActionReader::replace_track},
    Word{"removeTrack",          &ActionReader::remove_track},
    Word{"stop",                 &ActionReader::stop},
    Word{"setDirection",         &ActionReader::set_direction},
    Word{"setCodecPreferences",  &ActionReader::set_codec_preferences},
    Word{"setConfiguration",     &ActionReader::set_configuration},
    Word{"send",                 &ActionReader::send},
    Word{"closeChannel",         &ActionReader::close_channel},
    Word{"close",                &ActionReader::close},
    Word{"interfaceUp",          &ActionReader::set_interface},
    Word{"interfaceDown",        &ActionReader::set_interface},
    Word{"setLink",              &ActionReader::set_link},
    Word{"linkDown",             &ActionReader::link_up_or_down},
    Word{"linkUp",               &ActionReader::link_up_or_down},
    Word{"restartNat",           &ActionReader::restart_nat},
    Word{"setNat",               &ActionReader::set_nat},
    Word{"setAddress",           &ActionReader::set_address},
    Word{"stopServer",           &ActionReader::set_server},
    Word{"startServer",          &ActionReader::set_server},
    Word{"setSignalling",        &ActionReader::set_signalling},
    Word{"wait",                 &ActionReader::wait},
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

StepReader::StepReader(Loaded& loaded, Names& names)
    : loaded_{loaded}, names_{names}, network_{loaded.topology, loaded.scenario.file} {}

std::optional<Action> StepReader::read(const Element& element) {
  const auto word = std::ranges::find(kWords, element.name(), &Word::element);
  if (word == kWords.end()) return std::nullopt;
  if (word->negotiates) check_pattern(element, loaded_);
  return (ActionReader{element, loaded_, names_, network_, courier_}.*word->read)();
}

}  // namespace rtclab::scenario::reading
