#include "scenarios/account.h"

#include "agents/peer/ice_server_url.h"

#include <algorithm>

namespace rtclab::scenario {
namespace {

const std::vector<Stamp> kNoStamps;

// The URL of the event has the server's address where that of the scenario has its machine.
bool is_url_of(const std::string& shown, const peer::IceServerUrl& wanted, const Places& places) {
  const auto url = peer::parse_ice_server_url(shown);
  if (!url || url->kind != wanted.kind || url->transport != wanted.transport) return false;
  return url->host == wanted.host ||
         (url->address && places.machines_of(*url->address).contains(wanted.host));
}

bool fits(const FiredEvent& event, const EventFilter& filter, const Places& places) {
  return event.type == filter.type && (filter.channel.empty() || filter.channel == event.channel) &&
         (!filter.error_code || *filter.error_code == event.error_code) &&
         (filter.error_detail.empty() || filter.error_detail == event.error_detail) &&
         (!filter.url || is_url_of(event.url, *filter.url, places));
}

struct TimesOf {
  const Account& account;

  std::vector<Stamp> operator()(const AtTime& m) const { return {Stamp{Instant{m.at}}}; }
  std::vector<Stamp> operator()(const StepEdge& m) const { return account.steps.of(m); }
  std::vector<Stamp> operator()(const RecordFilter& m) const { return account.records.stamps(m); }
  std::vector<Stamp> operator()(const EventFilter& m) const {
    std::vector<Stamp> found;
    for (const auto& event : account.chronicles.at(m.peer).events()) {
      if (fits(event, m, account.places)) found.push_back(event.at);
    }
    return found;
  }
  std::vector<Stamp> operator()(const MessageFilter& m) const {
    std::vector<Stamp> found;
    const auto* const channel = account.chronicles.at(m.peer).find_channel(m.channel);
    if (channel == nullptr) return found;
    for (std::size_t i = 0; i < channel->received.size(); ++i) {
      if (channel->received[i] == m.text) found.push_back(channel->received_at[i]);
    }
    return found;
  }
  template <class Cond>
  std::vector<Stamp> operator()(const Cond& m) const {
    std::vector<Stamp> found;
    for (const auto& span : account.chronicles.at(m.peer).spans(m)) found.push_back(span.begin);
    return found;
  }
};

}  // namespace

void Records::note(std::string_view by, std::string_view event, Instant now,
                   StampSequence& stamps) {
  auto of = of_.find(by);
  if (of == of_.end()) of = of_.try_emplace(std::string{by}).first;
  auto found = of->second.find(event);
  if (found == of->second.end()) found = of->second.try_emplace(std::string{event}).first;
  auto& record = found->second;
  ++record.times;
  if (record.is_watched) record.stamps.push_back(stamps.next(now));
}

const Records::Record* Records::find(std::string_view by, std::string_view event) const {
  const auto of = of_.find(by);
  if (of == of_.end()) return nullptr;
  const auto found = of->second.find(event);
  return found == of->second.end() ? nullptr : &found->second;
}

unsigned Records::times(std::string_view by, std::string_view event) const {
  const auto* const record = find(by, event);
  return record == nullptr ? 0 : record->times;
}

const std::vector<Stamp>& Records::stamps(const RecordFilter& record) const {
  const auto* const found = find(record.by, record.event);
  return found == nullptr ? kNoStamps : found->stamps;
}

const std::vector<Stamp>& StepLog::of(const StepEdge& edge) const {
  const auto found = stamps_.find({edge.step, edge.edge});
  return found == stamps_.end() ? kNoStamps : found->second;
}

Places::Places(const topology::Topology& topology, const Scenario& scenario) {
  for (const auto& machine : topology.machine_names()) {
    for (const auto& interface : topology.interfaces_of(machine)) {
      for (const auto& address : interface.addresses) add(address.ip, machine);
    }
  }
  for (const auto& step : scenario.steps) {
    const auto* const change = std::get_if<SetAddress>(&step.action);
    if (change == nullptr) continue;
    for (const auto& address : change->addresses) add(address.ip, change->machine);
  }
}

const std::set<std::string>& Places::machines_of(const Ip& ip) const {
  static const std::set<std::string> kNobody;
  const auto found = machines_.find(ip);
  return found == machines_.end() ? kNobody : found->second;
}

std::vector<Stamp> times_of(const Happening& happening, const Account& account) {
  return std::visit(TimesOf{account}, happening);
}

std::optional<Stamp> find(const Moment& moment, const Account& account,
                          const std::optional<Stamp>& since) {
  auto times = times_of(moment.what, account);
  if (since) std::erase_if(times, [&](const Stamp& at) { return at <= *since; });
  return times.size() < moment.nth ? std::nullopt : std::optional{times[moment.nth - 1]};
}

namespace {

// Adds what an expectation needs, wherever in it that stands.
struct Demand {
  Demands& demands;

  void operator()(const Moment& moment) const {
    if (const auto* const record = std::get_if<RecordFilter>(&moment.what))
      demands.records.push_back(*record);
  }
  void operator()(const Window& window) const {
    if (window.after) (*this)(*window.after);
    if (window.before) (*this)(*window.before);
  }
  void operator()(const ExpectDuration& e) const {
    (*this)(e.from);
    (*this)(e.to);
  }
  void operator()(const ExpectRecord& e) const {
    demands.records.push_back(e.record);
    (*this)(e.window);
  }
  void operator()(const ExpectDescription& e) const {
    demands.descriptions.insert(e.peer);
    if (e.at) (*this)(*e.at);
  }
  void operator()(const ExpectVerdict& /*e*/) const { demands.verdicts = true; }
  void operator()(const ExpectVerdicts& /*e*/) const { demands.verdicts = true; }
  template <class Expect>
  void operator()(const Expect& e) const {
    if constexpr (requires { e.window; }) (*this)(e.window);
  }
};

}  // namespace

Demands demands_of(const Scenario& scenario) {
  Demands demands;
  for (const auto& expected : scenario.expectations)
    std::visit(Demand{demands}, expected.expectation);
  return demands;
}

}  // namespace rtclab::scenario
