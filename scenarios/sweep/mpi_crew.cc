#include "scenarios/sweep/mpi_crew.h"

#include <mpi.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace rtclab::sweep {
namespace {

constexpr int kRuns = 1;  // numbers, from rank 0; none: it is over
constexpr int kRows = 2;  // CBOR of rows; none: the rank has only just begun

// Enough that a rank plays for a while between two messages, and few enough that none has a heap
// left when the others are done.
constexpr std::size_t kMostAtOnce = 32;
constexpr std::size_t kShares = 4;

using Octets = std::vector<std::uint8_t>;

Octets received(int from, int tag) {
  MPI_Status status;
  MPI_Probe(from, tag, MPI_COMM_WORLD, &status);
  int count = 0;
  MPI_Get_count(&status, MPI_BYTE, &count);
  Octets octets(static_cast<std::size_t>(count));
  MPI_Recv(octets.data(), count, MPI_BYTE, from, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return octets;
}

void send(const Octets& octets, int to, int tag) {
  MPI_Send(octets.data(), static_cast<int>(octets.size()), MPI_BYTE, to, tag, MPI_COMM_WORLD);
}

Octets to_message(const std::vector<RunNumber>& runs) {
  return nlohmann::json::to_cbor(nlohmann::json(runs));
}

Octets to_message(const std::vector<Row>& rows) {
  auto list = nlohmann::json::array();
  for (const auto& row : rows) {
    const auto octets = to_octets(row);
    Octets plain(octets.size());
    std::ranges::transform(octets, plain.begin(),
                           [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    list.push_back(nlohmann::json::binary(std::move(plain)));
  }
  return nlohmann::json::to_cbor(list);
}

std::vector<Row> rows_of(const Octets& message) {
  std::vector<Row> rows;
  for (const auto& each : nlohmann::json::from_cbor(message)) {
    const auto& octets = each.get_binary();
    const auto row = parse_row(std::as_bytes(std::span{octets.data(), octets.size()}));
    if (row) rows.push_back(*row);
  }
  return rows;
}

std::vector<RunNumber> next_runs(Dealer& dealer, std::size_t ranks) {
  const auto many = std::clamp<std::size_t>(dealer.left() / (kShares * ranks), 1, kMostAtOnce);
  std::vector<RunNumber> runs;
  while (runs.size() < many) {
    const auto run = dealer.next();
    if (!run) break;
    runs.push_back(*run);
  }
  return runs;
}

}  // namespace

MpiCrew::MpiCrew() {
  MPI_Init(nullptr, nullptr);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

MpiCrew::~MpiCrew() {
  MPI_Finalize();
}

bool MpiCrew::agree(const std::string& text) const {
  auto of_first = text;
  auto length = static_cast<int>(text.size());
  MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
  of_first.resize(static_cast<std::size_t>(length));
  MPI_Bcast(of_first.data(), length, MPI_BYTE, 0, MPI_COMM_WORLD);
  int same = of_first == text ? 1 : 0;
  int all = 0;
  MPI_Allreduce(&same, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return all == 1;
}

bool MpiCrew::go_on(bool can) const {
  int told = can ? 1 : 0;
  MPI_Bcast(&told, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return told == 1;
}

bool MpiCrew::deal(Dealer& dealer, const std::function<Row(RunNumber)>& play,
                   const PoolOptions& options, const std::function<bool()>& on_turn) const {
  if (size_ == 1) return play_in_processes(dealer, play, options, on_turn);
  std::set<int> at_work;
  for (int rank = 1; rank < size_; ++rank) at_work.insert(rank);
  bool goes_on = true;
  while (!at_work.empty()) {
    goes_on = on_turn() && goes_on;
    MPI_Status status;
    int has_come = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, kRows, MPI_COMM_WORLD, &has_come, &status);
    if (has_come == 0) {
      // MPI waits by spinning, and this core has runs to play.
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
      continue;
    }
    const int rank = status.MPI_SOURCE;
    for (const auto& row : rows_of(received(rank, kRows))) dealer.take(row);
    const auto runs =
        goes_on ? next_runs(dealer, static_cast<std::size_t>(size_ - 1)) : std::vector<RunNumber>{};
    send(to_message(runs), rank, kRuns);
    if (runs.empty()) at_work.erase(rank);
  }
  return dealer.left() == 0;
}

void MpiCrew::serve(const std::function<Row(RunNumber)>& play, const PoolOptions& options) const {
  std::vector<Row> rows;
  while (true) {
    send(to_message(rows), 0, kRows);
    const auto runs = nlohmann::json::from_cbor(received(0, kRuns)).get<std::vector<RunNumber>>();
    if (runs.empty()) return;
    rows.clear();
    Dealer dealer{runs, [&](const Row& row) { rows.push_back(row); }};
    (void)play_in_processes(dealer, play, {.processes = 1, .patience = options.patience},
                            [] { return true; });
  }
}

}  // namespace rtclab::sweep
