#include "agents/sdp/session_description.h"

#include "agents/sdp/grammar.h"
#include "agents/sdp/line_order.h"

#include <cassert>
#include <iterator>
#include <span>

namespace rtclab::sdp {
namespace {

bool is_attribute(const Line& line, std::string_view name) {
  std::string_view value = line.value;
  return line.type == 'a' && take_until(value, ':') == name;
}

std::string_view attribute_value(const Line& line) {
  const auto colon = line.value.find(':');
  if (colon == std::string::npos) return {};
  return std::string_view{line.value}.substr(colon + 1);
}

std::string attribute_text(std::string_view name, std::string_view value) {
  return value.empty() ? std::string{name} : std::string{name} + ':' + std::string{value};
}

// What a line without "<letter>=" was read as keeps its text (see parse_structure).
void append(std::string& text, const Line& line) {
  if (line.type != 0) (text += line.type) += '=';
  (text += line.value) += "\r\n";
}

// Every value of an attribute that parses as a T, in order.
template <class T>
std::vector<T> all(const SectionLines& lines, std::string_view name) {
  std::vector<T> values;
  for (const auto text : lines.attributes(name)) {
    if (auto value = T::parse(text)) values.push_back(std::move(*value));
  }
  return values;
}

std::optional<Direction> direction_of(const SectionLines& lines) {
  for (const auto& line : lines.lines) {
    if (line.type != 'a') continue;
    if (const auto direction = parse_direction(line.value)) return direction;
  }
  return std::nullopt;
}

}  // namespace

const Line* SectionLines::find(char type) const {
  const auto found = std::ranges::find(lines, type, &Line::type);
  return found == lines.end() ? nullptr : &*found;
}

std::optional<std::string_view> SectionLines::attribute(std::string_view name) const {
  const auto found =
      std::ranges::find_if(lines, [&](const Line& line) { return is_attribute(line, name); });
  if (found == lines.end()) return std::nullopt;
  return attribute_value(*found);
}

std::vector<std::string_view> SectionLines::attributes(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& line : lines) {
    if (is_attribute(line, name)) values.push_back(attribute_value(line));
  }
  return values;
}

SectionLines& SectionLines::add_attribute(std::string_view name, std::string_view value) {
  lines.push_back({'a', attribute_text(name, value)});
  return *this;
}

SectionLines& SectionLines::set_attribute(std::string_view name, std::string_view value) {
  const auto first =
      std::ranges::find_if(lines, [&](const Line& line) { return is_attribute(line, name); });
  if (first == lines.end()) return add_attribute(name, value);
  *first = {'a', attribute_text(name, value)};
  lines.erase(std::remove_if(first + 1, lines.end(),
                             [&](const Line& line) { return is_attribute(line, name); }),
              lines.end());
  return *this;
}

SectionLines& SectionLines::remove_attribute(std::string_view name) {
  std::erase_if(lines, [&](const Line& line) { return is_attribute(line, name); });
  return *this;
}

SectionLines& SectionLines::set_line(char type, std::string value) {
  assert(type != 'a');
  const auto found = std::ranges::find(lines, type, &Line::type);
  if (found != lines.end()) {
    *found = {type, std::move(value)};
    return *this;
  }
  const auto order = find('m') != nullptr || type == 'm' ? kSectionOrder : kSessionOrder;
  const auto behind = std::ranges::find_if(
      lines, [&](const Line& line) { return place_of(line.type, order) > place_of(type, order); });
  lines.insert(behind, {type, std::move(value)});
  return *this;
}

SectionLines& SectionLines::add_candidate(const Candidate& candidate) {
  return add_attribute("candidate", candidate.attribute_value());
}

SessionDescription SessionDescription::begin(const Origin& origin) {
  SessionDescription description;
  description.session.lines = {{'v', "0"}, {'o', origin.to_string()}, {'s', "-"}, {'t', "0 0"}};
  return description;
}

std::string SessionDescription::serialize() const {
  std::string text;
  for (const auto& line : session.lines) append(text, line);
  for (const auto& section : sections) {
    for (const auto& line : section.lines) append(text, line);
  }
  return text;
}

std::optional<Origin> SessionDescription::origin() const {
  const auto* line = session.find('o');
  return line == nullptr ? std::nullopt : Origin::parse(line->value);
}

std::vector<Group> SessionDescription::groups() const {
  return all<Group>(session, "group");
}

std::vector<std::string> SessionDescription::bundle() const {
  for (auto& group : groups()) {
    if (group.semantics == "BUNDLE") return std::move(group.mids);
  }
  return {};
}

SectionLines& SessionDescription::add_section(const MediaLine& media) {
  sections.emplace_back();
  return sections.back().set_media(media);
}

Section SessionDescription::section(std::size_t index) const& {
  assert(index < sections.size());
  return {session, sections[index]};
}

std::optional<std::size_t> SessionDescription::index_of(std::string_view mid) const {
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (sections[i].attribute("mid") == mid) return i;
  }
  return std::nullopt;
}

std::optional<std::string_view> Section::inherited(std::string_view name) const {
  const auto own = own_.attribute(name);
  return own ? own : session_.attribute(name);
}

MediaLine Section::media() const {
  const auto* line = own_.find('m');
  return line == nullptr ? MediaLine{} : MediaLine::parse(line->value).value_or(MediaLine{});
}

std::optional<Connection> Section::connection() const {
  const auto* line = own_.find('c');
  if (line == nullptr) line = session_.find('c');
  return line == nullptr ? std::nullopt : Connection::parse(line->value);
}

bool Section::is_rejected() const {
  return media().port == Port{0} && !bundle_only();
}

bool Section::is_data_channel() const {
  const auto line = media();
  return line.kind == "application" && line.protocol.ends_with("DTLS/SCTP");
}

std::optional<std::string> Section::mid() const {
  const auto value = own_.attribute("mid");
  if (!value) return std::nullopt;
  return std::string{*value};
}

Direction Section::direction() const {
  const auto own = direction_of(own_);
  return own ? *own : direction_of(session_).value_or(Direction::SendRecv);
}

std::vector<Msid> Section::msids() const {
  return all<Msid>(own_, "msid");
}

std::optional<Setup> Section::setup() const {
  const auto value = inherited("setup");
  return value ? parse_setup(*value) : std::nullopt;
}

std::vector<Fingerprint> Section::fingerprints() const {
  return all<Fingerprint>(own_.has_attribute("fingerprint") ? own_ : session_, "fingerprint");
}

std::optional<IceCredentials> Section::ice_credentials() const {
  const auto ufrag = inherited("ice-ufrag");
  const auto pwd = inherited("ice-pwd");
  if (!ufrag || !pwd) return std::nullopt;
  return IceCredentials{std::string{*ufrag}, std::string{*pwd}};
}

std::vector<std::string> Section::ice_options() const {
  auto tags = parse_ice_options(session_.attribute("ice-options").value_or(""));
  for (auto& tag : parse_ice_options(own_.attribute("ice-options").value_or(""))) {
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(std::move(tag));
  }
  return tags;
}

bool Section::has_ice_option(std::string_view tag) const {
  const auto tags = ice_options();
  return std::ranges::find(tags, tag) != tags.end();
}

std::optional<std::uint64_t> Section::ice_pacing() const {
  const auto value = session_.attribute("ice-pacing");
  return value ? parse_unsigned(*value) : std::nullopt;
}

std::vector<Candidate> Section::candidates() const {
  return all<Candidate>(own_, "candidate");
}

bool Section::end_of_candidates() const {
  return inherited("end-of-candidates").has_value();
}

std::optional<Port> Section::sctp_port() const {
  if (const auto value = own_.attribute("sctp-port")) return parse_port(*value);
  const auto line = media();
  if (line.protocol != "DTLS/SCTP" || line.formats.empty()) return std::nullopt;
  return parse_port(line.formats.front());
}

std::optional<std::uint64_t> Section::max_message_size() const {
  const auto value = own_.attribute("max-message-size");
  return value ? parse_unsigned(*value) : std::nullopt;
}

std::vector<RtpMap> Section::rtp_maps() const {
  return all<RtpMap>(own_, "rtpmap");
}

std::vector<FormatParameters> Section::format_parameters() const {
  return all<FormatParameters>(own_, "fmtp");
}

std::vector<RtcpFeedback> Section::rtcp_feedback() const {
  return all<RtcpFeedback>(own_, "rtcp-fb");
}

std::vector<ExtMap> Section::ext_maps() const {
  auto maps = all<ExtMap>(session_, "extmap");
  std::ranges::move(all<ExtMap>(own_, "extmap"), std::back_inserter(maps));
  return maps;
}

bool Section::extmap_allow_mixed() const {
  return inherited("extmap-allow-mixed").has_value();
}

std::vector<Rid> Section::rids() const {
  return all<Rid>(own_, "rid");
}

std::optional<Simulcast> Section::simulcast() const {
  const auto value = own_.attribute("simulcast");
  return value ? Simulcast::parse(*value) : std::nullopt;
}

std::optional<std::uint32_t> Section::ptime() const {
  const auto value = own_.attribute("ptime");
  return value ? parse_milliseconds(*value) : std::nullopt;
}

std::optional<std::uint32_t> Section::maxptime() const {
  const auto value = own_.attribute("maxptime");
  return value ? parse_milliseconds(*value) : std::nullopt;
}

}  // namespace rtclab::sdp
