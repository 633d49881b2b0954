#include "agents/turn/client_requests.h"

#include "agents/stun/attributes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rtclab::turn {
namespace {

using stun::Message;
using stun::Method;

constexpr std::size_t kAtOnce = 10;
// RFC 8489 §9.2.5 sets no end to 438 after 438; a server that never accepts its own nonce would
// keep us for ever.
constexpr unsigned kRetries = 4;

template <class T>
std::optional<T> pop(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  std::optional<T> front{std::move(queue.front())};
  queue.pop_front();
  return front;
}

class Former {
 public:
  Former(const stun::TransactionId& id, const std::string& software, const Deviations& deviations)
      : software_{&software}, deviations_{&deviations} {
    message_.transaction = id;
  }

  Message operator()(const Allocate& wish) {
    message_.method = Method::Allocate;
    if (!deviations_->has(Deviation::TurnNoRequestedTransport))
      message_.add(stun::RequestedTransport{wish.relays_over == Transport::Tcp
                                                ? stun::RequestedTransport::kTcp
                                                : stun::RequestedTransport::kUdp});
    if (wish.token) message_.add(*wish.token);
    if (wish.even_port) message_.add(*wish.even_port);
    if (wish.families == RelayFamilies::V6)
      message_.add(stun::RequestedAddressFamily{stun::FamilyCode::V6});
    const bool asks_twice = deviations_->has(Deviation::TurnBothFamilies);
    if (asks_twice) message_.add(stun::RequestedAddressFamily{stun::FamilyCode::V4});
    if (wish.families == RelayFamilies::Both || asks_twice)
      message_.add(stun::AdditionalAddressFamily{stun::FamilyCode::V6});
    return with_lifetime_and_software(wish.lifetime);
  }
  Message operator()(const Refresh& wish) {
    message_.method = Method::Refresh;
    if (wish.family) message_.add(stun::RequestedAddressFamily{stun::family_code(*wish.family)});
    return with_lifetime_and_software(wish.lifetime);
  }
  // RFC 8656 §10.1: the port does not matter.
  Message operator()(const CreatePermission& wish) {
    message_.method = Method::CreatePermission;
    return message_.add(stun::XorPeerAddress{{wish.peer, Port{0}}});
  }
  Message operator()(const ChannelBind& wish) {
    message_.method = Method::ChannelBind;
    message_.add(stun::ChannelNumber{wish.channel});
    if (deviations_->has(Deviation::TurnChannelNumberRffu)) {
      auto& value = message_.attributes.back().value;
      value[2] = value[3] = std::byte{0xff};
    }
    return message_.add(stun::XorPeerAddress{wish.peer});
  }
  Message operator()(const Connect& wish) {
    message_.method = Method::Connect;
    return message_.add(stun::XorPeerAddress{wish.peer});
  }
  Message operator()(const ConnectionBind& wish) {
    message_.method = Method::ConnectionBind;
    return message_.add(stun::ConnectionId{wish.id});
  }

 private:
  // RFC 8656 §5: SHOULD have SOFTWARE in Allocate and Refresh.
  Message with_lifetime_and_software(std::optional<std::uint32_t> lifetime) {
    if (lifetime) message_.add(stun::Lifetime{*lifetime});
    if (!software_->empty()) message_.add(stun::Software{*software_});
    return message_;
  }

  Message message_;
  const std::string* software_;
  const Deviations* deviations_;
};

}  // namespace

Message form(const Wish& wish, const stun::TransactionId& id, const std::string& software,
             const Deviations& deviations) {
  return std::visit(Former{id, software, deviations}, wish);
}

ClientRequests::ClientRequests(Settings settings, stun::LongTermClient credentials, Rng& rng)
    : settings_{std::move(settings)},
      credentials_{std::move(credentials)},
      ids_{rng, settings_.deviations} {}

void ClientRequests::start(Instant now, const Wish& wish) {
  waiting_.push_back({wish, 0});
  fill(now);
}

void ClientRequests::abandon() {
  waiting_.clear();
  running_.clear();
  outcomes_.clear();
  messages_.clear();
}

bool ClientRequests::handle_response(Instant now, const Message& response, ByteView datagram) {
  const auto found = std::ranges::find_if(running_, [&](const Running& running) {
    return !running.transaction.is_answered() && running.transaction.matches(response);
  });
  if (found == running_.end()) return false;
  judge(now, *found, response, datagram);
  std::erase_if(running_, [](const Running& running) { return running.transaction.is_over(); });
  fill(now);
  return true;
}

void ClientRequests::handle_timeout(Instant now) {
  for (auto& running : running_) {
    switch (running.transaction.poll(now)) {
      case stun::Transaction::Due::Nothing: break;
      case stun::Transaction::Due::Send: send(running); break;
      case stun::Transaction::Due::TimedOut:
        outcomes_.emplace_back(Failed{running.job.wish, 0, std::nullopt});
        break;
    }
  }
  std::erase_if(running_, [](const Running& running) { return running.transaction.is_over(); });
  fill(now);
}

std::optional<Instant> ClientRequests::next_wakeup() const {
  std::optional<Instant> next;
  for (const auto& running : running_) {
    const auto at = running.transaction.next_wakeup();
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

std::optional<ClientRequests::Outcome> ClientRequests::poll_outcome() {
  return pop(outcomes_);
}

std::optional<Bytes> ClientRequests::poll_message() {
  return pop(messages_);
}

void ClientRequests::fill(Instant now) {
  while (!waiting_.empty() && unanswered() < kAtOnce) {
    const auto job = waiting_.front();
    waiting_.pop_front();
    launch(now, job);
  }
}

std::size_t ClientRequests::unanswered() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      running_, [](const Running& running) { return !running.transaction.is_answered(); }));
}

void ClientRequests::launch(Instant now, const Job& job) {
  const auto message = form(job.wish, ids_.next(), settings_.software, settings_.deviations);
  const bool is_sent_once =
      settings_.over_stream && !settings_.deviations.has(Deviation::StunResendOverStream);
  const auto schedule = is_sent_once
                            ? stun::Schedule::reliable()
                            : stun::Schedule{.rto = std::max(settings_.rto, rto_.rto(now))};
  const bool is_signed = credentials_.has_challenge();
  stun::Transaction transaction{message, credentials_.seal(message, true), schedule,
                                settings_.deviations};
  running_.push_back({job, std::move(transaction), now, is_signed});
  if (running_.back().transaction.poll(now) == stun::Transaction::Due::Send) send(running_.back());
}

void ClientRequests::judge(Instant now, Running& running, const Message& response,
                           ByteView datagram) {
  const auto error = response.find<stun::ErrorCode>();
  // An error without ERROR-CODE tells nothing (RFC 8489 §6.3.4); one that does may still come.
  if (response.cls == stun::Class::Error && !error) return;
  const auto next = credentials_.receive(response, datagram, running.is_signed);
  if (next == stun::LongTermClient::Next::Ignore) return;
  if (const auto sample = running.transaction.note_response(now))
    rto_.note_round_trip(now, *sample);

  if (next == stun::LongTermClient::Next::Retry && running.job.retries < kRetries) {
    outcomes_.emplace_back(Retried{running.job.wish, error->code});
    waiting_.push_front({running.job.wish, running.job.retries + 1});
  } else if (response.cls == stun::Class::Error) {
    outcomes_.emplace_back(Failed{running.job.wish, error->code, response});
  } else if (!stun::unknown_required(response).empty()) {
    // RFC 8489 §6.3.3: such a success cannot be understood, and the transaction has failed.
    outcomes_.emplace_back(Failed{running.job.wish, 0, response});
  } else {
    outcomes_.emplace_back(Succeeded{running.job.wish, running.asked_at, response});
  }
}

void ClientRequests::send(const Running& running) {
  const auto request = running.transaction.request();
  messages_.emplace_back(request.begin(), request.end());
}

}  // namespace rtclab::turn
