#include "scenarios/cli/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace rtclab::cli {
namespace {

// A pipe; no child but the one that it is meant for inherits its ends.
struct Pipe {
  std::array<int, 2> ends{-1, -1};

  Pipe() { is_open = pipe2(ends.data(), O_CLOEXEC) == 0; }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t end) {
    if (ends.at(end) >= 0) close(ends.at(end));
    ends.at(end) = -1;
  }
  bool is_open = false;
};

// Reads both until both are at their end.
void read_both(std::array<Pipe*, 2> pipes, std::array<std::string*, 2> texts) {
  std::array<pollfd, 2> waiting{pollfd{pipes[0]->ends[0], POLLIN, 0},
                                pollfd{pipes[1]->ends[0], POLLIN, 0}};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting.at(i).fd < 0 || waiting.at(i).revents == 0) continue;
      std::array<char, 65536> part{};
      const auto length = read(waiting.at(i).fd, part.data(), part.size());
      if (length > 0)
        texts.at(i)->append(part.data(), static_cast<std::size_t>(length));
      else if (length == 0 || errno != EINTR)
        waiting.at(i).fd = -1;
    }
  }
}

}  // namespace

std::string own_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

std::optional<ChildOutcome> run_child(const std::string& program,
                                      std::vector<std::string> arguments) {
  Pipe out;
  Pipe err;
  if (!out.is_open || !err.is_open) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
  arguments.insert(arguments.begin(), program);
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failed = posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::nullopt;

  ChildOutcome outcome;
  out.close_end(1);
  err.close_end(1);
  read_both({&out, &err}, {&outcome.out, &outcome.err});
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

}  // namespace rtclab::cli
