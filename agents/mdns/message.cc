#include "agents/mdns/message.h"

#include <algorithm>
#include <utility>

namespace rtclab::mdns {
namespace {

constexpr Rule kHeader{1035, "4.1.1"};
constexpr Rule kQuestion{1035, "4.1.2"};
constexpr Rule kRecord{1035, "4.1.3"};
constexpr Rule kBitmaps{4034, "4.1.2"};

constexpr std::uint16_t kResponse = 0x8000;
constexpr std::uint16_t kOpcode = 0x7800;
constexpr std::uint16_t kAuthoritative = 0x0400;
constexpr std::uint16_t kTruncated = 0x0200;
constexpr std::uint16_t kResponseCode = 0x000f;
constexpr std::uint16_t kTopBit = 0x8000;  // of a class: cache flush, or unicast response

constexpr std::size_t kBitmapOctets = 32;  // of one window of 256 types

// Reads the sections in order; each step returns the first flaw.
class Reader {
 public:
  explicit Reader(ByteView datagram) : datagram_{datagram}, in_{datagram} {}

  Result<Message> read() {
    Message message;
    message.id = in_.u16();
    const auto flags = in_.u16();
    std::array<std::uint16_t, 4> counts{};
    for (auto& count : counts) count = in_.u16();
    if (!in_.ok()) return fail(Flaw::Truncated, datagram_.size(), kHeader);
    if ((flags & kOpcode) != 0) return fail(Flaw::BadValue, 2, {6762, "18.3"});
    if ((flags & kResponseCode) != 0) return fail(Flaw::BadValue, 3, {6762, "18.11"});
    message.response = (flags & kResponse) != 0;
    message.authoritative = (flags & kAuthoritative) != 0;
    message.truncated = (flags & kTruncated) != 0;

    for (unsigned left = counts[0]; left != 0; --left) {
      auto question = read_question();
      if (!question) return tl::make_unexpected(question.error());
      message.questions.push_back(std::move(*question));
    }
    const std::array sections{&message.answers, &message.authorities, &message.additionals};
    for (std::size_t i = 0; i < sections.size(); ++i) {
      for (unsigned left = counts.at(i + 1); left != 0; --left) {
        auto record = read_record();
        if (!record) return tl::make_unexpected(record.error());
        sections.at(i)->push_back(std::move(*record));
      }
    }
    return message;
  }

 private:
  Result<Question> read_question() {
    auto name = read_name(datagram_, in_);
    if (!name) return tl::make_unexpected(name.error());
    const auto type = RecordType{in_.u16()};
    const auto cls = in_.u16();
    if (!in_.ok()) return fail(Flaw::Truncated, datagram_.size(), kQuestion);
    return Question{std::move(*name), type, static_cast<std::uint16_t>(cls & ~kTopBit),
                    (cls & kTopBit) != 0};
  }

  Result<Record> read_record() {
    auto name = read_name(datagram_, in_);
    if (!name) return tl::make_unexpected(name.error());
    const auto type = RecordType{in_.u16()};
    const auto cls = in_.u16();
    const auto ttl = in_.u32();
    const auto length = in_.u16();
    const auto at = in_.offset();
    const auto data = in_.take(length);
    if (!in_.ok()) return fail(Flaw::Truncated, datagram_.size(), kRecord);

    Record record{.name = std::move(*name),
                  .type = type,
                  .cls = static_cast<std::uint16_t>(cls & ~kTopBit),
                  .cache_flush = (cls & kTopBit) != 0,
                  .ttl = ttl,
                  .data = Bytes{data.begin(), data.end()}};
    if (type == RecordType::A || type == RecordType::Aaaa) {
      const auto ip = read_address(type, data, at);
      if (!ip) return tl::make_unexpected(ip.error());
      record.data = *ip;
    } else if (type == RecordType::Nsec) {
      auto nsec = read_nsec(at, data.size());
      if (!nsec) return tl::make_unexpected(nsec.error());
      record.data = std::move(*nsec);
    }
    return record;
  }

  static Result<Ip> read_address(RecordType type, ByteView data, std::size_t at) {
    if (type == RecordType::A) {
      if (data.size() != 4) return fail(Flaw::BadLength, at - 2, {1035, "3.4.1"});
      return Ip::v4(ByteReader{data}.u32());
    }
    if (data.size() != 16) return fail(Flaw::BadLength, at - 2, {3596, "2.2"});
    Ip ip;
    std::ranges::transform(data, ip.octets.begin(), std::to_integer<std::uint8_t>);
    // A mapped address in an AAAA record would turn into IPv4 in our hands.
    if (ip.is_v4()) return fail(Flaw::BadValue, at, {3596, "2.2"});
    return ip;
  }

  // The next name may be compressed (RFC 6762 §18.14), so it is read from the whole message.
  Result<Nsec> read_nsec(std::size_t at, std::size_t size) const {
    const auto end = at + size;
    ByteReader in{datagram_.first(end)};
    in.skip(at);
    auto next = read_name(datagram_.first(end), in);
    if (!next) return tl::make_unexpected(next.error());
    Nsec nsec{std::move(*next), {}};
    while (in.remaining() != 0) {
      const auto window_at = in.offset();
      const auto window = in.u8();
      const auto length = in.u8();
      const auto bits = in.take(length);
      if (!in.ok()) return fail(Flaw::Truncated, end, kBitmaps);
      if (length == 0 || length > kBitmapOctets)
        return fail(Flaw::BadLength, window_at + 1, kBitmaps);
      // RFC 6762 §6.1: an mDNS NSEC has the first window only; others are of no use to us.
      if (window != 0) continue;
      for (unsigned type = 0; type < length * 8u; ++type) {
        const auto octet = std::to_integer<unsigned>(bits[type / 8]);
        if ((octet & 0x80u >> type % 8u) != 0) nsec.types.push_back(static_cast<RecordType>(type));
      }
    }
    return nsec;
  }

  ByteView datagram_;
  ByteReader in_;
};

void write_nsec(ByteWriter& out, NameWriter& names, const Nsec& nsec) {
  names.write(out, nsec.next);
  std::array<std::uint8_t, kBitmapOctets> bits{};
  std::size_t used = 0;
  for (const auto each : nsec.types) {
    const auto type = static_cast<std::size_t>(each);
    if (type / 8 >= bits.size()) continue;
    bits.at(type / 8) = static_cast<std::uint8_t>(bits.at(type / 8) | 0x80u >> type % 8u);
    used = std::max(used, type / 8 + 1);
  }
  if (used == 0) return;
  out.u8(0).u8(used);
  for (std::size_t i = 0; i < used; ++i) out.u8(bits.at(i));
}

void write_record(ByteWriter& out, NameWriter& names, const Record& record) {
  names.write(out, record.name);
  out.u16(static_cast<std::uint64_t>(record.type));
  out.u16(record.cls | (record.cache_flush ? kTopBit : 0u)).u32(record.ttl);
  const auto length_at = out.size();
  out.u16(0);
  if (const auto* const ip = std::get_if<Ip>(&record.data)) {
    if (ip->is_v4()) {
      out.u32(ip->v4_number());
    } else {
      out.octets(std::as_bytes(std::span{ip->octets}));
    }
  } else if (const auto* const nsec = std::get_if<Nsec>(&record.data)) {
    write_nsec(out, names, *nsec);
  } else {
    out.octets(std::get<Bytes>(record.data));
  }
  out.patch_u16(length_at, out.size() - length_at - 2);
}

}  // namespace

Record Record::address(Name name, const Ip& ip, std::uint32_t ttl) {
  return {.name = std::move(name), .type = address_type(ip), .ttl = ttl, .data = ip};
}

const Ip* Record::find_address() const {
  return cls == kClassIn ? std::get_if<Ip>(&data) : nullptr;
}

Result<Message> Message::parse(ByteView datagram) {
  return Reader{datagram}.read();
}

Bytes Message::serialize() const {
  ByteWriter out;
  NameWriter names;
  out.u16(id);
  out.u16((response ? kResponse : 0u) | (authoritative ? kAuthoritative : 0u) |
          (truncated ? kTruncated : 0u));
  out.u16(questions.size()).u16(answers.size()).u16(authorities.size()).u16(additionals.size());
  for (const auto& question : questions) {
    names.write(out, question.name);
    out.u16(static_cast<std::uint64_t>(question.type));
    out.u16(question.cls | (question.unicast_response ? kTopBit : 0u));
  }
  for (const auto* section : {&answers, &authorities, &additionals}) {
    for (const auto& record : *section) write_record(out, names, record);
  }
  return out.take();
}

RecordType address_type(const Ip& ip) {
  return ip.is_v4() ? RecordType::A : RecordType::Aaaa;
}

std::string to_string(RecordType type) {
  switch (type) {
    case RecordType::A: return "A";
    case RecordType::Aaaa: return "AAAA";
    case RecordType::Nsec: return "NSEC";
    case RecordType::Any: return "ANY";
  }
  return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

}  // namespace rtclab::mdns
