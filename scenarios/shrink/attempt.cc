#include "scenarios/shrink/attempt.h"

#include "scenarios/runner.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <utility>

namespace rtclab::shrink {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

using Json = nlohmann::json;

// What the child tells: a line of JSON.
std::string told(const Attempt& attempt) {
  auto failures = Json::array();
  for (const auto& failure : attempt.failures)
    failures.push_back({{"text", failure.text}, {"peers", failure.peers}});
  return Json{{"failures", std::move(failures)},
              {"peers", attempt.course.peers},
              {"steps", attempt.course.steps},
              {"events", attempt.simulator_events}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Attempt> understood(const std::string& text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Attempt attempt{.failures = {},
                  .course = {json.at("peers").get<Tales>(), json.at("steps").get<Tales>()},
                  .simulator_events = json.at("events").get<std::uint64_t>()};
  for (const auto& failure : json.at("failures")) {
    attempt.failures.push_back(
        {failure.at("text").get<std::string>(), failure.at("peers").get<std::set<std::string>>()});
  }
  return attempt;
}

// Without what the scenario itself does not ask for.
void drop_last(scenario::Scenario& scenario, scenario::RunResult& result) {
  scenario.expectations.pop_back();
  result.expectations.pop_back();
}

[[noreturn]] void play(int to, scenario::Loaded loaded, const Conditions& conditions) {
  // What a dying run says is not for the person at the terminal.
  (void)std::freopen("/dev/null", "w", stderr);
  // Evidence is kept for who expects something of it.
  if (conditions.judged) loaded.scenario.expectations.push_back({scenario::ExpectVerdicts{}});
  auto result = scenario::run(loaded.scenario, loaded.topology, conditions.seed, {},
                              {.simulator_events = conditions.simulator_events});
  if (conditions.judged) drop_last(loaded.scenario, result);
  const auto text =
      told({failures_of(loaded.scenario, result), course_of(result), result.simulator_events});
  for (std::size_t written = 0; written < text.size();) {
    const auto count = ::write(to, text.data() + written, text.size() - written);
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  ::_exit(0);
}

// All that comes until the other side has closed it; nullopt when that takes too long.
std::optional<std::string> read_all(int from, std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  std::string text;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd waiting{.fd = from, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0)
      return std::nullopt;
    std::array<char, 4096> piece{};
    const auto count = ::read(from, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
}

std::string exit_of(int status) {
  return WIFSIGNALED(status) ? fmt::format("the program ends with signal {} ({})", WTERMSIG(status),
                                           ::strsignal(WTERMSIG(status)))
                             : fmt::format("the program ends with {}", WEXITSTATUS(status));
}

}  // namespace

FileResult<fs::path> write(const scenario::Texts& texts, const fs::path& folder) {
  const auto file = folder / kScenarioFile;
  std::ofstream scenario{file, std::ios::binary};
  std::ofstream topology{folder / scenario::kTopologyFile, std::ios::binary};
  scenario << texts.scenario << std::flush;
  topology << texts.topology << std::flush;
  if (scenario && topology) return file;
  return tl::make_unexpected(
      FileError{.file = folder.string(), .message = "the scenario could not be written here"});
}

std::optional<Attempt> attempt(const scenario::Texts& texts, const fs::path& folder,
                               const Conditions& conditions) {
  const auto file = write(texts, folder);
  if (!file) return std::nullopt;
  const auto loaded = scenario::load(*file, folder);
  if (!loaded) return std::nullopt;

  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return std::nullopt;
  const auto child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    play(pipe[1], *loaded, conditions);
  }
  ::close(pipe[1]);
  if (child < 0) {
    ::close(pipe[0]);
    return std::nullopt;
  }
  const auto text = read_all(pipe[0], conditions.patience);
  ::close(pipe[0]);
  if (!text) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!text) return Attempt{.failures = {{"the run does not end"}}};
  if (auto outcome = understood(*text)) return outcome;
  return Attempt{.failures = {{exit_of(status)}}};
}

}  // namespace rtclab::shrink
