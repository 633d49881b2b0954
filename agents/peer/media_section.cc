// Writing of media sections; media_section_reader.cc reads them.
#include "agents/peer/media_section.h"

#include <algorithm>
#include <span>

namespace rtclab::peer {
namespace {

using sdp::to_string;

sdp::RtpMap rtp_map(const Format& format) {
  const auto& codec = format.codec;
  return {.payload_type = format.type,
          .encoding = codec.name,
          .clock_rate = codec.clock_rate,
          .parameters = codec.channels == 1 ? std::string{} : std::to_string(codec.channels)};
}

// RFC 4588 §8.6: apt names what an rtx repeats. RFC 2198 §5: red lists what it carries.
std::string parameters_of(const Format& format) {
  const auto& codec = format.codec;
  if (format.carries.empty()) return codec.parameters;
  if (is_rtx(codec)) {
    const auto apt = "apt=" + to_string(format.carries.front());
    return codec.parameters.empty() ? apt : apt + ';' + codec.parameters;
  }
  std::string list;
  for (const auto type : format.carries) list += (list.empty() ? "" : "/") + to_string(type);
  return list;
}

void add_rtp_map(sdp::SectionLines& lines, const Format& format) {
  lines.add_attribute("rtpmap", rtp_map(format).to_string());
}

void add_parameters(sdp::SectionLines& lines, const Format& format) {
  const auto parameters = parameters_of(format);
  if (parameters.empty()) return;
  lines.add_attribute("fmtp",
                      sdp::FormatParameters{to_string(format.type), parameters}.to_string());
}

// As in RFC 9429 §7: the maps of the formats and then their parameters, but each rtx with its own.
void add_formats(sdp::SectionLines& lines, std::span<const Format> formats) {
  while (!formats.empty()) {
    const auto next_rtx =
        std::ranges::find_if(formats, [](const Format& format) { return is_rtx(format.codec); });
    const auto count = std::max<std::ptrdiff_t>(1, next_rtx - formats.begin());
    const auto run = formats.first(static_cast<std::size_t>(count));
    for (const auto& format : run) add_rtp_map(lines, format);
    for (const auto& format : run) add_parameters(lines, format);
    formats = formats.subspan(run.size());
  }
}

void add_feedback(sdp::SectionLines& lines, std::span<const Format> formats) {
  for (const auto& format : formats) {
    for (const auto& mechanism : format.codec.feedback) {
      lines.add_attribute("rtcp-fb", sdp::RtcpFeedback{format.type, mechanism}.to_string());
    }
  }
}

// RFC 5576 §4.1 and §6.1: a cname for each; §4.2: the group before its members, as browsers write
// it.
void add_sources(sdp::SectionLines& lines, std::span<const SignalledSource> sources) {
  for (const auto& [ssrc, rtx_ssrc, cname] : sources) {
    if (rtx_ssrc)
      lines.add_attribute("ssrc-group", sdp::SourceGroup{"FID", {ssrc, *rtx_ssrc}}.to_string());
    lines.add_attribute("ssrc", sdp::SourceAttribute{ssrc, "cname", cname}.to_string());
    if (rtx_ssrc)
      lines.add_attribute("ssrc", sdp::SourceAttribute{*rtx_ssrc, "cname", cname}.to_string());
  }
}

}  // namespace

sdp::MediaLine media_line(const MediaSection& media, Port port, std::string protocol) {
  sdp::MediaLine line{.kind = std::string{to_string(media.kind)},
                      .port = port,
                      .protocol = std::move(protocol),
                      .formats = {}};
  for (const auto& format : media.formats) line.formats.push_back(to_string(format.type));
  return line;
}

void add_media_lines(sdp::SectionLines& lines, const MediaSection& media) {
  if (media.max_bitrate) lines.set_line('b', "TIAS:" + std::to_string(*media.max_bitrate));
  lines.add_attribute(to_string(media.direction));
  add_formats(lines, media.formats);
  if (media.ptime) lines.add_attribute("ptime", std::to_string(*media.ptime));
  if (media.maxptime) lines.add_attribute("maxptime", std::to_string(*media.maxptime));
  if (media.extmap_allow_mixed) lines.add_attribute("extmap-allow-mixed");
  for (const auto& map : media.header_extensions) lines.add_attribute("extmap", map.to_string());
  add_feedback(lines, media.formats);
  for (const auto& msid : media.msids) lines.add_attribute("msid", msid.to_string());
  for (const auto& rid : media.rids) lines.add_attribute("rid", rid.to_string());
  if (media.simulcast) lines.add_attribute("simulcast", media.simulcast->to_string());
  add_sources(lines, media.sources);
}

void add_rtcp_lines(sdp::SectionLines& lines, const MediaSection& media) {
  if (media.rtcp_mux) lines.add_attribute("rtcp-mux");
  if (media.rtcp_mux_only) lines.add_attribute("rtcp-mux-only");
  if (media.rtcp_rsize) lines.add_attribute("rtcp-rsize");
}

void add_bundled_rtcp_lines(sdp::SectionLines& lines, const MediaSection& media) {
  if (media.rtcp_mux) lines.add_attribute("rtcp-mux");
}

}  // namespace rtclab::peer
