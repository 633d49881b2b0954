#include "scenarios/live/server_address.h"

#include "agents/peer/ice_server_url.h"

#include <fmt/format.h>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace rtclab::program {
namespace {

std::optional<Ip> address_in(const addrinfo& entry) {
  if (entry.ai_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, entry.ai_addr, sizeof v4);
    return Ip::v4(ntohl(v4.sin_addr.s_addr));
  }
  if (entry.ai_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, entry.ai_addr, sizeof v6);
  Ip ip;
  std::copy_n(v6.sin6_addr.s6_addr, ip.octets.size(), ip.octets.begin());
  return ip;
}

tl::expected<std::vector<Ip>, std::string> addresses_of(const peer::IceServerUrl& url) {
  if (url.address) return std::vector<Ip>{*url.address};
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;  // otherwise each address comes once for every kind of socket
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* head = nullptr;
  const int failed = getaddrinfo(url.host.c_str(), nullptr, &hints, &head);
  if (failed != 0)
    return tl::make_unexpected(fmt::format("{}: {}", url.host, gai_strerror(failed)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{head, &freeaddrinfo};
  std::vector<Ip> found;
  for (const auto* each = head; each != nullptr; each = each->ai_next) {
    const auto ip = address_in(*each);
    if (ip && std::ranges::find(found, *ip) == found.end()) found.push_back(*ip);
  }
  return found;
}

}  // namespace

tl::expected<std::vector<peer::IceServer>, std::string> resolve(const ServerWishes& wishes) {
  std::vector<peer::IceServer> servers;
  const auto add = [&](std::string_view scheme, const std::string& text) -> std::string {
    const bool has_scheme = text.starts_with("stun") || text.starts_with("turn");
    const auto full = has_scheme ? text : fmt::format("{}:{}", scheme, text);
    const auto url = peer::parse_ice_server_url(full);
    if (!url) return fmt::format("--{} {}: {}", scheme, text, url.error().message);
    const bool turn = url->kind == peer::IceServerKind::Turn;
    if (turn != (scheme == "turn"))
      return fmt::format("--{} {}: expected a {}: URL", scheme, text, scheme);
    if (turn && (wishes.username.empty() || wishes.credential.empty()))
      return fmt::format("--turn {}: a TURN server needs --username and --credential", text);
    const auto addresses = addresses_of(*url);
    if (!addresses) return fmt::format("--{} {}", scheme, addresses.error());
    for (const auto& ip : *addresses)
      servers.push_back(turn ? to_ice_server(*url, ip, wishes.username, wishes.credential)
                             : to_ice_server(*url, ip));
    return {};
  };
  for (const auto& text : wishes.stun) {
    if (auto wrong = add("stun", text); !wrong.empty()) return tl::make_unexpected(wrong);
  }
  for (const auto& text : wishes.turn) {
    if (auto wrong = add("turn", text); !wrong.empty()) return tl::make_unexpected(wrong);
  }
  return servers;
}

}  // namespace rtclab::program
