#include "agents/peer/ice_server_url.h"

#include "agents/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>

namespace rtclab::peer {
namespace {

constexpr Port kDefaultPort{3478};     // RFC 7064 §3.2, RFC 7065 §3.2
constexpr Port kDefaultTlsPort{5349};  // the same sections

struct Scheme {
  std::string_view name;
  IceServerKind kind;
  bool secure;
};
constexpr std::array kSchemes{
    Scheme{"stun", IceServerKind::Stun, false},
    Scheme{"stuns", IceServerKind::Stun, true},
    Scheme{"turn", IceServerKind::Turn, false},
    Scheme{"turns", IceServerKind::Turn, true},
};

struct Parts {
  std::string_view host;
  std::string_view port;  // digits, or nothing
  bool is_literal = false;
};

auto bad(std::string_view url, std::string_view why) {
  return reject(Error::syntax("\"" + std::string{url} + "\": " + std::string{why}));
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// RFC 3986 §3.2.2: unreserved characters, the ones of names and IPv4 literals. Percent-encoding and
// sub-delimiters name no host that a resolver would find.
bool is_name(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

std::optional<Parts> split_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
    return Parts{text.substr(1, end - 1), rest.empty() ? rest : rest.substr(1), true};
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return Parts{text, {}, false};
  return Parts{text.substr(0, colon), text.substr(colon + 1), false};
}

std::optional<Port> read_port(std::string_view digits, bool secure) {
  if (digits.empty()) return secure ? kDefaultTlsPort : kDefaultPort;
  const auto number = parse_unsigned(digits);
  if (!number || *number == 0 || *number > std::numeric_limits<std::uint16_t>::max())
    return std::nullopt;
  return Port{static_cast<std::uint16_t>(*number)};
}

}  // namespace

Outcome<IceServerUrl> parse_ice_server_url(std::string_view url) {
  const auto colon = url.find(':');
  if (colon == std::string_view::npos) return bad(url, "expected stun:, turn: or turns:");
  const auto name = lower(url.substr(0, colon));
  const auto* const scheme = std::ranges::find(kSchemes, name, &Scheme::name);
  if (scheme == kSchemes.end()) {
    static const std::vector<std::string> kSpoken{"stun", "turn", "turns"};
    return bad(url, "unknown scheme \"" + name + "\"" + did_you_mean(name, kSpoken) +
                        " (expected stun:, turn: or turns:)");
  }

  auto rest = url.substr(colon + 1);
  std::optional<std::string_view> query;
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  // RFC 7064 §3.1: a stun: URL has no query; the W3C's steps say so too.
  if (query && scheme->kind == IceServerKind::Stun) return bad(url, "a stun: URL has no \"?\"");
  const bool over_tcp = query == "transport=tcp";
  if (query && !over_tcp && query != "transport=udp")
    return bad(url, "after \"?\" stands transport=udp or transport=tcp");

  const auto parts = split_host(rest);
  if (!parts) return bad(url, "the brackets around the IPv6 address do not match");
  IceServerUrl server{.kind = scheme->kind, .host = std::string{parts->host}};
  server.address = Ip::parse(server.host);
  const bool is_v6 = server.address && !server.address->is_v4();
  if (parts->is_literal ? !is_v6 : !is_name(server.host))
    return bad(url, "expected a host name, an IPv4 address or an IPv6 address in brackets");
  const auto port = read_port(parts->port, scheme->secure);
  if (!port) return bad(url, "expected a port between 1 and 65535");
  server.port = *port;

  if (scheme->secure && (scheme->kind == IceServerKind::Stun || query == "transport=udp"))
    return reject(Error::not_supported("\"" + std::string{url} + "\": only TURN over TLS and TCP"));
  if (scheme->secure) {
    server.transport = turn::ServerTransport::Tls;
  } else if (over_tcp) {
    server.transport = turn::ServerTransport::Tcp;
  }
  return server;
}

std::string to_string(const IceServerUrl& url) {
  const bool secure = url.transport == turn::ServerTransport::Tls;
  std::string text{url.kind == IceServerKind::Stun ? "stun:" : secure ? "turns:" : "turn:"};
  const bool brackets = url.address && !url.address->is_v4();
  text += brackets ? '[' + url.host + ']' : url.host;
  text += ':' + std::to_string(url.port.value());
  if (url.kind == IceServerKind::Turn)
    text += url.transport == turn::ServerTransport::Udp ? "?transport=udp" : "?transport=tcp";
  return text;
}

IceServer to_ice_server(const IceServerUrl& url, const Ip& address, std::string username,
                        std::string credential) {
  return {.kind = url.kind,
          .server = {address, url.port},
          .username = std::move(username),
          .credential = std::move(credential),
          .transport = url.transport,
          .host = url.host};
}

}  // namespace rtclab::peer
