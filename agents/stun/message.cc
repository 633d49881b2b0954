#include "agents/stun/message.h"

#include "agents/stun/attributes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rtclab::stun {
namespace {

constexpr Rule kHeaderRule{8489, "5"};
constexpr Rule kAttributeRule{8489, "14"};
constexpr Rule kFingerprintRule{8489, "14.7"};

constexpr std::array kMethodNames{
    std::pair{Method::Binding, "Binding"},
    std::pair{Method::Allocate, "Allocate"},
    std::pair{Method::Refresh, "Refresh"},
    std::pair{Method::Send, "Send"},
    std::pair{Method::Data, "Data"},
    std::pair{Method::CreatePermission, "CreatePermission"},
    std::pair{Method::ChannelBind, "ChannelBind"},
    std::pair{Method::Connect, "Connect"},
    std::pair{Method::ConnectionBind, "ConnectionBind"},
    std::pair{Method::ConnectionAttempt, "ConnectionAttempt"},
};

// RFC 8489 §14.5 and §14.6: which attributes still count behind the integrity attribute `last`.
bool counts_behind(AttributeType last, AttributeType type) {
  using enum AttributeType;
  if (last == MessageIntegrity) return type == MessageIntegritySha256 || type == Fingerprint;
  if (last == MessageIntegritySha256) return type == Fingerprint;
  return true;
}

std::size_t significant_count(std::span<const Attribute> attributes) {
  auto protection = AttributeType{0};
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const auto type = attributes[i].type;
    if (!counts_behind(protection, type)) return i;
    if (type == AttributeType::MessageIntegrity || type == AttributeType::MessageIntegritySha256)
      protection = type;
  }
  return attributes.size();
}

// Walks over one datagram and fills a Reading.
class Walk {
 public:
  explicit Walk(ByteView datagram) : datagram_{datagram} {}

  Reading run() {
    if (!read_header()) return std::move(reading_);
    read_attributes();
    check_forms();
    return std::move(reading_);
  }

 private:
  //    0                   1                   2                   3
  //   |0 0|  message type (14 bits)   |        message length         |
  //   |                    magic cookie  0x2112A442                   |
  //   |                 transaction id (96 bits, 3 rows)              |
  bool read_header() {
    if (datagram_.size() < kHeaderSize) {
      flaw(Flaw::Truncated, datagram_.size(), kHeaderRule);
      return false;
    }
    ByteReader reader{datagram_};
    const auto type = reader.u16();
    const auto length = reader.u16();
    const auto cookie = reader.u32();
    if ((type & 0xC000u) != 0) flaw(Flaw::BadValue, 0, kHeaderRule);
    // Attributes are padded to 4 octets, so the length is a multiple of 4 too.
    if (length % 4 != 0 || kHeaderSize + length != datagram_.size())
      flaw(Flaw::BadLength, 2, kHeaderRule);
    if (cookie != kMagicCookie) {
      flaw(Flaw::BadMagic, 4, kHeaderRule);
      return false;
    }
    reading_.framed = reading_.flaws.empty();
    end_ = std::min(datagram_.size(), kHeaderSize + length);
    auto& message = reading_.message.emplace();
    message.cls = class_of(type);
    message.method = method_of(type);
    std::ranges::copy(reader.take(12), message.transaction.octets.begin());
    return true;
  }

  //    0                   1                   2                   3
  //   |         Type                  |            Length             |
  //   |                         Value (variable), padded            ....
  void read_attributes() {
    ByteReader reader{datagram_.first(end_)};
    reader.skip(kHeaderSize);
    while (reader.remaining() != 0) {
      const auto at = reader.offset();
      const auto type = AttributeType{reader.u16()};
      const std::size_t length = reader.u16();
      if (!reader.ok()) return stop(Flaw::Truncated, at);
      if (length > reader.remaining()) return stop(Flaw::BadLength, at + 2);
      const auto value = reader.take(length);
      const auto padding = reader.take(std::min((4 - length % 4) % 4, reader.remaining()));
      // RFC 8489 §14: zero when sent, ignored when received.
      if (std::ranges::any_of(padding, [](std::byte octet) { return octet != std::byte{0}; })) {
        reading_.tolerated.push_back({Flaw::BadValue, at + 4 + length, kAttributeRule});
      }
      reading_.message->attributes.push_back({type, Bytes{value.begin(), value.end()}});
      offsets_.push_back(at);
    }
  }

  void check_forms() {
    const auto& message = *reading_.message;
    const auto counting = significant_count(message.attributes);
    for (std::size_t i = 0; i < message.attributes.size(); ++i) {
      const auto& attribute = message.attributes[i];
      if (attribute.type == AttributeType::Fingerprint && i + 1 != message.attributes.size()) {
        reading_.tolerated.push_back({Flaw::BadValue, offsets_[i], kFingerprintRule});
      }
      const auto wrong = flaw_in(attribute.type, attribute.value, message.transaction);
      if (!wrong) continue;
      // What a receiver must ignore cannot make it refuse the message.
      auto& list = i < counting ? reading_.flaws : reading_.tolerated;
      list.push_back({*wrong, offsets_[i], attribute_info(attribute.type)->rule});
    }
  }

  void flaw(Flaw what, std::size_t offset, Rule rule) {
    reading_.flaws.push_back({what, offset, rule});
  }
  void stop(Flaw what, std::size_t offset) {
    flaw(what, offset, kAttributeRule);
    reading_.framed = false;
  }

  ByteView datagram_;
  std::size_t end_ = 0;
  std::vector<std::size_t> offsets_;  // of the attributes
  Reading reading_;
};

}  // namespace

std::string_view to_string(Class cls) {
  switch (cls) {
    case Class::Request: return "request";
    case Class::Indication: return "indication";
    case Class::Success: return "success";
    case Class::Error: return "error";
  }
  __builtin_unreachable();
}

std::string to_string(Method method) {
  const auto* const row =
      std::ranges::find(kMethodNames, method, &decltype(kMethodNames)::value_type::first);
  if (row != kMethodNames.end()) return row->second;
  const auto octets = ByteWriter{2}.u16(static_cast<std::uint16_t>(method)).take();
  return "0x" + to_hex(octets).substr(1);
}

// RFC 8489 §5: the class bits sit at 4 and 8, the twelve bits of the method around them.
std::uint16_t type_field(Class cls, Method method) {
  const auto m = static_cast<unsigned>(method);
  const auto c = static_cast<unsigned>(cls);
  return static_cast<std::uint16_t>((m & 0xF80u) << 2u | (m & 0x070u) << 1u | (m & 0x00Fu) |
                                    (c & 2u) << 7u | (c & 1u) << 4u);
}

Class class_of(std::uint16_t type) {
  return Class{static_cast<std::uint8_t>((type >> 7u & 2u) | (type >> 4u & 1u))};
}

Method method_of(std::uint16_t type) {
  return Method{static_cast<std::uint16_t>((type & 0x3E00u) >> 2u | (type & 0x00E0u) >> 1u |
                                           (type & 0x000Fu))};
}

Result<Message> Message::parse(ByteView datagram) {
  auto reading = parse_structure(datagram);
  if (!reading.flaws.empty()) return tl::make_unexpected(reading.flaws.front());
  return std::move(*reading.message);
}

Reading Message::parse_structure(ByteView datagram) {
  return Walk{datagram}.run();
}

Message Message::response_to(const Message& request, Class cls) {
  return {
      .cls = cls, .method = request.method, .transaction = request.transaction, .attributes = {}};
}

std::span<const Attribute> Message::significant() const {
  return std::span{attributes}.first(significant_count(attributes));
}

const Attribute* Message::find(AttributeType type) const {
  const auto counting = significant();
  const auto found = std::ranges::find(counting, type, &Attribute::type);
  return found == counting.end() ? nullptr : &*found;
}

std::string Message::name() const {
  return to_string(method) + " " + std::string{to_string(cls)};
}

bool looks_like_stun(ByteView datagram) {
  if (datagram.size() < kHeaderSize) return false;
  ByteReader reader{datagram};
  const auto type = reader.u16();
  const auto length = reader.u16();
  return type < 0x0400 && reader.u32() == kMagicCookie && kHeaderSize + length == datagram.size() &&
         length % 4 == 0;
}

std::vector<AttributeType> unknown_required(const Message& message) {
  std::vector<AttributeType> unknown;
  for (const auto& attribute : message.significant()) {
    const auto type = attribute.type;
    if (!is_comprehension_required(type) || has_codec(type)) continue;
    if (std::ranges::find(unknown, type) == unknown.end()) unknown.push_back(type);
  }
  return unknown;
}

std::vector<AttributeType> unknown_required(const Message& message,
                                            std::span<const AttributeType> understood) {
  std::vector<AttributeType> unknown;
  for (const auto& attribute : message.significant()) {
    const auto type = attribute.type;
    if (!is_comprehension_required(type) || std::ranges::find(understood, type) != understood.end())
      continue;
    if (std::ranges::find(unknown, type) == unknown.end()) unknown.push_back(type);
  }
  return unknown;
}

}  // namespace rtclab::stun
