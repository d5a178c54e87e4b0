// All jobs of a job set that carry an external job URI.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "core/lookup/job_reader.h"

namespace armada_cache::query {

struct UriSearchOptions {
  std::size_t max_jobs = 10'000;
  std::size_t max_pages = 1000;  // a page may be empty though others follow
};

struct UriMatches {
  std::map<std::string, int> states;  // by job id
  lookup::Freshness freshness;        // the oldest and most doubtful of the pages'
};

// Reads page after page. kResourceExhausted: more than `max_jobs` match, or not all were found
// within `max_pages`. The reader must outlive the answer.
void search_uri(lookup::JobReader& reader, lookup::ListRequest request,
                const UriSearchOptions& options, lookup::JobReader::Done<UriMatches> done);

}  // namespace armada_cache::query
