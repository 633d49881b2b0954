#include "agents/mdns/responder.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rtclab::mdns {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kTtl = 120;  // RFC 6762 §10: SHOULD be 120 s for records with a host's name
constexpr std::uint32_t kLegacyTtl = 10;         // RFC 6762 §6.7: SHOULD NOT be greater
constexpr Duration kProbeInterval = 250ms;       // RFC 6762 §6: probes are answered sooner
constexpr Duration kRecently = 1s * (kTtl / 4);  // RFC 6762 §5.4
constexpr unsigned kAnnouncements = 2;           // RFC 6762 §8.3: MUST be at least two

// RFC 6762 §7.1: the querier has the answer, and will have it for half its life.
bool is_known(const Message& query, const Name& name, const Ip& address) {
  return std::ranges::any_of(query.answers, [&](const Record& record) {
    const auto* const known = record.find_address();
    return known != nullptr && *known == address && record.name == name && record.ttl >= kTtl / 2;
  });
}

// RFC 6762 §8.1: a probe has the records that its sender wants among the authorities.
bool is_probe_for(const Message& query, const Name& name) {
  return std::ranges::any_of(query.authorities,
                             [&](const Record& record) { return record.name == name; });
}

void set_ttl(Message& message, std::uint32_t ttl) {
  for (auto* const section : {&message.answers, &message.additionals}) {
    for (auto& record : *section) record.ttl = ttl;
  }
}

}  // namespace

void Responder::add(Instant now, const Name& name, const Ip& address) {
  registrations_.push_back({name, address, {}});
  for (const auto& local : interfaces_->sockets_beside(address)) {
    publish(now, registrations_.back(), local);
  }
}

void Responder::remove(const Ip& address) {
  const auto gone = std::ranges::find(registrations_, address, &Registration::address);
  if (gone == registrations_.end()) return;
  for (const auto& publication : gone->publications) {
    if (!publication.told) continue;
    auto goodbye = response(*gone, address_type(address));
    goodbye.additionals.clear();
    set_ttl(goodbye, 0);
    departures_.push_back({publication.local, group(publication.local.family()), goodbye});
  }
  registrations_.erase(gone);
}

void Responder::handle_socket_opened(Instant now, const Ip& local) {
  for (auto& registration : registrations_) {
    const auto beside = interfaces_->sockets_beside(registration.address);
    if (std::ranges::find(beside, local) != beside.end()) publish(now, registration, local);
  }
}

void Responder::handle_socket_closed(const Ip& local) {
  for (auto& registration : registrations_) {
    std::erase_if(registration.publications,
                  [&](const Publication& publication) { return publication.local == local; });
  }
}

void Responder::publish(Instant now, Registration& registration, const Ip& local) {
  registration.publications.push_back(
      {.local = local, .announcements_left = kAnnouncements, .due = now + kLeastInterval});
}

void Responder::handle_query(Instant now, const Ip& local, const Endpoint& querier,
                             const Message& query) {
  for (const auto& question : query.questions) {
    if (question.cls != kClassIn && question.cls != kClassAny) continue;
    for (auto& registration : registrations_) {
      const auto publication =
          std::ranges::find(registration.publications, local, &Publication::local);
      if (registration.name != question.name || publication == registration.publications.end())
        continue;
      answer(now, registration, *publication, question, querier, query);
    }
  }
}

void Responder::answer(Instant now, const Registration& registration, Publication& publication,
                       const Question& question, const Endpoint& querier, const Message& query) {
  if (is_known(query, registration.name, registration.address)) return;
  publication.told = true;
  const bool neighbour = may_be_on_link(querier.ip, publication.local);
  if (querier.port != kPort) {
    // RFC 6762 §6.7: a resolver that knows nothing of mDNS gets what it expects from DNS.
    if (!neighbour) return;
    auto reply = response(registration, question.type);
    reply.id = query.id;
    reply.questions = {question};
    for (auto* const section : {&reply.answers, &reply.additionals}) {
      for (auto& record : *section) record.cache_flush = false;
    }
    set_ttl(reply, kLegacyTtl);
    departures_.push_back({publication.local, querier, std::move(reply)});
    return;
  }
  const auto& last = publication.multicast_at;
  // RFC 6762 §5.4: now and then everybody's cache is to hear it even so.
  if (question.unicast_response && neighbour && last && now - *last < kRecently) {
    departures_.push_back({publication.local, querier, response(registration, question.type)});
    return;
  }
  const Duration interval =
      is_probe_for(query, registration.name) ? kProbeInterval : Duration{kLeastInterval};
  const auto earliest = last ? std::max(now, *last + interval) : now;
  // Somebody else's question that waits already may be of the other type.
  const bool waits = publication.asked.has_value();
  publication.asked = waits && publication.asked != question.type ? RecordType::Any : question.type;
  publication.due = publication.due ? std::min(*publication.due, earliest) : earliest;
  handle_timeout(now);
}

void Responder::handle_timeout(Instant now) {
  for (auto& registration : registrations_) {
    for (auto& publication : registration.publications) {
      if (publication.due && *publication.due <= now) multicast(now, registration, publication);
    }
  }
}

void Responder::multicast(Instant now, const Registration& registration, Publication& publication) {
  const auto type = publication.asked.value_or(address_type(registration.address));
  departures_.push_back(
      {publication.local, group(publication.local.family()), response(registration, type)});
  publication.told = true;
  publication.multicast_at = now;
  publication.asked.reset();
  publication.due.reset();
  // RFC 6762 §8.3: a second apart. An answer that everybody heard was an announcement too.
  if (publication.announcements_left > 0 && --publication.announcements_left > 0) {
    publication.due = now + kLeastInterval;
  }
}

// RFC 6762 §6.1: asked for a type that the name has not, we say so in the answer; else it is said
// beside the answer, which spares the querier the second question.
Message Responder::response(const Registration& registration, RecordType asked) const {
  const auto type = address_type(registration.address);
  auto address = Record::address(registration.name, registration.address, kTtl);
  Record nsec{.name = registration.name,
              .type = RecordType::Nsec,
              .ttl = kTtl,
              .data = Nsec{registration.name, {type}}};
  // RFC 6762 §10.2: the name is ours alone, so whatever else is known of it is to go.
  address.cache_flush = true;
  nsec.cache_flush = true;
  Message message{.response = true, .authoritative = true};
  const bool has_it = asked == type || asked == RecordType::Any;
  message.answers.push_back(has_it ? address : nsec);
  message.additionals.push_back(has_it ? nsec : address);
  return message;
}

std::optional<Departure> Responder::poll() {
  if (departures_.empty()) return std::nullopt;
  auto departure = std::move(departures_.front());
  departures_.pop_front();
  return departure;
}

std::optional<Instant> Responder::next_wakeup() const {
  std::optional<Instant> next;
  for (const auto& registration : registrations_) {
    for (const auto& publication : registration.publications) {
      if (publication.due && (!next || *publication.due < *next)) next = publication.due;
    }
  }
  return next;
}

}  // namespace rtclab::mdns
