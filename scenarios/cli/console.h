// Where a command writes: a person's terminal, a pipe, or a program that wants JSON.
#pragma once

#include "agents/base/result.h"

#include <iosfwd>
#include <string>
#include <string_view>

namespace rtclab::cli {

// What the program ends with.
enum class Exit : int {
  AsExpected = 0,
  Failed = 1,    // an expectation was not met or a MUST was broken
  BadInput = 2,  // a file, an option or an argument is wrong
};

enum class Style { Good, Bad, Faint, Strong };

class Console {
 public:
  // Colours only where a person looks at a terminal and has not asked for none (NO_COLOR).
  [[nodiscard]] static Console standard();
  Console(std::ostream& out, std::ostream& err, bool colour)
      : out_{out}, err_{err}, colour_{colour} {}

  [[nodiscard]] std::ostream& out() const { return out_; }
  [[nodiscard]] std::ostream& err() const { return err_; }
  [[nodiscard]] bool colour() const { return colour_; }
  [[nodiscard]] std::string styled(std::string_view text, Style style) const;

  // One sentence on standard error, and all goes on.
  void warn(std::string_view message) const;
  // One sentence on standard error; returns Exit::BadInput.
  Exit bad_input(std::string_view message) const;
  // How a command that reads files ends: as it says, or with the sentence about a bad file.
  [[nodiscard]] Exit conclude(const FileResult<Exit>& outcome) const;

 private:
  std::ostream& out_;
  std::ostream& err_;
  bool colour_;
};

}  // namespace rtclab::cli
