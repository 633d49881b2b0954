-- Shows what travels inside WebRTC's DTLS: SCTP and its data channels (RFC 8261).
-- Wireshark 4.0 knows no way to say this by "Decode As".
--   tshark  -X lua_script:docs/wireshark/webrtc.lua -r out/first-call/capture.pcapng -Y sctp
DissectorTable.get("dtls.port"):add("1-65535", Dissector.get("sctp"))
