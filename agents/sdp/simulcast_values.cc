#include "agents/sdp/simulcast_values.h"

#include "agents/sdp/grammar.h"

namespace rtclab::sdp {
namespace {

std::optional<RidDirection> parse_rid_direction(std::string_view text) {
  if (text == "send") return RidDirection::Send;
  if (text == "recv") return RidDirection::Recv;
  return std::nullopt;
}

bool read_formats(std::string_view list, Rid& rid) {
  for (const auto part : split(list, ',')) {
    const auto type = parse_payload_type(part);
    if (!type) return false;
    rid.formats.push_back(*type);
  }
  return true;
}

// RFC 8851 §10: pt= comes first; a parameter is a name that may have a value.
bool read_restrictions(std::string_view text, Rid& rid) {
  for (const auto part : split(text, ';')) {
    auto rest = part;
    const auto name = take_until(rest, '=');
    const bool has_value = name.size() < part.size();
    if (name == "pt" && rid.formats.empty()) {
      if (!read_formats(rest, rid)) return false;
      continue;
    }
    if (!is_token(name)) return false;
    rid.restrictions.push_back(
        {std::string{name}, has_value ? std::optional<std::string>{rest} : std::nullopt});
  }
  return true;
}

std::optional<Simulcast::Stream> parse_stream(std::string_view text) {
  Simulcast::Stream stream;
  for (auto part : split(text, ',')) {
    const bool paused = part.starts_with('~');
    if (paused) part.remove_prefix(1);
    if (!is_rid(part)) return std::nullopt;
    stream.push_back({std::string{part}, paused});
  }
  return stream;
}

std::optional<std::vector<Simulcast::Stream>> parse_streams(std::string_view text) {
  std::vector<Simulcast::Stream> streams;
  for (const auto part : split(text, ';')) {
    auto stream = parse_stream(part);
    if (!stream) return std::nullopt;
    streams.push_back(std::move(*stream));
  }
  return streams;
}

std::string spelled(const std::vector<Simulcast::Stream>& streams) {
  std::string text;
  for (const auto& stream : streams) {
    if (!text.empty()) text += ';';
    std::string_view comma;
    for (const auto& alternative : stream) {
      text += comma;
      text += (alternative.paused ? "~" : "") + alternative.rid;
      comma = ",";
    }
  }
  return text;
}

}  // namespace

bool is_rid(std::string_view text) {
  // RFC 8852 §3: at most 255 octets fit the header extension.
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
  });
}

std::optional<Rid> Rid::parse(std::string_view value) {
  const auto id = take_until(value, ' ');
  const auto direction = parse_rid_direction(take_until(value, ' '));
  if (!is_rid(id) || !direction) return std::nullopt;
  Rid rid{.id = std::string{id}, .direction = *direction};
  if (!value.empty() && !read_restrictions(value, rid)) return std::nullopt;
  return rid;
}

std::string Rid::to_string() const {
  auto text = id + (direction == RidDirection::Send ? " send" : " recv");
  char separator = ' ';
  for (const auto type : formats) {
    text += separator == ' ' ? " pt=" : ",";
    text += sdp::to_string(type);
    separator = ';';
  }
  for (const auto& restriction : restrictions) {
    text += separator + restriction.name;
    if (restriction.value) text += '=' + *restriction.value;
    separator = ';';
  }
  return text;
}

// RFC 8853 §5.1: one list for each direction, in either order.
std::optional<Simulcast> Simulcast::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || (parts->size() != 2 && parts->size() != 4)) return std::nullopt;
  Simulcast simulcast;
  for (std::size_t i = 0; i < parts->size(); i += 2) {
    const auto direction = parse_rid_direction((*parts)[i]);
    auto streams = parse_streams((*parts)[i + 1]);
    if (!direction || !streams) return std::nullopt;
    auto& list = *direction == RidDirection::Send ? simulcast.send : simulcast.recv;
    if (!list.empty()) return std::nullopt;
    list = std::move(*streams);
  }
  return simulcast;
}

std::string Simulcast::to_string() const {
  std::string text;
  if (!send.empty()) text = "send " + spelled(send);
  if (!recv.empty()) text += (text.empty() ? "recv " : " recv ") + spelled(recv);
  return text;
}

}  // namespace rtclab::sdp
