#include "agents/live/interfaces.h"

#include "agents/live/asio_address.h"

#include <boost/asio/io_context.hpp>
#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace rtclab::live {
namespace {

bool can_be_bound(const Ip& ip) {
  using boost::asio::ip::udp;
  boost::asio::io_context context;
  boost::system::error_code error;
  udp::socket socket{context};
  const udp::endpoint endpoint{to_asio(ip), 0};
  socket.open(endpoint.protocol(), error);
  if (!error) socket.bind(endpoint, error);
  return !error;
}

}  // namespace

std::vector<InterfaceAddress> interface_addresses(Loopback loopback) {
  ifaddrs* head = nullptr;
  if (getifaddrs(&head) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner{head, &freeifaddrs};
  std::vector<InterfaceAddress> found;
  for (const auto* each = head; each != nullptr; each = each->ifa_next) {
    const auto endpoint = from_kernel(each->ifa_addr);
    if (!endpoint || (each->ifa_flags & IFF_UP) == 0) continue;
    const auto& ip = endpoint->ip;
    if (ip.is_loopback() && loopback == Loopback::Hidden) continue;
    if (!ip.is_v4() && ip.is_link_local()) continue;
    if (can_be_bound(ip)) found.push_back({each->ifa_name, ip});
  }
  std::ranges::sort(found);
  const auto twice = std::ranges::unique(found);
  found.erase(twice.begin(), twice.end());
  return found;
}

std::vector<Input> changes(const std::vector<InterfaceAddress>& before,
                           const std::vector<InterfaceAddress>& after) {
  std::vector<InterfaceAddress> gone;
  std::vector<InterfaceAddress> come;
  std::ranges::set_difference(before, after, std::back_inserter(gone));
  std::ranges::set_difference(after, before, std::back_inserter(come));
  std::vector<Input> inputs;
  for (const auto& each : gone) inputs.emplace_back(InterfaceDown{each.interface, each.address});
  for (const auto& each : come) inputs.emplace_back(InterfaceUp{each.interface, each.address});
  return inputs;
}

}  // namespace rtclab::live
