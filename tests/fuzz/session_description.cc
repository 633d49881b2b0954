// Session descriptions: any text is read, line by line and as a whole; a description that parses is
// written as text that parses to the same description, and its getters answer.
#include "agents/sdp/session_description.h"

#include "tests/fuzz/target.h"

namespace rtclab::fuzz {
namespace {

using ::rtclab::sdp::Section;
using ::rtclab::sdp::SessionDescription;

template <class T>
void require_inverse(const std::vector<T>& values) {
  for (const auto& value : values) {
    const auto again = T::parse(value.to_string());
    require(again.has_value() && *again == value, "to_string() of a value parses to it");
  }
}

void look_through(const Section& section) {
  const auto media = section.media();
  const auto again = sdp::MediaLine::parse(media.to_string());
  require(again.has_value() && *again == media, "an m= line parses to itself");
  require_inverse(section.fingerprints());
  require_inverse(section.rtp_maps());
  require_inverse(section.format_parameters());
  require_inverse(section.rtcp_feedback());
  require_inverse(section.ext_maps());
  require_inverse(section.rids());
  require_inverse(section.msids());
  for (const auto& candidate : section.candidates()) {
    const auto same = sdp::Candidate::parse(candidate.serialize());
    require(same.has_value() && *same == candidate, "a candidate parses to itself");
  }
  static_cast<void>(section.connection());
  static_cast<void>(section.is_rejected());
  static_cast<void>(section.is_data_channel());
  static_cast<void>(section.mid());
  static_cast<void>(section.direction());
  static_cast<void>(section.setup());
  static_cast<void>(section.ice_credentials());
  static_cast<void>(section.ice_options());
  static_cast<void>(section.ice_pacing());
  static_cast<void>(section.sctp_port());
  static_cast<void>(section.max_message_size());
  static_cast<void>(section.extmap_allow_mixed());
  static_cast<void>(section.simulcast());
  static_cast<void>(section.ptime());
  static_cast<void>(section.maxptime());
}

}  // namespace

void session_description(ByteView input) {
  const auto text = as_text(input);
  const auto reading = SessionDescription::parse_structure(text);
  const auto strict = SessionDescription::parse(text);
  require(strict.has_value() == reading.flaws.empty(),
          "parse() accepts what parse_structure() finds no flaw in");
  if (!strict) {
    require(!strict.error().to_string().empty(), "a flaw has a sentence");
    return;
  }
  const auto written = strict->serialize();
  const auto again = SessionDescription::parse(written);
  require(again.has_value(), "what is written can be read");
  require(*again == *strict, "what is written is what was read");
  require(again->serialize() == written, "writing twice changes nothing");
  static_cast<void>(strict->bundle());
  static_cast<void>(strict->groups());
  require(strict->origin().has_value(), "a description has its origin");
  for (std::size_t i = 0; i < strict->sections.size(); ++i) look_through(strict->section(i));
}

}  // namespace rtclab::fuzz
