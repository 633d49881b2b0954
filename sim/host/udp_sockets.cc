#include "sim/host/udp_sockets.h"

#include "agents/base/ip_packet.h"
#include "sim/host/dynamic_port.h"
#include "sim/host/host.h"

#include <algorithm>
#include <utility>

namespace rtclab::sim {
namespace {

Ip any_of(const Ip& ip) {
  return ip.is_v4() ? Ip::v4(0) : Ip{};
}

}  // namespace

tl::expected<Endpoint, std::string> UdpSockets::bind(Endpoint local, Handler handler) {
  if (!local.ip.is_unspecified() && !host_.has_address(local.ip)) {
    return tl::make_unexpected(host_.name() + " has no address " + local.ip.to_string());
  }
  const auto is_unused = [&](Port port) {
    return is_free({local.ip, port}) && std::ranges::none_of(members_, [&](const auto& m) {
             return m.second.local.port == port;
           });
  };
  if (local.port == Port{0}) {
    const auto port = choose_dynamic_port(rng_, is_unused);
    if (!port) return tl::make_unexpected(host_.name() + " has no free UDP port");
    local.port = *port;
  } else if (!is_unused(local.port)) {
    return tl::make_unexpected("UDP " + local.to_string() + " is in use on " + host_.name());
  }
  sockets_.emplace(local, std::make_shared<const Handler>(std::move(handler)));
  return local;
}

tl::expected<UdpSockets::Membership, std::string> UdpSockets::join(const Endpoint& local,
                                                                   const Ip& group,
                                                                   Handler handler) {
  if (!host_.has_address(local.ip)) {
    return tl::make_unexpected(host_.name() + " has no address " + local.ip.to_string());
  }
  if (!group.is_multicast() || group.family() != local.ip.family()) {
    return tl::make_unexpected(group.to_string() + " is no multicast group that " +
                               local.ip.to_string() + " can join");
  }
  if (!is_free(local)) {
    return tl::make_unexpected("UDP " + local.to_string() + " is in use on " + host_.name());
  }
  const Membership made{++last_member_, local};
  members_.emplace(made.number,
                   Member{local, group, std::make_shared<const Handler>(std::move(handler))});
  return made;
}

void UdpSockets::deliver_to_group(const Endpoint& to, const Ip& interface, const Endpoint& from,
                                  ByteView payload) {
  const auto members = members_;  // a handler may join or leave
  for (const auto& [number, member] : members) {
    const bool is_meant = member.group == to.ip && member.local == Endpoint{interface, to.port};
    if (!is_meant || !members_.contains(number)) continue;
    (*member.socket)(Received{{Transport::Udp, member.local, from}, payload});
  }
}

void UdpSockets::close(const Endpoint& local) {
  sockets_.erase(local);
}

bool UdpSockets::send(const Path& path, ByteView payload) {
  if (find(path.local) == nullptr || path.local.ip.family() != path.remote.ip.family() ||
      payload.size() > 0xffff - 8)
    return false;
  const auto own = path.local.ip.is_unspecified() ? host_.address(path.local.ip.family())
                                                  : std::optional{path.local.ip};
  if (!own) return false;
  const Endpoint source{*own, path.local.port};
  return host_.send(source.ip, path.remote.ip, ip::Protocol::Udp,
                    ip::build_udp_segment(source, path.remote, payload));
}

bool UdpSockets::deliver(const Received& received) {
  const auto socket = find(received.path.local);
  if (socket == nullptr) return false;
  (*socket)(received);
  return true;
}

void UdpSockets::deliver(const Unreachable& unreachable) {
  if (const auto socket = find(unreachable.path.local)) (*socket)(unreachable);
}

// As on Linux without SO_REUSEADDR: a socket on all addresses and one on a single address collide.
bool UdpSockets::is_free(const Endpoint& local) const {
  for (const auto& [bound, handler] : sockets_) {
    const bool meets = bound.ip == local.ip || bound.ip == any_of(local.ip) ||
                       (local.ip.is_unspecified() && bound.ip.family() == local.ip.family());
    if (bound.port == local.port && meets) return false;
  }
  return true;
}

UdpSockets::Socket UdpSockets::find(const Endpoint& local) const {
  auto found = sockets_.find(local);
  if (found == sockets_.end()) found = sockets_.find({any_of(local.ip), local.port});
  if (found != sockets_.end()) return found->second;
  for (const auto& [number, member] : members_) {
    if (member.local == local) return member.socket;
  }
  return nullptr;
}

}  // namespace rtclab::sim
