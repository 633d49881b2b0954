#include "scenarios/pattern.h"

#include <re2/re2.h>

#include <memory>

namespace rtclab::scenario {
namespace {

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

// ^ and $ at each line.
std::shared_ptr<const RE2> compiled(const std::string& pattern) {
  return std::make_shared<RE2>("(?m)" + pattern, quiet());
}

// RE2 says \1 and \0 where JavaScript says $1 and $&.
std::string rewrite_of(const std::string& replacement) {
  std::string rewrite;
  for (std::size_t at = 0; at < replacement.size(); ++at) {
    const char c = replacement[at];
    const char next = at + 1 < replacement.size() ? replacement[at + 1] : '\0';
    if (c == '\\') {
      rewrite += "\\\\";
    } else if (c == '$' && next == '$') {
      rewrite += '$';
      ++at;
    } else if (c == '$' && next == '&') {
      rewrite += "\\0";
      ++at;
    } else if (c == '$' && next >= '1' && next <= '9') {
      rewrite += {'\\', next};
      ++at;
    } else {
      rewrite += c;
    }
  }
  return rewrite;
}

}  // namespace

std::optional<std::string> pattern_flaw(const std::string& pattern) {
  const RE2 expression{pattern, quiet()};
  if (expression.ok()) return std::nullopt;
  return expression.error();
}

std::optional<std::string> replacement_flaw(const std::string& pattern,
                                            const std::string& replacement) {
  std::string flaw;
  if (compiled(pattern)->CheckRewriteString(rewrite_of(replacement), &flaw)) return std::nullopt;
  return flaw;
}

std::function<bool(std::string_view)> matcher(const std::string& pattern) {
  return [expression = compiled(pattern)](std::string_view line) {
    return RE2::PartialMatch({line.data(), line.size()}, *expression);
  };
}

std::string replace_all(std::string_view sdp, const std::string& pattern,
                        const std::string& replacement) {
  std::string text{sdp};
  static const RE2 kEndOfWireLine{"\r\n"};
  RE2::GlobalReplace(&text, kEndOfWireLine, "\n");
  RE2::GlobalReplace(&text, *compiled(pattern), rewrite_of(replacement));
  static const RE2 kEndOfLine{"\n"};
  RE2::GlobalReplace(&text, kEndOfLine, "\r\n");
  return text;
}

}  // namespace rtclab::scenario
