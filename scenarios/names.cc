#include "scenarios/names.h"

#include <algorithm>
#include <variant>
#include <vector>

namespace rtclab::scenario::reading {
namespace {

bool is_like_a_mid(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> listed(const std::set<std::string>& names) {
  return {names.begin(), names.end()};
}

}  // namespace

struct Names::Note {
  Names& names;

  void operator()(const AddTransceiver& a) const {
    auto& of = names.peers_[a.peer];
    of.transceivers.insert(a.name);
    if (a.track) of.tracks.insert(a.track->id);
  }
  void operator()(const AddTrack& a) const {
    auto& of = names.peers_[a.peer];
    of.transceivers.insert(a.track.id);
    of.tracks.insert(a.track.id);
  }
  void operator()(const ReplaceTrack& a) const {
    if (a.track) names.peers_[a.peer].tracks.insert(a.track->id);
  }
  void operator()(const CreateDataChannel& a) const { names.channels_.insert(a.label); }
  void operator()(const CreateOffer& a) const { name(a.as); }
  void operator()(const CreateAnswer& a) const { name(a.as); }
  void operator()(const ReceiveDescription& a) const { name(a.as); }
  void operator()(const Munge& a) const { name(a.as); }
  void name(const std::string& description) const {
    if (!description.empty()) names.descriptions_.insert(description);
  }
  template <class Act>
  void operator()(const Act& /*action*/) const {}
};

void Names::note(const Step& step) {
  if (!step.id.empty()) steps_.insert(step.id);
  if (step.error.empty()) std::visit(Note{*this}, step.action);
}

const Names::OfPeer& Names::of(const std::string& peer) const {
  static const OfPeer kNothing;
  const auto found = peers_.find(peer);
  return found == peers_.end() ? kNothing : found->second;
}

std::string Names::transceiver(const xml::Element& element, const std::string& peer) const {
  auto name = element.text("transceiver");
  const auto& known = of(peer).transceivers;
  if (!known.contains(name) && !is_like_a_mid(name))
    element.complain_unknown("transceiver", "transceiver of " + peer, listed(known));
  return name;
}

// By its own name, or by that of its transceiver.
std::string Names::track(const xml::Element& element, const std::string& peer) const {
  auto name = element.text("track");
  auto known = of(peer).tracks;
  known.insert(of(peer).transceivers.begin(), of(peer).transceivers.end());
  if (!known.contains(name) && !is_like_a_mid(name))
    element.complain_unknown("track", "track of " + peer, listed(known));
  return name;
}

std::string Names::channel(const xml::Element& element) const {
  auto label = element.text("channel");
  if (!channels_.contains(label)) element.complain_unknown("channel", "channel", listed(channels_));
  return label;
}

std::string Names::step(const xml::Element& element, std::string_view attribute) const {
  auto id = element.text(attribute);
  if (!steps_.contains(id)) element.complain_unknown(attribute, "step", listed(steps_));
  return id;
}

std::string Names::description(const xml::Element& element,
                               std::span<const std::string_view> words) const {
  auto name = element.text("description");
  if (descriptions_.contains(name)) return name;
  auto known = listed(descriptions_);
  known.insert(known.end(), words.begin(), words.end());
  element.complain_unknown("description", "description", known);
  return name;
}

std::string Names::new_transceiver(const xml::Element& element, const std::string& peer) const {
  auto name = element.identifier("name");
  if (of(peer).transceivers.contains(name))
    element.complain("name", peer + " has a transceiver \"" + name + "\" already");
  return name;
}

}  // namespace rtclab::scenario::reading
