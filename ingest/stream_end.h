// What the end of a stream means: each answer of Armada has one defined effect.
#pragma once

#include <string>

#include "core/base/error.h"

namespace armada_cache::ingest {

enum class EndMeaning {
  kCaughtUp,      // a look at what Armada holds came to its end
  kRetry,         // broken or refused for now: again after a back-off
  kRefused,       // will not work until somebody changes something: again seldom
  kUnknownLogin,  // as kRefused, but the credentials may have been rotated: sooner at first
  kNoJobSet,      // Armada has no such job set now
  kNoQueue,       // nor the queue: there is nothing to watch
  kBadCursor      // Armada cannot read our cursor: again from the start
};

struct EndContext {
  bool watch = false;       // was it the following stream, which has no end of its own
  bool from_start = false;  // was it asked for without a cursor
};

struct StreamVerdict {
  EndMeaning meaning = EndMeaning::kRetry;
  std::string error;  // for people; empty for kCaughtUp
};

// Pure.
StreamVerdict judge_stream_end(const base::Status& end, const EndContext& context);

}  // namespace armada_cache::ingest
