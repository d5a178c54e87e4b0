// All jobs of a job set that carry an external job URI.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "core/lookup/job_reader.h"

namespace armada_cache::query {

struct UriMatches {
  std::map<std::string, int> states;  // by job id
  lookup::Freshness freshness;        // the oldest and most doubtful of the pages'
};

// Reads page after page. kResourceExhausted: more than `max_jobs` match.
void search_uri(lookup::JobReader& reader, lookup::ListRequest request, std::size_t max_jobs,
                lookup::JobReader::Done<UriMatches> done);

}  // namespace armada_cache::query
