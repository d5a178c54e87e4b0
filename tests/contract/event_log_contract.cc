#include "tests/contract/event_log_contract.h"

#include <future>

namespace armada_cache::eventlog {
namespace {

Read keep(const RecordView& view) {
  Read kept{std::string(view.topic), view.partition, view.offset, view.appended_at,
            std::string(view.key),   std::nullopt,   {}};
  if (view.value) kept.value = std::string(*view.value);
  for (const HeaderView& header : view.headers) {
    kept.headers.push_back({std::string(header.name), std::string(header.value)});
  }
  return kept;
}

}  // namespace

Record record(std::string key, std::optional<std::string> value, std::vector<Header> headers) {
  return {std::move(key), std::move(value), std::move(headers)};
}

std::string EventLogContract::make_topic(const TopicSpec& spec) {
  const base::Status made = log().ensure_topic(spec);
  EXPECT_TRUE(made) << made.error().message;
  return spec.name;
}

base::Result<Offset> EventLogContract::append(const TopicPartition& to, std::vector<Record> batch) {
  std::promise<base::Result<Offset>> outcome;  // outlives the appender, which may still be in it
  const auto appender = log().appender();
  appender->append(to, std::move(batch),
                   [&](base::Result<Offset> last) { outcome.set_value(std::move(last)); });
  return outcome.get_future().get();
}

std::unique_ptr<Reader> EventLogContract::reader(
    const std::map<TopicPartition, Offset>& positions) {
  auto made = log().reader(positions);
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

std::vector<Read> EventLogContract::read(Reader& reader, std::size_t count) {
  std::vector<Read> all;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (all.size() < count && std::chrono::steady_clock::now() < deadline) {
    const auto polled = reader.poll(count - all.size(), std::chrono::milliseconds(100));
    if (!polled) {
      ADD_FAILURE() << polled.error().message;
      return all;
    }
    for (const RecordView& view : *polled) all.push_back(keep(view));
  }
  EXPECT_EQ(all.size(), count);
  return all;
}

std::vector<Read> EventLogContract::read_all(const TopicPartition& of, Offset position) {
  const auto reading = reader({{of, position}});
  const Offset end = log().end_offset(of).value();
  std::vector<Read> all;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (all.empty() || all.back().offset + 1 < end) {
    if (all.empty() && log().start_offset(of).value() >= end) return all;
    const auto polled = reading->poll(1000, std::chrono::milliseconds(100));
    if (!polled || std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << (polled ? "the end was not reached" : polled.error().message);
      return all;
    }
    for (const RecordView& view : *polled) all.push_back(keep(view));
  }
  return all;
}

}  // namespace armada_cache::eventlog
