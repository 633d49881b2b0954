// From text to lines, and from lines to sections: the structure of a session description.
#include "agents/sdp/grammar.h"
#include "agents/sdp/line_order.h"
#include "agents/sdp/line_rules.h"
#include "agents/sdp/session_description.h"

#include <set>

namespace rtclab::sdp {
namespace {

constexpr Rule kOrder{8866, "5"};
// A judge that has seen this many flaws has seen enough; a hostile text must not fill the memory.
constexpr std::size_t kMostFlaws = 100;

enum class Stop { AtFirstFlaw, AtTheEnd };

class Parser {
 public:
  explicit Parser(Stop stop) : stop_{stop} {}

  void read(std::string_view text) {
    while (!text.empty() && !(is_full() && stop_ == Stop::AtFirstFlaw)) {
      const auto end = text.find('\n');
      auto content = text.substr(0, end);
      if (end != std::string_view::npos && content.ends_with('\r')) content.remove_suffix(1);
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
      ++number_;
      take(content);
    }
    finish();
  }

  SessionDescription::Reading reading;

 private:
  [[nodiscard]] bool is_full() const {
    return reading.flaws.size() >= (stop_ == Stop::AtFirstFlaw ? 1 : kMostFlaws);
  }
  [[nodiscard]] bool in_section() const { return !reading.description.sections.empty(); }
  [[nodiscard]] SectionLines& level() {
    auto& description = reading.description;
    return in_section() ? description.sections.back() : description.session;
  }

  void flaw(std::string message, Rule rule, std::size_t line) {
    if (!is_full()) reading.flaws.push_back({line, std::move(message), rule});
  }

  void take(std::string_view content) {
    const bool formed = content.size() >= 2 && is_letter(content[0]) && content[1] == '=';
    const Line line = formed ? Line{content[0], std::string{content.substr(2)}, number_}
                             : Line{0, std::string{content}, number_};
    if (line.type == 'm') {
      check_session_is_complete();
      reading.description.sections.emplace_back();
      place_ = 0;
      seen_.clear();
    }
    if (!is_full()) check(line);
    level().lines.push_back(line);
  }

  void check(const Line& line) {
    if (auto wrong = check_line(line)) {
      reading.flaws.push_back(std::move(*wrong));
      return;
    }
    check_place(line);
    check_mid(line);
  }

  void check_place(const Line& line) {
    const auto order = in_section() ? kSectionOrder : kSessionOrder;
    const auto place = place_of(line.type, order);
    if (place == std::string_view::npos) {
      flaw("expected one of the lines " + spelled(order) + " in a media section, found " +
               std::string{line.type} + "=",
           kOrder, line.number);
      return;
    }
    if (place < place_) {
      flaw(std::string{line.type} + "= must come before " + std::string{order[place_]} + "=",
           kOrder, line.number);
      return;
    }
    // RFC 8866 §9: a section may have several c= lines, the session level one.
    const auto once = std::string_view{in_section() ? "mik" : "vosiuck"};
    if (once.find(line.type) != std::string_view::npos) {
      if (seen_.find(line.type) != std::string::npos) {
        flaw("a second " + std::string{line.type} + "= line", kOrder, line.number);
      }
      seen_ += line.type;
    }
    place_ = place;
  }

  static std::string spelled(std::string_view order) {
    std::string text;
    for (const auto type : order) text += (text.empty() ? "" : " ") + std::string{type};
    return text;
  }

  // RFC 5888 §4: unique in the description.
  void check_mid(const Line& line) {
    constexpr std::string_view kMid = "mid:";
    if (!in_section() || line.type != 'a' || !line.value.starts_with(kMid)) return;
    const auto mid = line.value.substr(kMid.size());
    const Rule rule{5888, "4"};
    if (mid_section_ == reading.description.sections.size()) {
      flaw("a second a=mid in one media section", rule, line.number);
    } else if (!mids_.insert(mid).second) {
      flaw("a=mid:" + mid + " names another section already", rule, line.number);
    }
    mid_section_ = reading.description.sections.size();
  }

  void check_session_is_complete() {
    if (in_section()) return;
    for (const char type : std::string_view{"vost"}) {
      if (reading.description.session.find(type) != nullptr) continue;
      const auto where = number_ == 0 ? std::size_t{1} : number_;
      flaw("expected a line " + std::string{type} + "= before " +
               (reading_ended_ ? "the end" : "the first m="),
           kOrder, where);
    }
  }

  void finish() {
    reading_ended_ = true;
    check_session_is_complete();
    const auto& description = reading.description;
    if (description.session.find('c') != nullptr) return;
    for (const auto& section : description.sections) {
      if (section.find('c') != nullptr) continue;
      flaw("expected c= in this media section, for there is none at the session level",
           {8866, "5.7"}, section.lines.front().number);
    }
  }

  Stop stop_;
  std::size_t number_ = 0;
  std::size_t place_ = 0;        // of the last line that stood well, in its level's order
  std::string seen_;             // the types in this level that may stand only once
  std::size_t mid_section_ = 0;  // the last section, counted from 1, that has an a=mid
  bool reading_ended_ = false;
  std::set<std::string, std::less<>> mids_;
};

}  // namespace

SdpResult<SessionDescription> SessionDescription::parse(std::string_view text) {
  Parser parser{Stop::AtFirstFlaw};
  parser.read(text);
  if (!parser.reading.flaws.empty()) return tl::make_unexpected(parser.reading.flaws.front());
  return std::move(parser.reading.description);
}

SessionDescription::Reading SessionDescription::parse_structure(std::string_view text) {
  Parser parser{Stop::AtTheEnd};
  parser.read(text);
  return std::move(parser.reading);
}

std::string SdpError::to_string() const {
  return "line " + std::to_string(line) + ": " + message + " (" + rule.to_string() + ")";
}

}  // namespace rtclab::sdp
