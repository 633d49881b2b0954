// What a call cannot do without: two certificates and one DTLS handshake, with bare OpenSSL.
#pragma once

namespace rtclab::bench {

// Makes two P-256 certificates, and lets two endpoints shake hands through memory. Aborts when that
// fails.
void certificates_and_handshake();

}  // namespace rtclab::bench
