#include "agents/turn/server_link.h"

#include <chrono>
#include <utility>
#include <variant>

namespace rtclab::turn {
namespace {

// RFC 8489 §6.2.2 gives a request over a stream 39.5 s; the stream itself gets no more.
constexpr Duration kPatience = std::chrono::milliseconds{39500};

}  // namespace

ServerLink::ServerLink(Settings settings, Rng& rng) : settings_{std::move(settings)}, rng_{&rng} {}

void ServerLink::open(Instant now) {
  if (!is_stream(settings_.transport)) {
    state_ = State::Open;
    return;
  }
  state_ = State::Opening;
  give_up_at_ = now + kPatience;
  outbox_.emplace_back(OpenStream{settings_.request, settings_.local, settings_.server});
}

void ServerLink::send(Bytes message) {
  if (state_ != State::Open) return;
  if (!stream_) {
    outbox_.emplace_back(
        Transmit{{Transport::Udp, settings_.local, settings_.server}, std::move(message)});
    return;
  }
  stream_->send(std::move(message));
  follow_stream();
}

void ServerLink::close() {
  if (state_ == State::Opening && !stream_)
    outbox_.emplace_back(CloseStream{{Transport::Tcp, settings_.local, settings_.server}});
  state_ = State::Closed;
  give_up_at_.reset();
  if (!stream_) return;
  stream_->close();
  follow_stream();
}

bool ServerLink::handle_input(Instant now, const Input& input) {
  if (is_stream(settings_.transport)) return handle_stream(now, input);
  const auto* const received = std::get_if<Received>(&input);
  const Path ours{Transport::Udp, settings_.local, settings_.server};
  if (received == nullptr || received->path != ours) return false;
  datagrams_.emplace_back(received->bytes.begin(), received->bytes.end());
  return true;
}

bool ServerLink::handle_stream(Instant now, const Input& input) {
  const bool is_opening = state_ == State::Opening && !stream_;
  if (const auto* const opened = std::get_if<StreamOpened>(&input)) {
    if (!is_opening || opened->request != settings_.request) return false;
    handle_opened(now, opened->path);
    return true;
  }
  if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    if (!is_opening || failed->request != settings_.request) return false;
    note_closed("no connection to the server: " + failed->why);
    return true;
  }
  if (const auto* const closed = std::get_if<StreamClosed>(&input)) {
    if (!stream_ || closed->path != stream_->path()) return false;
    stream_->note_closed("the connection to the server was lost: " + closed->why);
    follow_stream();
    return true;
  }
  const auto* const received = std::get_if<Received>(&input);
  if (received == nullptr || !stream_ || received->path != stream_->path()) return false;
  stream_->receive(now, received->bytes);
  follow_stream();
  return true;
}

void ServerLink::handle_opened(Instant now, const Path& path) {
  std::optional<tls::Session> tls;
  if (settings_.transport == ServerTransport::Tls) tls.emplace(settings_.tls, *rng_);
  stream_.emplace(path, std::move(tls), settings_.padding);
  stream_->start(now);
  follow_stream();
}

void ServerLink::follow_stream() {
  while (auto output = stream_->poll_output()) outbox_.push_back(std::move(*output));
  if (state_ == State::Opening && stream_->state() == FramedStream::State::Open) {
    state_ = State::Open;
    give_up_at_.reset();
  }
  if (state_ != State::Closed && stream_->state() == FramedStream::State::Closed)
    note_closed(stream_->why_closed());
}

void ServerLink::note_closed(std::string why) {
  state_ = State::Closed;
  give_up_at_.reset();
  why_closed_ = std::move(why);
}

void ServerLink::handle_timeout(Instant now) {
  if (!give_up_at_ || now < *give_up_at_) return;
  close();
  why_closed_ = "no connection to the server within 39.5 s";
}

std::optional<Bytes> ServerLink::poll_message() {
  if (stream_) {
    auto message = stream_->poll_message();
    follow_stream();
    return message;
  }
  if (datagrams_.empty()) return std::nullopt;
  std::optional<Bytes> front{std::move(datagrams_.front())};
  datagrams_.pop_front();
  return front;
}

std::optional<Output> ServerLink::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  std::optional<Output> front{std::move(outbox_.front())};
  outbox_.pop_front();
  return front;
}

}  // namespace rtclab::turn
