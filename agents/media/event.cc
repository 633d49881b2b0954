#include "agents/media/event.h"

#include "agents/media/units.h"

namespace rtclab::media {
std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::Shown: return "shown";
    case Fate::ShownLate: return "shown late";
    case Fate::Lost: return "lost";
    case Fate::Skipped: return "skipped";
  }
  return "";
}

std::string_view to_string(PacketFate fate) {
  switch (fate) {
    case PacketFate::Late: return "late";
    case PacketFate::Lost: return "lost";
    case PacketFate::Repaired: return "repaired";
    case PacketFate::Duplicate: return "duplicate";
  }
  return "";
}

Event SourceAdded::describe() const {
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}},
                     {"mid", mid},
                     {"rid", rid},
                     {"by", std::string{by}}},
          .rule = Rule{9143, "9.2"}};
}

Event SourceRemoved::describe() const {
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}}, {"mid", mid}, {"why", std::string{why}}},
          .rule = Rule{3550, "6.3.5"}};
}

Event UnknownPacket::describe() const {
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}},
                     {"payload_type", std::uint64_t{payload_type}},
                     {"why", std::string{why}}},
          .rule = Rule{9143, "9.2"}};
}

Event SsrcChanged::describe() const {
  return {.name = kName,
          .fields = {{"mid", mid},
                     {"rid", rid},
                     {"from", std::uint64_t{from}},
                     {"to", std::uint64_t{to}}},
          .rule = Rule{3550, "8.2"}};
}

Event FrameFate::describe() const {
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}},
                     {"timestamp", std::uint64_t{timestamp}},
                     {"fate", std::string{to_string(fate)}},
                     {"key", key},
                     {"packets", std::uint64_t{packets}},
                     {"repaired", std::uint64_t{repaired}},
                     {"delay_ms", in_milliseconds(delay)}},
          .rule = std::nullopt};
}

Event PacketFateKnown::describe() const {
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}},
                     {"sequence", std::uint64_t{sequence}},
                     {"fate", std::string{to_string(fate)}}},
          .rule = std::nullopt};
}

Event FirstFrame::describe() const {
  return {
      .name = kName,
      .fields = {{"ssrc", std::uint64_t{ssrc}}, {"mid", mid}, {"after_ms", in_milliseconds(after)}},
      .rule = std::nullopt};
}

Event FreezeEnded::describe() const {
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}}, {"lasted_ms", in_milliseconds(lasted)}},
          .rule = std::nullopt};
}

Event KeyFrameRequested::describe() const {
  const bool pli = cause == KeyFrameCause::Pli;
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}}, {"cause", std::string{pli ? "PLI" : "FIR"}}},
          .rule = pli ? Rule{4585, "6.3.1"} : Rule{5104, "4.3.1"}};
}

Event TargetChanged::describe() const {
  return {.name = kName,
          .fields = {{"bitrate", bitrate}, {"reason", std::string{reason}}},
          .rule = std::nullopt};
}

Event CircuitBroken::describe() const {
  return {.name = kName,
          .fields = {{"ssrc", std::uint64_t{ssrc}}, {"why", std::string{why}}},
          .rule = Rule{8083, "4"}};
}

Event describe(const SessionEvent& event) {
  return std::visit([](const auto& value) { return value.describe(); }, event);
}

}  // namespace rtclab::media
