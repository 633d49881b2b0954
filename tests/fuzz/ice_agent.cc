// An ICE agent: datagrams, forged checks and answers, candidates of any kind, restarts, in any
// order.
#include "agents/ice/agent.h"
#include "agents/peer/candidate_conversion.h"
#include "agents/sdp/candidate.h"
#include "tests/fuzz/bench.h"

namespace rtclab::fuzz {
namespace {

using ice::Credentials;
using ice::StreamId;

const Endpoint kNear = *Endpoint::parse("192.0.2.7:7000");
const Endpoint kFar = *Endpoint::parse("203.0.113.9:9000");
const Endpoint kServer = *Endpoint::parse("198.51.100.1:3478");
const Endpoint kSix = *Endpoint::parse("[2001:db8::7]:7000");
const Credentials kOurs{"ours", "asd88fgpdd777uzjYhagZg"};
const Credentials kTheirs{"them", "YH75Fviy6338Vbrhrlp8Yh"};

Insider insider() {
  return {.keys = {stun::short_term_key(kOurs.pwd),
                   stun::short_term_key(kTheirs.pwd),
                   stun::long_term_key("user", "realm", "secret"),
                   {}},
          .usernames = {"ours:them", "them:ours", "user", "ours:"},
          .addresses = {kNear, kFar, kServer, kSix}};
}

ice::Configuration configuration(Feed& feed) {
  ice::Configuration configuration;
  const auto how = feed.u8();
  if ((how & 1u) != 0) configuration.stun_servers = {kServer};
  if ((how & 2u) != 0) {
    configuration.turn_servers.push_back(
        {.server = kServer, .username = "user", .password = "secret"});
    if ((how & 4u) != 0) configuration.turn_servers.back().transport = turn::ServerTransport::Tcp;
  }
  if ((how & 8u) != 0) configuration.policy = ice::CandidatePolicy::Relay;
  configuration.max_pairs = 1 + (how >> 4u);
  return configuration;
}

class Session {
 public:
  explicit Session(Feed& feed)
      : feed_{feed},
        agent_{configuration(feed), rng_},
        bench_{agent_, feed_, insider(), {kNear, kFar, kServer, kSix}} {
    bench_.interface_up("192.0.2.1");
    bench_.interface_up("2001:db8::1");
    streams_.push_back(agent_.add_stream(bench_.now(), kOurs));
    agent_.set_remote_credentials(bench_.now(), streams_.front(), kTheirs);
    if (feed_.flip()) agent_.set_role(bench_.now(), ice::Role::Controlled);
    agent_.gather(bench_.now());
    bench_.drain();
  }

  void run() {
    for (int steps = 0; !feed_.is_empty() && steps < kMostSteps; ++steps) {
      if (feed_.below(3) == 0) {
        call();
        bench_.drain();
      } else {
        bench_.step();
      }
      look();
    }
    agent_.close(bench_.now());
    bench_.drain();
  }

 private:
  static constexpr int kMostSteps = 200;

  void call() {
    const auto now = bench_.now();
    const auto operation = feed_.below(12);
    if (operation == 0) {
      if (streams_.size() < 4) streams_.push_back(agent_.add_stream(now));
      return;
    }
    if (operation == 1) return agent_.gather(now);
    if (operation == 2)
      return agent_.set_role(now, feed_.flip() ? ice::Role::Controlling : ice::Role::Controlled);
    if (streams_.empty()) return;
    const auto which = feed_.below(streams_.size());
    const auto stream = streams_[which];
    switch (operation) {
      case 3:
      case 4:
      case 5:
      case 6: return add_candidate(stream);
      case 7: return agent_.end_of_remote_candidates(now, stream);
      case 8:
        return agent_.set_remote_credentials(
            now, stream,
            feed_.flip()
                ? kTheirs
                : Credentials{"new" + std::string(1, static_cast<char>('a' + feed_.below(26))),
                              kTheirs.pwd});
      case 9: return agent_.restart(now, stream);
      case 10: static_cast<void>(agent_.send(now, stream, Bytes(1 + feed_.below(200)))); return;
      default:
        agent_.remove_stream(now, stream);
        streams_.erase(streams_.begin() + static_cast<std::ptrdiff_t>(which));
    }
  }

  // As signalling would bring it: text, or one of a few that lead somewhere.
  void add_candidate(StreamId stream) {
    static const std::vector<std::string> kUseful{
        "candidate:1 1 udp 2130706431 192.0.2.7 7000 typ host",
        "candidate:2 1 udp 1694498815 203.0.113.9 9000 typ srflx raddr 0.0.0.0 rport 0",
        "candidate:3 1 udp 2130706430 2001:db8::7 7000 typ host",
        "candidate:4 1 tcp 1671430143 192.0.2.7 7000 typ host tcptype passive",
        "candidate:5 1 tcp 1671430143 192.0.2.7 9 typ host tcptype active",
        "candidate:6 1 tcp 1671430143 192.0.2.7 7000 typ host tcptype so",
        "candidate:7 1 udp 2130706431 d9197193-d9af-4e68-b88f-227332229c34.local 7000 typ host"};
    const auto which = feed_.below(kUseful.size() + 1);
    const auto read = sdp::Candidate::parse(which < kUseful.size() ? kUseful[which] : feed_.text());
    if (!read) return;
    if (const auto candidate = peer::to_ice(*read))
      agent_.add_remote_candidate(bench_.now(), stream, *candidate);
  }

  void look() {
    for (const auto stream : streams_) {
      static_cast<void>(agent_.state(stream));
      static_cast<void>(agent_.selected_pair(stream));
      static_cast<void>(agent_.local_candidates(stream));
    }
  }

  Feed& feed_;
  SeededRng rng_{1};
  ice::Agent agent_;
  Bench<ice::Agent> bench_;
  std::vector<StreamId> streams_;
};

}  // namespace

void ice_agent(ByteView input) {
  Feed feed{input};
  Session{feed}.run();
}

}  // namespace rtclab::fuzz
