// The results of a sweep: an SQLite database, results.sqlite, with a row for each run.
//
//   sweep    property, value: name, title, scenario, fingerprint, runs, first_seed, last_seed
//   axes     position, name;  points: axis, position, label
//   figures  position, name, kind, unit
//   runs     run, seed, a column for each axis, outcome, detail, a column for each figure
//
// Rows are kept as they come, and what is committed is there whatever ends the program; others may
// read meanwhile. finish() leaves a file whose octets depend on the rows alone, not on their order.
#pragma once

#include "agents/base/result.h"
#include "scenarios/sweep/row.h"

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtclab::sweep {

inline constexpr std::string_view kResultsFile = "results.sqlite";

// What keep(), commit() and finish() throw: the disk is full or the like.
class CannotKeep : public std::runtime_error {
 public:
  explicit CannotKeep(FileError its_error)
      : std::runtime_error{its_error.to_string()}, error{std::move(its_error)} {}
  FileError error;
};

class Results {
 public:
  enum class Begin {
    New,     // refuses a folder that has results
    Resume,  // goes on with what is there, and refuses what another sweep has left
    Again,   // forgets what is there
  };
  // In `folder`, which must be there. Refuses one into which another process writes.
  [[nodiscard]] static FileResult<Results> open(const std::filesystem::path& folder,
                                                const Sweep& sweep, const Plan& plan,
                                                const std::string& fingerprint, Begin begin);
  Results(Results&&) noexcept;
  Results& operator=(Results&&) noexcept;
  ~Results();

  // Which runs have a row; the first element is run 1.
  [[nodiscard]] std::vector<bool> done() const;
  // In the order of their runs.
  [[nodiscard]] std::vector<Row> rows() const;

  // These three throw CannotKeep.
  void keep(const Row& row);
  void commit();
  void finish();

 private:
  struct Parts;
  explicit Results(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Which sweep it is: a digest of the files and texts that it is made of, of its plan and its
// collectors.
[[nodiscard]] FileResult<std::string> fingerprint(const Sweep& sweep, const Plan& plan,
                                                  const std::vector<std::filesystem::path>& files,
                                                  const std::vector<std::string>& texts = {});

}  // namespace rtclab::sweep
