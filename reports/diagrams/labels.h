// What an arrow says, and which arrows say the same again and again.
//
// A Labeller goes through the datagrams in order, because what a check means depends on the ones
// before: the first on a path opens it, a later one keeps consent (RFC 7675 §5.1).
#pragma once

#include "reports/diagrams/story.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace rtclab::diagrams {

struct Label {
  Lane lane = Lane::Other;
  std::string text;
  // Arrows of one sender and receiver with the same nonempty topic may be folded.
  std::string topic;
  std::string folded_text;  // what the folded arrow says
  Duration patience{};      // a longer pause between two of them ends the fold
  std::size_t fewest = 2;   // fold no fewer than this
};

class Labeller {
 public:
  // `evidence` outlives this object.
  explicit Labeller(const evidence::Evidence& evidence);

  // Call it once for each datagram, in order.
  [[nodiscard]] Label label(const evidence::Datagram& datagram);

 private:
  using Route = std::pair<Endpoint, Endpoint>;  // from, to
  struct Check {
    bool consent;
    std::vector<Route> routes;  // one for each leg on which it was seen
  };

  Label label_one(const evidence::Dissection& dissection, const Route& route);
  Label label_stun(const evidence::Dissection& dissection, const Route& route);
  Label label_check(const stun::Message& message, const Route& route);
  Label label_answer(const stun::Message& message);
  Label label_framed(const evidence::Dissection& dissection, const Route& route);
  Label label_carried(const evidence::Dissection& dissection, const Route& route);

  const evidence::Evidence& evidence_;
  std::set<std::string> answered_;       // transactions that have a response in the capture
  std::map<std::string, Check> checks_;  // by transaction
  std::set<Route> working_;              // routes on which a check succeeded
  std::set<Route> nominated_;            // routes on which a check with USE-CANDIDATE was sent
};

}  // namespace rtclab::diagrams
