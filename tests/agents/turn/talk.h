// A server that is asked by hand, message by message.
#pragma once

#include "agents/stun/error_code.h"
#include "agents/stun/integrity.h"
#include "agents/stun/long_term_client.h"
#include "agents/turn/channel_data.h"
#include "tests/agents/turn/world.h"

#include <boost/test/unit_test.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::turn {

using stun::Class;
using stun::Message;
using stun::Method;

inline constexpr Instant kStart{Duration{std::chrono::seconds{1}}};
inline const Endpoint kSecondClient = *Endpoint::parse("192.0.2.2:5000");
inline const Endpoint kV6Peer = *Endpoint::parse("[2001:db8::9]:4000");

// A client that forms each message by hand, and the server; both at one instant that moves when
// told to.
class Talk {
 public:
  explicit Talk(Server::Config config = server_config()) : server{std::move(config), rng_} {
    server.handle_input(now, InterfaceUp{"eth0", kServer.ip});
    drain();
  }

  void drain() {
    while (auto output = server.poll_output()) {
      if (auto* const open = std::get_if<OpenSocket>(&*output)) {
        opened.push_back(open->local);
        if (refuse_sockets) {
          server.handle_input(now, SocketFailed{open->request, "in use"});
        } else {
          server.handle_input(now, SocketOpened{open->request, open->local});
        }
      } else if (auto* const transmit = std::get_if<Transmit>(&*output)) {
        sent.push_back(std::move(*transmit));
      } else if (auto* const close = std::get_if<CloseSocket>(&*output)) {
        closed.push_back(close->local);
      }
    }
    const auto wakeup = server.next_wakeup();
    if (wakeup) BOOST_TEST_REQUIRE((wakeup->at > now));
  }

  // What the server sends because of these octets.
  std::vector<Transmit> push(ByteView octets, const Endpoint& from = kClient,
                             const Endpoint& to = kServer) {
    sent.clear();
    server.handle_input(now, Received{{Transport::Udp, to, from}, octets});
    drain();
    return sent;
  }
  Message request(Method method) {
    Message message{Class::Request, method, stun::TransactionId::draw(rng_), {}};
    return message;
  }
  // The response to a request with alice's credentials, after as many challenges as it takes.
  Message ask(Message message, const Endpoint& from = kClient) {
    return ask_as(alice, std::move(message), from);
  }
  Message ask_as(stun::LongTermClient& who, Message message, const Endpoint& from = kClient) {
    for (int i = 0; i < 3; ++i) {
      const bool is_signed = who.has_challenge();
      const auto replies = push(who.seal(message, false), from);
      BOOST_TEST_REQUIRE(replies.size() == 1u);
      BOOST_TEST_REQUIRE((replies[0].path == Path{Transport::Udp, kServer, from}));
      const auto response = *Message::parse(replies[0].bytes);
      BOOST_TEST_REQUIRE((response.transaction == message.transaction));
      const auto next = who.receive(response, replies[0].bytes, is_signed);
      BOOST_TEST_REQUIRE((next != stun::LongTermClient::Next::Ignore));
      if (next == stun::LongTermClient::Next::Report) return response;
      message.transaction = stun::TransactionId::draw(rng_);
    }
    return {};
  }
  int code_of(Message message, const Endpoint& from = kClient) {
    const auto response = ask(std::move(message), from);
    return response.cls == Class::Error ? response.find<stun::ErrorCode>()->code : 0;
  }

  Message allocate_request() {
    return request(Method::Allocate).add(stun::RequestedTransport{stun::RequestedTransport::kUdp});
  }
  Message permission_request(const Endpoint& peer) {
    return request(Method::CreatePermission).add(stun::XorPeerAddress{peer});
  }
  Message bind_request(std::uint16_t channel, const Endpoint& peer) {
    return request(Method::ChannelBind)
        .add(stun::ChannelNumber{channel})
        .add(stun::XorPeerAddress{peer});
  }
  Message send_indication(const Endpoint& peer, std::string_view text) {
    Message message{Class::Indication, Method::Send, stun::TransactionId::draw(rng_), {}};
    return message.add(stun::XorPeerAddress{peer}).add(stun::Data{to_octets(text)});
  }
  Endpoint allocate(const Endpoint& from = kClient) {
    const auto response = ask(allocate_request(), from);
    BOOST_TEST_REQUIRE((response.cls == Class::Success));
    return response.find<stun::XorRelayedAddress>()->endpoint;
  }
  void permit(const Endpoint& peer) { BOOST_TEST_REQUIRE(code_of(permission_request(peer)) == 0); }
  void bind(std::uint16_t channel, const Endpoint& peer) {
    BOOST_TEST_REQUIRE(code_of(bind_request(channel, peer)) == 0);
  }

  // Whether text from the peer reaches the client, and in what dress.
  enum class Dress { None, Indication, Channel };
  Dress peer_sends(const Endpoint& relayed, const Endpoint& peer) {
    const auto replies = push(as_octets("data"), peer, relayed);
    if (replies.empty()) return Dress::None;
    return looks_like_channel_data(replies[0].bytes) ? Dress::Channel : Dress::Indication;
  }
  bool client_reaches(const Endpoint& peer) {
    return !push(stun::seal(send_indication(peer, "data"))).empty();
  }

  Instant now = kStart;
  bool refuse_sockets = false;
  std::vector<Endpoint> opened, closed;
  std::vector<Transmit> sent;
  stun::LongTermClient alice{"alice", "secret"};

 private:
  SeededRng rng_{43};

 public:
  Server server;
};
using Dress = Talk::Dress;

[[nodiscard]] inline Server::Config with(auto&& change) {
  auto config = server_config();
  change(config);
  return config;
}

}  // namespace rtclab::turn
