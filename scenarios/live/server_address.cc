#include "scenarios/live/server_address.h"

#include "agents/base/text.h"
#include "agents/peer/ice_server_url.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

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

peer::Outcome<std::vector<Ip>> addresses_of(const peer::IceServerUrl& url) {
  if (url.address) return std::vector<Ip>{*url.address};
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;  // otherwise each address comes once for every kind of socket
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* head = nullptr;
  const int failed = getaddrinfo(url.host.c_str(), nullptr, &hints, &head);
  if (failed != 0)
    return peer::reject(
        peer::Error::invalid_access(fmt::format("{}: {}", url.host, gai_strerror(failed))));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{head, &freeaddrinfo};
  std::vector<Ip> found;
  for (const auto* each = head; each != nullptr; each = each->ai_next) {
    const auto ip = address_in(*each);
    if (ip && std::ranges::find(found, *ip) == found.end()) found.push_back(*ip);
  }
  return found;
}

// "stnu:192.0.2.1" means a scheme, "localhost:3478" a port.
bool names_scheme(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto before = text.substr(0, colon);
  static constexpr std::array<std::string_view, 4> kSchemes{"stun", "stuns", "turn", "turns"};
  if (std::ranges::find(kSchemes, before) != kSchemes.end()) return true;
  const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  const auto behind = text.substr(colon + 1);
  return std::ranges::all_of(before, is_letter) &&
         !parse_unsigned(behind.substr(0, behind.find('?')));
}

class Resolver {
 public:
  Resolver(const ServerWishes& wishes, Wished wished)
      : wishes_{wishes}, on_command_line_{wished == Wished::OnCommandLine} {}

  peer::Outcome<std::vector<peer::IceServer>> run() {
    for (const auto& [scheme, texts] :
         {std::pair{"stun", &wishes_.stun}, std::pair{"turn", &wishes_.turn}}) {
      for (const auto& text : *texts) {
        if (auto error = add(scheme, text)) {
          const auto where =
              on_command_line_ ? fmt::format("--{} ", scheme) : std::string{"iceServers: "};
          error->message.insert(0, where);
          return peer::reject(*std::move(error));
        }
      }
    }
    return std::move(servers_);
  }

 private:
  std::optional<peer::Error> add(std::string_view scheme, const std::string& text) {
    const bool is_short = on_command_line_ && !names_scheme(text);
    const auto url =
        peer::parse_ice_server_url(is_short ? fmt::format("{}:{}", scheme, text) : text);
    if (!url) return url.error();
    const bool turn = url->kind == peer::IceServerKind::Turn;
    if (on_command_line_ && turn != (scheme == "turn"))
      return peer::Error::syntax(fmt::format("{}: expected a {}: URL", text, scheme));
    if (turn && (wishes_.username.empty() || wishes_.credential.empty())) {
      return peer::Error::invalid_access(fmt::format(
          "{}: a TURN server needs {}", text,
          on_command_line_ ? "--username and --credential" : "\"username\" and \"credential\""));
    }
    const auto addresses = addresses_of(*url);
    if (!addresses) return addresses.error();
    for (const auto& ip : *addresses)
      servers_.push_back(turn ? to_ice_server(*url, ip, wishes_.username, wishes_.credential)
                              : to_ice_server(*url, ip));
    return std::nullopt;
  }

  const ServerWishes& wishes_;
  bool on_command_line_;
  std::vector<peer::IceServer> servers_;
};

}  // namespace

peer::Outcome<std::vector<peer::IceServer>> resolve(const ServerWishes& wishes, Wished wished) {
  return Resolver{wishes, wished}.run();
}

}  // namespace rtclab::program
