#include "agents/turn/framed_stream.h"

#include <utility>

namespace rtclab::turn {
FramedStream::FramedStream(const Path& path, std::optional<tls::Session> tls, Padding padding)
    : path_{path},
      tls_{std::move(tls)},
      padding_{padding},
      state_{tls_ ? State::Securing : State::Open} {}

void FramedStream::start(Instant now) {
  if (!tls_) return;
  tls_->start(now);
  follow_tls();
}

void FramedStream::receive(Instant now, ByteView octets) {
  if (state_ == State::Closed) return;
  if (!tls_) return deframer_.push(octets);
  tls_->receive(now, octets);
  follow_tls();
}

void FramedStream::send(Bytes message) {
  if (state_ != State::Open) return;
  // RFC 8656 §12.5; STUN messages are multiples of four octets as they are.
  const bool pads = !carries_data_ && padding_ == Padding::ToFourOctets;
  if (pads) message.resize((message.size() + 3) / 4 * 4);
  if (!tls_) {
    outbox_.emplace_back(Transmit{path_, std::move(message)});
    return;
  }
  tls_->send(message);
  follow_tls();
}

void FramedStream::close() {
  if (std::exchange(state_, State::Closed) == State::Closed) return;
  if (tls_) {
    tls_->close();
    follow_tls();
  }
  outbox_.emplace_back(CloseStream{path_});
}

void FramedStream::note_closed(std::string why) {
  if (std::exchange(state_, State::Closed) == State::Closed) return;
  why_closed_ = std::move(why);
}

void FramedStream::follow_tls() {
  while (auto octets = tls_->poll_octets())
    outbox_.emplace_back(Transmit{path_, std::move(*octets)});
  while (auto event = tls_->poll_event()) outbox_.emplace_back(std::move(*event));
  if (state_ == State::Closed) return;
  const auto secured = tls_->state();
  if (secured == tls::Session::State::Open) state_ = State::Open;
  while (const auto data = tls_->poll_data()) deframer_.push(*data);
  if (secured == tls::Session::State::Failed) give_up("TLS failed: " + tls_->why_failed());
  if (secured == tls::Session::State::Closed) give_up("the peer ended the TLS session");
}

void FramedStream::give_up(std::string why) {
  if (state_ == State::Closed) return;
  close();
  why_closed_ = std::move(why);
}

std::optional<Bytes> FramedStream::poll_message() {
  if (state_ == State::Securing) return std::nullopt;
  if (carries_data_) {
    auto data = deframer_.take_rest();
    return data.empty() ? std::nullopt : std::optional{std::move(data)};
  }
  auto message = deframer_.poll();
  if (!message) return std::nullopt;
  if (*message) return std::move(**message);
  if (state_ == State::Open) {
    outbox_.emplace_back(PacketDiscarded{message->error()}.describe());
    give_up("the peer sent something that is no STUN message");
  }
  return std::nullopt;
}

std::optional<Output> FramedStream::poll_output() {
  if (outbox_.empty()) return std::nullopt;
  std::optional<Output> front{std::move(outbox_.front())};
  outbox_.pop_front();
  return front;
}

}  // namespace rtclab::turn
