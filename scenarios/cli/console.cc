#include "scenarios/cli/console.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace rtclab::cli {
namespace {

std::string_view code(Style style) {
  switch (style) {
    case Style::Good: return "32";
    case Style::Bad: return "1;31";
    case Style::Faint: return "2";
    case Style::Strong: return "1";
  }
  __builtin_unreachable();
}

}  // namespace

Console Console::standard() {
  const auto* const no_colour = std::getenv("NO_COLOR");
  const bool wants_none = no_colour != nullptr && *no_colour != '\0';
  return {std::cout, std::cerr, isatty(STDOUT_FILENO) == 1 && !wants_none};
}

std::string Console::styled(std::string_view text, Style style) const {
  if (!colour_) return std::string{text};
  return std::string{"\x1b["}.append(code(style)).append("m").append(text).append("\x1b[0m");
}

void Console::warn(std::string_view message) const {
  err_ << "rtclab: warning: " << message << '\n';
}

Exit Console::bad_input(std::string_view message) const {
  err_ << "rtclab: " << message << '\n';
  return Exit::BadInput;
}

Exit Console::conclude(const FileResult<Exit>& outcome) const {
  return outcome ? *outcome : bad_input(outcome.error().to_string());
}

}  // namespace rtclab::cli
