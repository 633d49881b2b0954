// The HTTP/1.1 request and response that turn a TCP connection into a WebSocket.
//
// Spec: RFC 6455 §4.1 (client), §4.2 (server), RFC 9112 (the shape of the messages).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::websocket {

// A message head: the start line and the fields, in order.
struct HttpHead {
  std::string start_line;
  std::vector<std::pair<std::string, std::string>> fields;

  // `text` without the empty line at its end; nullopt when it is not HTTP.
  [[nodiscard]] static std::optional<HttpHead> parse(std::string_view text);
  // The field's value; names compare without case. Values of a repeated field are joined by commas
  // (RFC 9110 §5.3).
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  // Whether the comma-separated list in field `name` has `token`, in any case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
};

struct UpgradeRequest {
  std::string host;    // "203.0.113.30:8080"
  std::string target;  // "/ws?name=alice"
  std::string key;     // 16 octets in base64

  [[nodiscard]] std::string to_string() const;
};

// What the server says to a request head: 101 with the target that was asked for, or an error.
struct UpgradeAnswer {
  std::string response;               // to be sent as it is
  std::optional<std::string> target;  // nullopt: refused
};
[[nodiscard]] UpgradeAnswer answer_upgrade(std::string_view head);

// nullopt when the response head accepts the request with `key`; else what is wrong with it.
[[nodiscard]] std::optional<std::string> refusal_in(std::string_view head, std::string_view key);

// RFC 6455 §4.2.2: proves that the server read the key: base64(SHA-1(key + GUID)).
[[nodiscard]] std::string accept_value(std::string_view key);

}  // namespace rtclab::websocket
