#include "agents/sdp/rtp_values.h"

#include "agents/sdp/grammar.h"

#include <span>

namespace rtclab::sdp {
namespace {

// RFC 4585 §4.2 has byte-strings in here, so this takes more than tokens.
bool is_visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c != '\x7f'; });
}

}  // namespace

std::optional<PayloadType> parse_payload_type(std::string_view text) {
  const auto number = parse_number<std::uint8_t>(text);
  if (!number || *number > 127) return std::nullopt;
  return PayloadType{*number};
}

std::string to_string(PayloadType type) {
  return std::to_string(type.value());
}

std::optional<Msid> Msid::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || parts->size() > 2) return std::nullopt;
  return Msid{std::string{(*parts)[0]}, parts->size() == 2 ? std::string{(*parts)[1]} : ""};
}

std::string Msid::to_string() const {
  return track.empty() ? stream : stream + ' ' + track;
}

std::optional<RtpMap> RtpMap::parse(std::string_view value) {
  const auto type = parse_payload_type(take_until(value, ' '));
  const auto encoding = take_until(value, '/');
  const auto clock_rate = parse_number<std::uint32_t>(take_until(value, '/'));
  if (!type || !is_token(encoding) || !clock_rate) return std::nullopt;
  return RtpMap{*type, std::string{encoding}, *clock_rate, std::string{value}};
}

std::string RtpMap::to_string() const {
  const auto text =
      sdp::to_string(payload_type) + ' ' + encoding + '/' + std::to_string(clock_rate);
  return parameters.empty() ? text : text + '/' + parameters;
}

std::optional<FormatParameters> FormatParameters::parse(std::string_view value) {
  const auto format = take_until(value, ' ');
  if (!is_token(format) || value.empty()) return std::nullopt;
  return FormatParameters{std::string{format}, std::string{value}};
}

std::string FormatParameters::to_string() const {
  return format + ' ' + parameters;
}

std::optional<std::string_view> FormatParameters::find(std::string_view name) const {
  return find_format_parameter(parameters, name);
}

std::optional<PayloadType> FormatParameters::apt() const {
  const auto value = find("apt");
  return value ? parse_payload_type(*value) : std::nullopt;
}

std::optional<std::string_view> find_format_parameter(std::string_view parameters,
                                                      std::string_view name) {
  for (auto part : split(parameters, ';')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    const auto key = take_until(part, '=');
    if (equal_ignoring_case(key, name)) return part;
  }
  return std::nullopt;
}

std::optional<RtcpFeedback> RtcpFeedback::parse(std::string_view value) {
  // Pion 3.1 ends the lines of mechanisms without a parameter with a space; that harms nobody.
  while (value.ends_with(' ')) value.remove_suffix(1);
  const auto target = take_until(value, ' ');
  const auto type = parse_payload_type(target);
  if (!type && target != "*") return std::nullopt;
  const auto parts = words(value);
  if (!parts || !std::ranges::all_of(*parts, is_visible)) return std::nullopt;
  return RtcpFeedback{type, std::string{value}};
}

std::string RtcpFeedback::to_string() const {
  return (payload_type ? sdp::to_string(*payload_type) : std::string{"*"}) + ' ' + mechanism;
}

std::optional<ExtMap> ExtMap::parse(std::string_view value) {
  auto head = take_until(value, ' ');
  const bool directed = head.find('/') != std::string_view::npos;
  const auto id = parse_number<std::uint16_t>(take_until(head, '/'));
  const auto uri = take_until(value, ' ');
  if (!id || *id == 0 || uri.empty()) return std::nullopt;
  ExtMap map{.id = *id, .direction = {}, .uri = std::string{uri}, .attributes = std::string{value}};
  if (directed) {
    map.direction = parse_direction(head);
    if (!map.direction) return std::nullopt;
  }
  return map;
}

std::string ExtMap::to_string() const {
  auto text = std::to_string(id);
  if (direction) text += '/' + std::string{sdp::to_string(*direction)};
  text += ' ' + uri;
  return attributes.empty() ? text : text + ' ' + attributes;
}

std::optional<SourceAttribute> SourceAttribute::parse(std::string_view value) {
  const auto ssrc = parse_number<std::uint32_t>(take_until(value, ' '));
  const auto name = take_until(value, ':');
  if (!ssrc || !is_token(name)) return std::nullopt;
  return SourceAttribute{*ssrc, std::string{name}, std::string{value}};
}

std::string SourceAttribute::to_string() const {
  const auto text = std::to_string(ssrc) + ' ' + name;
  return value.empty() ? text : text + ':' + value;
}

std::optional<SourceGroup> SourceGroup::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || !is_token(parts->front())) return std::nullopt;
  SourceGroup group{std::string{parts->front()}, {}};
  for (const auto part : std::span{*parts}.subspan(1)) {
    const auto ssrc = parse_number<std::uint32_t>(part);
    if (!ssrc) return std::nullopt;
    group.ssrcs.push_back(*ssrc);
  }
  return group;
}

std::string SourceGroup::to_string() const {
  auto text = semantics;
  for (const auto ssrc : ssrcs) text += ' ' + std::to_string(ssrc);
  return text;
}

std::optional<RtcpPort> RtcpPort::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || (parts->size() != 1 && parts->size() != 4)) return std::nullopt;
  const auto port = parse_port(take_until(value, ' '));
  if (!port) return std::nullopt;
  return RtcpPort{*port, std::string{value}};
}

std::string RtcpPort::to_string() const {
  const auto text = std::to_string(port.value());
  return address.empty() ? text : text + ' ' + address;
}

std::optional<std::uint32_t> parse_milliseconds(std::string_view value) {
  const bool has_fraction = value.find('.') != std::string_view::npos;
  const auto number = parse_number<std::uint32_t>(take_until(value, '.'));
  if (!number || (has_fraction && !is_digits(value))) return std::nullopt;
  return number;
}

}  // namespace rtclab::sdp
