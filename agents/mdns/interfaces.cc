#include "agents/mdns/interfaces.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::mdns {
namespace {

const std::array kPrivateBlocks{Prefix{Ip::v4(0x0a000000), 8}, Prefix{Ip::v4(0xac100000), 12},
                                Prefix{Ip::v4(0xc0a80000), 16}};  // RFC 1918 §3

}  // namespace

Endpoint group(Family family) {
  static const Ip kV4 = Ip::v4(0xe00000fb);
  static const Ip kV6 = *Ip::parse("ff02::fb");
  return {family == Family::V4 ? kV4 : kV6, kPort};
}

bool may_be_on_link(const Ip& source, const Ip& local) {
  if (source.family() != local.family()) return false;
  if (source.is_link_local() || source == local) return true;
  if (source.family() == Family::V6) return Prefix{local, 64}.contains(source);
  const auto block = std::ranges::find_if(
      kPrivateBlocks, [&](const Prefix& prefix) { return prefix.contains(local); });
  return (block == kPrivateBlocks.end() ? Prefix{local, 16} : *block).contains(source);
}

void Interfaces::add(std::string interface, const Ip& address) {
  if (std::ranges::find(addresses_, address, &Address::ip) != addresses_.end()) return;
  addresses_.push_back({std::move(interface), address});
}

std::optional<CloseSocket> Interfaces::remove(const Ip& address) {
  const auto gone = std::ranges::find(addresses_, address, &Address::ip);
  if (gone == addresses_.end()) return std::nullopt;
  const bool has_socket = gone->socket == Socket::Open || gone->socket == Socket::Asked;
  addresses_.erase(gone);
  if (!has_socket) return std::nullopt;
  return CloseSocket{Transport::Udp, {address, kPort}};
}

std::vector<OpenSocket> Interfaces::open_missing() {
  std::vector<OpenSocket> missing;
  for (auto& address : addresses_) {
    const auto family = address.ip.family();
    if (address.socket != Socket::None || has_socket(address.interface, family)) continue;
    address.socket = Socket::Asked;
    address.request = next_request_++;
    missing.push_back({address.request, Transport::Udp, {address.ip, kPort}, group(family).ip});
  }
  return missing;
}

bool Interfaces::asked_for(std::uint32_t request) const {
  return std::ranges::any_of(addresses_, [&](const Address& address) {
    return address.socket == Socket::Asked && address.request == request;
  });
}

std::optional<Ip> Interfaces::handle_opened(std::uint32_t request) {
  auto* const address = find_asked(request);
  if (address == nullptr) return std::nullopt;
  address->socket = Socket::Open;
  return address->ip;
}

void Interfaces::handle_failed(std::uint32_t request) {
  if (auto* const address = find_asked(request)) address->socket = Socket::Failed;
}

std::vector<Ip> Interfaces::sockets() const {
  std::vector<Ip> open;
  for (const auto& address : addresses_) {
    if (address.socket == Socket::Open) open.push_back(address.ip);
  }
  return open;
}

std::vector<Ip> Interfaces::sockets_beside(const Ip& address) const {
  const auto home = std::ranges::find(addresses_, address, &Address::ip);
  std::vector<Ip> beside;
  if (home == addresses_.end()) return beside;
  for (const auto& other : addresses_) {
    if (other.interface == home->interface && other.socket == Socket::Open) {
      beside.push_back(other.ip);
    }
  }
  return beside;
}

bool Interfaces::is_open(const Ip& local) const {
  const auto found = std::ranges::find(addresses_, local, &Address::ip);
  return found != addresses_.end() && found->socket == Socket::Open;
}

bool Interfaces::has_socket(std::string_view interface, Family family) const {
  return std::ranges::any_of(addresses_, [&](const Address& address) {
    return address.interface == interface && address.ip.family() == family &&
           (address.socket == Socket::Asked || address.socket == Socket::Open);
  });
}

Interfaces::Address* Interfaces::find_asked(std::uint32_t request) {
  const auto found = std::ranges::find_if(addresses_, [&](const Address& address) {
    return address.socket == Socket::Asked && address.request == request;
  });
  return found == addresses_.end() ? nullptr : &*found;
}

}  // namespace rtclab::mdns
