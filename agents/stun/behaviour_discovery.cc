#include "agents/stun/behaviour_discovery.h"

#include "agents/stun/attributes.h"
#include "agents/stun/integrity.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace rtclab::stun {
namespace {

using std::chrono::milliseconds;

// RFC 5780 §5: SHOULD NOT generate more than ten new transactions per second.
constexpr Duration kPace = milliseconds{100};
// A request to ourselves through the NAT: two chances, a second each.
constexpr Schedule kHairpinSchedule{.rto = milliseconds{1000}, .rc = 2, .rm = 1};
// A probe that is sent again later would watch a longer life than the one that is tried.
constexpr Schedule kLifetimeSchedule{.rto = milliseconds{500}, .rc = 2, .rm = 4};

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::optional<Endpoint> mapped_in(const Message& response) {
  if (const auto masked = response.find<XorMappedAddress>()) return masked->endpoint;
  if (const auto plain = response.find<MappedAddress>()) return plain->endpoint;
  return std::nullopt;
}

}  // namespace

BehaviourDiscovery::BehaviourDiscovery(Config config, Rng& rng)
    : config_{std::move(config)}, rng_{&rng} {}

void BehaviourDiscovery::start(Instant) {
  for (const auto index : {kMain, kSecond}) {
    outbox_.emplace_back(
        OpenSocket{static_cast<std::uint32_t>(index), Transport::Udp, {config_.local, Port{0}}});
  }
}

// --- what arrives ---

void BehaviourDiscovery::handle_input(Instant now, const Input& input) {
  if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    if (opened->request < sockets_.size()) sockets_[opened->request] = opened->local;
    if (step_ == Step::Sockets && sockets_[kMain] && sockets_[kSecond])
      enter(now, Step::Connectivity);
  } else if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    if (step_ != Step::Sockets) return;
    behaviour_.mapped.reason = "no socket: " + failed->why;
    enter(now, Step::Done);
  } else if (const auto* const received = std::get_if<Received>(&input)) {
    handle_received(now, *received);
  }
}

void BehaviourDiscovery::handle_received(Instant now, const Received& received) {
  if (!pending_) return;
  const auto message = Message::parse(received.bytes);
  if (!message || check_fingerprint(received.bytes) == Check::Bad) return;
  if (step_ == Step::Hairpin) {
    if (!is_own_request(*message)) return;
    pending_.reset();
    behaviour_.hairpinning = {true, "our own request came back to us"};
    tell("hairpinning", behaviour_.hairpinning, "yes");
    const bool is_bare = received.path.remote == sockets_[kSecond];
    behaviour_.hairpin_source = {is_bare ? HairpinSource::Internal : HairpinSource::External,
                                 "it came from " + received.path.remote.to_string()};
    tell("hairpin source", behaviour_.hairpin_source, to_string(*behaviour_.hairpin_source.value));
    return begin_lifetime(now);
  }
  if (!pending_->transaction.matches(*message)) return;
  if (step_ == Step::LifetimeProbe) {
    if (const auto error = message->find<ErrorCode>()) {
      pending_.reset();
      behaviour_.lifetime = {
          std::nullopt, "the server answered RESPONSE-PORT with " + std::to_string(error->code)};
      tell("lifetime", behaviour_.lifetime, "");
      return enter(now, Step::Done);
    }
    // RFC 5780 §4.6: an answer at the second port means that the mapping went, and came back to it.
    return conclude_lifetime(now, received.path.local == sockets_[kMain]);
  }
  if (step_ == Step::Connectivity) {
    if (const auto other = message->find<OtherAddress>()) other_ = from_here(other->endpoint);
  }
  const auto error = message->find<ErrorCode>();
  conclude(now, {mapped_in(*message), received.path.remote, error ? error->code : 0});
}

bool BehaviourDiscovery::is_own_request(const Message& message) const {
  return message.cls == Class::Request && message.transaction == pending_->transaction.id();
}

void BehaviourDiscovery::handle_timeout(Instant now) {
  if (wait_until_ && now >= *wait_until_) {
    wait_until_.reset();
    enter(now, *std::exchange(next_step_, std::nullopt));
  }
  poll_transaction(now);
}

std::optional<Output> BehaviourDiscovery::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

std::optional<Wakeup> BehaviourDiscovery::next_wakeup() const {
  std::optional<Wakeup> next;
  if (wait_until_) next = Wakeup{*wait_until_, "nat behaviour: the next test"};
  if (pending_ && pending_->transaction.next_wakeup()) {
    next = Wakeup::earliest(next, Wakeup{*pending_->transaction.next_wakeup(),
                                         "nat behaviour: a request is due again"});
  }
  return next;
}

// --- what leaves ---

Message BehaviourDiscovery::request() {
  Message message{Class::Request, Method::Binding, TransactionId::draw(*rng_), {}};
  return message;
}

void BehaviourDiscovery::ask(Instant now, SocketIndex from, const Endpoint& to, Message message,
                             const Schedule& schedule) {
  if (config_.padding != 0 && !message.has<ResponsePort>())
    message.add(Padding{Bytes(config_.padding)});
  last_start_ = now;
  has_started_any_ = true;
  auto octets = seal(message, {.key = {}, .fingerprint = true, .deviations = config_.deviations});
  pending_.emplace(
      Pending{Transaction{message, std::move(octets), schedule, config_.deviations}, from, to});
  poll_transaction(now);
}

void BehaviourDiscovery::poll_transaction(Instant now) {
  if (!pending_) return;
  switch (pending_->transaction.poll(now)) {
    case Transaction::Due::Nothing: break;
    case Transaction::Due::Send:
      transmit(pending_->from, pending_->to, pending_->transaction.request());
      break;
    case Transaction::Due::TimedOut:
      if (step_ == Step::LifetimeProbe) return conclude_lifetime(now, false);
      conclude(now, {});
      break;
  }
}

Endpoint BehaviourDiscovery::from_here(const Endpoint& told) const {
  const bool is_foreign = told.ip.is_v4() && !config_.local.is_v4() && config_.reaches;
  return is_foreign ? Endpoint{config_.reaches(told.ip), told.port} : told;
}

void BehaviourDiscovery::transmit(SocketIndex from, const Endpoint& to, ByteView octets) {
  outbox_.emplace_back(
      Transmit{{Transport::Udp, *sockets_[from], to}, {octets.begin(), octets.end()}});
}

// --- the tests ---

void BehaviourDiscovery::enter(Instant now, Step step) {
  pending_.reset();
  if (step == Step::Done) {
    step_ = step;
    outbox_.emplace_back(Event{.name = "nbd:done", .fields = {}, .rule = Rule{5780, "4"}});
    return;
  }
  if (has_started_any_ && now < last_start_ + kPace) {
    wait_until_ = last_start_ + kPace;
    next_step_ = step;
    return;
  }
  step_ = step;
  const auto& server = config_.server;
  const auto other = other_.value_or(Endpoint{});
  auto message = request();
  switch (step) {
    case Step::Connectivity:
    case Step::LifetimeBegin:
    case Step::LifetimeRefresh:
      return ask(now, kMain, server, std::move(message), config_.schedule);
    case Step::FilteringII:
      return ask(now, kMain, server, std::move(message.add(ChangeRequest{true, true})),
                 config_.schedule);
    case Step::FilteringIII:
      return ask(now, kMain, server, std::move(message.add(ChangeRequest{false, true})),
                 config_.schedule);
    case Step::MappingII:
      return ask(now, kMain, {other.ip, server.port}, std::move(message), config_.schedule);
    case Step::MappingIII: return ask(now, kMain, other, std::move(message), config_.schedule);
    case Step::SecondPort: return ask(now, kSecond, server, std::move(message), config_.schedule);
    case Step::HairpinOpen: return open_hairpin(now);
    case Step::Hairpin:
      return ask(now, kSecond, from_here(*behaviour_.mapped.value), std::move(message),
                 kHairpinSchedule);
    case Step::LifetimeSettle:
      return watch_for(now, config_.lifetime->settling, Step::LifetimeRefresh);
    case Step::LifetimeWait: return watch_for(now, watched_, Step::LifetimeProbe);
    case Step::LifetimeProbe:
      message.add(ResponsePort{behaviour_.mapped.value->port});
      return ask(now, kSecond, server, std::move(message), kLifetimeSchedule);
    case Step::Sockets:
    case Step::Done: return;
  }
}

void BehaviourDiscovery::conclude(Instant now, const Observation& seen) {
  switch (step_) {
    case Step::Connectivity: return conclude_connectivity(now, seen);
    case Step::FilteringII:
    case Step::FilteringIII: return conclude_filtering(now, seen);
    case Step::MappingII:
    case Step::MappingIII: return conclude_mapping(now, seen);
    case Step::SecondPort:
      second_mapped_ = seen.mapped;
      if (seen.is_answered()) return enter(now, Step::HairpinOpen);
      behaviour_.hairpinning.reason = "the second port got no answer";
      return begin_lifetime(now);
    case Step::Hairpin:
      behaviour_.hairpinning = {false, "our own request did not come back to us"};
      tell("hairpinning", behaviour_.hairpinning, "no");
      return begin_lifetime(now);
    case Step::LifetimeBegin:
    case Step::LifetimeRefresh:
      if (!seen.is_answered()) {
        behaviour_.lifetime.reason = "the server no longer answers";
        return enter(now, Step::Done);
      }
      behaviour_.mapped.value = seen.mapped;
      return enter(now, step_ == Step::LifetimeBegin && config_.lifetime->settling > Duration{}
                            ? Step::LifetimeSettle
                            : Step::LifetimeWait);
    case Step::Sockets:
    case Step::HairpinOpen:
    case Step::LifetimeSettle:
    case Step::LifetimeWait:
    case Step::LifetimeProbe:
    case Step::Done: return;
  }
}

void BehaviourDiscovery::conclude_connectivity(Instant now, const Observation& seen) {
  if (!seen.is_answered()) {
    behaviour_.mapped.reason = seen.code != 0
                                   ? "the server answered with " + std::to_string(seen.code)
                                   : "no answer: UDP does not reach the server, or not back";
    tell("mapped", behaviour_.mapped, "");
    return enter(now, Step::Done);
  }
  const bool is_translated = *seen.mapped != *sockets_[kMain];
  behaviour_.mapped = {seen.mapped, "the server saw it"};
  behaviour_.translated = {is_translated, is_translated ? "the mapped address is not our own"
                                                        : "the mapped address is our own"};
  tell("mapped", behaviour_.mapped, seen.mapped->to_string());
  if (!other_) {
    const std::string why = "the server has no OTHER-ADDRESS";
    behaviour_.mapping.reason = why;
    behaviour_.filtering.reason = why;
    return look_for_hairpinning(now);
  }
  enter(now, Step::FilteringII);
}

void BehaviourDiscovery::conclude_filtering(Instant now, const Observation& seen) {
  std::optional<FilteringTest> third;
  if (step_ == Step::FilteringII) {
    filtering_second_ = FilteringTest{seen, *other_};
    if (!seen.is_answered() && seen.code == 0) return enter(now, Step::FilteringIII);
  } else {
    third = FilteringTest{seen, {config_.server.ip, other_->port}};
  }
  behaviour_.filtering = judge_filtering(*filtering_second_, third);
  const auto& value = behaviour_.filtering.value;
  tell("filtering", behaviour_.filtering, value ? to_string(*value) : "");
  enter(now, Step::MappingII);
}

void BehaviourDiscovery::conclude_mapping(Instant now, const Observation& seen) {
  const auto& first = *behaviour_.mapped.value;
  std::optional<Observation> third;
  if (step_ == Step::MappingII) {
    mapping_second_ = seen;
    const bool is_decided = !seen.is_answered() || *seen.mapped == first;
    if (!is_decided) return enter(now, Step::MappingIII);
  } else {
    third = seen;
  }
  behaviour_.mapping = judge_mapping(*sockets_[kMain], first, *mapping_second_, third);
  const auto& value = behaviour_.mapping.value;
  tell("mapping", behaviour_.mapping, value ? to_string(*value) : "");
  look_for_hairpinning(now);
}

void BehaviourDiscovery::look_for_hairpinning(Instant now) {
  if (*behaviour_.translated.value) return enter(now, Step::SecondPort);
  behaviour_.hairpinning.reason = "there is no translation";
  begin_lifetime(now);
}

// RFC 5780 §3.4. The first socket writes to the second one's mapped address before, so that its
// filter lets the second one's request pass. That is a request of its own: nobody answers it.
void BehaviourDiscovery::open_hairpin(Instant now) {
  last_start_ = now;
  transmit(kMain, from_here(*second_mapped_),
           seal(request(), {.key = {}, .fingerprint = true, .deviations = config_.deviations}));
  enter(now, Step::Hairpin);
}

// --- how long a mapping lasts (RFC 5780 §4.6) ---

void BehaviourDiscovery::begin_lifetime(Instant now) {
  if (!config_.lifetime) return enter(now, Step::Done);
  bounds_ = LifetimeBounds{};
  watched_ = config_.lifetime->longest;
  enter(now, Step::LifetimeBegin);
}

void BehaviourDiscovery::watch_for(Instant now, Duration time, Step then) {
  wait_until_ = now + time;
  next_step_ = then;
}

void BehaviourDiscovery::conclude_lifetime(Instant now, bool is_alive) {
  pending_.reset();
  if (is_alive) {
    bounds_->at_least = watched_;
  } else {
    bounds_->less_than = watched_;
  }
  next_lifetime(now);
}

void BehaviourDiscovery::next_lifetime(Instant now) {
  const auto& bounds = *bounds_;
  const bool is_found =
      !bounds.less_than || *bounds.less_than - bounds.at_least <= config_.lifetime->precision;
  if (!is_found) {
    watched_ = bounds.at_least + (*bounds.less_than - bounds.at_least) / 2;
    return enter(now, Step::LifetimeBegin);
  }
  behaviour_.lifetime = {bounds, bounds.less_than ? "a binary search found it"
                                                  : "the mapping outlived the longest wait"};
  tell("lifetime", behaviour_.lifetime,
       std::to_string(static_cast<std::int64_t>(in_seconds(bounds.at_least))) + " s");
  enter(now, Step::Done);
}

template <class T>
void BehaviourDiscovery::tell(std::string_view what, const Finding<T>& finding,
                              std::string_view value) {
  outbox_.emplace_back(Event{.name = "nbd:finding",
                             .fields = {{"what", std::string{what}},
                                        {"value", std::string{value}},
                                        {"reason", finding.reason}},
                             .rule = Rule{5780, "4"}});
}

}  // namespace rtclab::stun
