#include "sim/server/websocket.h"

#include "sim/server/utf8.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace rtclab::websocket {
namespace {

constexpr std::size_t kLargestControl = 125;  // RFC 6455 §5.5

// RFC 6455 §4.1: 16 random octets in base64.
std::string draw_key(Rng& rng) {
  std::array<std::byte, 16> nonce{};
  rng.fill(nonce);
  std::array<unsigned char, 25> encoded{};
  EVP_EncodeBlock(encoded.data(), reinterpret_cast<const unsigned char*>(nonce.data()),
                  static_cast<int>(nonce.size()));
  return reinterpret_cast<const char*>(encoded.data());
}

Role other(Role role) {
  return role == Role::Client ? Role::Server : Role::Client;
}

// RFC 6455 §7.4: what may stand in a close frame.
bool is_sendable_code(std::uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

CloseCode code_for(const ParseError& error) {
  return error.rule.section == "10.4" ? CloseCode::TooBig : CloseCode::ProtocolError;
}

}  // namespace

Connection::Connection(Role role, Rng& rng)
    : role_{role}, rng_{&rng}, reader_{other(role), kLargestMessage} {}

Connection Connection::client(std::string host, std::string target, Rng& rng) {
  Connection connection{Role::Client, rng};
  connection.request_ = {std::move(host), std::move(target), draw_key(rng)};
  connection.outgoing_.push_back(to_octets(connection.request_.to_string()));
  return connection;
}

// --- octets in ---

void Connection::handle_octets(ByteView octets) {
  if (state_ == State::Over) return;
  if (state_ != State::Opening) {
    reader_.push(octets);
    return handle_frames();
  }
  head_.append(as_text(octets));
  handle_head();
}

void Connection::handle_head() {
  const auto end = head_.find("\r\n\r\n");
  if (std::min(end, head_.size()) > kLargestHead) {
    return end_now(CloseCode::ProtocolError, "the HTTP head is too large");
  }
  if (end == std::string::npos) return;
  const auto head = head_.substr(0, end);
  const auto rest = to_octets(std::string_view{head_}.substr(end + 4));
  head_.clear();
  std::string target = request_.target;
  if (role_ == Role::Client) {
    if (const auto refusal = refusal_in(head, request_.key)) {
      return end_now(CloseCode::Abnormal, *refusal);
    }
  } else {
    const auto answer = answer_upgrade(head);
    outgoing_.push_back(to_octets(answer.response));
    if (!answer.target) return end_now(CloseCode::Abnormal, "the HTTP request was refused");
    target = *answer.target;
  }
  state_ = State::Open;
  events_.emplace_back(Opened{target});
  reader_.push(rest);
  handle_frames();
}

void Connection::handle_frames() {
  while (state_ != State::Over) {
    auto frame = reader_.next();
    if (!frame) return fail(code_for(frame.error()), "a frame was malformed");
    if (!*frame) return;
    handle_frame(std::move(**frame));
  }
}

void Connection::handle_frame(Frame frame) {
  switch (frame.opcode) {
    case Opcode::Ping:
      if (state_ == State::Open) write(Opcode::Pong, frame.payload);
      return;
    case Opcode::Pong: return;
    case Opcode::Close: return handle_close(frame.payload);
    case Opcode::Binary: return fail(CloseCode::UnsupportedData, "text was expected");
    case Opcode::Text:
    case Opcode::Continuation:
      if (state_ == State::Open) handle_data(frame);  // RFC 6455 §1.4: after our close, not read
      return;
  }
}

void Connection::handle_data(const Frame& frame) {
  // RFC 6455 §5.4: a message begins with its kind and goes on with continuations.
  if ((frame.opcode == Opcode::Continuation) != message_.has_value()) {
    return fail(CloseCode::ProtocolError, "a fragment was out of order");
  }
  auto& message = message_ ? *message_ : message_.emplace();
  message.append(as_text(frame.payload));
  if (message.size() > kLargestMessage) return fail(CloseCode::TooBig, "the message is too large");
  if (!frame.fin) return;
  if (!is_utf8(message)) return fail(CloseCode::InvalidText, "the text is not UTF-8");
  events_.emplace_back(Text{std::move(message)});
  message_.reset();
}

void Connection::handle_close(ByteView payload) {
  auto code = static_cast<std::uint16_t>(CloseCode::NoStatus);
  std::string reason;
  if (!payload.empty()) {
    ByteReader reader{payload};
    code = reader.u16();
    reason = as_text(reader.rest());
    if (!reader.ok() || !is_sendable_code(code) || !is_utf8(reason)) {
      return fail(CloseCode::ProtocolError, "the close frame was malformed");
    }
  }
  // RFC 6455 §5.5.1: answered by the same code, unless it is the answer to ours.
  if (state_ == State::Open)
    write(Opcode::Close, payload.first(std::min<std::size_t>(payload.size(), 2)));
  end_now(code, reason);
}

void Connection::handle_end() {
  end_now(CloseCode::Abnormal, "the connection ended");
}

// --- calls ---

void Connection::send_text(std::string_view text) {
  assert(is_open() && is_utf8(text));
  write(Opcode::Text, as_octets(text));
}

void Connection::ping(std::string_view payload) {
  assert(is_open() && payload.size() <= kLargestControl);
  write(Opcode::Ping, as_octets(payload));
}

void Connection::close(CloseCode code, std::string_view reason) {
  if (state_ == State::Opening) return end_now(code, reason);
  if (state_ != State::Open) return;
  write_close(code, reason);
  state_ = State::Closing;
}

// RFC 6455 §7.1.7: says why, and does not wait for an answer.
void Connection::fail(CloseCode code, std::string_view reason) {
  if (state_ == State::Open) write_close(code, reason);
  end_now(code, reason);
}

void Connection::write_close(CloseCode code, std::string_view reason) {
  ByteWriter payload;
  payload.u16(static_cast<std::uint16_t>(code));
  payload.text(reason.substr(0, kLargestControl - 2));
  write(Opcode::Close, payload.view());
}

void Connection::write(Opcode opcode, ByteView payload) {
  Frame frame{true, opcode, std::nullopt, {payload.begin(), payload.end()}};
  if (role_ == Role::Client) rng_->fill(frame.mask.emplace());
  outgoing_.push_back(frame.serialize());
}

void Connection::end_now(std::uint16_t code, std::string_view reason) {
  if (std::exchange(state_, State::Over) == State::Over) return;
  events_.emplace_back(Closed{code, std::string{reason}});
}

void Connection::end_now(CloseCode code, std::string_view reason) {
  end_now(static_cast<std::uint16_t>(code), reason);
}

std::optional<Bytes> Connection::poll_output() {
  if (outgoing_.empty()) return std::nullopt;
  auto octets = std::move(outgoing_.front());
  outgoing_.pop_front();
  return octets;
}

std::optional<Event> Connection::poll_event() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace rtclab::websocket
