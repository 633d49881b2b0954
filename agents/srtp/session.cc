#include "agents/srtp/session.h"

#include <string>
#include <utility>

namespace rtclab::srtp {
namespace {

DirectionKeys agreed_keys(Profile profile, DtlsRole role, ByteView material,
                          const Deviations& deviations) {
  auto keys = direction_keys(profile, role, material);
  if (deviations.has(Deviation::SrtpKeysSwapped)) std::swap(keys.send, keys.receive);
  return keys;
}

}  // namespace

Session::Session(Profile profile, DtlsRole role, ByteView material, const Deviations& deviations)
    : Session{profile, agreed_keys(profile, role, material, deviations), deviations} {}

Session::Session(Profile profile, const DirectionKeys& keys, const Deviations& deviations)
    : profile_{profile},
      outbound_{profile, keys.send, deviations},
      inbound_{profile, keys.receive, deviations} {}

Outcome<Bytes> Session::protect(PacketKind kind, ByteView packet) {
  return kind == PacketKind::Rtp ? outbound_.protect_rtp(packet) : outbound_.protect_rtcp(packet);
}

Outcome<Bytes> Session::unprotect(PacketKind kind, ByteView packet) {
  return kind == PacketKind::Rtp ? inbound_.unprotect_rtp(packet) : inbound_.unprotect_rtcp(packet);
}

Event Keyed::describe() const {
  return {.name = kName,
          .fields = {{"profile", std::string{parameters(profile).name}}},
          .rule = Rule{5764, "4.2"}};
}

Event PacketRefused::describe() const {
  return {
      .name = kName,
      .fields = {{"kind", std::string{to_string(kind)}}, {"why", std::string{to_string(failure)}}},
      .rule = rule_of(failure)};
}

}  // namespace rtclab::srtp
