#include "sim/server/client.h"

#include "sim/link/simulation.h"
#include "sim/server/envelope.h"
#include "sim/server/switchboard.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace rtclab::signalling {

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::Closed: return "closed";
    case ConnectionState::Connecting: return "connecting";
    case ConnectionState::Open: return "open";
  }
  __builtin_unreachable();
}

Client::Client(sim::Host& host, Config config, const SeededRng& rng)
    : host_{host},
      config_{std::move(config)},
      rng_{rng.fork("signalling client " + config_.name)},
      watcher_{host_.watch_interfaces(
          [this](const sim::Interface& interface, const std::vector<Prefix>& addresses, bool up) {
            note_addresses(interface, addresses, up);
          })} {
  assert(is_name(config_.name));
}

Client::~Client() {
  host_.forget_watcher(watcher_);
  if (connection_) host_.tcp().drop(*connection_);
}

void Client::connect() {
  wanted_ = true;
  if (state_ != ConnectionState::Closed) return;
  // The goodbye of an earlier connection may still be on its way; nothing of it is of interest.
  if (connection_) host_.tcp().drop(*std::exchange(connection_, std::nullopt));
  const auto family = config_.server.ip.family();
  const auto ip =
      config_.local.is_unspecified() ? host_.address(family) : std::optional{config_.local};
  if (ip) return open(*ip);
  set_state(ConnectionState::Closed,
            host_.name() + " has no " + std::string{to_string(family)} + " address");
}

void Client::note_addresses(const sim::Interface& interface, const std::vector<Prefix>& addresses,
                            bool up) {
  if (!wanted_) return;
  const bool is_ours = std::ranges::find(addresses, leaves_by_, &Prefix::ip) != addresses.end();
  if (!up && connection_ && is_ours) {
    host_.tcp().drop(*std::exchange(connection_, std::nullopt));
    set_state(ConnectionState::Closed,
              interface.name() + " has " + leaves_by_.to_string() + " no more");
  }
  connect();
}

void Client::try_later() {
  constexpr Duration kFirst = std::chrono::seconds{1};
  constexpr Duration kLongest = std::chrono::seconds{30};
  if (!wanted_) return;
  pause_ = pause_ == Duration{0} ? kFirst : std::min(pause_ * 2, kLongest);
  retry_.arm(sim::Simulation::now() + pause_);
}

void Client::open(const Ip& ip) {
  leaves_by_ = ip;
  sim::TcpHandlers handlers;
  handlers.connected = [this] { settle(); };
  handlers.received = [this](ByteView octets) {
    socket_->handle_octets(octets);
    settle();
  };
  handlers.finished = [this] {
    socket_->handle_end();
    settle();
  };
  handlers.closed = [this](std::string_view why) {
    connection_.reset();
    set_state(ConnectionState::Closed, why);
    try_later();
  };
  socket_ =
      websocket::Connection::client(config_.server.to_string(), "/ws?name=" + config_.name, rng_);
  state_ = ConnectionState::Connecting;
  const auto connection =
      host_.tcp().connect({ip, Port{0}}, config_.server,
                          [&](tcp::ConnectionId, const Path&) { return std::move(handlers); });
  if (!connection) return set_state(ConnectionState::Closed, connection.error());
  connection_ = *connection;
  if (on_state_) on_state_(state_, "");
}

void Client::disconnect() {
  wanted_ = false;
  retry_.arm(std::nullopt);
  if (state_ == ConnectionState::Closed) return;
  socket_->close(websocket::CloseCode::Normal, "");
  settle();
}

std::string Client::send(std::string_view to, std::string_view text) {
  auto id = config_.name + "-" + std::to_string(++sent_);
  unsent_.push_back(to_text(Json{{"to", to}, {"id", id}, {"body", to_body(text)}}));
  settle();
  return id;
}

void Client::on_message(Handler handler) {
  on_message_ = std::move(handler);
  deliver();
}

void Client::settle() {
  if (!connection_ || state_ == ConnectionState::Closed) return;
  while (const auto event = socket_->poll_event()) act(*event);
  while (socket_->is_open() && !unsent_.empty()) {
    socket_->send_text(unsent_.front());
    unsent_.pop_front();
  }
  while (const auto octets = socket_->poll_output()) host_.tcp().send(*connection_, *octets);
  if (socket_->is_over()) host_.tcp().close(*connection_);
  deliver();
}

void Client::act(const websocket::Event& event) {
  if (std::holds_alternative<websocket::Opened>(event)) {
    pause_ = Duration{0};
    set_state(ConnectionState::Open, "");
  } else if (const auto* text = std::get_if<websocket::Text>(&event)) {
    handle(text->text);
  } else if (const auto* closed = std::get_if<websocket::Closed>(&event)) {
    set_state(ConnectionState::Closed, closed->reason);
  }
}

void Client::handle(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return;
  if (const auto error = string_member(*json, "error")) {
    if (on_error_) on_error_(*error);
    return;
  }
  const auto id = string_member(*json, "id");
  const auto from = string_member(*json, "from");
  const auto to = string_member(*json, "to");
  if (!id || !from || !to || !json->contains("body")) return;  // not one of ours
  unread_.push_back({*id, *from, *to, from_body(json->at("body"))});
}

void Client::deliver() {
  while (on_message_ && !unread_.empty()) {
    const auto message = std::move(unread_.front());
    unread_.pop_front();
    on_message_(message);
  }
}

void Client::set_state(ConnectionState state, std::string_view why) {
  if (std::exchange(state_, state) != state && on_state_) on_state_(state, why);
}

}  // namespace rtclab::signalling
