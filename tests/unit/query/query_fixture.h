// A query server on a free port of this machine, over a fake projection and a real embedded log.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/metrics.h"
#include "core/eventlog/event_log.h"
#include "query/query_server.h"
#include "tests/support/cache_client.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/query/fake_reader.h"

namespace armada_cache::query {

namespace code = test_support::code;

class QueryTest : public testing::Test {
 protected:
  static constexpr std::chrono::seconds kSoon{20};
  inline static const base::JobSet kJobSet{"q-a", "set: one/two"};
  inline static const base::JobSet kOther{"q-b", "set"};

  QueryTest();
  ~QueryTest() override;

  // Starts it, once `options_` are as the test wants them, and waits until it is ready.
  void start();
  void stop() { server_->stop(); }
  void restart_log();

  test_support::CacheClient& client() { return *client_; }
  // The value of the metadata with that name, "" where there is none.
  template <typename Message>
  static std::string metadata(const test_support::Answer<Message>& answer,
                              const std::string& name) {
    const auto found = answer.metadata.find(name);
    return found == answer.metadata.end() ? "" : found->second;
  }

  // How often a (queue, job set, subscriber) was written into the topic, tombstones included.
  int appended_subscriptions();

  QueryOptions options_;
  FakeReader reader_;
  base::SystemClock clock_;
  base::Metrics metrics_;
  std::string address_;

 private:
  void open_log();

  test_support::TempDir directory_;

 protected:
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<QueryServer> server_;
  std::unique_ptr<test_support::CacheClient> client_;
};

}  // namespace armada_cache::query
