#include "sim/server/switchboard.h"

#include "sim/server/envelope.h"

#include <algorithm>
#include <utility>

namespace rtclab::signalling {

bool is_name(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_allowed);
}

std::optional<std::string> name_in_target(std::string_view target) {
  constexpr std::string_view kPrefix = "/ws?name=";
  if (!target.starts_with(kPrefix) || !is_name(target.substr(kPrefix.size()))) return std::nullopt;
  return std::string{target.substr(kPrefix.size())};
}

std::optional<SessionId> Switchboard::join(SessionId session, std::string_view name) {
  std::optional<SessionId> replaced;
  if (const auto older = sessions_.find(name); older != sessions_.end()) {
    replaced = older->second;
    leave(*replaced);
  }
  sessions_.emplace(name, session);
  names_.emplace(session, name);
  if (auto waiting = waiting_.extract(std::string{name})) {
    for (auto& text : waiting.mapped()) {
      waiting_octets_ -= text.size();
      deliveries_.push_back({session, std::move(text)});
    }
  }
  return replaced;
}

void Switchboard::leave(SessionId session) {
  const auto found = names_.find(session);
  if (found == names_.end()) return;
  sessions_.erase(found->second);
  names_.erase(found);
}

void Switchboard::handle(SessionId from, std::string_view text) {
  const auto sender = names_.find(from);
  if (sender == names_.end()) return;
  auto message = parse_json(text);
  if (!message || !message->is_object()) {
    return complain(from, "a JSON object was expected", std::nullopt);
  }
  const auto id = string_member(*message, "id");
  const auto to = string_member(*message, "to");
  if (!to) return complain(from, "unknown command: a message has a member \"to\"", id);
  if (!is_name(*to)) return complain(from, "\"to\" is not a name", id);
  (*message)["from"] = sender->second;
  auto forwarded = to_text(*message);

  if (const auto receiver = sessions_.find(*to); receiver != sessions_.end()) {
    deliveries_.push_back({receiver->second, std::move(forwarded)});
    return;
  }
  if (waiting_for(*to) >= limits_.messages_per_name ||
      waiting_octets_ + forwarded.size() > limits_.octets) {
    return complain(from, "too many messages wait", id);
  }
  waiting_octets_ += forwarded.size();
  waiting_[*to].push_back(std::move(forwarded));
}

void Switchboard::complain(SessionId to, std::string_view what,
                           const std::optional<std::string>& id) {
  Json error{{"error", what}};
  if (id) error["id"] = *id;
  deliveries_.push_back({to, to_text(error)});
}

std::optional<Switchboard::Delivery> Switchboard::poll_delivery() {
  if (deliveries_.empty()) return std::nullopt;
  auto delivery = std::move(deliveries_.front());
  deliveries_.pop_front();
  return delivery;
}

std::size_t Switchboard::waiting_for(std::string_view name) const {
  const auto found = waiting_.find(name);
  return found == waiting_.end() ? 0 : found->second.size();
}

}  // namespace rtclab::signalling
