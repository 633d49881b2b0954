#include "scenarios/validate/stun_series.h"

#include "agents/stun/integrity.h"
#include "agents/stun/message.h"

namespace rtclab::validate {

void StunSeries::handle_input(Instant now, const Input& input) {
  if (const auto* const up = std::get_if<InterfaceUp>(&input)) {
    outbox_.emplace_back(OpenSocket{.request = 1, .local = {up->address, Port{0}}});
  } else if (const auto* const opened = std::get_if<SocketOpened>(&input)) {
    local_ = opened->local;
    next_begin_ = now;
    handle_timeout(now);
  } else if (const auto* const received = std::get_if<Received>(&input)) {
    handle_received(now, *received);
    handle_timeout(now);
  }
}

void StunSeries::handle_timeout(Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto number = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    poll(now, number);
  }
  while (next_begin_ && *next_begin_ <= now) begin(now);
}

void StunSeries::begin(Instant now) {
  const stun::Message request{.cls = stun::Class::Request,
                              .method = stun::Method::Binding,
                              .transaction = stun::TransactionId::draw(*rng_),
                              .attributes = {}};
  const Number number = outcomes_.size();
  outcomes_.push_back({.begun = now});
  numbers_.emplace(request.transaction, number);
  running_.emplace(number, stun::Transaction{request, stun::seal(request)});
  poll(now, number);
  if (outcomes_.size() < config_.count) {
    *next_begin_ += config_.spacing;
  } else {
    next_begin_.reset();
  }
}

void StunSeries::poll(Instant now, Number number) {
  auto& transaction = running_.at(number);
  if (transaction.poll(now) == stun::Transaction::Due::Send) {
    const auto octets = transaction.request();
    outbox_.emplace_back(Transmit{.path = {Transport::Udp, *local_, config_.server},
                                  .bytes = {octets.begin(), octets.end()}});
  }
  outcomes_[number].sends = transaction.sends();
  if (const auto at = transaction.next_wakeup()) {
    deadlines_.emplace(*at, number);
  } else {
    running_.erase(number);
  }
}

void StunSeries::handle_received(Instant now, const Received& received) {
  const auto response = stun::Message::parse(received.bytes);
  if (!response) return;
  const auto number = numbers_.find(response->transaction);
  if (number == numbers_.end()) return;
  const auto transaction = running_.find(number->second);
  if (transaction == running_.end() || !transaction->second.matches(*response)) return;
  if (const auto at = transaction->second.next_wakeup()) deadlines_.erase({*at, number->second});
  (void)transaction->second.note_response(now);
  outcomes_[number->second].answered = now;
  running_.erase(transaction);
}

std::optional<Output> StunSeries::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  auto output = std::move(outbox_.front());
  outbox_.pop_front();
  return output;
}

std::optional<Wakeup> StunSeries::next_wakeup() const {
  std::optional<Wakeup> earliest;
  if (next_begin_) earliest = Wakeup{*next_begin_, "validate: next transaction"};
  if (deadlines_.empty()) return earliest;
  return Wakeup::earliest(earliest, Wakeup{deadlines_.begin()->first, "validate: STUN"});
}

}  // namespace rtclab::validate
