#include "tests/fuzz/forge.h"

#include "agents/stun/attributes.h"
#include "agents/stun/error_code.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::fuzz {
namespace {

constexpr std::size_t kRemembered = 8;
constexpr std::size_t kMostAttributes = 8;
constexpr std::array kMethods{stun::Method::Binding,        stun::Method::Allocate,
                              stun::Method::Refresh,        stun::Method::Send,
                              stun::Method::Data,           stun::Method::CreatePermission,
                              stun::Method::ChannelBind,    stun::Method::Connect,
                              stun::Method::ConnectionBind, stun::Method::ConnectionAttempt};
constexpr std::array kCodes{300, 400, 401, 403, 420, 437, 438, 440,
                            441, 442, 446, 447, 486, 487, 500, 508};

template <class T>
const T& pick(const std::vector<T>& list, Feed& feed) {
  return list[feed.below(list.size())];
}

}  // namespace

void Forger::note_sent(ByteView datagram) {
  if (!stun::looks_like_stun(datagram)) return;
  auto message = stun::Message::parse(datagram);
  if (!message) return;
  if (const auto nonce = message->find<stun::Nonce>()) nonce_ = nonce->value;
  if (const auto realm = message->find<stun::Realm>()) realm_ = realm->value;
  if (message->cls != stun::Class::Request) return;
  requests_.push_front(std::move(*message));
  if (requests_.size() > kRemembered) requests_.pop_back();
}

Bytes Forger::forge(Feed& feed) const {
  stun::Message message;
  const auto how = feed.u8();
  message.method = kMethods.at(feed.below(kMethods.size()));
  message.cls = stun::Class{static_cast<std::uint8_t>(how & 3u)};
  if ((how & 4u) != 0 && !requests_.empty()) {
    const auto& request = requests_[feed.below(requests_.size())];
    message.method = request.method;
    message.transaction = request.transaction;
  } else {
    message.transaction.octets[0] = std::byte{feed.u8()};
  }
  if ((how & 8u) != 0) {
    message.add(stun::Username{pick(insider_.usernames, feed)});
    if (realm_) message.add(stun::Realm{*realm_});
    if (nonce_) message.add(stun::Nonce{*nonce_});
  }
  for (auto left = feed.below(kMostAttributes); left != 0; --left) add_attribute(message, feed);
  stun::Seal seal;
  if ((how & 16u) != 0) seal.key = pick(insider_.keys, feed);
  if ((how & 32u) != 0) seal.integrity = stun::IntegrityAlgorithm::Both;
  seal.fingerprint = (how & 64u) != 0;
  return stun::seal(message, seal);
}

void Forger::add_attribute(stun::Message& message, Feed& feed) const {
  using namespace stun;
  const auto address = [&] { return pick(insider_.addresses, feed); };
  const auto which = feed.u8();
  switch (which % 26u) {
    case 0: message.add(XorMappedAddress{address()}); return;
    case 1: message.add(MappedAddress{address()}); return;
    case 2: message.add(XorPeerAddress{address()}); return;
    case 3: message.add(XorRelayedAddress{address()}); return;
    case 4: message.add(AlternateServer{address()}); return;
    case 5: message.add(ErrorCode::standard(kCodes.at(feed.below(kCodes.size())))); return;
    case 6: message.add(stun::Priority{std::uint32_t{feed.u16()} << 16u | feed.u8()}); return;
    case 7: message.add(UseCandidate{}); return;
    case 8: message.add(IceControlling{std::uint64_t{feed.u8()} << 56u}); return;
    case 9: message.add(IceControlled{std::uint64_t{feed.u8()} << 56u}); return;
    case 10: message.add(Lifetime{std::uint32_t{feed.u16()} << (feed.u8() % 17u)}); return;
    case 11: message.add(ChannelNumber{feed.u16()}); return;
    case 12: message.add(stun::Data{Bytes(feed.u8(), std::byte{0x55})}); return;
    case 13:
      message.add(
          RequestedTransport{feed.flip() ? RequestedTransport::kUdp : RequestedTransport::kTcp});
      return;
    case 14: message.add(EvenPort{feed.flip()}); return;
    case 15: message.add(RequestedAddressFamily{FamilyCode{feed.u8()}}); return;
    case 16: message.add(AdditionalAddressFamily{FamilyCode{feed.u8()}}); return;
    case 17: message.add(ConnectionId{std::uint32_t{feed.u8()}}); return;
    case 18: message.add(DontFragment{}); return;
    case 19: message.add(UnknownAttributes{{AttributeType{feed.u16()}}}); return;
    case 20:
      message.add(PasswordAlgorithms{{{PasswordHash{feed.u16()}, {}}, {PasswordHash::Md5, {}}}});
      return;
    case 21: message.add(ReservationToken{}); return;
    case 22: message.add(ChangeRequest{feed.flip(), feed.flip()}); return;
    case 23: message.add(ResponsePort{Port{feed.u16()}}); return;
    case 24: add_text(message, feed.below(4), feed); return;
    default: {
      const auto type = AttributeType{feed.u16()};
      const auto value = feed.chunk();
      const bool is_protection = type == AttributeType::MessageIntegrity ||
                                 type == AttributeType::MessageIntegritySha256 ||
                                 type == AttributeType::Fingerprint;
      if (!is_protection) message.attributes.push_back({type, {value.begin(), value.end()}});
    }
  }
}

void Forger::add_text(stun::Message& message, std::size_t which, Feed& feed) const {
  auto text = feed.text();
  text.resize(std::min<std::size_t>(text.size(), 255));
  switch (which) {
    case 0: message.add(stun::Username{text}); return;
    case 1: message.add(stun::Realm{text}); return;
    case 2: message.add(stun::Nonce{text}); return;
    default: message.add(stun::Username{pick(insider_.usernames, feed)});
  }
}

}  // namespace rtclab::fuzz
