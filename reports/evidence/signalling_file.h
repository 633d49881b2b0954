// signalling.json, what the peers of a recording told each other.
//
// A list of {t, t_delivered, from, type, sdp, candidate, sdpMid, sdpMLineIndex, usernameFragment,
// note}; times are seconds since the Unix epoch on the clock of the capture. Other members, and
// descriptions without "sdp", are refused: a file that says something else than it seems to would
// be judged for what it does not say.
#pragma once

#include "agents/base/result.h"
#include "reports/evidence/evidence.h"

#include <filesystem>
#include <optional>
#include <string_view>

namespace rtclab::evidence {

[[nodiscard]] std::optional<SignallingType> parse_signalling_type(std::string_view text);

// Fills the signalling of `evidence`, with times since the Unix epoch: the caller chooses the
// origin.
[[nodiscard]] FileResult<void> read_signalling(const std::filesystem::path& file,
                                               Evidence& evidence);

}  // namespace rtclab::evidence
