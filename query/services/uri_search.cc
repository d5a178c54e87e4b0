#include "query/services/uri_search.h"

#include <memory>
#include <utility>

namespace armada_cache::query {
namespace {

constexpr std::size_t kPage = 500;

class Search final : public std::enable_shared_from_this<Search> {
 public:
  Search(lookup::JobReader& reader, lookup::ListRequest request, const UriSearchOptions& options,
         lookup::JobReader::Done<UriMatches> done)
      : reader_(reader), request_(std::move(request)), options_(options), done_(std::move(done)) {
    request_.limit = kPage;
  }

  void next_page() {
    reader_.list(request_, [self = shared_from_this()](base::Result<lookup::ListAnswer> page) {
      self->take(std::move(page));
    });
  }

 private:
  void take(base::Result<lookup::ListAnswer> page) {
    if (!page) return done_(tl::unexpected(page.error()));
    for (const lookup::ListedJob& job : page->jobs) found_.states.emplace(job.job_id, job.state);
    note(page->freshness);
    if (found_.states.size() > options_.max_jobs) {
      return done_(base::fail(base::ErrorCode::kResourceExhausted,
                              "more than " + std::to_string(options_.max_jobs) +
                                  " jobs have this external job uri; list the job set instead"));
    }
    if (!page->more) return done_(std::move(found_));
    if (++pages_ == options_.max_pages) {
      return done_(base::fail(base::ErrorCode::kResourceExhausted,
                              "the job set has more jobs than " +
                                  std::to_string(options_.max_pages) +
                                  " pages can be searched through for an external job uri; list "
                                  "the job set instead"));
    }
    request_.after_job_id = std::move(page->go_on_after);
    next_page();
  }

  void note(const lookup::Freshness& freshness) {
    if (first_ || freshness.as_of < found_.freshness.as_of) {
      found_.freshness.as_of = freshness.as_of;
    }
    found_.freshness.followed &= freshness.followed;
    found_.freshness.certain &= freshness.certain;
    if (!freshness.doubt.empty()) found_.freshness.doubt = freshness.doubt;
    if (found_.freshness.resting.empty()) found_.freshness.resting = freshness.resting;
    first_ = false;
  }

  lookup::JobReader& reader_;
  lookup::ListRequest request_;
  const UriSearchOptions options_;
  lookup::JobReader::Done<UriMatches> done_;
  UriMatches found_;
  bool first_ = true;
  std::size_t pages_ = 0;
};

}  // namespace

void search_uri(lookup::JobReader& reader, lookup::ListRequest request,
                const UriSearchOptions& options, lookup::JobReader::Done<UriMatches> done) {
  std::make_shared<Search>(reader, std::move(request), options, std::move(done))->next_page();
}

}  // namespace armada_cache::query
