#include "scenarios/validate/meeting.h"

#include "agents/ice/agent.h"
#include "scenarios/validate/access.h"
#include "scenarios/validate/recording.h"
#include "sim/host/agent_host.h"
#include "sim/world.h"

#include <optional>
#include <string>
#include <variant>

namespace rtclab::validate {
namespace {

using namespace std::chrono_literals;

constexpr auto kSignalling = 25ms;

std::function<void(Instant, const Event&)> recorder(Recording* recording,
                                                    std::string_view machine) {
  if (recording == nullptr) return [](Instant, const Event&) {};
  return recording->recorder_of(std::string{machine});
}

sim::WorldOptions options_of(const Meeting& meeting) {
  if (meeting.recording != nullptr) return meeting.recording->options(meeting.seed);
  return {.seed = meeting.seed, .sink = nullptr, .record = {}, .server_deviations = {}};
}

// One agent with one stream.
class Side {
 public:
  // Tells what the peer has to know.
  using Tell = std::function<void(Instant, const ice::AgentEvent&)>;

  Side(sim::World& world, std::string_view machine, Recording* recording,
       const ice::Configuration& configuration, Tell tell)
      : rng_{world.fork("ice " + std::string{machine})},
        tell_{std::move(tell)},
        host_{world.host(machine),
              {recorder(recording, machine),
               [this](Instant now, ice::Agent& agent) { return take(now, agent); }},
              configuration,
              rng_} {}

  void begin(ice::Role role) {
    host_.call([&](Instant now, ice::Agent& agent) {
      agent.set_role(now, role);
      stream_ = agent.add_stream(now);
      agent.gather(now);
    });
  }
  // f(now, agent, stream)
  template <class F>
  void call(F&& f) {
    host_.call([&](Instant now, ice::Agent& agent) { f(now, agent, stream_); });
  }

  [[nodiscard]] ice::State state() const { return host_.agent().state(stream_); }
  [[nodiscard]] const ice::Credentials& credentials() const {
    return host_.agent().local_credentials(stream_);
  }
  [[nodiscard]] bool has_heard() const { return has_heard_; }
  void send_data() {
    if (has_sent_) return;
    has_sent_ = true;
    call([](Instant now, ice::Agent& agent, ice::StreamId stream) {
      (void)agent.send(now, stream, to_octets("\x16 is DTLS to RFC 7983"));
    });
  }
  [[nodiscard]] bool is_relayed(const Ip& relay) const {
    const auto pair = host_.agent().selected_pair(stream_);
    return pair && (pair->local.base.ip == relay || pair->remote.address.ip == relay);
  }

 private:
  bool take(Instant now, ice::Agent& agent) {
    bool any = false;
    while (const auto event = agent.poll_event()) {
      any = true;
      if (std::holds_alternative<ice::DataReceived>(*event)) has_heard_ = true;
      tell_(now, *event);
    }
    return any;
  }

  SeededRng rng_;
  Tell tell_;
  ice::StreamId stream_{0};
  bool has_heard_ = false;
  bool has_sent_ = false;
  sim::AgentHost<ice::Agent> host_;
};

ice::Configuration configuration_of(const topology::Topology& topology, bool has_relay) {
  ice::Configuration configuration;
  configuration.stun_servers = {topology.stun_servers.front().endpoint()};
  if (has_relay) {
    const auto& turn = topology.turn_servers.front();
    configuration.turn_servers = {{.server = {turn.interface.address().ip, turn.port},
                                   .username = turn.users.front().name,
                                   .password = turn.users.front().password}};
  }
  return configuration;
}

class Call {
 public:
  Call(const topology::Topology& topology, const Meeting& meeting)
      : topology_{topology},
        meeting_{meeting},
        world_{topology, options_of(meeting)},
        a_{world_, kA, meeting.recording, configuration_of(topology, meeting.has_relay),
           teller(b_)},
        b_{world_, kB, meeting.recording, configuration_of(topology, meeting.has_relay),
           teller(a_)} {}

  Outcome run() {
    a_.begin(ice::Role::Controlling);
    b_.begin(ice::Role::Controlled);
    tell_credentials(a_, b_);
    tell_credentials(b_, a_);
    if (meeting_.cut) world_.schedule(Instant{*meeting_.cut}, [this] { cut(); });
    world_.run_until(Instant{meeting_.limit});
    world_.end_capture();
    if (both(ice::State::Failed)) return Outcome::Failed;
    if (!a_.has_heard() || !b_.has_heard()) return Outcome::Open;
    if (topology_.turn_servers.empty()) return Outcome::Direct;
    const auto relay = topology_.turn_servers.front().interface.address().ip;
    return a_.is_relayed(relay) || b_.is_relayed(relay) ? Outcome::Relayed : Outcome::Direct;
  }

 private:
  void tell_credentials(Side& from, Side& to) {
    world_.schedule(world_.now() + kSignalling, [&to, credentials = from.credentials()] {
      to.call([&](Instant now, ice::Agent& agent, ice::StreamId stream) {
        agent.set_remote_credentials(now, stream, credentials);
      });
    });
  }

  Side::Tell teller(Side& to) {
    return [this, &to](Instant now, const ice::AgentEvent& event) {
      if (const auto* const gathered = std::get_if<ice::CandidateGathered>(&event)) {
        world_.schedule(now + kSignalling, [&to, candidate = gathered->candidate] {
          to.call([&](Instant at, ice::Agent& agent, ice::StreamId stream) {
            agent.add_remote_candidate(at, stream, candidate);
          });
        });
      } else if (std::holds_alternative<ice::EndOfCandidates>(event)) {
        world_.schedule(now + kSignalling, [&to] {
          to.call([](Instant at, ice::Agent& agent, ice::StreamId stream) {
            agent.end_of_remote_candidates(at, stream);
          });
        });
      } else {
        world_.schedule(now, [this] { look(); });
      }
    };
  }

  [[nodiscard]] bool both(ice::State state) const {
    return a_.state() == state && b_.state() == state;
  }

  void cut() {
    auto quality = world_.quality(kA, "internet");
    quality.loss = 1;
    world_.set_quality(kA, "internet", quality);
  }

  // Whether there is more to come. Called outside both agents' drains.
  void look() {
    if (both(ice::State::Completed)) {
      a_.send_data();
      b_.send_data();
    }
    if (meeting_.cut) return;
    if (both(ice::State::Failed) || (a_.has_heard() && b_.has_heard())) world_.stop();
  }

  const topology::Topology& topology_;
  Meeting meeting_;
  sim::World world_;
  Side a_;
  Side b_;
};

}  // namespace

Outcome meet(const topology::Topology& topology, const Meeting& meeting) {
  return Call{topology, meeting}.run();
}

}  // namespace rtclab::validate
