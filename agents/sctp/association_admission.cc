// RFC 9260 §8.4, §8.5: which packets belong to the association, and what the others get.
#include "agents/sctp/association_core.h"

#include <algorithm>

namespace rtclab::sctp {
namespace {

template <class T>
bool contains(const Packet& packet) {
  return std::ranges::any_of(packet.chunks,
                             [](const Chunk& chunk) { return std::holds_alternative<T>(chunk); });
}

template <class T>
const T* find(const Packet& packet) {
  for (const auto& chunk : packet.chunks) {
    if (const auto* found = std::get_if<T>(&chunk)) return found;
  }
  return nullptr;
}

}  // namespace

// RFC 9260 §8.5 and §8.5.1.
Association::Core::Admission Association::Core::admit(const Packet& packet) const {
  const auto tag = packet.header.verification_tag;
  if (contains<InitChunk>(packet)) {
    const bool alone = packet.chunks.size() == 1 && tag == 0;
    if (!alone) return Admission::Refused;
    return ended_ ? Admission::OutOfTheBlue : Admission::Accepted;
  }
  if (tag == 0) return Admission::Refused;
  if (!ended_ && std::holds_alternative<CookieEchoChunk>(packet.chunks.front())) {
    return Admission::Accepted;  // the cookie itself is checked
  }
  if (!local_) return Admission::OutOfTheBlue;

  const auto either = [&](TagKind kind) {
    const bool ours = kind == TagKind::Own && tag == local_->tag;
    const bool reflected = kind == TagKind::Reflected && tcb_ && tag == tcb_->peer.tag;
    return ours || reflected ? Admission::Accepted : Admission::Refused;
  };
  if (const auto* abort = find<AbortChunk>(packet)) return either(abort->tag);
  if (const auto* complete = find<ShutdownCompleteChunk>(packet)) {
    return packet.chunks.size() == 1 ? either(complete->tag) : Admission::Refused;
  }
  const bool setting_up = state_ == State::CookieWait || state_ == State::CookieEchoed;
  if (setting_up && contains<ShutdownAckChunk>(packet)) return Admission::OutOfTheBlue;
  return tag == local_->tag ? Admission::Accepted : Admission::Refused;
}

// RFC 9260 §8.4. INIT and COOKIE ECHO come here only after the end of the association.
void Association::Core::answer_out_of_the_blue(const Packet& packet) {
  discard("out of the blue", {9260, "8.4"});
  if (contains<AbortChunk>(packet)) return;
  const auto reflected = packet.header.verification_tag;
  if (const auto* init = find<InitChunk>(packet)) {
    if (init->body.initiate_tag != 0) send_alone(init->body.initiate_tag, AbortChunk{});
    return;
  }
  if (contains<ShutdownAckChunk>(packet)) {
    return send_alone(reflected, ShutdownCompleteChunk{TagKind::Reflected});
  }
  if (contains<ShutdownCompleteChunk>(packet) || contains<CookieAckChunk>(packet)) return;
  if (const auto* error = find<ErrorChunk>(packet); error != nullptr && has_stale_cookie(*error))
    return;
  send_alone(reflected, AbortChunk{TagKind::Reflected, {}});
}

}  // namespace rtclab::sctp
