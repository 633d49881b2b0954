#include "agents/base/result.h"

namespace rtclab {

std::string Rule::to_string() const {
  return "RFC " + std::to_string(rfc) + " §" + std::string{section};
}

std::string_view to_string(Flaw flaw) {
  switch (flaw) {
    case Flaw::Truncated: return "truncated";
    case Flaw::BadMagic: return "bad magic";
    case Flaw::BadLength: return "bad length";
    case Flaw::BadValue: return "bad value";
    case Flaw::BadChecksum: return "bad checksum";
    case Flaw::Missing: return "missing";
    case Flaw::Duplicate: return "duplicate";
  }
  __builtin_unreachable();
}

std::string FileError::to_string() const {
  std::string text = file;
  if (line != 0) text += ":" + std::to_string(line);
  if (column != 0) text += ":" + std::to_string(column);
  return text + ": " + message;
}

}  // namespace rtclab
