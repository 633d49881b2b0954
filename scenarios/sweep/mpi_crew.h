// Plays runs on the ranks of an MPI job (mpirun -n 3 rtclab sweep FILE --mpi): rank 0 deals runs
// out and takes their rows, the others play.
//
// Each rank plays in a process of its own that it forks, so that a run which crashes or hangs costs
// that run and not the job. Runs travel as numbers and rows as octets (row.h); every rank has made
// the same plan from the same files.
#pragma once

#include "scenarios/sweep/dealer.h"
#include "scenarios/sweep/process_pool.h"

#include <functional>
#include <string>

namespace rtclab::sweep {

// MPI from here on, for as long as this lives. One in a program.
class MpiCrew {
 public:
  MpiCrew();
  MpiCrew(const MpiCrew&) = delete;
  MpiCrew& operator=(const MpiCrew&) = delete;
  ~MpiCrew();

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] bool is_first() const { return rank_ == 0; }
  // Whether all ranks say the same. To be called by all.
  [[nodiscard]] bool agree(const std::string& text) const;
  // Whether rank 0 can go on, told to all. To be called by all; what the others say is not heard.
  [[nodiscard]] bool go_on(bool can) const;

  // On rank 0: returns whether all runs were played. A job of one rank plays them itself.
  [[nodiscard]] bool deal(Dealer& dealer, const std::function<Row(RunNumber)>& play,
                          const PoolOptions& options, const std::function<bool()>& on_turn) const;
  // On the others: plays what it is given until there is no more.
  void serve(const std::function<Row(RunNumber)>& play, const PoolOptions& options) const;

 private:
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace rtclab::sweep
