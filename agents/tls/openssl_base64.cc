#include "agents/tls/base64.h"

#include <openssl/evp.h>

namespace rtclab::tls {

std::string to_base64(ByteView octets) {
  // Four characters for each three octets; OpenSSL puts a zero behind, as std::string does.
  std::string text((octets.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(octets.data()),
                  static_cast<int>(octets.size()));
  return text;
}

}  // namespace rtclab::tls
