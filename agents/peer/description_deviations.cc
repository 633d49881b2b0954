#include "agents/peer/description_deviations.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

namespace rtclab::peer {
namespace {

using enum Deviation;
using sdp::SectionLines;
using sdp::SessionDescription;

// When a fault shows.
enum class When { Always, Offer, Answer, Later, LaterOffer, LaterAnswer };

bool is_time(When when, SdpType type, bool later) {
  const bool answer = type != SdpType::Offer;
  switch (when) {
    case When::Always: return true;
    case When::Offer: return !answer;
    case When::Answer: return answer;
    case When::Later: return later;
    case When::LaterOffer: return later && !answer;
    case When::LaterAnswer: return later && answer;
  }
  return false;
}

// A fault in the lines that stand for all sections.
struct SessionFault {
  Deviation deviation;
  When when;
  void (*commit)(SessionDescription& description);
};

void change_origin(SessionDescription& description, void (*change)(sdp::Origin&)) {
  auto origin = description.origin().value_or(sdp::Origin{});
  change(origin);
  description.set_origin(origin);
}

void change_session_id(SessionDescription& description) {
  change_origin(description, [](sdp::Origin& origin) {
    origin.session_id.back() = origin.session_id.back() == '1' ? '2' : '1';
  });
}

// RFC 5888 §5: a group names mids, so they change together.
void rename_sections(SessionDescription& description, std::string_view prefix) {
  for (auto& section : description.sections) {
    const auto mid = section.attribute("mid");
    if (mid) section.set_attribute("mid", std::string{prefix} + std::string{*mid});
  }
  sdp::Group bundle{"BUNDLE", {}};
  for (const auto& mid : description.bundle()) bundle.mids.push_back(std::string{prefix} + mid);
  if (!bundle.mids.empty()) description.session.set_attribute("group", bundle.to_string());
}

void remove_trickle(SessionDescription& description) {
  description.session.set_attribute("ice-options", "ice2");
}

void add_data_section(SessionDescription& description) {
  if (description.sections.empty()) return;
  auto second = description.sections.back();
  second.set_attribute("mid", "x");
  description.sections.push_back(std::move(second));
  auto mids = description.bundle();
  mids.emplace_back("x");
  description.session.set_attribute("group", sdp::Group{"BUNDLE", mids}.to_string());
}

// clang-format off
constexpr std::array kSessionFaults{
    SessionFault{SdpHugeSessionId,       When::Always, [](SessionDescription& d) { change_origin(d, [](sdp::Origin& o) { o.session_id = "98765432109876543210"; }); }},
    SessionFault{SdpVersionStuck,        When::Always, [](SessionDescription& d) { change_origin(d, [](sdp::Origin& o) { o.version = 1; }); }},
    SessionFault{SdpLaterNewSession,     When::Later,  change_session_id},
    SessionFault{SdpAnswerDropsSection,  When::Answer, [](SessionDescription& d) { if (!d.sections.empty()) d.sections.pop_back(); }},
    SessionFault{SdpLaterDropsSection,   When::Later,  [](SessionDescription& d) { if (!d.sections.empty()) d.sections.pop_back(); }},
    SessionFault{SdpAnswerOtherTime,     When::Answer, [](SessionDescription& d) { d.session.set_line('t', "1 2"); }},
    SessionFault{SdpSessionName,         When::Always, [](SessionDescription& d) { d.session.set_line('s', "a call"); }},
    SessionFault{SdpLaterNewName,        When::Later,  [](SessionDescription& d) { d.session.set_line('s', "later"); }},
    SessionFault{SdpOptionsChange,       When::Later,  [](SessionDescription& d) { d.session.set_attribute("ice-options", "trickle ice2 later"); }},
    SessionFault{SdpTrickleUnsaid,       When::Always, remove_trickle},
    SessionFault{SdpNoBundle,            When::Offer,  [](SessionDescription& d) { d.session.remove_attribute("group"); }},
    SessionFault{SdpLaterNewMid,         When::Later,  [](SessionDescription& d) { rename_sections(d, "n"); }},
    SessionFault{SdpAnswerOtherMid,      When::Answer, [](SessionDescription& d) { rename_sections(d, "o"); }},
    SessionFault{SdpLongMid,             When::Offer,  [](SessionDescription& d) { rename_sections(d, "data-section-"); }},
    SessionFault{SdpAnswerReorders,      When::Answer, [](SessionDescription& d) { std::ranges::reverse(d.sections); }},
    SessionFault{SdpLaterReorders,       When::LaterOffer, [](SessionDescription& d) { std::ranges::reverse(d.sections); }},
    SessionFault{SdpTwoDataSections,     When::Offer,  add_data_section},
};
// clang-format on

// A fault in the lines of each section that is not refused.
struct SectionFault {
  Deviation deviation;
  When when;
  void (*commit)(SectionLines& section);
};

sdp::MediaLine media_of(const SectionLines& section) {
  const auto* const line = section.find('m');
  return (line != nullptr ? sdp::MediaLine::parse(line->value) : std::nullopt)
      .value_or(sdp::MediaLine{});
}

void change_media(SectionLines& section, void (*change)(sdp::MediaLine&)) {
  auto media = media_of(section);
  change(media);
  section.set_media(media);
}

// Writes over the value of an attribute, where the section has it.
void change_attribute(SectionLines& section, std::string_view name, void (*change)(std::string&)) {
  const auto value = section.attribute(name);
  if (!value) return;
  std::string text{*value};
  change(text);
  section.set_attribute(name, text);
}

// Another hexadecimal digit in the last place.
void change_last_digit(std::string& fingerprint) {
  fingerprint.back() = fingerprint.back() == '0' ? '1' : '0';
}

void lower(std::string& text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

std::string octets(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "AB" : ":AB";
  return text;
}

void turn_setup(std::string& setup) {
  setup = setup == "active" ? "passive" : "active";
}

// The n-th character from the front becomes another of the same alphabet.
void change_first_letter(std::string& text) {
  text.front() = text.front() == 'A' ? 'B' : 'A';
}

void remove_connection(SectionLines& section) {
  std::erase_if(section.lines, [](const sdp::Line& line) { return line.type == 'c'; });
}

void point_elsewhere(SectionLines& section) {
  section.set_connection({.address = "192.0.2.99"});
  change_media(section, [](sdp::MediaLine& media) { media.port = Port{12345}; });
}

// clang-format off
constexpr std::array kSectionFaults{
    SectionFault{SdpAnswerOtherKind,      When::Answer, [](SectionLines& s) { change_media(s, [](sdp::MediaLine& m) { m.kind = "text"; }); }},
    SectionFault{SdpAnswerForeignFormat,  When::Answer, [](SectionLines& s) { change_media(s, [](sdp::MediaLine& m) { m.formats = {"foreign"}; }); }},
    SectionFault{SdpAnswerOtherProtocol,  When::Answer, [](SectionLines& s) { change_media(s, [](sdp::MediaLine& m) { m.protocol = "TCP/DTLS/SCTP"; }); }},
    SectionFault{SdpOldDataProtocol,      When::Offer,  [](SectionLines& s) { change_media(s, [](sdp::MediaLine& m) { m.protocol = "DTLS/SCTP"; }); }},
    SectionFault{SdpDataTwoFormats,       When::Answer, [](SectionLines& s) { change_media(s, [](sdp::MediaLine& m) { m.formats.emplace_back("another"); }); }},
    SectionFault{SdpNoFormat,             When::Always, [](SectionLines& s) { s.set_line('m', "application 9 UDP/DTLS/SCTP"); }},
    SectionFault{SdpNoConnection,         When::Always, remove_connection},
    SectionFault{SdpDefaultElsewhere,     When::Always, point_elsewhere},
    SectionFault{SdpTwoDirections,        When::Always, [](SectionLines& s) { s.add_attribute("sendrecv").add_attribute("inactive"); }},
    SectionFault{SdpNoPwd,                When::Always, [](SectionLines& s) { s.remove_attribute("ice-pwd"); }},
    SectionFault{SdpUfragBadCharacter,    When::Always, [](SectionLines& s) { change_attribute(s, "ice-ufrag", [](std::string& t) { t.front() = '_'; }); }},
    SectionFault{SdpLaterNewPwd,          When::Later,  [](SectionLines& s) { change_attribute(s, "ice-pwd", change_first_letter); }},
    SectionFault{SdpAnswerRestarts,       When::LaterAnswer, [](SectionLines& s) { change_attribute(s, "ice-pwd", change_first_letter); change_attribute(s, "ice-ufrag", change_first_letter); }},
    SectionFault{SdpAnswerBundleOnly,     When::Answer, [](SectionLines& s) { s.add_attribute("bundle-only"); }},
    SectionFault{SdpMuxOnlyAlone,         When::Offer,  [](SectionLines& s) { s.remove_attribute("rtcp-mux").set_attribute("rtcp-mux-only"); }},
    SectionFault{SdpAnswerUnaskedMux,     When::Answer, [](SectionLines& s) { s.set_attribute("rtcp-mux"); }},
    SectionFault{SdpHoldConn,             When::Offer,  [](SectionLines& s) { change_attribute(s, "setup", [](std::string& t) { t = "holdconn"; }); }},
    SectionFault{SdpAnswerOppositeSetup,  When::Answer, [](SectionLines& s) { change_attribute(s, "setup", turn_setup); }},
    SectionFault{SdpLaterFlipsSetup,      When::LaterAnswer, [](SectionLines& s) { change_attribute(s, "setup", turn_setup); }},
    SectionFault{SdpLaterNewFingerprint,  When::Later,  [](SectionLines& s) { change_attribute(s, "fingerprint", change_last_digit); }},
    SectionFault{SdpWrongFingerprint,     When::Always, [](SectionLines& s) { change_attribute(s, "fingerprint", change_last_digit); }},
    SectionFault{SdpLowercaseFingerprint, When::Always, [](SectionLines& s) { change_attribute(s, "fingerprint", lower); }},
    SectionFault{SdpMd5Fingerprint,       When::Always, [](SectionLines& s) { change_attribute(s, "fingerprint", [](std::string& t) { t = "md5 " + octets(16); }); }},
    SectionFault{SdpSha1Fingerprint,      When::Always, [](SectionLines& s) { change_attribute(s, "fingerprint", [](std::string& t) { t = "sha-1 " + octets(20); }); }},
    SectionFault{SdpShortTlsId,           When::Always, [](SectionLines& s) { change_attribute(s, "tls-id", [](std::string& t) { t.resize(8); }); }},
    SectionFault{SdpNoSctpPort,           When::Always, [](SectionLines& s) { s.remove_attribute("sctp-port"); }},
    SectionFault{SdpCrypto,               When::Always, [](SectionLines& s) { s.add_attribute("crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"); }},
    SectionFault{SdpNoMid,                When::Answer, [](SectionLines& s) { s.remove_attribute("mid"); }},
};
// clang-format on

}  // namespace

void deviate(SessionDescription& description, SdpType type, const Deviations& deviations) {
  const auto origin = description.origin();
  const bool later = origin && origin->version > 1;
  for (const auto& fault : kSectionFaults) {
    if (!deviations.has(fault.deviation) || !is_time(fault.when, type, later)) continue;
    for (auto& section : description.sections) {
      if (media_of(section).port != Port{0}) fault.commit(section);
    }
  }
  for (const auto& fault : kSessionFaults) {
    if (deviations.has(fault.deviation) && is_time(fault.when, type, later))
      fault.commit(description);
  }
}

void deviate(MediaSection& media, const Deviations& deviations) {
  if (deviations.has(SdpNoReducedSize)) media.rtcp_rsize = false;
  if (!deviations.has(SdpNoPli)) return;
  for (auto& format : media.formats) std::erase(format.codec.feedback, "nack pli");
}

void deviate(sdp::Candidate& candidate, const Deviations& deviations) {
  const auto prefer = [&](std::uint32_t type_preference) {
    candidate.priority = (candidate.priority & 0x00ffffffu) | type_preference << 24u;
  };
  if (deviations.has(SdpLoopbackCandidate) && candidate.type == "host")
    candidate.address = "127.0.0.1";
  if (deviations.has(SdpPriorityLowOctet)) candidate.priority ^= 0x0fu;
  // The local preference keeps the two apart.
  if (deviations.has(SdpOneTypePreference) && candidate.type == "host") {
    prefer(100);
    candidate.priority -= 0x100u;
  }
  if (deviations.has(SdpRelayPreferred) && candidate.type == "relay") prefer(120);
  if (deviations.has(SdpComponentThree)) candidate.component = 3;
  if (deviations.has(SdpLongFoundation)) candidate.foundation.assign(40, 'f');
  if (deviations.has(SdpHiddenPort) && candidate.related_port) candidate.related_port = Port{0};
}

}  // namespace rtclab::peer
