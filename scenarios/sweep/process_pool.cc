#include "scenarios/sweep/process_pool.h"

#include "scenarios/sweep/pipe.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <system_error>

namespace rtclab::sweep {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// One run that is played and one that waits, so that nobody is idle while a row is on its way.
constexpr std::size_t kGivenAtOnce = 2;
constexpr milliseconds kTurn{200};
// Of what a dying process says: "…: Assertion `…' failed."
constexpr std::size_t kMostWords = 400;
// How long one that has closed its end may take to say it.
constexpr std::chrono::seconds kLastWords{5};
constexpr int kFault = 70;  // as the program ends with

Bytes number_message(RunNumber run) {
  ByteWriter writer;
  writer.u64(run);
  return writer.take();
}

// The child's life: a number in, a row out, until the parent is gone. What it says on standard
// error from a zero octet on belongs to the run that begins there.
[[noreturn]] void serve(int socket, const std::function<Row(RunNumber)>& play) {
  try {
    while (const auto message = receive_message(socket)) {
      const auto run = ByteReader{*message}.u64();
      (void)!::write(STDERR_FILENO, "", 1);
      if (!send_message(socket, to_octets(play(run)))) break;
    }
  } catch (const std::exception& fault) {
    // What stands on this stack belongs to the parent, and must not be taken down here.
    std::fprintf(stderr, "%s\n", fault.what());
    std::_Exit(kFault);
  }
  std::_Exit(0);
}

struct Ends {
  Descriptor here;
  Descriptor there;
};
Ends socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error{errno, std::generic_category(), "socketpair"};
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const auto* const name = ::sigabbrev_np(WTERMSIG(status));
    return name != nullptr ? fmt::format("SIG{}", name)
                           : fmt::format("signal {}", WTERMSIG(status));
  }
  return fmt::format("it ended with {}", WEXITSTATUS(status));
}

// One process, seen from here.
class Worker {
 public:
  Worker(const std::function<Row(RunNumber)>& play, const std::vector<int>& foreign) {
    auto rows = socket_pair();
    auto words = socket_pair();
    std::cout.flush();
    std::fflush(nullptr);
    const auto parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error{errno, std::generic_category(), "fork"};
    if (pid_ == 0) {
      // Dies with the parent, whatever that dies of, and leaves Ctrl-C to it.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) std::_Exit(0);
      std::signal(SIGINT, SIG_IGN);
      std::signal(SIGTERM, SIG_DFL);
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      for (const auto descriptor : foreign) ::close(descriptor);
      rows.here.close();
      words.here.close();
      ::dup2(words.there.number(), STDERR_FILENO);
      serve(rows.there.number(), play);
    }
    rows_ = std::move(rows.here);
    words_ = std::move(words.here);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      (void)wait();
    }
  }

  [[nodiscard]] int rows() const { return rows_.number(); }
  [[nodiscard]] int words() const { return words_.number(); }
  [[nodiscard]] const std::deque<RunNumber>& given() const { return given_; }
  [[nodiscard]] Clock::time_point deadline(milliseconds patience) const {
    return given_.empty() ? Clock::time_point::max() : since_ + patience;
  }

  // False when the process is gone.
  bool give(RunNumber run) {
    if (given_.empty()) since_ = Clock::now();
    given_.push_back(run);
    return send_message(rows_.number(), number_message(run));
  }

  // Rows that have come. False when the process is gone.
  bool read_rows(const std::function<void(const Row&)>& take) {
    std::array<std::byte, 65536> buffer{};
    const auto got = ::recv(rows_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return false;
    messages_.add(std::span{buffer}.first(static_cast<std::size_t>(got)));
    while (const auto message = messages_.next()) {
      const auto row = parse_row(*message);
      if (!row || given_.empty() || row->run != given_.front()) return false;
      given_.pop_front();
      since_ = Clock::now();
      take(*row);
    }
    return true;
  }

  // Whether more may come.
  bool read_words() {
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto got = ::recv(words_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got == 0) return false;
      if (got < 0) return errno == EAGAIN || errno == EINTR;
      said_.append(buffer.data(), static_cast<std::size_t>(got));
      said_.erase(0, said_.rfind('\0') + 1);  // npos + 1 is 0
      if (said_.size() > kMostWords) said_.resize(kMostWords);
    }
  }

  // It is dead, or has closed its end: what became of the run that it had. Runs that waited for
  // their turn go back.
  [[nodiscard]] std::optional<Row> bury(Dealer& dealer) {
    hear_out();
    ::kill(pid_, SIGKILL);
    const auto status = wait();
    return end_with(dealer, Outcome::Crashed, how_it_ended(status));
  }
  [[nodiscard]] std::optional<Row> give_up(Dealer& dealer, milliseconds patience) {
    ::kill(pid_, SIGKILL);
    (void)wait();
    return end_with(
        dealer, Outcome::Hung,
        fmt::format("no answer within {:g} s", std::chrono::duration<double>(patience).count()));
  }

 private:
  // Until its standard error is closed, which is when it is dead: killed before, it would have died
  // of us.
  void hear_out() {
    const auto until = Clock::now() + kLastWords;
    while (read_words() && Clock::now() < until) {
      pollfd words{words_.number(), POLLIN, 0};
      (void)::poll(&words, 1, static_cast<int>(kTurn.count()));
    }
  }

  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  std::optional<Row> end_with(Dealer& dealer, Outcome outcome, std::string how) {
    (void)read_words();
    while (given_.size() > 1) {
      dealer.give_back(given_.back());
      given_.pop_back();
    }
    if (given_.empty()) return std::nullopt;
    const auto words = std::string_view{said_}.substr(0, said_.find('\n'));
    if (!words.empty()) how += fmt::format(": {}", words);
    return Row{.run = given_.front(), .outcome = outcome, .detail = std::move(how)};
  }

  pid_t pid_ = -1;
  Descriptor rows_;
  Descriptor words_;  // its standard error
  Messages messages_;
  std::string said_;
  std::deque<RunNumber> given_;
  Clock::time_point since_{};
};

class Pool {
 public:
  Pool(Dealer& dealer, const std::function<Row(RunNumber)>& play, const PoolOptions& options)
      : dealer_{dealer}, play_{play}, options_{options}, workers_(options.processes) {}

  bool work(const std::function<bool()>& on_turn) {
    while (dealer_.left() > 0) {
      deal();
      wait();
      read();
      if (!on_turn()) return dealer_.left() == 0;
    }
    return true;
  }

 private:
  void deal() {
    for (std::size_t round = 0; round < kGivenAtOnce; ++round) {
      for (auto& worker : workers_) {
        if (worker && worker->given().size() > round) continue;
        const auto run = dealer_.next();
        if (!run) return;
        if (!worker) worker = std::make_unique<Worker>(play_, descriptors());
        if (!worker->give(*run)) end(worker, worker->bury(dealer_));
      }
    }
  }

  // A child has no use for its siblings' sockets, and would keep them open.
  [[nodiscard]] std::vector<int> descriptors() const {
    std::vector<int> all;
    for (const auto& worker : workers_) {
      if (!worker) continue;
      all.push_back(worker->rows());
      all.push_back(worker->words());
    }
    return all;
  }

  void wait() {
    auto until = Clock::now() + kTurn;
    polled_.clear();
    for (const auto& worker : workers_) {
      if (!worker) continue;
      until = std::min(until, worker->deadline(options_.patience));
      polled_.push_back({worker->rows(), POLLIN, 0});
      polled_.push_back({worker->words(), POLLIN, 0});
    }
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    (void)::poll(polled_.data(), polled_.size(),
                 static_cast<int>(std::max(left, milliseconds{0}).count()));
  }

  void read() {
    for (auto& worker : workers_) {
      if (!worker) continue;
      (void)worker->read_words();
      const auto take = [&](const Row& row) { dealer_.take(row); };
      if (!worker->read_rows(take)) {
        end(worker, worker->bury(dealer_));
      } else if (Clock::now() >= worker->deadline(options_.patience)) {
        end(worker, worker->give_up(dealer_, options_.patience));
      }
    }
  }

  void end(std::unique_ptr<Worker>& worker, const std::optional<Row>& row) {
    worker.reset();
    if (row) dealer_.take(*row);
  }

  Dealer& dealer_;
  const std::function<Row(RunNumber)>& play_;
  const PoolOptions& options_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<pollfd> polled_;
};

}  // namespace

bool play_in_processes(Dealer& dealer, const std::function<Row(RunNumber)>& play,
                       const PoolOptions& options, const std::function<bool()>& on_turn) {
  return Pool{dealer, play, options}.work(on_turn);
}

}  // namespace rtclab::sweep
