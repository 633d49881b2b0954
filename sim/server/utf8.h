// Whether octets are UTF-8, as WebSocket asks of text.
//
// Spec: RFC 3629 §4: the well-formed sequences, without overlong forms, surrogates and what lies
// above U+10FFFF.
#pragma once

#include <string_view>

namespace rtclab::websocket {

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace rtclab::websocket
