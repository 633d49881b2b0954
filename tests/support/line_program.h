// A program that a test talks to in lines, over pipes.
#pragma once

#include <string>
#include <vector>

namespace rtclab::test {

class LineProgram {
 public:
  // Starts it; `arguments` begins with the program's path.
  explicit LineProgram(const std::vector<std::string>& arguments);
  LineProgram(const LineProgram&) = delete;
  LineProgram& operator=(const LineProgram&) = delete;
  ~LineProgram();

  void write(const std::string& line);
  void close_input();
  // SIGKILL: it gets no time for anything. Waits for its end.
  void kill();
  // What it says next; the empty string when it has ended. The test fails when nothing comes for
  // ten seconds.
  std::string read();
  // Its descriptor for poll(2): readable when read() will not wait.
  [[nodiscard]] int output() const { return output_; }
  [[nodiscard]] bool has_line() const { return buffer_.find('\n') != std::string::npos; }
  // Its exit code; it must have ended or be about to.
  int wait();

 private:
  int pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
};

}  // namespace rtclab::test
