#include "tests/unit/query/query_fixture.h"

#include "core/eventlog/embedded/embedded_log.h"
#include "core/topics/codecs.h"

namespace armada_cache::query {

QueryTest::QueryTest() {
  options_.server.transport.listen = "127.0.0.1:0";
  options_.subscriptions.partitions = 2;
  options_.server.call_deadline = kSoon;
  open_log();
}

QueryTest::~QueryTest() {
  reader_.release();
  client_.reset();
  server_.reset();
}

void QueryTest::open_log() {
  auto log = eventlog::embedded::open_embedded_log(
      {.directory = directory_.path() / "log", .clock = clock_});
  if (!log) throw std::runtime_error(log.error().message);
  log_ = std::move(*log);
  for (const auto& topic :
       topics::topic_specs(options_.subscriptions.partitions, std::chrono::hours(1))) {
    if (auto made = log_->ensure_topic(topic); !made)
      throw std::runtime_error(made.error().message);
  }
}

void QueryTest::restart_log() {
  client_.reset();
  server_.reset();
  log_.reset();
  open_log();
}

void QueryTest::start() {
  server_ = std::make_unique<QueryServer>(options_, reader_, *log_, clock_, metrics_);
  auto address = server_->start();
  ASSERT_TRUE(address) << address.error().message;
  address_ = *address;
  client_ = std::make_unique<test_support::CacheClient>(address_);
  ASSERT_TRUE(test_support::eventually(kSoon, [this] { return server_->ready(); }));
}

int QueryTest::appended_subscriptions() {
  eventlog::Offset records = 0;
  for (eventlog::Partition i = 0; i < options_.subscriptions.partitions; ++i) {
    records += log_->end_offset({std::string(topics::kSubscriptions), i}).value();
  }
  return static_cast<int>(records);
}

}  // namespace armada_cache::query
