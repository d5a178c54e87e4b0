// Decides what a call of GetJobSetEvents gets, before any event is sent.
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "tests/simulator/world.h"

namespace armada_cache::simulator {

struct ReadRequest {
  base::JobSet job_set;
  bool watch = false;
  std::string from_message_id;
  bool error_if_missing = false;
};

struct Reading {
  std::shared_ptr<JobSetStream> stream;  // nullptr: there is nothing, and the answer is OK
  JobSetStream::Offset begin = 0;
  JobSetStream::Offset end = 0;  // the largest number when watching
};

// Fails with the codes and messages of a real server, without the method's name.
base::Result<Reading> begin_reading(const ReadRequest& request, const std::string& user,
                                    World& world);

}  // namespace armada_cache::simulator
