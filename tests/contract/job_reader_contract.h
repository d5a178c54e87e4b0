// What every reader of a projection must prove, wherever the projection is. An implementation gives
// a harness and instantiates the suite:
//   INSTANTIATE_TEST_SUITE_P(InProcess, JobReaderContract, testing::Values(&make_harness));
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/eventlog/record.h"
#include "core/lookup/job_reader.h"
#include "tests/contract/projection.h"

namespace armada_cache::lookup {

// A reader over a projection of the log, empty at first.
class ReaderHarness {
 public:
  virtual ~ReaderHarness() = default;
  virtual JobReader& reader() = 0;
  virtual contract::ProjectedLog& log() = 0;
};

using ReaderHarnessFactory = std::unique_ptr<ReaderHarness> (*)();

class JobReaderContract : public testing::TestWithParam<ReaderHarnessFactory> {
 protected:
  void SetUp() override { harness_ = GetParam()(); }

  JobReader& reader() { return harness_->reader(); }
  contract::ProjectedLog& log() { return harness_->log(); }
  // Waits until everything in the log can be seen.
  void settle();

  std::unique_ptr<ReaderHarness> harness_;
};

}  // namespace armada_cache::lookup
