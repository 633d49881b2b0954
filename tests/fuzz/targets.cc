#include "tests/fuzz/target.h"

namespace rtclab::fuzz {

void stun_message(ByteView input);
void channel_data(ByteView input);
void session_description(ByteView input);
void candidate_line(ByteView input);
void demultiplex(ByteView input);
void mdns_message(ByteView input);
void rtp_packet(ByteView input);
void rtcp_packet(ByteView input);
void turn_stream(ByteView input);
void live_line(ByteView input);
void ice_agent(ByteView input);
void turn_server(ByteView input);
void turn_client(ByteView input);
void mdns_agent(ByteView input);
void sctp_association(ByteView input);
void srtp_session(ByteView input);
void data_channels(ByteView input);
void media_session(ByteView input);
void media_payload(ByteView input);
void peer_connection(ByteView input);
void nat_translator(ByteView input);
void packet_translation(ByteView input);

std::vector<Target> targets() {
  return {
      {"stun_message", stun_message},
      {"channel_data", channel_data},
      {"session_description", session_description},
      {"candidate_line", candidate_line},
      {"demultiplex", demultiplex},
      {"mdns_message", mdns_message},
      {"rtp_packet", rtp_packet},
      {"rtcp_packet", rtcp_packet},
      {"turn_stream", turn_stream},
      {"live_line", live_line},
      {"ice_agent", ice_agent},
      {"turn_server", turn_server},
      {"turn_client", turn_client},
      {"mdns_agent", mdns_agent},
      {"sctp_association", sctp_association},
      {"srtp_session", srtp_session},
      {"data_channels", data_channels},
      {"media_session", media_session},
      {"media_payload", media_payload},
      {"peer_connection", peer_connection},
      {"nat_translator", nat_translator},
      {"packet_translation", packet_translation},
  };
}

}  // namespace rtclab::fuzz
