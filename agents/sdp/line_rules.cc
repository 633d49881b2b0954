#include "agents/sdp/line_rules.h"

#include "agents/sdp/grammar.h"
#include "agents/sdp/simulcast_values.h"

#include <algorithm>
#include <array>

namespace rtclab::sdp {
namespace {

using Check = bool (*)(std::string_view value);

struct LineRule {
  char type;
  Check ok;
  std::string_view expected;
  Rule rule;
};

struct AttributeRule {
  std::string_view name;
  Check ok;
  std::string_view expected;
  Rule rule;
};

template <class T>
bool parses(std::string_view value) {
  return T::parse(value).has_value();
}

bool is_text(std::string_view value) {
  return !value.empty();
}

// RFC 8866 §5.3 wants a session name that is not empty ("s=-"); "s=" is seen often and harms
// nobody.
bool is_any(std::string_view) {
  return true;
}

bool is_version(std::string_view value) {
  return value == "0";
}

bool is_time(std::string_view value) {
  const auto parts = words(value);
  return parts && parts->size() == 2 && std::ranges::all_of(*parts, is_digits);
}

bool is_bandwidth(std::string_view value) {
  const auto type = take_until(value, ':');
  return is_token(type) && is_digits(value);
}

bool is_flag(std::string_view value) {
  return value.empty();
}

bool is_ufrag(std::string_view value) {
  return is_ice_chars(value, 4, 256);
}

bool is_pwd(std::string_view value) {
  return is_ice_chars(value, 22, 256);
}

bool is_options(std::string_view value) {
  return !parse_ice_options(value).empty();
}

bool is_setup(std::string_view value) {
  return parse_setup(value).has_value();
}

bool is_port(std::string_view value) {
  return parse_port(value).has_value();
}

bool is_number(std::string_view value) {
  return parse_unsigned(value).has_value();
}

bool is_milliseconds(std::string_view value) {
  return parse_milliseconds(value).has_value();
}

// RFC 8839 §5.5: at most ten digits.
bool is_pacing(std::string_view value) {
  return is_digits(value) && value.size() <= 10;
}

// RFC 8842 §4: 20 to 255 of letters, digits and "+/-_".
bool is_tls_id(std::string_view value) {
  return value.size() >= 20 && value.size() <= 255 &&
         std::ranges::all_of(value, [](char c) { return is_ice_char(c) || c == '-' || c == '_'; });
}

// clang-format off
constexpr std::array kLineRules{
    LineRule{'v', is_version,         "v=0",                                                                {8866, "5.1"}},
    LineRule{'o', parses<Origin>,     "o=<username> <session id> <version> <network> <address type> <address>", {8866, "5.2"}},
    LineRule{'s', is_any,             "s=<session name>",                                                   {8866, "5.3"}},
    LineRule{'i', is_text,            "i=<information>",                                                    {8866, "5.4"}},
    LineRule{'u', is_text,            "u=<uri>",                                                            {8866, "5.5"}},
    LineRule{'e', is_text,            "e=<email address>",                                                  {8866, "5.6"}},
    LineRule{'p', is_text,            "p=<phone number>",                                                   {8866, "5.6"}},
    LineRule{'c', parses<Connection>, "c=<network> <address type> <address>",                               {8866, "5.7"}},
    LineRule{'b', is_bandwidth,       "b=<type>:<number>",                                                  {8866, "5.8"}},
    LineRule{'t', is_time,            "t=<start> <stop>",                                                   {8866, "5.9"}},
    LineRule{'r', is_text,            "r=<repeat times>",                                                   {8866, "5.10"}},
    LineRule{'z', is_text,            "z=<time zones>",                                                     {8866, "5.11"}},
    LineRule{'k', is_text,            "k=<key>",                                                            {8866, "5.12"}},
    LineRule{'m', parses<MediaLine>,  "m=<media> <port> <protocol> <format> …",                             {8866, "5.14"}},
};

constexpr std::array kAttributeRules{
    AttributeRule{"mid",               is_token,                 "a=mid:<token>",                                  {5888, "4"}},
    AttributeRule{"group",             parses<Group>,            "a=group:<semantics> <mid> …",                    {5888, "5"}},
    AttributeRule{"bundle-only",       is_flag,                  "a=bundle-only",                                  {9143, "6"}},
    AttributeRule{"ice-ufrag",         is_ufrag,                 "a=ice-ufrag: with 4 to 256 letters, digits, '+' or '/'", {8839, "5.4"}},
    AttributeRule{"ice-pwd",           is_pwd,                   "a=ice-pwd: with 22 to 256 letters, digits, '+' or '/'", {8839, "5.4"}},
    AttributeRule{"ice-options",       is_options,               "a=ice-options:<tag> …",                          {8839, "5.6"}},
    AttributeRule{"ice-pacing",        is_pacing,                "a=ice-pacing:<milliseconds>",                    {8839, "5.5"}},
    AttributeRule{"ice-lite",          is_flag,                  "a=ice-lite",                                     {8839, "5.3"}},
    AttributeRule{"ice-mismatch",      is_flag,                  "a=ice-mismatch",                                 {8839, "5.3"}},
    AttributeRule{"candidate",         parses<Candidate>,        "a=candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type> …", {8839, "5.1"}},
    AttributeRule{"end-of-candidates", is_flag,                  "a=end-of-candidates",                            {8840, "8.1"}},
    AttributeRule{"fingerprint",       parses<Fingerprint>,      "a=fingerprint:<hash> <octets in hexadecimal, of the hash's length, between colons>", {8122, "5"}},
    AttributeRule{"setup",             is_setup,                 "a=setup: with active, passive, actpass or holdconn", {8842, "5.3"}},
    AttributeRule{"tls-id",            is_tls_id,                "a=tls-id: with 20 to 255 characters",            {8842, "4"}},
    AttributeRule{"sctp-port",         is_port,                  "a=sctp-port:<0 to 65535>",                       {8841, "5.1"}},
    AttributeRule{"max-message-size",  is_number,                "a=max-message-size:<octets>",                    {8841, "6.1"}},
    AttributeRule{"sendrecv",          is_flag,                  "a=sendrecv",                                     {8866, "6.7"}},
    AttributeRule{"sendonly",          is_flag,                  "a=sendonly",                                     {8866, "6.7"}},
    AttributeRule{"recvonly",          is_flag,                  "a=recvonly",                                     {8866, "6.7"}},
    AttributeRule{"inactive",          is_flag,                  "a=inactive",                                     {8866, "6.7"}},
    AttributeRule{"rtcp-mux",          is_flag,                  "a=rtcp-mux",                                     {5761, "5.1.1"}},
    AttributeRule{"rtcp-mux-only",     is_flag,                  "a=rtcp-mux-only",                                {8858, "3"}},
    AttributeRule{"rtcp-rsize",        is_flag,                  "a=rtcp-rsize",                                   {5506, "5"}},
    AttributeRule{"rtcp",              parses<RtcpPort>,         "a=rtcp:<port> [<network> <address type> <address>]", {3605, "2.1"}},
    AttributeRule{"msid",              parses<Msid>,             "a=msid:<stream> [<track>]",                      {8830, "2"}},
    AttributeRule{"rtpmap",            parses<RtpMap>,           "a=rtpmap:<payload type> <encoding>/<clock rate>", {8866, "6.6"}},
    AttributeRule{"fmtp",              parses<FormatParameters>, "a=fmtp:<format> <parameters>",                   {8866, "6.15"}},
    AttributeRule{"rtcp-fb",           parses<RtcpFeedback>,     "a=rtcp-fb:<payload type, or *> <mechanism>",     {4585, "4.2"}},
    AttributeRule{"ptime",             is_milliseconds,          "a=ptime:<milliseconds>",                         {8866, "6.4"}},
    AttributeRule{"maxptime",          is_milliseconds,          "a=maxptime:<milliseconds>",                      {8866, "6.5"}},
    AttributeRule{"extmap",            parses<ExtMap>,           "a=extmap:<id>[/<direction>] <uri>",              {8285, "8"}},
    AttributeRule{"extmap-allow-mixed", is_flag,                 "a=extmap-allow-mixed",                           {8285, "6"}},
    AttributeRule{"ssrc",              parses<SourceAttribute>,  "a=ssrc:<ssrc> <attribute>[:<value>]",            {5576, "4.1"}},
    AttributeRule{"ssrc-group",        parses<SourceGroup>,      "a=ssrc-group:<semantics> <ssrc> …",              {5576, "4.2"}},
    AttributeRule{"rid",               parses<Rid>,              "a=rid:<id> <send or recv> [<restriction>;…]",    {8851, "10"}},
    AttributeRule{"simulcast",         parses<Simulcast>,        "a=simulcast:<send or recv> <rid>[,<rid>…][;…] [<the other> …]", {8853, "5.1"}},
};
// clang-format on

// The line as a message may show it: one line, visible, not long.
std::string shown(const Line& line) {
  constexpr std::size_t kMost = 80;
  auto text = line.type == 0 ? line.value : std::string{line.type, '='} + line.value;
  const bool long_one = text.size() > kMost;
  if (long_one) text.resize(kMost);
  for (auto& c : text) {
    if (c < ' ' || c == '\x7f') c = '?';
  }
  return '"' + text + (long_one ? "…\"" : "\"");
}

SdpError expected(std::string_view what, const Line& line, Rule rule) {
  return {line.number, "expected " + std::string{what} + ", found " + shown(line), rule};
}

std::optional<SdpError> check_attribute(const Line& line) {
  std::string_view value = line.value;
  const auto name = take_until(value, ':');
  if (!is_token(name)) return expected("a=<name> or a=<name>:<value>", line, {8866, "5.13"});
  const auto* const rule = std::ranges::find(kAttributeRules, name, &AttributeRule::name);
  if (rule == kAttributeRules.end() || rule->ok(value)) return std::nullopt;
  return expected(rule->expected, line, rule->rule);
}

}  // namespace

std::optional<SdpError> check_line(const Line& line) {
  // RFC 8866 §9, byte-string: any octet but NUL, CR and LF.
  const auto forbidden = [](char c) { return c == '\0' || c == '\r' || c == '\n'; };
  if (std::ranges::any_of(line.value, forbidden)) {
    return expected("text without a NUL or a lone CR", line, {8866, "9"});
  }
  if (line.type == 0) return expected("<letter>=<value>", line, {8866, "5"});
  if (line.type == 'a') return check_attribute(line);
  const auto* const rule = std::ranges::find(kLineRules, line.type, &LineRule::type);
  if (rule == kLineRules.end()) {
    return expected("one of the letters v o s i u e p c b t r z k a m", line, {8866, "5"});
  }
  if (rule->ok(line.value)) return std::nullopt;
  return expected(rule->expected, line, rule->rule);
}

}  // namespace rtclab::sdp
