// One step of a timeline: an element to the action that it stands for.
#pragma once

#include "scenarios/network_reader.h"
#include "scenarios/reading.h"

#include <optional>

namespace rtclab::scenario::reading {

// Reads the steps of one timeline in the order of its file: what a step changes in the network or
// in signalling counts for those that are read after it.
class StepReader {
 public:
  // Both outlive the reader.
  StepReader(Loaded& loaded, Names& names);

  // nullopt for an element that is no step. What is wrong with one is complained of at its place,
  // and the action is then not to be played.
  [[nodiscard]] std::optional<Action> read(const xml::Element& element);

 private:
  Loaded& loaded_;
  Names& names_;
  NetworkReader network_;
  std::optional<signalling::CourierTerms> courier_;  // as it carries by now
};

}  // namespace rtclab::scenario::reading
