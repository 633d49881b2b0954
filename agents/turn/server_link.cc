#include "agents/turn/server_link.h"

#include "agents/turn/channel_data.h"

#include <chrono>
#include <utility>
#include <variant>

namespace rtclab::turn {
namespace {

// RFC 8489 §6.2.2 gives a request over a stream 39.5 s; the stream itself gets no more.
constexpr Duration kPatience = std::chrono::milliseconds{39500};

template <class T>
std::optional<T> pop(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  std::optional<T> front{std::move(queue.front())};
  queue.pop_front();
  return front;
}

}  // namespace

ServerLink::ServerLink(Settings settings)
    : settings_{std::move(settings)},
      path_{carrier(settings_.transport), settings_.local, settings_.server} {}

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
  // RFC 8656 §12.5; STUN messages are multiples of four octets as they are.
  const bool is_padded = is_stream(settings_.transport) && !carries_data_;
  if (is_padded) message.resize((message.size() + 3) / 4 * 4);
  outbox_.emplace_back(Transmit{path_, std::move(message)});
}

void ServerLink::close() {
  const bool has_stream = state_ == State::Opening || state_ == State::Open;
  if (has_stream && is_stream(settings_.transport)) outbox_.emplace_back(CloseStream{path_});
  state_ = State::Closed;
  give_up_at_.reset();
}

void ServerLink::carry_data() {
  carries_data_ = true;
  messages_.clear();
  if (auto rest = deframer_.take_rest(); !rest.empty()) messages_.push_back(std::move(rest));
}

bool ServerLink::handle_input(Instant, const Input& input) {
  if (is_stream(settings_.transport)) return handle_stream(input);
  const auto* const received = std::get_if<Received>(&input);
  if (received == nullptr || received->path != path_) return false;
  messages_.emplace_back(received->bytes.begin(), received->bytes.end());
  return true;
}

bool ServerLink::handle_stream(const Input& input) {
  if (const auto* const opened = std::get_if<StreamOpened>(&input)) {
    if (opened->request != settings_.request || state_ != State::Opening) return false;
    path_ = opened->path;
    state_ = State::Open;
    give_up_at_.reset();
    return true;
  }
  if (const auto* const failed = std::get_if<SocketFailed>(&input)) {
    if (failed->request != settings_.request || state_ != State::Opening) return false;
    state_ = State::Closed;  // there is no stream to close
    give_up("no connection to the server: " + failed->why);
    return true;
  }
  if (const auto* const closed = std::get_if<StreamClosed>(&input)) {
    if (closed->path != path_ || state_ == State::New) return false;
    state_ = State::Closed;
    give_up("the connection to the server was lost: " + closed->why);
    return true;
  }
  const auto* const received = std::get_if<Received>(&input);
  if (received == nullptr || received->path != path_) return false;
  take(received->bytes);
  return true;
}

void ServerLink::take(ByteView octets) {
  if (state_ != State::Open) return;
  if (carries_data_) {
    messages_.emplace_back(octets.begin(), octets.end());
    return;
  }
  deframer_.push(octets);
  while (auto message = deframer_.poll()) {
    if (!*message) {
      outbox_.emplace_back(PacketDiscarded{message->error()}.describe());
      return give_up("the server sent something that is no STUN message");
    }
    messages_.push_back(std::move(**message));
  }
}

void ServerLink::give_up(std::string why) {
  close();
  why_closed_ = std::move(why);
}

void ServerLink::handle_timeout(Instant now) {
  if (give_up_at_ && now >= *give_up_at_) give_up("no connection to the server within 39.5 s");
}

std::optional<Bytes> ServerLink::poll_message() {
  return pop(messages_);
}

std::optional<Output> ServerLink::poll_output() {
  return pop(outbox_);
}

}  // namespace rtclab::turn
