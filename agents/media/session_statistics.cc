#include "agents/media/session_core.h"

namespace rtclab::media {

Statistics Session::Core::statistics() const {
  auto snapshot = counters_;
  for (const auto& stream : streams_) snapshot.outbound.push_back(stream->statistics());
  for (const auto& source : inbound_) snapshot.inbound.push_back(source.stream->statistics());
  for (const auto& state : sections_) {
    const auto feed = feeds_.find(state.value.mid);
    if (feed == feeds_.end() || !feed->second.source) continue;
    snapshot.media_sources.push_back({.mid = state.value.mid,
                                      .kind = feed->second.source->kind(),
                                      .source = feed->second.source->statistics()});
  }
  snapshot.rate = controller_->decision();
  snapshot.round_trip_time = round_trip_time_;
  return snapshot;
}

}  // namespace rtclab::media
