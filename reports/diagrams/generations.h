// Which generation and which data stream a fragment of a user name belongs to.
//
// Spec: RFC 8445 §9 (a restart changes ufrag and password), RFC 8839 §5.4 (they stand in each
// section), RFC 9143 §7.1.3 (bundled sections have those of the tagged one).
#pragma once

#include "reports/diagrams/pair_history.h"

#include <map>
#include <string>
#include <string_view>

namespace rtclab::diagrams {

// Of one peer. Fragments are told in the order in which they came up.
class Generations {
 public:
  // A description: its sections in their order, bundled or not.
  void read_description(const std::string& sdp);
  // A fragment that no description has is a further generation of the first stream.
  [[nodiscard]] Group of(const std::string& ufrag);
  [[nodiscard]] Group latest() const { return latest_; }

 private:
  Group begin(const std::string& ufrag, std::size_t stream);

  std::map<std::string, Group> groups_;             // by fragment
  std::map<std::size_t, std::size_t> generations_;  // how many, by stream
  Group latest_{};
};

}  // namespace rtclab::diagrams
