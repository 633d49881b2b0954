#include "agents/sdp/candidate.h"

#include "agents/sdp/grammar.h"

#include <span>

namespace rtclab::sdp {
namespace {

constexpr std::string_view kPrefix = "candidate:";

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Words between any number of spaces. Octets that are not visible make the list empty.
std::vector<std::string_view> visible_words(std::string_view text) {
  auto parts = split(text, ' ');
  std::erase_if(parts, &std::string_view::empty);
  const auto invisible = [](char c) { return c <= ' ' || c == '\x7f'; };
  for (const auto part : parts) {
    if (std::ranges::any_of(part, invisible)) return {};
  }
  return parts;
}

// The name and value pairs after "typ host". A last name without a value has the empty one, which
// the grammar allows (*VCHAR).
bool read_pairs(std::span<const std::string_view> pairs, Candidate& candidate) {
  for (; !pairs.empty(); pairs = pairs.subspan(std::min<std::size_t>(2, pairs.size()))) {
    const auto name = pairs[0];
    const auto value = pairs.size() > 1 ? pairs[1] : std::string_view{};
    if (equal_ignoring_case(name, "raddr") && !candidate.related_address) {
      if (value.empty()) return false;
      candidate.related_address = value;
    } else if (equal_ignoring_case(name, "rport") && !candidate.related_port) {
      candidate.related_port = parse_port(value);
      if (!candidate.related_port) return false;
    } else if (equal_ignoring_case(name, "tcptype") && !candidate.tcp_type) {
      if (value.empty()) return false;
      candidate.tcp_type = value;
    } else {
      if (!is_token(name)) return false;
      candidate.extensions.push_back({std::string{name}, std::string{value}});
    }
  }
  return true;
}

}  // namespace

std::optional<Candidate> Candidate::parse(std::string_view text) {
  if (text.ends_with("\r\n")) text.remove_suffix(2);
  drop_prefix(text, "a=");
  drop_prefix(text, kPrefix);
  const auto words = visible_words(text);
  if (words.size() < 8 || !equal_ignoring_case(words[6], "typ")) return std::nullopt;

  const auto component = parse_number<std::uint16_t>(words[1]);
  const auto priority = parse_number<std::uint32_t>(words[3]);
  const auto port = parse_port(words[5]);
  if (!is_ice_chars(words[0], 1, 32) || !is_token(words[2]) || !is_token(words[7])) {
    return std::nullopt;
  }
  // RFC 8839 §5.1: a component is 1 to 256.
  if (!component || *component == 0 || *component > 256 || !priority || !port) return std::nullopt;

  Candidate candidate;
  candidate.foundation = words[0];
  candidate.component = *component;
  candidate.transport = words[2];
  candidate.priority = *priority;
  candidate.address = words[4];
  candidate.port = *port;
  candidate.type = words[7];
  if (!read_pairs(std::span{words}.subspan(8), candidate)) return std::nullopt;
  return candidate;
}

std::string Candidate::attribute_value() const {
  auto text = foundation + ' ' + std::to_string(component) + ' ' + transport + ' ' +
              std::to_string(priority) + ' ' + address + ' ' + std::to_string(port.value()) +
              " typ " + type;
  if (related_address) text += " raddr " + *related_address;
  if (related_port) text += " rport " + std::to_string(related_port->value());
  if (tcp_type) text += " tcptype " + *tcp_type;
  for (const auto& extension : extensions) text += ' ' + extension.name + ' ' + extension.value;
  return text;
}

std::string Candidate::serialize() const {
  return std::string{kPrefix} + attribute_value();
}

std::optional<Ip> Candidate::ip() const {
  return Ip::parse(address);
}

bool Candidate::is_mdns_name() const {
  constexpr std::string_view kSuffix = ".local";
  return address.size() > kSuffix.size() &&
         equal_ignoring_case(std::string_view{address}.substr(address.size() - kSuffix.size()),
                             kSuffix);
}

bool Candidate::is_udp() const {
  return equal_ignoring_case(transport, "udp");
}

bool Candidate::is_tcp() const {
  return equal_ignoring_case(transport, "tcp");
}

const std::string* Candidate::find_extension(std::string_view name) const {
  const auto found = std::ranges::find(extensions, name, &Extension::name);
  return found == extensions.end() ? nullptr : &found->value;
}

}  // namespace rtclab::sdp
