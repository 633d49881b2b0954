#include "agents/turn/client_event.h"

#include <chrono>

namespace rtclab::turn {
namespace {

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Event Allocated::describe() const {
  Event event{.name = kName,
              .fields = {{"relayed", relayed.to_string()},
                         {"mapped", mapped.to_string()},
                         {"lifetime_s", in_seconds(lifetime)}},
              .rule = Rule{8656, "7.3"}};
  if (additional) event.fields.push_back({"additional", additional->to_string()});
  if (refused) event.fields.push_back({"refused_code", std::int64_t{refused->code}});
  return event;
}

Event AllocationFailed::describe() const {
  Event event{.name = kName,
              .fields = {{"code", std::int64_t{code}}, {"reason", reason}},
              .rule = Rule{8656, "7.4"}};
  if (alternate) event.fields.push_back({"alternate", alternate->to_string()});
  return event;
}

Event PermissionGranted::describe() const {
  return {.name = kName, .fields = {{"peer", ip.to_string()}}, .rule = Rule{8656, "10.3"}};
}

Event PermissionRefused::describe() const {
  return {.name = kName,
          .fields = {{"peer", ip.to_string()}, {"code", std::int64_t{code}}},
          .rule = Rule{8656, "10.3"}};
}

Event ChannelBound::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()}, {"channel", std::uint64_t{channel}}},
          .rule = Rule{8656, "12.3"}};
}

Event ChannelRefused::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()}, {"code", std::int64_t{code}}},
          .rule = Rule{8656, "12.3"}};
}

Event PeerUnreachable::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()},
                     {"icmp_type", std::uint64_t{icmp_type}},
                     {"icmp_code", std::uint64_t{icmp_code}}},
          .rule = Rule{8656, "11.6"}};
}

Event PeerConnected::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()},
                     {"connection_id", std::uint64_t{id}},
                     {"incoming", is_incoming}},
          .rule = Rule{6062, is_incoming ? "4.4" : "4.3"}};
}

Event PeerConnectionFailed::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()}, {"code", std::int64_t{code}}, {"reason", reason}},
          .rule = Rule{6062, "4.3"}};
}

Event PeerDisconnected::describe() const {
  return {.name = kName,
          .fields = {{"peer", peer.to_string()},
                     {"connection_id", std::uint64_t{id}},
                     {"reason", reason}},
          .rule = Rule{6062, "4.6"}};
}

Event Closed::describe() const {
  return {.name = kName, .fields = {}, .rule = Rule{8656, "8"}};
}

}  // namespace rtclab::turn
