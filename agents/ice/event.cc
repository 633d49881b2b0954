#include "agents/ice/event.h"

#include <cstdint>

namespace rtclab::ice {
namespace {

Field stream_field(StreamId stream) {
  return {"stream", std::uint64_t{stream.value()}};
}

Field text(std::string_view key, std::string_view value) {
  return {key, std::string{value}};
}

}  // namespace

Event CandidateGathered::describe() const {
  return {.name = kName,
          .fields = {stream_field(stream), text("candidate", candidate.to_string()),
                     text("type", to_string(candidate.type)),
                     text("address", candidate.address.to_string()),
                     text("base", candidate.base.to_string()), text("ufrag", ufrag)},
          .rule = Rule{8445, "5.1.1"}};
}

Event EndOfCandidates::describe() const {
  return {.name = kName,
          .fields = {stream_field(stream), text("ufrag", ufrag)},
          .rule = Rule{8838, "13"}};
}

Event GatheringFailed::describe() const {
  return {.name = kName,
          .fields = {stream_field(stream),
                     text("base", base.to_string()),
                     text("url", url),
                     {"code", std::int64_t{code}},
                     text("reason", reason)},
          .rule = Rule{8445, "5.1.1.2"}};
}

Event GatheringStateChanged::describe() const {
  return {.name = kName, .fields = {text("state", to_string(state))}, .rule = std::nullopt};
}

Event StateChanged::describe() const {
  return {.name = kName,
          .fields = {stream_field(stream), text("from", to_string(from)),
                     text("to", to_string(state)), text("reason", reason)},
          .rule = std::nullopt};
}

Event SelectedPairChanged::describe() const {
  return {.name = kName,
          .fields = {stream_field(stream),
                     {"pair", pair.value()},
                     text("local", local.address.to_string()),
                     text("local_type", to_string(local.type)),
                     text("remote", remote.address.to_string()),
                     text("remote_type", to_string(remote.type)),
                     text("protocol", to_string(local.transport)),
                     text("reason", reason)},
          .rule = Rule{8445, "12.1"}};
}

Event RoleChanged::describe() const {
  return {.name = kName,
          .fields = {text("role", to_string(role)), text("reason", reason)},
          .rule = Rule{8445, "7.3.1.1"}};
}

}  // namespace rtclab::ice
