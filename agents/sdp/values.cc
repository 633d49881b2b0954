#include "agents/sdp/values.h"

#include "agents/sdp/grammar.h"

#include <array>

namespace rtclab::sdp {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += ' ' + part;
  return text;
}

bool is_hex_pairs(std::string_view text) {
  const auto parts = split(text, ':');
  return std::ranges::all_of(parts, [](std::string_view part) {
    return part.size() == 2 && parse_unsigned(part, 16).has_value();
  });
}

struct Hash {
  std::string_view name;
  std::size_t octets;
};
// RFC 8122 §5. MD2 and MD5 are refused by §5.1 of today's text; a peer may still list them beside
// another.
constexpr std::array kHashes{Hash{"sha-1", 20},   Hash{"sha-224", 28}, Hash{"sha-256", 32},
                             Hash{"sha-384", 48}, Hash{"sha-512", 64}, Hash{"md5", 16},
                             Hash{"md2", 16}};

}  // namespace

std::optional<Origin> Origin::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || parts->size() != 6) return std::nullopt;
  const auto version = parse_unsigned((*parts)[2]);
  if (!is_digits((*parts)[1]) || !version) return std::nullopt;
  if (!is_token((*parts)[3]) || !is_token((*parts)[4])) return std::nullopt;
  return Origin{.username = std::string{(*parts)[0]},
                .session_id = std::string{(*parts)[1]},
                .version = *version,
                .network_type = std::string{(*parts)[3]},
                .address_type = std::string{(*parts)[4]},
                .address = std::string{(*parts)[5]}};
}

std::string Origin::to_string() const {
  return username + ' ' + session_id + ' ' + std::to_string(version) + ' ' + network_type + ' ' +
         address_type + ' ' + address;
}

std::optional<Connection> Connection::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || parts->size() != 3 || !is_token((*parts)[0]) || !is_token((*parts)[1])) {
    return std::nullopt;
  }
  return Connection{std::string{(*parts)[0]}, std::string{(*parts)[1]}, std::string{(*parts)[2]}};
}

std::string Connection::to_string() const {
  return network_type + ' ' + address_type + ' ' + address;
}

std::optional<MediaLine> MediaLine::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || parts->size() < 4) return std::nullopt;
  MediaLine media;
  media.kind = (*parts)[0];

  auto count = (*parts)[1];
  const bool counted = count.find('/') != std::string_view::npos;
  const auto port = parse_port(take_until(count, '/'));
  if (!is_token(media.kind) || !port) return std::nullopt;
  media.port = *port;
  if (counted) {
    media.port_count = parse_number<std::uint16_t>(count);
    if (!media.port_count || *media.port_count == 0) return std::nullopt;
  }

  media.protocol = (*parts)[2];
  const auto protocol = split(media.protocol, '/');
  if (!std::ranges::all_of(protocol, is_token)) return std::nullopt;
  for (const auto format : std::span{*parts}.subspan(3)) {
    if (!is_token(format)) return std::nullopt;
    media.formats.emplace_back(format);
  }
  return media;
}

std::string MediaLine::to_string() const {
  auto text = kind + ' ' + std::to_string(port.value());
  if (port_count) text += '/' + std::to_string(*port_count);
  return text + ' ' + protocol + joined(formats);
}

std::optional<Setup> parse_setup(std::string_view text) {
  if (text == "active") return Setup::Active;
  if (text == "passive") return Setup::Passive;
  if (text == "actpass") return Setup::ActPass;
  if (text == "holdconn") return Setup::HoldConn;
  return std::nullopt;
}

std::string_view to_string(Setup setup) {
  switch (setup) {
    case Setup::Active: return "active";
    case Setup::Passive: return "passive";
    case Setup::ActPass: return "actpass";
    case Setup::HoldConn: return "holdconn";
  }
  __builtin_unreachable();
}

std::optional<Fingerprint> Fingerprint::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || parts->size() != 2 || !is_token((*parts)[0]) || !is_hex_pairs((*parts)[1])) {
    return std::nullopt;
  }
  Fingerprint fingerprint{std::string{(*parts)[0]}, std::string{(*parts)[1]}};
  std::ranges::transform(fingerprint.algorithm, fingerprint.algorithm.begin(), to_lower);
  std::ranges::transform(fingerprint.value, fingerprint.value.begin(), to_upper);
  const auto* const hash = std::ranges::find(kHashes, fingerprint.algorithm, &Hash::name);
  const auto octets = (fingerprint.value.size() + 1) / 3;
  if (hash != kHashes.end() && hash->octets != octets) return std::nullopt;
  return fingerprint;
}

std::string Fingerprint::to_string() const {
  return algorithm + ' ' + value;
}

std::optional<Group> Group::parse(std::string_view value) {
  const auto parts = words(value);
  if (!parts || !std::ranges::all_of(*parts, is_token)) return std::nullopt;
  Group group{std::string{parts->front()}, {}};
  for (const auto mid : std::span{*parts}.subspan(1)) group.mids.emplace_back(mid);
  return group;
}

std::string Group::to_string() const {
  return semantics + joined(mids);
}

std::vector<std::string> parse_ice_options(std::string_view value) {
  std::vector<std::string> tags;
  for (const auto part : split(value, ' ')) {
    for (const auto tag : split(part, ',')) {
      if (!tag.empty()) tags.emplace_back(tag);
    }
  }
  return tags;
}

}  // namespace rtclab::sdp
