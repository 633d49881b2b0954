// One hour of virtual time: what a client renews, counted from what it sent and what the server
// wrote down. Each figure follows from the lifetimes alone.
#include "tests/agents/turn/world.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace rtclab::turn {
namespace {

using namespace std::chrono_literals;
using stun::Class;
using stun::Method;

std::vector<int> codes(const World& world) {
  std::vector<int> found;
  for (const auto method :
       {Method::Allocate, Method::Refresh, Method::CreatePermission, Method::ChannelBind}) {
    for (const auto& response : world.responses(method)) {
      if (const auto error = response.find<stun::ErrorCode>()) found.push_back(error->code);
    }
  }
  return found;
}

BOOST_AUTO_TEST_SUITE(turn_one_hour)

BOOST_AUTO_TEST_CASE(of_a_call_needs_as_many_requests_as_the_lifetimes_say) {
  auto server = server_config();
  server.nonce_lifetime = 10min;
  World world{client_config(), server};
  const auto start = world.now();
  world.client().allocate(start);
  world.client().bind_channel(start, kPeer);
  world.client().create_permission(start, kStranger.ip);
  for (int second = 1; second <= 3600; ++second) {
    world.run_until(start + second * 1s);
    world.client().send(world.now(), kPeer, as_octets("media"));
    world.peer_sends(kPeer, "media");
  }
  world.drain();

  BOOST_TEST(world.events_named("turn:allocation_created") == 1);
  BOOST_TEST(world.events_named("turn:permission_expired") == 0);
  BOOST_TEST(world.events_named("turn:channel_expired") == 0);
  BOOST_TEST(world.events_named("turn:allocation_deleted") == 0);

  const auto successes = [&](Method method) {
    const auto responses = world.responses(method);
    return std::ranges::count(responses, Class::Success, &stun::Message::cls);
  };
  BOOST_TEST(successes(Method::Allocate) == 1);
  // A lifetime of 600 s is renewed after 540: at 540, 1080, … 3240.
  BOOST_TEST(world.events_named("turn:allocation_refreshed") == 6);
  BOOST_TEST(successes(Method::Refresh) == 6);
  BOOST_TEST(successes(Method::ChannelBind) == 1 + 6);
  // The stranger's permission, of 300 s, is renewed each 240: at 0, 240, … 3360. That of the peer
  // with the channel is renewed by each ChannelBind too: at 0, 240 and 480 after each of these, and
  // after the last, at 3240, only once.
  BOOST_TEST(successes(Method::CreatePermission) == 15 + 14);

  // The first request has no credentials; and a nonce is ten minutes good, so that each of its
  // successors is had by one request or by all that left together.
  auto found = codes(world);
  BOOST_TEST(std::ranges::count(found, 401) == 1);
  BOOST_TEST(world.events_named("turn:request_retried") == static_cast<int>(found.size()));
  std::erase(found, 401);
  BOOST_TEST(std::ranges::count(found, 438) == static_cast<std::ptrdiff_t>(found.size()));
  std::set<std::string> nonces;
  for (const auto& request : world.requests(Method::CreatePermission))
    nonces.insert(request.find<stun::Nonce>()->value);
  BOOST_TEST(nonces.size() == 6u);
  BOOST_TEST(world.take<Data>().size() >= 3599u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rtclab::turn
