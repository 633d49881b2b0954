#include "sim/courier/correspondent.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rtclab::signalling {
namespace {

template <class T>
std::optional<T> poll(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  auto front = std::move(queue.front());
  queue.pop_front();
  return front;
}

}  // namespace

std::string Correspondent::send(Instant now, std::string_view to, std::string_view text) {
  auto id = name_ + "-" + std::to_string(++sent_);
  auto& number = numbers_.try_emplace(std::string{to}, 0).first->second;
  ++number;
  const auto parts = cut(text, terms_.piece_size);
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    pieces.push_back({.id = id,
                      .from = name_,
                      .to = std::string{to},
                      .number = number,
                      .part = i + 1,
                      .parts = parts.size(),
                      .text = parts[i]});
  }
  std::ranges::copy(pieces, std::back_inserter(pieces_));
  if (terms_.resend) {
    const auto& resend = *terms_.resend;
    const auto end =
        resend.give_up == Duration{0} ? std::nullopt : std::optional{now + resend.give_up};
    outstanding_.insert_or_assign(
        id, Outstanding{std::move(pieces), now + resend.after, resend.after, end});
  }
  return id;
}

void Correspondent::handle_timeout(Instant now) {
  for (auto each = outstanding_.begin(); each != outstanding_.end();) {
    auto& [id, message] = *each;
    if (message.give_up && now >= *message.give_up) {
      report("signalling:given_up", id);
      each = outstanding_.erase(each);
      continue;
    }
    if (now >= message.again) {
      for (auto& piece : message.pieces) ++piece.attempt;
      std::ranges::copy(message.pieces, std::back_inserter(pieces_));
      report("signalling:resent", id, {{"attempt", std::uint64_t{message.pieces[0].attempt}}});
      message.pause = std::max(std::min(message.pause * 2, terms_.resend->at_most), message.pause);
      message.again = now + message.pause;
    }
    ++each;
  }
}

std::optional<Instant> Correspondent::next_wakeup() const {
  std::optional<Instant> next;
  for (const auto& [id, message] : outstanding_) {
    const auto at = message.give_up ? std::min(message.again, *message.give_up) : message.again;
    if (!next || at < *next) next = at;
  }
  return next;
}

void Correspondent::handle_piece(Instant /*now*/, const Piece& piece) {
  if (piece.kind == Piece::Kind::Acknowledgement) {
    if (outstanding_.erase(piece.id) != 0) report("signalling:acknowledged", piece.id);
    return;
  }
  auto& assembly = assemblies_[piece.id];
  if (!assembly.add(piece)) return discard(piece, "this part has come already");
  const auto whole = assembly.whole();
  if (!whole) return;
  assemblies_.erase(piece.id);
  // Also of a message that has come before: then the acknowledgement was lost, or is late.
  if (terms_.resend) acknowledge(piece);
  if (terms_.receipt != Receipt::AsItComes &&
      !senders_[piece.from].seen.insert(piece.number).second) {
    return discard(piece, "it has come already");
  }
  take(piece.number, {piece.id, piece.from, piece.to, *whole});
}

void Correspondent::acknowledge(const Piece& piece) {
  pieces_.push_back({.kind = Piece::Kind::Acknowledgement,
                     .id = piece.id,
                     .from = name_,
                     .to = piece.from,
                     .attempt = ++acknowledged_[piece.id],
                     .text = "received"});
}

void Correspondent::take(std::uint64_t number, Message message) {
  if (terms_.receipt != Receipt::InOrder) return messages_.push_back(std::move(message));
  auto& sender = senders_[message.from];
  take_in_order(sender, number, std::move(message));
}

void Correspondent::take_in_order(Sender& sender, std::uint64_t number, Message message) {
  if (number != sender.next) {
    report("signalling:held", message.id,
           {{"from", message.from}, {"why", std::string{"an earlier one has not come yet"}}});
  }
  sender.early.emplace(number, std::move(message));
  while (!sender.early.empty() && sender.early.begin()->first == sender.next) {
    messages_.push_back(std::move(sender.early.begin()->second));
    sender.early.erase(sender.early.begin());
    ++sender.next;
  }
}

void Correspondent::discard(const Piece& piece, std::string_view why) {
  report("signalling:discarded", piece.id,
         {{"from", piece.from}, {"item", piece.item()}, {"why", std::string{why}}});
}

void Correspondent::report(std::string_view name, const std::string& id, std::vector<Field> more) {
  Event event{.name = name, .fields = {{"id", id}}, .rule = std::nullopt};
  std::ranges::move(more, std::back_inserter(event.fields));
  events_.push_back(std::move(event));
}

std::optional<Piece> Correspondent::poll_piece() {
  return poll(pieces_);
}
std::optional<Message> Correspondent::poll_message() {
  return poll(messages_);
}
std::optional<Event> Correspondent::poll_event() {
  return poll(events_);
}

}  // namespace rtclab::signalling
