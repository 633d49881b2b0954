// An agent under test, and a peer whose every message is written by the test.
#pragma once

#include "tests/agents/ice/call.h"

#include <optional>
#include <utility>

namespace rtclab::ice::test {

// `a` has gathered, and knows the credentials and the only candidate of a peer that is not there.
struct ImaginedPeer : Call {
  explicit ImaginedPeer(CallOptions options = {.has_stun = false}) : Call{std::move(options)} {
    trickles = false;
    world.keeps_record = true;
    gather(*a);
    a->agent.set_remote_credentials(world.now(), a->stream, peer);
    Candidate remote;
    remote.address = address;
    remote.priority = Priority{2130706431};
    remote.foundation = "1";
    a->agent.add_remote_candidate(world.now(), a->stream, remote);
    a->agent.end_of_remote_candidates(world.now(), a->stream);
    world.drain(*a->machine);
  }
  void receive(const Bytes& bytes, std::optional<Endpoint> from = std::nullopt) {
    world.inject(from.value_or(address), a->candidates.front().address, bytes);
    world.drain(*a->machine);
  }
  Credentials peer{"peer", "0123456789012345678901"};
  Endpoint address = endpoint("192.0.2.9:9999");
};

}  // namespace rtclab::ice::test
