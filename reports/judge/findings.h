// What a checker finds, case by case, and the judgement that comes of it.
#pragma once

#include "reports/judge/docket.h"
#include "reports/judge/judge.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::judge {

// Whether a case was as required.
enum class Outcome : std::uint8_t {
  Kept,
  Broken,
  Declared,  // not, and the machine's configuration says so
};

class Findings {
 public:
  explicit Findings(const Docket& docket) : docket_{docket} {}

  // One case in which the requirement was kept, or broken. `what` says so in a few words.
  void kept(const Transmission& by, std::string what) { check(true, by, std::move(what)); }
  void broken(const Transmission& by, std::string what) { check(false, by, std::move(what)); }
  void check(bool good, const Transmission& by, std::string what);
  // `who` did or left out what the transmission of another shows.
  void check_of(std::string_view who, bool good, const Transmission& shown_by, std::string what);
  void check_signal(bool good, std::size_t signalling, std::string what);
  void check_trace(bool good, const evidence::TraceEvent& event, std::string what);

  void check_packet(std::string_view who, Outcome outcome, const evidence::Packet& packet,
                    std::string what);

  // `cases` names what was looked at: "connectivity checks".
  [[nodiscard]] Judgement conclude(const Requirement& requirement, std::string_view cases) const;

 private:
  [[nodiscard]] Exhibit exhibit(const Transmission& transmission, std::string_view who,
                                std::string what) const;
  void note(Outcome outcome, Exhibit exhibit);

  const Docket& docket_;
  std::size_t cases_ = 0;
  std::size_t breaches_ = 0;
  std::size_t declared_count_ = 0;
  std::vector<Exhibit> good_;
  std::vector<Exhibit> bad_;
  std::vector<Exhibit> declared_;
};

struct Checker {
  Requirement requirement;
  std::string_view cases;  // plural noun: what it looks at
  void (*check)(const Docket& docket, Findings& findings);
};

}  // namespace rtclab::judge
