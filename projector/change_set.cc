#include "projector/change_set.h"

namespace armada_cache::projector {

std::string_view name_of(Rejection rejection) {
  switch (rejection) {
    case Rejection::kNoValue:
      return "no_value";
    case Rejection::kUndecodable:
      return "undecodable";
    case Rejection::kMalformedId:
      return "malformed_id";
    case Rejection::kUnknownKind:
      return "unknown_kind";
    case Rejection::kNoJobId:
      return "no_job_id";
    case Rejection::kIncomplete:
      return "incomplete";
    case Rejection::kWrongKey:
      return "wrong_key";
    case Rejection::kWrongJobSet:
      return "wrong_job_set";
  }
  return "undecodable";
}

}  // namespace armada_cache::projector
