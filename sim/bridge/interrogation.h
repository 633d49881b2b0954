// Questions to a NAT that only packets can answer, and what it answered: the same for one of ours
// and for a kernel's.
//
// Spec: each question names the clause that it is about (RFC 4787, RFC 5382, RFC 5508, RFC 7857).
#pragma once

#include "agents/base/result.h"
#include "sim/bridge/nat_box.h"

#include <string>
#include <vector>

namespace rtclab::bridge {

struct Answer {
  Rule rule;
  std::string question;
  std::string answer;
};

// About a minute of the box's time: the lifetimes are waited for.
[[nodiscard]] std::vector<Answer> interrogate(NatBox& nat, const ShortLifetimes& lifetimes);

struct Comparison {
  Rule rule;
  std::string question;
  std::string ours;
  std::string kernel;
  std::string explanation;  // of a difference; empty: there is none, or nobody can explain it
  [[nodiscard]] bool agrees() const { return ours == kernel; }
};

// Precondition: both answer the same questions.
[[nodiscard]] std::vector<Comparison> compare(const std::vector<Answer>& ours,
                                              const std::vector<Answer>& kernel);

}  // namespace rtclab::bridge
