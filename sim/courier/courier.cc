#include "sim/courier/courier.h"

#include "sim/link/simulation.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rtclab::signalling {

using sim::Simulation;

class Courier::End final : public Channel {
 public:
  End(Courier& courier, const std::string& name)
      : courier_{courier}, name_{name}, correspondent_{name, courier.terms_} {
    [[maybe_unused]] const bool is_new = courier_.ends_.emplace(name_, this).second;
    assert(is_new);
  }
  End(const End&) = delete;
  End& operator=(const End&) = delete;
  ~End() override { courier_.ends_.erase(name_); }

  // The courier comes when the caller is done: whoever sends has his say first.
  std::string send(std::string_view to, std::string_view text) override {
    auto id = correspondent_.send(Simulation::now(), to, text);
    courier_.timer_.arm(Simulation::now());
    return id;
  }
  void on_message(Handler handler) override {
    on_message_ = std::move(handler);
    courier_.timer_.arm(Simulation::now());
  }

 private:
  friend class Courier;
  Courier& courier_;
  std::string name_;
  Correspondent correspondent_;
  Handler on_message_;
};

Courier::Courier(CourierTerms terms, const SeededRng& rng, Record record)
    : terms_{std::move(terms)}, record_{std::move(record)}, post_{terms_, rng} {}
Courier::~Courier() {
  assert(ends_.empty());
}

std::unique_ptr<Channel> Courier::channel(const std::string& name) {
  return std::make_unique<End>(*this, name);
}

// The courier has not come yet for what was sent at this very instant; it goes by the terms of
// then.
void Courier::set(CourierTerms terms) {
  for (const auto& [name, end] : ends_) hand_in(*end);
  post_.set(std::move(terms));
}

void Courier::settle() {
  const auto now = Simulation::now();
  post_.handle_timeout(now);
  for (const auto& [name, end] : ends_) end->correspondent_.handle_timeout(now);
  bool any = true;
  while (any) {
    any = false;
    while (const auto report = post_.poll_report()) record_(now, report->vantage, report->event);
    while (const auto piece = post_.poll_delivery()) {
      const auto end = ends_.find(piece->to);
      if (end != ends_.end()) end->second->correspondent_.handle_piece(now, *piece);
      any = true;
    }
    for (const auto& [name, end] : ends_) any = drain(*end) || any;
  }
  auto next = post_.next_wakeup();
  for (const auto& [name, end] : ends_) {
    const auto wakeup = end->correspondent_.next_wakeup();
    if (wakeup && (!next || *wakeup < *next)) next = wakeup;
  }
  timer_.arm(next);
}

bool Courier::drain(End& end) {
  bool any = false;
  while (const auto event = end.correspondent_.poll_event()) {
    record_(Simulation::now(), end.name_, *event);
  }
  any = hand_in(end) || any;
  while (end.on_message_) {
    const auto message = end.correspondent_.poll_message();
    if (!message) break;
    end.on_message_(*message);
    any = true;
  }
  return any;
}

bool Courier::hand_in(End& end) {
  bool any = false;
  while (auto piece = end.correspondent_.poll_piece()) {
    post_.hand_in(Simulation::now(), *std::move(piece));
    any = true;
  }
  return any;
}

}  // namespace rtclab::signalling
