// Reads the arguments of the commands about transceivers and about the configuration. Private to
// this folder.
#pragma once

#include "scenarios/live/command.h"
#include "scenarios/live/members.h"

namespace rtclab::program {

[[nodiscard]] Command read_add_transceiver(Members& members);
[[nodiscard]] Command read_add_track(Members& members);
[[nodiscard]] Command read_remove_track(Members& members);
[[nodiscard]] Command read_replace_track(Members& members);
[[nodiscard]] Command read_set_direction(Members& members);
[[nodiscard]] Command read_stop_transceiver(Members& members);
[[nodiscard]] Command read_set_streams(Members& members);
[[nodiscard]] Command read_set_codec_preferences(Members& members);
[[nodiscard]] Command read_set_configuration(Members& members);

}  // namespace rtclab::program
