// A domain name as mDNS uses it: labels of octets, compared without regard to ASCII case.
//
// Spec: RFC 1035 §3.1 (form), §4.1.4 (compression); RFC 6762 §16 (UTF-8 labels, case), appendix C
// (255 octets at most).
#pragma once

#include "agents/base/bytes.h"
#include "agents/base/result.h"

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::mdns {

struct Name {
  std::vector<std::string> labels;  // without the root: {"printer", "local"}

  // "a.local" or "a.local."; nullopt when a label is empty or longer than 63 octets, or the whole
  // longer than 255. The empty text is the root.
  [[nodiscard]] static std::optional<Name> parse(std::string_view text);
  // With dots between the labels; a dot or backslash inside a label gets a backslash before it.
  [[nodiscard]] std::string to_string() const;
  // The form that equal names share: lower case.
  [[nodiscard]] std::string key() const;

  friend bool operator==(const Name& a, const Name& b) { return a.key() == b.key(); }
  friend std::strong_ordering operator<=>(const Name& a, const Name& b) {
    return a.key() <=> b.key();
  }
};

// Reads the name at `reader`, whose octets are the front of `message`; compressed names are
// followed into what stands before them. A pointer must lead to an earlier place than any octet of
// the name read so far, so that reading ends whatever the octets are.
[[nodiscard]] Result<Name> read_name(ByteView message, ByteReader& reader);

// Writes names, later ones by pointing at the tails of earlier ones (RFC 1035 §4.1.4).
class NameWriter {
 public:
  void write(ByteWriter& out, const Name& name);

 private:
  std::map<std::vector<std::string>, std::size_t> written_;  // labels as written -> offset
};

}  // namespace rtclab::mdns
