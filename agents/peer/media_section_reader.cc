#include "agents/peer/media_section.h"
#include "agents/sdp/grammar.h"

#include <algorithm>

namespace rtclab::peer {
namespace {

using sdp::PayloadType;

Error flaw(const sdp::Line* line, const std::string& message, Rule rule) {
  const auto number = line == nullptr ? 0 : line->number;
  auto error = Error::invalid_access(
      (number == 0 ? std::string{} : "line " + std::to_string(number) + ": ") + message + " (" +
      rule.to_string() + ")");
  if (number != 0) error.sdp_line_number = number;
  return error;
}

// The line of this attribute whose value says so; nullptr when there is none.
template <class Says>
const sdp::Line* line_where(const sdp::Section& section, std::string_view name, Says says) {
  for (const auto& line : section.lines().lines) {
    std::string_view value = line.value;
    if (line.type == 'a' && sdp::take_until(value, ':') == name && says(value)) return &line;
  }
  return nullptr;
}

const sdp::Line* line_of(const sdp::Section& section, std::string_view name) {
  return line_where(section, name, [](std::string_view) { return true; });
}

const sdp::Line* line_of(const sdp::Section& section, std::string_view name, PayloadType type) {
  return line_where(section, name, [&](std::string_view value) {
    return sdp::take_until(value, ' ') == sdp::to_string(type);
  });
}

std::uint16_t channels_of(const sdp::RtpMap& map) {
  return sdp::parse_number<std::uint16_t>(map.parameters).value_or(1);
}

std::string text_of(const sdp::Section& section, PayloadType type) {
  for (auto& parameters : section.format_parameters()) {
    if (parameters.format == sdp::to_string(type)) return std::move(parameters.parameters);
  }
  return {};
}

// RFC 4585 §4.2: "*" speaks for all formats. rtx and such have no feedback of their own.
std::vector<std::string> feedback_of(const sdp::Section& section, PayloadType type) {
  std::vector<std::string> mechanisms;
  for (auto& feedback : section.rtcp_feedback()) {
    if (feedback.payload_type && *feedback.payload_type != type) continue;
    if (std::ranges::find(mechanisms, feedback.mechanism) == mechanisms.end()) {
      mechanisms.push_back(std::move(feedback.mechanism));
    }
  }
  return mechanisms;
}

// What an rtx or a red names moves from the parameters to `carries`.
void take_carried(Format& format) {
  auto& parameters = format.codec.parameters;
  if (is_rtx(format.codec)) {
    const auto apt = sdp::find_format_parameter(parameters, "apt");
    const auto type = apt ? sdp::parse_payload_type(*apt) : std::nullopt;
    if (type) format.carries = {*type};
    parameters = without_parameter(parameters, "apt");
  } else if (is_red(format.codec) && !parameters.empty()) {
    for (const auto part : split(parameters, '/')) {
      if (const auto type = sdp::parse_payload_type(part)) format.carries.push_back(*type);
    }
    parameters.clear();
  }
}

class Reader {
 public:
  Reader(const sdp::Section& section, const sdp::Section* tagged)
      : section_{section}, tagged_{tagged} {}

  Outcome<MediaSection> read() {
    media_.kind = *parse_media_kind(section_.media().kind);
    media_.direction = section_.direction();
    media_.ptime = section_.ptime();
    media_.maxptime = section_.maxptime();
    media_.extmap_allow_mixed = section_.extmap_allow_mixed();
    media_.header_extensions = section_.ext_maps();
    media_.msids = section_.msids();
    read_sources();
    media_.max_bitrate = read_max_bitrate();
    media_.rtcp_mux = says("rtcp-mux");
    media_.rtcp_mux_only = says("rtcp-mux-only");
    media_.rtcp_rsize = says("rtcp-rsize");
    for (const auto step : {&Reader::read_formats, &Reader::check_rtx, &Reader::check_extensions,
                            &Reader::check_rtcp, &Reader::read_rids, &Reader::check_simulcast}) {
      if (auto error = (this->*step)()) return reject(std::move(*error));
    }
    return std::move(media_);
  }

 private:
  [[nodiscard]] bool says(std::string_view flag) const {
    return section_.lines().has_attribute(flag) ||
           (tagged_ != nullptr && tagged_->lines().has_attribute(flag));
  }

  void read_sources() {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> repaired;  // a source, and what repeats it
    for (const auto value : section_.lines().attributes("ssrc-group")) {
      const auto group = sdp::SourceGroup::parse(value);
      if (group && group->semantics == "FID" && group->ssrcs.size() == 2)
        repaired.emplace_back(group->ssrcs[0], group->ssrcs[1]);
    }
    for (const auto value : section_.lines().attributes("ssrc")) {
      const auto line = sdp::SourceAttribute::parse(value);
      if (!line) continue;
      const auto repeats = [&](const auto& each) { return each.second == line->ssrc; };
      if (std::ranges::any_of(repaired, repeats)) continue;
      auto source = std::ranges::find(media_.sources, line->ssrc, &SignalledSource::ssrc);
      if (source == media_.sources.end()) {
        source = media_.sources.insert(source, {.ssrc = line->ssrc});
        for (const auto& [of, by] : repaired) {
          if (of == line->ssrc) source->rtx_ssrc = by;
        }
      }
      if (line->name == "cname") source->cname = line->value;
    }
  }

  // RFC 9429 §5.11: TIAS is preferred; CT means nothing here, and what is unknown is passed over
  // (RFC 8866 §5.8).
  [[nodiscard]] std::optional<std::uint64_t> read_max_bitrate() const {
    constexpr std::uint64_t kMost = UINT32_MAX;  // kbit/s; anything beyond is no limit
    std::optional<std::uint64_t> by_as;
    for (const auto& line : section_.lines().lines) {
      if (line.type != 'b') continue;
      std::string_view value = line.value;
      const auto type = sdp::take_until(value, ':');
      const auto number = sdp::parse_number<std::uint64_t>(value);
      if (!number) continue;
      if (type == "TIAS") return *number;
      if (type == "AS") by_as = from_as(std::min(*number, kMost));
    }
    return by_as;
  }

  // RFC 9429 §5.11: a twentieth for RTCP, and headers of 40 octets on 50 packets a second.
  [[nodiscard]] static std::uint64_t from_as(std::uint64_t kilobits) {
    const auto without_rtcp = kilobits * 950;
    constexpr std::uint64_t kHeaders = std::uint64_t{50} * 40 * 8;
    return without_rtcp > kHeaders ? without_rtcp - kHeaders : 0;
  }

  std::optional<Error> read_formats() {
    for (const auto& text : section_.media().formats) {
      const auto type = sdp::parse_payload_type(text);
      if (!type) {
        return flaw(section_.lines().find('m'),
                    "expected payload types of 0 to 127, found \"" + text + '"', {8866, "5.14"});
      }
      if (auto error = read_format(*type)) return error;
    }
    return std::nullopt;
  }

  std::optional<Error> read_format(PayloadType type) {
    std::optional<sdp::RtpMap> found;
    for (auto& map : section_.rtp_maps()) {
      if (map.payload_type != type) continue;
      if (found && !sdp::equal_ignoring_case(found->to_string(), map.to_string())) {
        return flaw(line_of(section_, "rtpmap", type),
                    "payload type " + sdp::to_string(type) + " stands for two formats",
                    {8866, "6.6"});
      }
      if (!found) found = std::move(map);
    }
    if (!found) return read_unmapped(type);
    add({.name = found->encoding,
         .clock_rate = found->clock_rate,
         .channels = channels_of(*found),
         .parameters = text_of(section_, type)},
        type);
    return std::nullopt;
  }

  // RFC 8866 §6.6: only a type that RFC 3551 assigned may come without its a=rtpmap. One that we do
  // not know is a format that we do not support, and so ignore.
  std::optional<Error> read_unmapped(PayloadType type) {
    constexpr PayloadType kFirstDynamic{96};
    if (type >= kFirstDynamic) {
      return flaw(section_.lines().find('m'),
                  "payload type " + sdp::to_string(type) + " has no a=rtpmap", {8866, "6.6"});
    }
    if (auto codec = static_codec(media_.kind, type)) add(std::move(*codec), type);
    return std::nullopt;
  }

  void add(Codec codec, PayloadType type) {
    Format format{.type = type, .codec = std::move(codec)};
    take_carried(format);
    if (!is_auxiliary(format.codec)) format.codec.feedback = feedback_of(section_, type);
    media_.formats.push_back(std::move(format));
  }

  // RFC 9429 §5.10: an rtx for a payload type that is not there is an error.
  std::optional<Error> check_rtx() {
    for (const auto& format : media_.formats) {
      if (!is_rtx(format.codec) || find_format(media_.formats, format.carries) != nullptr) continue;
      const auto* const line = line_of(section_, "fmtp", format.type);
      return flaw(
          line != nullptr ? line : line_of(section_, "rtpmap", format.type),
          "rtx " + sdp::to_string(format.type) + " needs apt=, a payload type of its section",
          {4588, "8.6"});
    }
    return std::nullopt;
  }

  std::optional<Error> check_extensions() {
    const auto& maps = media_.header_extensions;
    for (auto map = maps.begin(); map != maps.end(); ++map) {
      const auto other = std::find_if(maps.begin(), map, [&](const sdp::ExtMap& earlier) {
        return earlier.id == map->id && earlier.uri != map->uri;
      });
      if (other == map) continue;
      const auto* const line = line_where(
          section_, "extmap", [&](std::string_view value) { return value == map->to_string(); });
      return flaw(line, "a=extmap id " + std::to_string(map->id) + " is given twice", {8285, "5"});
    }
    return std::nullopt;
  }

  // RFC 9429 §5.8.3.
  std::optional<Error> check_rtcp() {
    if (!media_.rtcp_mux_only || media_.rtcp_mux) return std::nullopt;
    return flaw(line_of(section_, "rtcp-mux-only"), "a=rtcp-mux-only stands without a=rtcp-mux",
                {8858, "4.2"});
  }

  // RFC 8851 §6.2.2: what cannot be meant so is left out, and harms nothing else.
  std::optional<Error> read_rids() {
    const auto all = section_.rids();
    for (auto rid : all) {
      if (std::ranges::count(all, rid.id, &sdp::Rid::id) > 1) continue;
      const bool restricted = !rid.formats.empty();
      std::erase_if(rid.formats, [&](PayloadType type) {
        return std::ranges::find(media_.formats, type, &Format::type) == media_.formats.end();
      });
      if (restricted && rid.formats.empty()) continue;
      media_.rids.push_back(std::move(rid));
    }
    return std::nullopt;
  }

  // RFC 9429 §5.8.3 wants an a=rid line for each stream; RFC 8853 §5.3.2 does without simulcast
  // where there are two a=simulcast lines.
  std::optional<Error> check_simulcast() {
    if (section_.lines().attributes("simulcast").size() != 1) return std::nullopt;
    media_.simulcast = section_.simulcast();
    const auto lines = section_.rids();
    for (const auto* list : {&media_.simulcast->send, &media_.simulcast->recv}) {
      for (const auto& stream : *list) {
        for (const auto& alternative : stream) {
          if (std::ranges::find(lines, alternative.rid, &sdp::Rid::id) != lines.end()) continue;
          return flaw(line_of(section_, "simulcast"),
                      "a=simulcast names \"" + alternative.rid + "\", which has no a=rid",
                      {9429, "5.8.3"});
        }
      }
    }
    return std::nullopt;
  }

  const sdp::Section& section_;
  const sdp::Section* tagged_;
  MediaSection media_;
};

}  // namespace

bool is_media(const sdp::Section& section) {
  const auto line = section.media();
  return parse_media_kind(line.kind).has_value() && line.protocol.find("RTP/") != std::string::npos;
}

Outcome<MediaSection> read_media(const sdp::Section& section, const sdp::Section* tagged) {
  return Reader{section, tagged}.read();
}

}  // namespace rtclab::peer
