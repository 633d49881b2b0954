// The lines on the standard output of `rtclab peer`: what happened ("event"), and what is for the
// other peer ("type"). docs/live.md shows each.
#pragma once

#include "agents/base/event.h"
#include "agents/live/interfaces.h"
#include "agents/peer/description.h"
#include "agents/peer/error.h"
#include "agents/peer/event.h"
#include "agents/peer/stats.h"
#include "agents/peer/transceiver.h"
#include "scenarios/live/line.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::program {

[[nodiscard]] std::string ready_news(std::string_view name, std::uint64_t seed,
                                     const std::vector<live::InterfaceAddress>& addresses);
// A command did what it should; with what it yields, if anything.
[[nodiscard]] std::string done_news(const Request& request);
[[nodiscard]] std::string done_news(const Request& request, const peer::Description& description);
[[nodiscard]] std::string done_news(const Request& request, peer::TransceiverId transceiver);
[[nodiscard]] std::string done_news(const Request& request,
                                    const std::vector<peer::TransceiverInfo>& transceivers);
[[nodiscard]] std::string statistics_news(const Request& request, const peer::StatsReport& report);
[[nodiscard]] std::string error_news(std::string_view id, std::string_view command,
                                     const peer::Error& error);
// A line that could not be read: the error's name is "TypeError", as the interface would throw it.
[[nodiscard]] std::string error_news(const LineError& error);
[[nodiscard]] std::string state_news(std::string_view which, std::string_view state);
[[nodiscard]] std::string negotiation_needed_news();
[[nodiscard]] std::string gathering_done_news();  // the null candidate
[[nodiscard]] std::string candidate_error_news(const peer::IceCandidateError& error);
[[nodiscard]] std::string track_news(const peer::TrackEvent& track);
// `what`: "ended", "mute", "unmute".
[[nodiscard]] std::string remote_track_news(std::string_view what, peer::TransceiverId transceiver,
                                            std::string_view track);
// `what`: "addtrack", "removetrack".
[[nodiscard]] std::string stream_news(std::string_view what, std::string_view stream,
                                      std::string_view track);
[[nodiscard]] std::string buffered_amount_low_news(const peer::ChannelBufferedAmountLow& channel);
[[nodiscard]] std::string channel_news(std::string_view label, std::string_view state);
[[nodiscard]] std::string announced_news(const peer::DataChannelEvent& channel);
[[nodiscard]] std::string data_news(const peer::ChannelMessage& message);
// From the event "ice:pair_selected" of the trace.
[[nodiscard]] std::string pair_news(const Event& selected);

}  // namespace rtclab::program
