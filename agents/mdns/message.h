// An mDNS message: questions and resource records, and how they are read from a datagram.
//
// Spec: RFC 1035 §4 (wire format), RFC 3596 §2 (AAAA), RFC 4034 §4 (NSEC), RFC 6762 §18 (what mDNS
// makes of the header), §5.4 and §10.2 (the top bit of a class). Records of other types keep their
// data as octets; names that these hold may point elsewhere in the message they came from.
#pragma once

#include "agents/base/address.h"
#include "agents/base/bytes.h"
#include "agents/base/result.h"
#include "agents/mdns/name.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace rtclab::mdns {

// Values outside this list are kept as they came.
enum class RecordType : std::uint16_t { A = 1, Aaaa = 28, Nsec = 47, Any = 255 };

inline constexpr std::uint16_t kClassIn = 1;
inline constexpr std::uint16_t kClassAny = 255;

struct Question {
  Name name;
  RecordType type = RecordType::A;
  std::uint16_t cls = kClassIn;   // 15 bits
  bool unicast_response = false;  // "QU" (RFC 6762 §5.4)
  friend bool operator==(const Question&, const Question&) = default;
};

// Which types of record a name has, all others it has not (RFC 6762 §6.1: types below 256 only).
struct Nsec {
  Name next;  // in mDNS the record's own name
  std::vector<RecordType> types;
  friend bool operator==(const Nsec&, const Nsec&) = default;
};

struct Record {
  Name name;
  RecordType type = RecordType::A;
  std::uint16_t cls = kClassIn;  // 15 bits
  bool cache_flush = false;      // RFC 6762 §10.2: all that is known of this name, type and class
  std::uint32_t ttl = 0;         // in seconds; 0: goodbye (RFC 6762 §10.1)
  std::variant<Ip, Nsec, Bytes> data;

  // An A or AAAA record in class IN.
  [[nodiscard]] static Record address(Name name, const Ip& ip, std::uint32_t ttl);
  // The address in it; null for records of other types and classes.
  [[nodiscard]] const Ip* find_address() const;
  friend bool operator==(const Record&, const Record&) = default;
};

struct Message {
  std::uint16_t id = 0;
  bool response = false;
  bool authoritative = false;
  bool truncated = false;  // in a query: more known answers follow (RFC 6762 §7.2)
  std::vector<Question> questions;
  std::vector<Record> answers;  // of a query: the answers known already (RFC 6762 §7.1)
  std::vector<Record> authorities;
  std::vector<Record> additionals;

  // The whole of `datagram`; octets behind the last record are looked past. An operation or
  // response code other than 0 is a flaw: RFC 6762 §18.3 and §18.11 have such messages ignored.
  [[nodiscard]] static Result<Message> parse(ByteView datagram);
  [[nodiscard]] Bytes serialize() const;
  friend bool operator==(const Message&, const Message&) = default;
};

// RFC 6762 §6: AAAA for an IPv6 address.
[[nodiscard]] RecordType address_type(const Ip& ip);
[[nodiscard]] std::string to_string(RecordType type);  // "A", "AAAA", "NSEC", "ANY", else "TYPE12"

}  // namespace rtclab::mdns
