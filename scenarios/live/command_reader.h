// Reads a command's arguments: one function for each command, in a table. Private to this folder.
#pragma once

#include "scenarios/live/command.h"
#include "scenarios/live/members.h"

namespace rtclab::program {

// Also what the other peer says in the short form.
[[nodiscard]] peer::Description read_description(Members& members);
[[nodiscard]] peer::IceCandidateInit read_candidate(Members& members);

// `index`: of the command in command_names(). What is wrong is complained of in `members`, which is
// the whole line with "command" and "id".
[[nodiscard]] Command read_command(std::size_t index, Members& members);

}  // namespace rtclab::program
