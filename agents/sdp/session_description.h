// A session description: lines in their order, and typed access to those that WebRTC acts on.
//
// Spec: RFC 8866 (SDP), RFC 9429 §5.8 (how JSEP parses it), RFC 8839 (ICE), RFC 8842 (DTLS), RFC
// 8841 (SCTP), RFC 9143 (BUNDLE). The lines are the truth; a typed getter reads them and a setter
// writes them. So what we do not know stays where it was, byte for byte, and a description that was
// parsed serializes to the same text. Lines may end in LF or CRLF; we write CRLF.
#pragma once

#include "agents/sdp/candidate.h"
#include "agents/sdp/error.h"
#include "agents/sdp/rtp_values.h"
#include "agents/sdp/simulcast_values.h"
#include "agents/sdp/values.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtclab::sdp {

struct Line {
  char type = 'a';
  std::string value;       // after the '='
  std::size_t number = 0;  // in the text it was read from, from 1; 0 for a line that we added

  friend bool operator==(const Line&, const Line&) = default;
};

// The lines of the session level, or of one section (then the first is its m= line).
struct SectionLines {
  std::vector<Line> lines;

  // The first line of a type; nullptr when there is none.
  [[nodiscard]] const Line* find(char type) const;
  // The value of the first "a=name" or "a=name:value" (a flag's value is empty); nullopt without
  // one.
  [[nodiscard]] std::optional<std::string_view> attribute(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> attributes(std::string_view name) const;
  [[nodiscard]] bool has_attribute(std::string_view name) const {
    return attribute(name).has_value();
  }

  // Appends "a=name:value", or the flag "a=name" when `value` is empty.
  SectionLines& add_attribute(std::string_view name, std::string_view value = {});
  // Writes over the first and removes the others; appends when there was none.
  SectionLines& set_attribute(std::string_view name, std::string_view value = {});
  SectionLines& remove_attribute(std::string_view name);
  // Writes over the first line of that type, or puts it where RFC 8866 §5 wants it. Not for 'a'.
  SectionLines& set_line(char type, std::string value);

  SectionLines& set_media(const MediaLine& media) { return set_line('m', media.to_string()); }
  SectionLines& set_connection(const Connection& c) { return set_line('c', c.to_string()); }
  SectionLines& add_candidate(const Candidate& candidate);

  friend bool operator==(const SectionLines&, const SectionLines&) = default;
};

class Section;

struct SessionDescription {
  SectionLines session;
  std::vector<SectionLines> sections;

  // The whole description, or the first flaw. What parses has every line well-formed and in order,
  // unique mids, and typed getters that mean what the text says.
  [[nodiscard]] static SdpResult<SessionDescription> parse(std::string_view text);

  // What can be read, and every flaw: for a judge, who wants to see all of a bad description.
  struct Reading;
  [[nodiscard]] static Reading parse_structure(std::string_view text);

  // v=, o=, s=- and t=0 0: what every description of ours begins with (RFC 9429 §5.2.1).
  [[nodiscard]] static SessionDescription begin(const Origin& origin);

  [[nodiscard]] std::string serialize() const;

  [[nodiscard]] std::optional<Origin> origin() const;
  void set_origin(const Origin& origin) { session.set_line('o', origin.to_string()); }
  [[nodiscard]] std::vector<Group> groups() const;
  // The mids of the first a=group:BUNDLE; empty without one.
  [[nodiscard]] std::vector<std::string> bundle() const;
  [[nodiscard]] bool ice_lite() const { return session.has_attribute("ice-lite"); }

  SectionLines& add_section(const MediaLine& media);
  // A view: it must not outlive the description. Precondition: index < sections.size().
  [[nodiscard]] Section section(std::size_t index) const&;
  Section section(std::size_t index) const&& = delete;
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view mid) const;

  friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

struct SessionDescription::Reading {
  SessionDescription description;
  std::vector<SdpError> flaws;  // in the order of lines
};

// What one section says, with what the session level says for all sections.
class Section {
 public:
  Section(const SectionLines& session, const SectionLines& own) : session_{session}, own_{own} {}

  [[nodiscard]] const SectionLines& lines() const { return own_; }

  [[nodiscard]] MediaLine media() const;  // an empty MediaLine when the line is not one
  [[nodiscard]] std::optional<Connection> connection() const;
  // RFC 9429 §5.8.3, RFC 9143 §6: port 0 refuses a section unless a=bundle-only stands in it.
  [[nodiscard]] bool is_rejected() const;
  [[nodiscard]] bool is_data_channel()
      const;  // m=application over SCTP, in the new or the old form

  [[nodiscard]] std::optional<std::string> mid() const;
  [[nodiscard]] Direction direction() const;  // sendrecv where nothing is said: RFC 8866 §6.7
  [[nodiscard]] bool rtcp_mux() const { return own_.has_attribute("rtcp-mux"); }
  [[nodiscard]] bool bundle_only() const { return own_.has_attribute("bundle-only"); }
  [[nodiscard]] std::vector<Msid> msids() const;

  [[nodiscard]] std::optional<Setup> setup() const;
  // The section's own fingerprints or, when it has none, the session's (RFC 8122 §5).
  [[nodiscard]] std::vector<Fingerprint> fingerprints() const;

  [[nodiscard]] std::optional<IceCredentials> ice_credentials() const;
  [[nodiscard]] std::vector<std::string> ice_options() const;
  [[nodiscard]] bool has_ice_option(std::string_view tag) const;
  [[nodiscard]] std::optional<std::uint64_t> ice_pacing()
      const;  // milliseconds; a session attribute
  // Lines that are no candidate are left out; after parse() there are none.
  [[nodiscard]] std::vector<Candidate> candidates() const;
  [[nodiscard]] bool end_of_candidates() const;

  // a=sctp-port or, from a peer that writes the form before RFC 8841, the format of the m= line.
  [[nodiscard]] std::optional<Port> sctp_port() const;
  // nullopt when absent, which means 64 KiB; 0 means no limit (RFC 8841 §6.1).
  [[nodiscard]] std::optional<std::uint64_t> max_message_size() const;

  [[nodiscard]] std::vector<RtpMap> rtp_maps() const;
  [[nodiscard]] std::vector<FormatParameters> format_parameters() const;
  [[nodiscard]] std::vector<RtcpFeedback> rtcp_feedback() const;
  // Its own and those that stand at the session level for all sections (RFC 8285 §5).
  [[nodiscard]] std::vector<ExtMap> ext_maps() const;
  [[nodiscard]] bool extmap_allow_mixed() const;
  [[nodiscard]] std::vector<Rid> rids() const;
  [[nodiscard]] std::optional<Simulcast> simulcast() const;
  [[nodiscard]] std::optional<std::uint32_t> ptime() const;  // milliseconds
  [[nodiscard]] std::optional<std::uint32_t> maxptime() const;

 private:
  [[nodiscard]] std::optional<std::string_view> inherited(std::string_view name) const;

  const SectionLines& session_;
  const SectionLines& own_;
};

}  // namespace rtclab::sdp
