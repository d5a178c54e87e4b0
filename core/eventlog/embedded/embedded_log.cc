#include "core/eventlog/embedded/embedded_log.h"

#include <mutex>

#include "core/eventlog/embedded/appender.h"
#include "core/eventlog/embedded/keys.h"
#include "core/eventlog/embedded/reader.h"
#include "core/eventlog/embedded/recovery.h"
#include "core/eventlog/embedded/store.h"
#include "core/eventlog/embedded/writer.h"

namespace armada_cache::eventlog::embedded {
namespace {

class EmbeddedLog final : public EventLog {
 public:
  EmbeddedLog(const EmbeddedLogOptions& options, std::unique_ptr<Store> store,
              std::unique_ptr<TopicTable> topics)
      : max_poll_bytes_(options.max_poll_bytes),
        store_(std::move(store)),
        topics_(std::move(topics)),
        queue_(options.max_queued_bytes),
        writer_(options, *store_, *topics_, queue_) {}

  base::Status ensure_topic(const TopicSpec& spec) override;

  std::unique_ptr<Appender> appender() override {
    return std::make_unique<EmbeddedAppender>(*topics_, queue_);
  }

  base::Result<std::unique_ptr<Reader>> reader(const Positions& positions) override;

  base::Status writable() override { return writer_.writable(); }

  void ends(const std::vector<TopicPartition>& of, EndsTold done) override {
    // Before the ends are read: a failure after it belongs to appends that came later.
    if (auto writable = writer_.writable(); !writable) {
      return done(tl::unexpected(writable.error()));
    }
    done(ends(of));
  }
  base::Result<Offset> start_offset(const TopicPartition& of) override {
    return find(of).map([](PartitionState* state) { return state->start.load(); });
  }

 private:
  base::Result<PartitionState*> find(const TopicPartition& of) const;
  base::Result<Positions> ends(const std::vector<TopicPartition>& of) const;
  base::Status create(const TopicSpec& spec);
  base::Status remember(const TopicSpec& spec);

  const std::size_t max_poll_bytes_;
  const std::unique_ptr<Store> store_;
  const std::unique_ptr<TopicTable> topics_;
  std::mutex creation_;
  AppendQueue queue_;
  Writer writer_;  // the last: its thread uses all of the above
};

base::Status EmbeddedLog::ensure_topic(const TopicSpec& spec) {
  if (auto checked = check_spec(spec); !checked) return checked;
  const std::lock_guard lock(creation_);
  Topic* known = topics_->find(spec.name);
  if (known == nullptr) return create(spec);
  if (auto same = check_same(known->spec(), spec); !same) return same;
  if (known->retention.load() == spec.retention) return {};
  if (auto stored = remember(spec); !stored) return stored;
  known->retention = spec.retention;
  return {};
}

// The column families first: a topic that is remembered has them.
base::Status EmbeddedLog::create(const TopicSpec& spec) {
  auto topic = std::make_unique<Topic>(spec);
  if (auto attached = attach(*store_, *topic); !attached) return attached;
  if (auto stored = remember(spec); !stored) return stored;
  topics_->add(std::move(topic));
  return {};
}

base::Status EmbeddedLog::remember(const TopicSpec& spec) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = store_->db().Put(options, topic_key(spec.name), encode_spec(spec));
  if (status.ok()) return {};
  return tl::unexpected(to_error(status, "cannot store topic " + spec.name, store_->directory()));
}

base::Result<std::unique_ptr<Reader>> EmbeddedLog::reader(const Positions& positions) {
  std::deque<PartitionSource> sources;
  for (const auto& [at, position] : positions) {
    if (auto found = find(at); !found) return tl::unexpected(found.error());
    sources.emplace_back(*topics_->find(at.topic), at.partition, position);
  }
  return std::make_unique<EmbeddedReader>(store_->db(), std::move(sources), max_poll_bytes_);
}

base::Result<Positions> EmbeddedLog::ends(const std::vector<TopicPartition>& of) const {
  Positions ends;
  for (const TopicPartition& each : of) {
    const auto state = find(each);
    if (!state) return tl::unexpected(state.error());
    ends[each] = (*state)->end.load();
  }
  return ends;
}

base::Result<PartitionState*> EmbeddedLog::find(const TopicPartition& of) const {
  Topic* topic = topics_->find(of.topic);
  PartitionState* state = topic == nullptr ? nullptr : topic->partition(of.partition);
  if (state != nullptr) return state;
  return base::fail(base::ErrorCode::kNotFound, "the log has no " + name_of(of));
}

}  // namespace

base::Result<std::unique_ptr<EventLog>> open_embedded_log(const EmbeddedLogOptions& options) {
  auto store = Store::open(options);
  if (!store) return tl::unexpected(store.error());
  auto topics = std::make_unique<TopicTable>();
  if (auto loaded = load_topics(**store, *topics); !loaded) {
    return tl::unexpected(loaded.error());
  }
  return std::make_unique<EmbeddedLog>(options, std::move(*store), std::move(topics));
}

}  // namespace armada_cache::eventlog::embedded
