// Every timer of the standards, and the set-up of a call in round trips.
#include "scenarios/validate/timers.h"

#include "scenarios/validate/sections.h"

namespace rtclab::validate {

Section timers(const Effort& effort) {
  Section section{.name = "timers",
                  .title = "Every timer, measured in the capture",
                  .source = "the clause that stands in the row"};
  section.blocks.emplace_back(
      Prose{"Each figure is the difference of two times in the evidence of a run: packets of its "
            "capture, and where an end shows in no packet, the event that tells of it. Time is "
            "virtual and counted in nanoseconds, so that all of them are exact but the one that is "
            "drawn."});
  for (auto* const measure : {ice_check_timers, ice_gathering_timers, consent_timers, turn_timers,
                              nat_timers, dtls_timers, sctp_timers})
    section.blocks.emplace_back(measure(effort.seed));
  return section;
}

}  // namespace rtclab::validate
