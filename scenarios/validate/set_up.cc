// How many round trips a call takes, with whole peers.
#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "scenarios/validate/figures.h"
#include "scenarios/validate/recording.h"
#include "scenarios/validate/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace rtclab::validate {
namespace {

namespace fs = std::filesystem;

evidence::Evidence run_library_scenario(std::string_view name, std::uint64_t seed) {
  const fs::path root{RTCLAB_LIBRARY};
  const auto loaded = scenario::load(root / fmt::format("scenarios/library/{}.xml", name),
                                     root / "topologies/library");
  if (!loaded) throw std::runtime_error{loaded.error().to_string()};
  std::ostringstream capture;
  std::ostringstream trace;
  capture::PcapngWriter writer{capture, "rtclab validate"};
  (void)scenario::run(loaded->scenario, loaded->topology, seed,
                      {.capture = &writer, .trace = &trace});
  return read_evidence(capture.str(), trace.str());
}

// When the last of the peers reported it; zero when one did not.
Duration at_all(const evidence::Evidence& evidence, std::string_view event) {
  Duration last{};
  for (const auto party : evidence.peers()) {
    Duration first{};
    for (const auto* const found : events_named(evidence, event)) {
      if (found->vantage == evidence.parties[party].name && first == Duration{}) first = found->at;
    }
    if (first == Duration{}) return {};
    last = std::max(last, first);
  }
  return last;
}

Duration at_first(const evidence::Evidence& evidence, std::string_view event) {
  const auto found = events_named(evidence, event);
  return found.empty() ? Duration{} : found.front()->at;
}

// From the first check of alice to its answer.
Duration round_trip(const evidence::Evidence& evidence) {
  const auto interface = "alice-server.eth0";
  const auto requests = stun_at(evidence, interface, evidence::Direction::Outbound, true);
  const auto answers = stun_at(evidence, interface, evidence::Direction::Inbound, false);
  return time_of_first(answers) - time_of_first(requests);
}

std::string in_round_trips(Duration span, Duration round_trip) {
  if (round_trip <= Duration{}) return "no answer";
  const auto count = static_cast<double>(span.count()) / static_cast<double>(round_trip.count());
  return fmt::format("{:.4g}", count);
}

}  // namespace

Section set_up(const Effort& effort) {
  const auto evidence = run_library_scenario("round-trips", effort.seed);
  const auto begin = at_first(evidence, "signalling:sent");
  const auto rtt = round_trip(evidence);
  const auto after = [&](Duration at) { return in_round_trips(at - begin, rtt); };

  Section section{.name = "set-up",
                  .title = "The set-up of a call in round trips",
                  .source = "counting: offer and answer 1, ICE 1, DTLS 1.2 2, SCTP 2"};
  section.blocks.emplace_back(Prose{
      "Two whole peers call each other over a network where nothing is lost and nothing is in the "
      "way (scenario `round-trips`); signalling takes as long as everything else. Counted one "
      "after the other, media can flow after four round trips and a data channel is open after "
      "six. Two steps overlap with the ones before them, and both are legal: Bob checks as soon as "
      "he has the offer, half a round trip before Alice has his answer (RFC 8838 §8), and the "
      "channel's OPEN rides on COOKIE ECHO (RFC 9260 §5.1), whose INIT leaves with the last flight "
      "of DTLS."});
  Checks checks{.caption = "Measured, from the first offer on", .rows = {}};
  checks.rows.push_back(check_time("a round trip", std::chrono::milliseconds{74}, rtt));
  checks.rows.push_back(check_text("media can flow both ways (4 less a half)", "3.5",
                                   after(at_all(evidence, "dtls:connected"))));
  checks.rows.push_back(check_text("the channel is open at its first end (6 less one and a half)",
                                   "4.5", after(at_first(evidence, "datachannel:open"))));
  checks.rows.push_back(check_text("the channel is open at both ends (6 less one)", "5",
                                   after(at_all(evidence, "datachannel:open"))));
  section.blocks.emplace_back(std::move(checks));
  return section;
}

}  // namespace rtclab::validate
