#include "sim/courier/post.h"

#include "sim/courier/flight_time.h"

#include <algorithm>
#include <iterator>

namespace rtclab::signalling {

Instant next_multiple(Instant now, Duration interval) {
  if (interval == Duration{0}) return now;
  const auto rest = now.time_since_epoch() % interval;
  return rest == Duration{0} ? now : now + (interval - rest);
}

void Post::hand_in(Instant now, Piece piece) {
  const auto at = departure(now, {piece.from, piece.to});
  due_.emplace(at, Due{Stage::Departure, std::move(piece)});
  handle_timeout(now);
}

// Trips fill up in the order in which pieces are handed in.
Instant Post::departure(Instant now, const Way& way) {
  auto& trip = trips_[way];
  const auto next = std::max(next_multiple(now, terms_.collection), trip.at);
  if (next != trip.at) trip = {next, 0};
  if (terms_.capacity && trip.pieces >= *terms_.capacity) trip = {trip.at + terms_.collection, 0};
  ++trip.pieces;
  return trip.at;
}

void Post::handle_timeout(Instant now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    auto next = due_.extract(due_.begin());
    act(next.key(), std::move(next.mapped()));
  }
}

std::optional<Instant> Post::next_wakeup() const {
  return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

void Post::act(Instant now, Due due) {
  switch (due.stage) {
    case Stage::Departure: return depart(now, due.piece);
    case Stage::Loss: return report("signalling:lost", due);
    case Stage::Arrival: return arrive(now, std::move(due));
    case Stage::Reading: return deliveries_.push_back(std::move(due.piece));
  }
}

void Post::depart(Instant now, const Piece& piece) {
  auto rng = rng_.fork(piece.from + " " + piece.item());
  const bool is_duplicated = rng.uniform() < terms_.duplication;
  const bool is_acknowledgement = piece.kind == Piece::Kind::Acknowledgement;
  report("signalling:dispatched", {Stage::Departure, piece},
         {{"part", std::uint64_t{piece.part}},
          {"parts", std::uint64_t{piece.parts}},
          {"attempt", std::uint64_t{piece.attempt}},
          {"octets", std::uint64_t{piece.text.size()}},
          {"acknowledges", is_acknowledgement}});
  fly(now, piece, rng, false);
  if (!is_duplicated) return;
  report("signalling:duplicated", {Stage::Departure, piece, true});
  fly(now, piece, rng, true);
}

void Post::fly(Instant now, const Piece& piece, SeededRng& rng, bool is_copy) {
  const bool is_lost = rng.uniform() < terms_.loss;
  const auto flight = draw_flight_time(terms_, rng.fork(is_copy ? "flight of the copy" : "flight"));
  // Halfway is as good a place as any.
  if (is_lost) {
    due_.emplace(now + flight / 2, Due{Stage::Loss, piece, is_copy});
    return;
  }
  auto arrival = now + flight;
  auto& last = last_arrival_.try_emplace({piece.from, piece.to}, arrival).first->second;
  if (!terms_.jitter.reorders) arrival = std::max(arrival, last);
  last = arrival;
  due_.emplace(arrival, Due{Stage::Arrival, piece, is_copy});
}

void Post::arrive(Instant now, Due due) {
  report("signalling:arrived", due);
  const auto reading = next_multiple(now, terms_.mailbox);
  due.stage = Stage::Reading;
  if (reading == now) return act(now, std::move(due));
  due_.emplace(reading, std::move(due));
}

void Post::report(std::string_view name, const Due& due, std::vector<Field> more) {
  const auto& piece = due.piece;
  Event event{.name = name,
              .fields = {{"item", piece.item() + (due.is_copy ? "*" : "")},
                         {"id", piece.id},
                         {"from", piece.from},
                         {"to", piece.to}},
              .rule = std::nullopt};
  std::ranges::move(more, std::back_inserter(event.fields));
  reports_.push_back({due.stage == Stage::Arrival ? piece.to : piece.from, std::move(event)});
}

std::optional<Piece> Post::poll_delivery() {
  if (deliveries_.empty()) return std::nullopt;
  auto piece = std::move(deliveries_.front());
  deliveries_.pop_front();
  return piece;
}

std::optional<Post::Report> Post::poll_report() {
  if (reports_.empty()) return std::nullopt;
  auto report = std::move(reports_.front());
  reports_.pop_front();
  return report;
}

}  // namespace rtclab::signalling
