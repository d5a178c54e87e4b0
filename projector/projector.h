// Makes job status out of the log: events and relay states into RocksDB, and answers lookups.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "core/lookup/job_reader.h"
#include "projector/options.h"

namespace armada_cache::projector {

// Thread-safe, but for start(), stop() and dump(), and what is called after stop().
class Projector {
 public:
  // Takes the partitions of the options; nothing is applied yet. The references must outlive the
  // projector. Errors as of take(), and kInvalidArgument for an option.
  static base::Result<std::unique_ptr<Projector>> open(Options options, eventlog::EventLog& log,
                                                       const base::Clock& clock,
                                                       base::Metrics& metrics);
  // Stops as stop() does.
  ~Projector();
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  // Begins to apply what the log holds from the stored positions on. Once.
  base::Status start();

  // Opens or creates the databases of these partitions, shows them to lookups, and begins to apply
  // from the stored positions, once started. Those that are here already stay as they are. Blocks:
  // on the disk, and for a question to the log. `give_up` is asked all the time, from several
  // threads. All or, with an error, none:
  //   kCancelled           `give_up` said so
  //   kInvalidArgument     there is no such partition
  //   kFailedPrecondition  another process holds a folder, its format is newer, or it is of another
  //                        partition
  //   kDataLoss            a database is damaged; the message names the folder and the remedy
  //   kUnavailable         the log or the disk does not answer
  base::Status take(
      const std::vector<eventlog::Partition>& partitions,
      const std::function<bool()>& give_up = [] { return false; });
  // Applies nothing more to these partitions, and closes their databases, which stay on the disk.
  // Lookups for what they hold fail with kUnavailable from then on; waits for those under way.
  // Those that are not here are left out.
  void release(const std::vector<eventlog::Partition>& partitions);
  // Those that are here. Lookups, take() and release() do not wait for one another.
  std::vector<eventlog::Partition> partitions() const;

  // Whether every partition that is here is loaded and near the end of the log; kUnavailable names
  // one that is not, by how much, and why. Does not wait.
  base::Status ready() const;

  // Finishes the batches in hand and the lookups that were accepted, and writes what is only in
  // memory and in the write-ahead logs to its place, so that the next start is quick; not if it is
  // later than `until` then. Lookups after it fail with kUnavailable. May be called twice.
  void stop(std::chrono::steady_clock::time_point until);
  void stop() { stop(std::chrono::steady_clock::time_point::max()); }

  // kUnavailable: partitions stand still, or were found damaged; one is named, and why. What those
  // hold that stand still is answered as it was, and of nothing it can be said that it is not
  // known; of damaged ones, questions for what cannot be read fail with kDataLoss. Thread-safe.
  base::Status advances() const;
  // Everything that was appended to the log by then is shown, of the partitions that are here; the
  // epoch until that is known. Cheap; thread-safe.
  base::Time shown_up_to() const;
  // How far the events of each partition that is here are applied; see projector/rpc.
  lookup::Extents extents() const;

  // Answers from the first moment on, before start() too. Lives as long as the projector.
  lookup::JobReader& reader();

  // Everything that is known, as text in an order that does not depend on how it came about: two
  // projections of the same log give the same text. Only while no worker applies anything.
  base::Status dump(std::ostream& out);

 private:
  class Impl;
  explicit Projector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace armada_cache::projector
