#include "tests/support/line_program.h"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

extern char** environ;  // NOLINT: POSIX's name

namespace rtclab::test {

LineProgram::LineProgram(const std::vector<std::string>& arguments) {
  signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  BOOST_REQUIRE(pipe2(in.data(), O_CLOEXEC) == 0);
  BOOST_REQUIRE(pipe2(out.data(), O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> argv;
  for (const auto& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
  argv.push_back(nullptr);
  BOOST_REQUIRE(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
}

LineProgram::~LineProgram() {
  close_input();
  close(output_);
  kill();
}

void LineProgram::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void LineProgram::write(const std::string& line) {
  const auto text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const auto wrote = ::write(input_, text.data() + done, text.size() - done);
    if (wrote <= 0) return;  // it has ended; read() will show it
    done += static_cast<std::size_t>(wrote);
  }
}

void LineProgram::close_input() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

std::string LineProgram::read() {
  while (!has_line()) {
    pollfd wait{.fd = output_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 10'000) <= 0) BOOST_FAIL("the program said nothing for ten seconds");
    std::array<char, 65536> part{};
    const auto got = ::read(output_, part.data(), part.size());
    if (got <= 0) return {};
    buffer_.append(part.data(), static_cast<std::size_t>(got));
  }
  const auto end = buffer_.find('\n');
  auto line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return line;
}

int LineProgram::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace rtclab::test
