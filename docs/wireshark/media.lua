-- Shows the RTP and RTCP of a file that "rtclab decrypt" wrote. They share a port (RFC 5761 §4), and feedback may
-- travel alone (RFC 5506), which Wireshark 4.0 does not take for RTCP by its looks.
--   tshark  -X lua_script:docs/wireshark/media.lua -r out/audio-and-video/media.pcapng -Y rtcp
local rtp, rtcp = Dissector.get("rtp"), Dissector.get("rtcp")
local media = Proto("webrtc_media", "RTP and RTCP on one port")
media:register_heuristic("udp", function(datagram, packet, tree)
  if datagram:len() < 8 or datagram(0, 1):bitfield(0, 2) ~= 2 then return false end
  local kind = datagram(1, 1):uint()
  local protocol = (kind >= 192 and kind <= 223) and rtcp or rtp
  protocol:call(datagram, packet, tree)
  return true
end)
-- What Wireshark takes for telephone events unless told otherwise; here the session description says what they are.
for _, payload_type in ipairs({100, 101}) do
  DissectorTable.get("rtp.pt"):remove(payload_type, Dissector.get("rtpevent"))
end
