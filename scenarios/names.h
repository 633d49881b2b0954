// What the steps of a timeline have given names to, so that what comes after them can be told when
// it speaks of anything else. Private to this folder.
//
// A name belongs to the peer whose step gave it. What the other side's offers make is not to be
// foreseen: a transceiver may also be called by a mid, which is a number, and a channel by any
// label that a peer has given to one.
#pragma once

#include "scenarios/scenario.h"
#include "topologies/xml_file.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace rtclab::scenario::reading {

class Names {
 public:
  // A step that has to fail names nothing but itself.
  void note(const Step& step);

  // The attribute of that name; complains when nothing before is called so.
  [[nodiscard]] std::string transceiver(const xml::Element& element, const std::string& peer) const;
  [[nodiscard]] std::string track(const xml::Element& element, const std::string& peer) const;
  [[nodiscard]] std::string channel(const xml::Element& element) const;
  // What a step is called, wherever in the timeline it stands.
  [[nodiscard]] std::string step(const xml::Element& element, std::string_view attribute) const;
  // The attribute "description": a name that as="…" gave to one, `words` aside.
  [[nodiscard]] std::string description(const xml::Element& element,
                                        std::span<const std::string_view> words) const;
  // A new name for a transceiver; complains when the peer has one that is called so.
  [[nodiscard]] std::string new_transceiver(const xml::Element& element,
                                            const std::string& peer) const;

 private:
  struct OfPeer {
    std::set<std::string> transceivers;
    std::set<std::string> tracks;
  };
  struct Note;
  [[nodiscard]] const OfPeer& of(const std::string& peer) const;

  std::map<std::string, OfPeer> peers_;
  std::set<std::string> channels_;
  std::set<std::string> steps_;
  std::set<std::string> descriptions_;
};

}  // namespace rtclab::scenario::reading
