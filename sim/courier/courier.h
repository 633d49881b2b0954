// A courier for a whole call, on the simulator's clock: what goes by him is on no wire, and in no
// capture.
#pragma once

#include "agents/base/event.h"
#include "agents/base/rng.h"
#include "agents/base/time.h"
#include "sim/courier/correspondent.h"
#include "sim/courier/post.h"
#include "sim/courier/terms.h"
#include "sim/link/timer.h"
#include "sim/server/channel.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace rtclab::signalling {

class Courier {
 public:
  // `vantage` is the person at whose end it happened.
  using Record = std::function<void(Instant, std::string_view vantage, const Event&)>;

  Courier(CourierTerms terms, const SeededRng& rng, Record record);
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;
  ~Courier();

  // The end of the person of that name, one for each. It must not outlive the courier.
  [[nodiscard]] std::unique_ptr<Channel> channel(const std::string& name);

  // How pieces travel that are sent from now on. What the applications do stays as it was.
  void set(CourierTerms terms);

 private:
  class End;
  void settle();
  bool drain(End& end);
  bool hand_in(End& end);

  CourierTerms terms_;
  Record record_;
  Post post_;
  std::map<std::string, End*, std::less<>> ends_;
  sim::Timer timer_{[this] { settle(); }};
};

}  // namespace rtclab::signalling
