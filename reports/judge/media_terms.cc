#include "reports/judge/media_terms.h"

#include "agents/sdp/direction.h"
#include "agents/sdp/grammar.h"
#include "reports/judge/docket.h"
#include "reports/judge/negotiation.h"
#include "reports/judge/words.h"

#include <algorithm>

namespace rtclab::judge {
namespace {

// Types that RFC 3551 §6 assigns and that need no a=rtpmap.
std::map<std::uint8_t, RtpFormat> static_formats(const sdp::Section& section) {
  static const std::map<std::string, std::pair<std::uint8_t, RtpFormat>, std::less<>> kStatic{
      {"0", {0, {"pcmu", 8000, {}}}},
      {"8", {8, {"pcma", 8000, {}}}},
      {"9", {9, {"g722", 8000, {}}}},
      {"13", {13, {"cn", 8000, {}}}}};
  std::map<std::uint8_t, RtpFormat> formats;
  for (const auto& name : section.media().formats) {
    if (const auto found = kStatic.find(name); found != kStatic.end())
      formats.insert(found->second);
  }
  return formats;
}

std::map<std::uint8_t, RtpFormat> formats_of(const sdp::Section& section) {
  auto formats = static_formats(section);
  for (const auto& map : section.rtp_maps()) {
    formats[map.payload_type.value()] = {lower_case(map.encoding), map.clock_rate, std::nullopt};
  }
  for (const auto& each : section.format_parameters()) {
    const auto type = sdp::parse_number<std::uint8_t>(each.format);
    const auto apt = each.apt();
    if (type && apt && formats.contains(*type)) formats[*type].apt = apt->value();
  }
  return formats;
}

// RFC 8866 §5.8, RFC 3890 §6.2: AS counts kbit/s with the lower layers, TIAS bit/s without them.
std::optional<std::uint64_t> bandwidth_of(const sdp::Section& section) {
  std::optional<std::uint64_t> least;
  for (const auto& line : section.lines().lines) {
    if (line.type != 'b') continue;
    const auto colon = line.value.find(':');
    if (colon == std::string::npos) continue;
    const auto name = std::string_view{line.value}.substr(0, colon);
    const auto number =
        sdp::parse_number<std::uint64_t>(std::string_view{line.value}.substr(colon + 1));
    if (!number || (name != "AS" && name != "TIAS")) continue;
    const auto limit = name == "AS" ? *number * 1000 : *number;
    least = std::min(least.value_or(limit), limit);
  }
  return least;
}

std::set<std::string, std::less<>> mechanisms_of(const sdp::Section& section) {
  std::set<std::string, std::less<>> mechanisms;
  for (const auto& each : section.rtcp_feedback()) mechanisms.insert(each.mechanism);
  return mechanisms;
}

// The layers that the sender may send: those that both name.
std::vector<std::string> rids_of(const sdp::Section& own, const sdp::Section& theirs) {
  std::vector<std::string> rids;
  if (!own.simulcast() || !theirs.simulcast()) return rids;
  const auto known = theirs.rids();
  for (const auto& rid : own.rids()) {
    if (std::ranges::find(known, rid.id, &sdp::Rid::id) != known.end()) rids.push_back(rid.id);
  }
  return rids;
}

MediaTerms terms_of(const sdp::Section& own, const sdp::Section& theirs) {
  MediaTerms terms{.mid = theirs.mid().value_or(own.mid().value_or("")),
                   .kind = theirs.media().kind,
                   .sends = !own.is_rejected() && !theirs.is_rejected() &&
                            sdp::sends(own.direction()) && sdp::receives(theirs.direction()),
                   .refused = own.is_rejected() || theirs.is_rejected(),
                   .reduced_size = own.lines().has_attribute("rtcp-rsize") &&
                                   theirs.lines().has_attribute("rtcp-rsize"),
                   .formats = formats_of(theirs),
                   .bandwidth = bandwidth_of(theirs),
                   .rids = rids_of(own, theirs)};
  for (const auto& map : theirs.ext_maps()) {
    if (map.id >= 1 && map.id <= 255) {
      terms.extensions.emplace(map.uri, static_cast<rtp::ExtensionId>(map.id));
    }
  }
  const auto asked = mechanisms_of(theirs);
  for (const auto& mechanism : mechanisms_of(own)) {
    if (asked.contains(mechanism)) terms.feedback.insert(mechanism);
  }
  return terms;
}

void add_sources(const sdp::Section& own, SideTerms& side) {
  for (const auto value : own.lines().attributes("ssrc")) {
    const auto source = sdp::SourceAttribute::parse(value);
    if (source) side.sources.emplace(source->ssrc, own.mid().value_or(""));
  }
}

SideTerms side_terms(const sdp::SessionDescription& own, const sdp::SessionDescription& theirs,
                     Duration since) {
  SideTerms side{.since = since};
  const auto bundle = theirs.bundle();
  const auto count = std::min(own.sections.size(), theirs.sections.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_rtp(theirs.section(i))) continue;
    auto terms = terms_of(own.section(i), theirs.section(i));
    terms.bundled = std::ranges::find(bundle, terms.mid) != bundle.end();
    // RFC 9143 §7.1.3: in a bundle only the tagged section says what belongs to the transport.
    if (terms.bundled) {
      const auto own_tag = own.index_of(bundle.front());
      const auto their_tag = theirs.index_of(bundle.front());
      terms.reduced_size = own_tag && their_tag &&
                           own.section(*own_tag).lines().has_attribute("rtcp-rsize") &&
                           theirs.section(*their_tag).lines().has_attribute("rtcp-rsize");
    }
    add_sources(own.section(i), side);
    side.sections.push_back(std::move(terms));
  }
  return side;
}

}  // namespace

std::optional<rtp::ExtensionId> MediaTerms::extension(std::string_view uri) const {
  const auto found = extensions.find(std::string{uri});
  return found == extensions.end() ? std::nullopt : std::optional{found->second};
}

const MediaTerms* SideTerms::find(std::string_view mid) const {
  const auto found = std::ranges::find(sections, mid, &MediaTerms::mid);
  return found == sections.end() ? nullptr : &*found;
}

const MediaTerms* SideTerms::only_with(std::uint8_t payload_type) const {
  const MediaTerms* only = nullptr;
  for (const auto& section : sections) {
    if (!section.formats.contains(payload_type)) continue;
    if (only != nullptr) return nullptr;
    only = &section;
  }
  return only;
}

std::map<std::string, std::vector<SideTerms>> media_terms(const Docket& docket) {
  std::map<std::string, std::vector<SideTerms>> terms;
  const Negotiation negotiation{docket};
  for (const auto& exchange : negotiation.exchanges()) {
    if (exchange.answer == nullptr) continue;
    const auto& offer = exchange.offer->reading.description;
    const auto& answer = exchange.answer->reading.description;
    const auto since = negotiation.message(*exchange.answer).sent;
    const auto add = [&](const DescriptionRecord& of, const auto& own, const auto& theirs) {
      terms[negotiation.message(of).from].push_back(side_terms(own, theirs, since));
    };
    add(*exchange.offer, offer, answer);
    add(*exchange.answer, answer, offer);
  }
  for (auto& [name, sides] : terms) std::ranges::stable_sort(sides, {}, &SideTerms::since);
  return terms;
}

}  // namespace rtclab::judge
