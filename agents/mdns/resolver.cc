#include "agents/mdns/resolver.h"

#include "agents/mdns/candidate_name.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace rtclab::mdns {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestLife = 75min;  // RFC 6762 §10: what records without a host name get

// No neighbour is there. Chromium announces "::" for some of its names.
bool is_nowhere(const Ip& ip) {
  const bool multicast = ip.is_v4() ? ip.v4_number() >> 28u == 0xe : ip.octets[0] == 0xff;
  return ip.is_unspecified() || ip.is_loopback() || multicast;
}

}  // namespace

void Resolver::resolve(Instant now, const std::string& name) {
  const auto fail = [&](std::string reason) {
    events_.emplace_back(ResolutionFailed{name, std::move(reason)});
  };
  if (!is_candidate_name(name)) return fail("not the UUID of an mDNS candidate");
  const auto parsed = Name::parse(name);
  if (!parsed) return fail("not a domain name");
  if (queries_.contains(*parsed)) return;
  if (queries_.size() >= kMostQueries) return fail("too many names are being resolved");
  expire(now);
  auto& query = queries_[*parsed];
  query.asked_as = name;
  query.deadline = now + kPatience;
  query.next_send = now;
  conclude(*parsed);
  handle_timeout(now);
}

void Resolver::handle_socket_opened(Instant now) {
  for (auto& [name, query] : queries_) {
    if (query.sends > 0) continue;  // the next repetition serves the new socket as well
    query.next_send = now;
  }
  handle_timeout(now);
}

void Resolver::handle_response(Instant now, const Ip& local, const Endpoint& responder,
                               const Message& response) {
  // RFC 6762 §6: MUST be ignored otherwise. §11: whether it came to the group or to us alone cannot
  // be seen here, so the source must be a neighbour in either case.
  if (responder.port != kPort || !may_be_on_link(responder.ip, local)) return;
  expire(now);
  for (const auto* const section : {&response.answers, &response.additionals}) {
    for (const auto& record : *section) note(now, record);
  }
  // After the whole message: a second address of a name counts against it (draft §3.2.2).
  for (const auto* const section : {&response.answers, &response.additionals}) {
    for (const auto& record : *section) {
      if (record.find_address() != nullptr) conclude(record.name);
    }
  }
}

// RFC 6762 §10.2: a record with the cache-flush bit ends what was heard more than a second before
// it; §10.1: a goodbye leaves a second, in which another host may still claim the record.
void Resolver::note(Instant now, const Record& record) {
  const auto* const ip = record.find_address();
  if (ip == nullptr || is_nowhere(*ip) || !is_candidate_name(record.name.to_string())) return;
  auto known = cache_.find(record.name);
  if (known == cache_.end()) {
    if (record.ttl == 0) return;
    if (cache_.size() >= kMostCached) make_room();
    known = cache_.emplace(record.name, std::vector<CachedAddress>{}).first;
  }
  auto& addresses = known->second;
  if (record.cache_flush) {
    std::erase_if(addresses, [&](const CachedAddress& address) {
      return address.ip != *ip && address.ip.family() == ip->family() &&
             now - address.received > kLeastInterval;
    });
  }
  const auto life = record.ttl == 0
                        ? Duration{kLeastInterval}
                        : std::min<Duration>(std::chrono::seconds{record.ttl}, kLongestLife);
  const auto same = std::ranges::find(addresses, *ip, &CachedAddress::ip);
  if (same != addresses.end()) {
    *same = {*ip, now, now + life};
  } else if (record.ttl != 0 && addresses.size() < 2) {
    // Two are as many as it takes to know that the name is no use.
    addresses.push_back({*ip, now, now + life});
  }
}

void Resolver::conclude(const Name& name) {
  const auto query = queries_.find(name);
  const auto known = cache_.find(name);
  if (query == queries_.end() || known == cache_.end() || known->second.empty()) return;
  const auto asked_as = query->second.asked_as;
  if (known->second.size() > 1) {
    events_.emplace_back(ResolutionFailed{asked_as, "the name has more than one address"});
  } else {
    events_.emplace_back(Resolved{asked_as, known->second.front().ip});
  }
  queries_.erase(query);
}

void Resolver::handle_timeout(Instant now) {
  for (auto each = queries_.begin(); each != queries_.end();) {
    auto& [name, query] = *each;
    if (query.deadline <= now) {
      events_.emplace_back(ResolutionFailed{
          query.asked_as, query.sends > 0 ? "no answer" : "no interface to ask on"});
      each = queries_.erase(each);
      continue;
    }
    if (query.next_send && *query.next_send <= now) ask(now, name, query);
    ++each;
  }
}

// RFC 6762 §5.2: a second later, then after twice the time each. §5.4: only the first may want its
// answer by unicast; whoever does not understand that, or whose answer went to another program on
// our port, is heard the second time.
void Resolver::ask(Instant now, const Name& name, Query& query) {
  query.next_send.reset();
  const auto sockets = interfaces_->sockets();
  if (sockets.empty()) return;
  for (const auto& local : sockets) {
    for (const auto type : {RecordType::A, RecordType::Aaaa}) {
      Message message;
      message.questions.push_back(
          {.name = name, .type = type, .unicast_response = query.sends == 0});
      departures_.push_back({local, group(local.family()), std::move(message)});
    }
  }
  ++query.sends;
  query.next_send = now + query.interval;
  query.interval *= 2;
}

void Resolver::expire(Instant now) {
  for (auto each = cache_.begin(); each != cache_.end();) {
    std::erase_if(each->second,
                  [&](const CachedAddress& address) { return address.expires <= now; });
    each = each->second.empty() ? cache_.erase(each) : std::next(each);
  }
}

void Resolver::make_room() {
  const auto last_expiry = [](const auto& entry) {
    return std::ranges::max(entry.second, {}, &CachedAddress::expires).expires;
  };
  cache_.erase(std::ranges::min_element(cache_, {}, last_expiry));
}

std::optional<Departure> Resolver::poll() {
  if (departures_.empty()) return std::nullopt;
  auto departure = std::move(departures_.front());
  departures_.pop_front();
  return departure;
}

std::optional<AgentEvent> Resolver::poll_event() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<Instant> Resolver::next_wakeup() const {
  std::optional<Instant> next;
  for (const auto& [name, query] : queries_) {
    const auto due = query.next_send ? std::min(*query.next_send, query.deadline) : query.deadline;
    if (!next || due < *next) next = due;
  }
  return next;
}

}  // namespace rtclab::mdns
