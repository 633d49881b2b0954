// What the content of each kind of line must look like, as a table.
//
// Spec: RFC 8866 §5 and §9 for the lines; each attribute's own RFC for its value. Lines and
// attributes that are not in the table have no rule here beyond RFC 8866's: any text.
#pragma once

#include "agents/sdp/error.h"
#include "agents/sdp/session_description.h"

#include <optional>

namespace rtclab::sdp {

// Returns what is wrong with this line by itself; nothing about its place among others.
[[nodiscard]] std::optional<SdpError> check_line(const Line& line);

}  // namespace rtclab::sdp
