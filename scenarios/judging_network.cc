#include "agents/base/address.h"
#include "scenarios/judging.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace rtclab::scenario::judging {
namespace {

bool admits(const std::vector<std::string>& types, const std::string& type) {
  return types.empty() || std::ranges::find(types, type) != types.end();
}

std::optional<Ip> ip_of(const std::string& endpoint) {
  const auto parsed = Endpoint::parse(endpoint);
  return parsed ? std::optional{parsed->ip} : std::nullopt;
}

// Whether one end of a pair is as wished.
bool is_at(const std::optional<Ip>& ip, const std::optional<Ip>& address,
           const std::string& machine, const Places& places) {
  if (address && ip != address) return false;
  return machine.empty() || (ip && places.machines_of(*ip).contains(machine));
}

// What the other side relays may have been learnt by a check first: prflx, at the server.
bool goes_through(const SelectedPair& pair, const std::string& server, const Places& places) {
  const auto is_at_server = [&](const std::string& endpoint) {
    return is_at(ip_of(endpoint), std::nullopt, server, places);
  };
  return is_at_server(pair.remote) || (pair.local_type == "relay" && is_at_server(pair.local));
}

bool fits(const SelectedPair& pair, const PairFilter& wanted, const Places& places) {
  const auto local = ip_of(pair.local);
  const auto family = local ? to_string(local->family()) : std::string_view{};
  return admits(wanted.local, pair.local_type) && admits(wanted.remote, pair.remote_type) &&
         (wanted.protocol.empty() || wanted.protocol == pair.protocol) &&
         (wanted.family.empty() || wanted.family == family) &&
         is_at(local, wanted.local_address, wanted.local_machine, places) &&
         is_at(ip_of(pair.remote), wanted.remote_address, wanted.remote_machine, places) &&
         (wanted.relay.empty() || goes_through(pair, wanted.relay, places));
}

std::string place_of(const std::string& endpoint, const Places& places) {
  const auto ip = ip_of(endpoint);
  if (!ip || places.machines_of(*ip).empty()) return endpoint;
  return fmt::format("{} of {}", endpoint, fmt::join(places.machines_of(*ip), " or "));
}

// As much of the pair as was asked for.
std::string say(const SelectedPair& pair, const PairFilter& wanted, const Places& places) {
  auto text = fmt::format("{} / {}", pair.local_type, pair.remote_type);
  const auto local = ip_of(pair.local);
  if (!wanted.protocol.empty()) text += " over " + pair.protocol;
  if (!wanted.family.empty() && local) text += fmt::format(" of {}", to_string(local->family()));
  const bool about_places = wanted.local_address || wanted.remote_address ||
                            !wanted.local_machine.empty() || !wanted.remote_machine.empty() ||
                            !wanted.relay.empty();
  if (about_places)
    text +=
        fmt::format(" from {} to {}", place_of(pair.local, places), place_of(pair.remote, places));
  return text;
}

Span span_of(const std::vector<SelectedPair>& pairs, std::size_t index) {
  return {pairs[index].at,
          index + 1 < pairs.size() ? std::optional{pairs[index + 1].at} : std::nullopt};
}

using Order = std::span<const ExpectSelectedPairs::Types>;
using Pairs = std::span<const SelectedPair>;

bool follows(Pairs pairs, Order order) {
  if (order.empty()) return pairs.empty();
  if (order.front().others) {
    return follows(pairs, order.subspan(1)) || (!pairs.empty() && follows(pairs.subspan(1), order));
  }
  return !pairs.empty() && admits(order.front().local, pairs.front().local_type) &&
         admits(order.front().remote, pairs.front().remote_type) &&
         follows(pairs.subspan(1), order.subspan(1));
}

bool fits(const CandidateRecord& record, const ExpectCandidates& wanted) {
  static constexpr std::array kWays{CandidateWay::Gathered, CandidateWay::Trickled,
                                    CandidateWay::Received};
  const auto& candidate = record.candidate;
  const auto ip = candidate.ip();
  return record.way == kWays.at(static_cast<std::size_t>(wanted.which)) &&
         admits(wanted.types, candidate.type) &&
         (wanted.protocol.empty() || (wanted.protocol == "udp") == candidate.is_udp()) &&
         (wanted.tcp_type.empty() || wanted.tcp_type == candidate.tcp_type) &&
         (wanted.family.empty() || (ip && wanted.family == to_string(ip->family())));
}

}  // namespace

Finding find_out(const ExpectSelectedPair& e, const Account& account) {
  const auto place = locate(e.window, account);
  if (!place.period) return {false, place.missing};
  const auto& pairs = account.chronicles.at(e.peer).selected_pairs();
  Spans spans;
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto span = span_of(pairs, i);
    const bool counts = e.when == When::AtEnd ? !span.end : place.period->meets(span);
    if (counts) seen.push_back(say(pairs[i], e.pair, account.places));
    if (!fits(pairs[i], e.pair, account.places)) continue;
    // Two pairs that fit and follow each other are one time in which it was so.
    if (!spans.empty() && spans.back().end == span.begin)
      spans.back().end = span.end;
    else
      spans.push_back(span);
  }
  return {holds(spans, e.when, *place.period),
          seen.empty() ? "no pair was selected" : fmt::format("{}", fmt::join(seen, ", then "))};
}

Finding find_out(const ExpectSelectedPairs& e, const Account& account) {
  const auto place = locate(e.window, account);
  if (!place.period) return {false, place.missing};
  std::vector<SelectedPair> pairs;
  for (const auto& pair : account.chronicles.at(e.peer).selected_pairs()) {
    if (place.period->holds(pair.at)) pairs.push_back(pair);
  }
  std::vector<std::string> seen;
  for (const auto& pair : pairs)
    seen.push_back(
        fmt::format("{} / {} at {}", pair.local_type, pair.remote_type, seconds(pair.at)));
  return {e.times.admits(static_cast<unsigned>(pairs.size())) &&
              (e.order.empty() || follows(pairs, e.order)),
          seen.empty() ? "none was selected"
                       : fmt::format("{}: {}", seen.size(), fmt::join(seen, ", "))};
}

Finding find_out(const ExpectCandidates& e, const Account& account) {
  const auto place = locate(e.window, account);
  if (!place.period) return {false, place.missing};
  auto all = e;
  all.types.clear();
  all.protocol.clear();
  all.tcp_type.clear();
  all.family.clear();
  unsigned number = 0;
  std::vector<std::string> seen;
  for (const auto& record : account.chronicles.at(e.peer).candidates()) {
    if (!place.period->holds(record.at) || !fits(record, all)) continue;
    const auto& c = record.candidate;
    seen.push_back(fmt::format("{} {}{}{} {}", c.type, c.is_udp() ? "udp" : "tcp",
                               c.tcp_type ? " " : "", c.tcp_type.value_or(""), c.address));
    if (fits(record, e)) ++number;
  }
  return {e.times.admits(number), seen.empty()
                                      ? "none at all"
                                      : fmt::format("{} among: {}", number, fmt::join(seen, ", "))};
}

}  // namespace rtclab::scenario::judging
