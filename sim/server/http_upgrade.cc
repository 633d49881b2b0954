#include "sim/server/http_upgrade.h"

#include "agents/base/bytes.h"
#include "agents/base/text.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::websocket {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// 16 octets are 22 characters and two of padding.
bool is_key(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() == 24 && text.ends_with("==") &&
         text.substr(0, 22).find_first_not_of(kAlphabet) == std::string_view::npos;
}

UpgradeAnswer refuse(std::string_view status, std::string_view why, std::string_view field = {}) {
  std::string response = "HTTP/1.1 ";
  response.append(status).append("\r\n").append(field);
  response.append("Connection: close\r\nContent-Type: text/plain\r\nContent-Length: ");
  response.append(std::to_string(why.size())).append("\r\n\r\n").append(why);
  return {response, std::nullopt};
}

}  // namespace

std::optional<HttpHead> HttpHead::parse(std::string_view text) {
  HttpHead head;
  bool is_first = true;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (std::exchange(is_first, false)) {
      head.start_line = line;
      continue;
    }
    if (line.empty()) continue;
    const auto colon = line.find(':');
    // RFC 9112 §5: no space before the colon, and no folded lines.
    if (colon == 0 || colon == std::string_view::npos || line.front() == ' ' ||
        line.front() == '\t' || line[colon - 1] == ' ') {
      return std::nullopt;
    }
    head.fields.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  if (head.start_line.empty()) return std::nullopt;
  return head;
}

std::optional<std::string> HttpHead::find(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : fields) {
    if (!equal_without_case(key, name)) continue;
    found = found ? *found + ", " + value : value;
  }
  return found;
}

bool HttpHead::has_token(std::string_view name, std::string_view token) const {
  const auto value = find(name);
  if (!value) return false;
  const auto tokens = split(*value, ',');
  return std::any_of(tokens.begin(), tokens.end(), [&](std::string_view candidate) {
    return equal_without_case(trim(candidate), token);
  });
}

std::string UpgradeRequest::to_string() const {
  return "GET " + target + " HTTP/1.1\r\nHost: " + host +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
         "\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

// RFC 6455 §4.2.1, in the order in which a client can learn most from the answer.
UpgradeAnswer answer_upgrade(std::string_view text) {
  const auto head = HttpHead::parse(text);
  if (!head) return refuse("400 Bad Request", "this is not HTTP/1.1");
  const auto words = split(head->start_line, ' ');
  if (words.size() != 3 || words[2] != "HTTP/1.1") {
    return refuse("400 Bad Request", "a request line of HTTP/1.1 was expected");
  }
  if (words[0] != "GET") return refuse("405 Method Not Allowed", "GET only", "Allow: GET\r\n");
  if (!words[1].starts_with('/')) return refuse("400 Bad Request", "a path was expected");
  if (!head->find("Host")) return refuse("400 Bad Request", "Host is missing");
  if (!head->has_token("Upgrade", "websocket") || !head->has_token("Connection", "upgrade")) {
    return refuse("426 Upgrade Required", "this server speaks WebSocket", "Upgrade: websocket\r\n");
  }
  if (head->find("Sec-WebSocket-Version") != "13") {
    return refuse("426 Upgrade Required", "version 13 was expected",
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  }
  const auto key = head->find("Sec-WebSocket-Key").value_or("");
  if (!is_key(key))
    return refuse("400 Bad Request", "Sec-WebSocket-Key is not 16 octets in base64");
  return {
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
          accept_value(key) + "\r\n\r\n",
      std::string{words[1]}};
}

// RFC 6455 §4.1, what the client checks.
std::optional<std::string> refusal_in(std::string_view text, std::string_view key) {
  const auto head = HttpHead::parse(text);
  if (!head || !head->start_line.starts_with("HTTP/1.1 ")) return "the answer is not HTTP/1.1";
  if (!head->start_line.starts_with("HTTP/1.1 101")) {
    return "the server refused: " + head->start_line.substr(9);
  }
  if (!head->has_token("Upgrade", "websocket")) return "the answer does not upgrade to websocket";
  if (!head->has_token("Connection", "upgrade")) return "the answer does not upgrade";
  if (head->find("Sec-WebSocket-Accept") != accept_value(key)) {
    return "Sec-WebSocket-Accept does not match our key";
  }
  if (head->find("Sec-WebSocket-Extensions")) return "an extension was not asked for";
  if (head->find("Sec-WebSocket-Protocol")) return "a subprotocol was not asked for";
  return std::nullopt;
}

std::string accept_value(std::string_view key) {
  const auto text = std::string{key}.append(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 4 * EVP_MAX_MD_SIZE / 3 + 5> encoded{};
  EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return reinterpret_cast<const char*>(encoded.data());
}

}  // namespace rtclab::websocket
