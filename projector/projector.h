// Makes job status out of the log: events and relay states into RocksDB, and answers lookups.
#pragma once

#include <chrono>
#include <iosfwd>
#include <memory>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "core/lookup/job_reader.h"
#include "projector/options.h"

namespace armada_cache::projector {

class Projector {
 public:
  // Opens or creates the databases; nothing is applied yet. The references must outlive the
  // projector. kFailedPrecondition: another process holds a folder, or its format is newer.
  // kDataLoss: a database is damaged; the message names the folder and the remedy.
  static base::Result<std::unique_ptr<Projector>> open(Options options, eventlog::EventLog& log,
                                                       const base::Clock& clock,
                                                       base::Metrics& metrics);
  // Stops as stop() does.
  ~Projector();
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  // Begins to apply what the log holds from the stored positions on. Once.
  base::Status start();

  // Finishes the batches in hand and the lookups that were accepted, and writes what is only in
  // memory and in the write-ahead logs to its place, so that the next start is quick; not if it is
  // later than `until` then. Lookups after it fail with kUnavailable. May be called twice.
  void stop(std::chrono::steady_clock::time_point until);
  void stop() { stop(std::chrono::steady_clock::time_point::max()); }

  // kUnavailable: partitions stand still; one is named, and why. What they hold is answered as it
  // was, and of nothing it can be said that it is not known. Thread-safe.
  base::Status advances() const;
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
