// RFC 8866: the form of a session description.
#include "reports/judge/checkers.h"
#include "reports/judge/negotiation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

namespace rtclab::judge {
namespace {

using sdp::SessionDescription;

// Whether a description has a flaw against this section of RFC 8866.
void check_flaws(const Docket& docket, Findings& findings, std::string_view section,
                 std::string_view good_words) {
  for (const auto& record : docket.descriptions()) {
    const auto flaw = std::ranges::find_if(record.reading.flaws, [&](const sdp::SdpError& error) {
      return error.rule.rfc == 8866 && error.rule.section == section;
    });
    const bool good = flaw == record.reading.flaws.end();
    findings.check_signal(good, record.signalling,
                          good ? fmt::format("{} {}", type_of(docket, record), good_words)
                               : fmt::format("{}, {}", type_of(docket, record), flaw->to_string()));
  }
}

void check_line_order(const Docket& docket, Findings& findings) {
  check_flaws(docket, findings, "5", "in order");
}

void check_media_lines(const Docket& docket, Findings& findings) {
  check_flaws(docket, findings, "5.14", "with well-formed m= lines");
}

void check_line_ends(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto& text = docket.evidence().signalling[record.signalling].sdp;
    std::size_t bare = 0;
    for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
      if (at == 0 || text[at - 1] != '\r') ++bare;
    }
    const bool good = bare == 0 && text.ends_with('\n');
    findings.check_signal(
        good, record.signalling,
        good ? "all lines end in CRLF"
             : fmt::format("{} lines without CRLF", std::max<std::size_t>(bare, 1)));
  }
}

void check_connection(const Docket& docket, Findings& findings) {
  for (const auto& record : docket.descriptions()) {
    const auto& description = record.reading.description;
    for (std::size_t i = 0; i < description.sections.size(); ++i) {
      const bool good = description.section(i).connection().has_value();
      findings.check_signal(
          good, record.signalling,
          fmt::format("{} {} c=", name_of_section(description, i), good ? "with" : "without"));
    }
  }
}

void check_one_direction(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        std::size_t count = 0;
        for (const auto* const name : {"sendrecv", "sendonly", "recvonly", "inactive"})
          count += section.lines().attributes(name).size();
        if (count == 0) return;
        findings.check_signal(
            count == 1, record.signalling,
            fmt::format("{}: {} directions", name_of_section(description, index), count));
      });
}

// Each dynamic payload type of the m= line has one meaning, and one only.
void check_rtpmaps(const Docket& docket, Findings& findings) {
  for_each_section(
      docket, [&](const DescriptionRecord& record, const SessionDescription& description,
                  std::size_t index, const sdp::Section& section) {
        if (!is_rtp(section)) return;
        std::map<std::string, std::size_t> maps;
        for (const auto& map : section.rtp_maps()) ++maps[std::to_string(map.payload_type.value())];
        std::string flaw;
        const auto listed = section.media().formats;
        for (const auto& format : listed) {
          const bool is_dynamic = format.size() > 2 || (format.size() == 2 && format >= "96");
          const auto count = maps[format];
          if (count > 1 || (is_dynamic && count == 0))
            flaw = fmt::format("payload type {} with {} a=rtpmap", format, count);
        }
        findings.check_signal(
            flaw.empty(), record.signalling,
            fmt::format("{}: {}", name_of_section(description, index),
                        flaw.empty() ? "one a=rtpmap for each dynamic payload type" : flaw));
      });
}

// clang-format off
constexpr std::array kCheckers{
    Checker{{"sdp-8866-5-line-order", "RFC 8866", "5", Level::Must,
             "The lines of a description stand in the order of the standard."},
            "descriptions", check_line_order},
    Checker{{"sdp-8866-5-crlf", "RFC 8866", "5", Level::Must,
             "Each line ends in CRLF."},
            "descriptions", check_line_ends},
    Checker{{"sdp-8866-5.7-conn-required", "RFC 8866", "5.7", Level::Must,
             "Each section has a c= line, or the session has one."},
            "sections", check_connection},
    Checker{{"sdp-8866-5.14-m-grammar", "RFC 8866", "5.14", Level::Must,
             "An m= line has a medium, a port, a protocol and at least one format."},
            "descriptions", check_media_lines},
    Checker{{"sdp-8866-6.6-rtpmap-once", "RFC 8866", "6.6", Level::Must,
             "Each dynamic payload type has one a=rtpmap."},
            "RTP sections", check_rtpmaps},
    Checker{{"sdp-8866-6.7-one-direction", "RFC 8866", "6.7", Level::Must,
             "A section says one direction at most."},
            "sections that say a direction", check_one_direction},
};
// clang-format on

}  // namespace

std::span<const Checker> sdp_checkers() {
  return kCheckers;
}

}  // namespace rtclab::judge
