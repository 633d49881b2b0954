// Classifies every NAT and firewall of a topology from outside, inside one run of that topology,
// and says whether each is what the file says.
//
// Spec: RFC 5780 (the client and the server), RFC 4787 and RFC 5382 (the words).
#pragma once

#include "scenarios/selfcheck/findings.h"
#include "sim/capture/sink.h"
#include "topologies/topology.h"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace rtclab::selfcheck {

struct Subject {
  std::string name;  // "home-a", "home-a (IPv6)", "alice-laptop through home, carrier"
  std::string kind;  // "nat", "firewall", "path"
  Transport transport = Transport::Udp;
  Findings findings;

  [[nodiscard]] bool agrees() const;  // nothing differs
};

struct Report {
  std::vector<Subject> subjects;      // in the order of the file, paths last
  std::vector<std::string> left_out;  // a sentence each

  [[nodiscard]] bool agrees() const;
};

struct Options {
  std::uint64_t seed = 1;
  capture::Sink* capture = nullptr;  // nothing is captured without one
  std::ostream* trace = nullptr;
};

// `declared` says what to expect of the NATs and firewalls of `topology`; it has the same ones. One
// run at a time in a process.
[[nodiscard]] Report check(const topology::Topology& topology, const topology::Topology& declared,
                           const Options& options);
[[nodiscard]] inline Report check(const topology::Topology& topology, const Options& options) {
  return check(topology, topology, options);
}

// For people: a row for each subject, and below what differs or cannot be seen, with the reason.
[[nodiscard]] std::string to_text(const Report& report);

}  // namespace rtclab::selfcheck
