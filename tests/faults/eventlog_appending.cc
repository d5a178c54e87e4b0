// eventlog_appending FOLDER [SEED]: opens the log and says "ready". With a seed it then appends,
// until it is killed, and prints a line for each acknowledgement:
//   events PARTITION NUMBER | latest PARTITION KEY NUMBER
#include <unistd.h>

#include <cstdio>
#include <random>
#include <semaphore>

#include "core/eventlog/embedded/embedded_log.h"
#include "tests/faults/eventlog_numbered.h"

namespace armada_cache::eventlog {
namespace {

using numbered::kPartitions;

constexpr int kInFlight = 8;

// A line at once or not at all, however the process ends.
void print_line(const std::string& line) {
  if (::write(STDOUT_FILENO, (line + "\n").data(), line.size() + 1) < 0) std::_Exit(3);
}

class Appending {
 public:
  Appending(EventLog& log, unsigned seed)
      : random_(seed), contents_(numbered::read_contents(log)), appender_(log.appender()) {}

  void run() {
    while (true) {
      append_events();
      append_latest();
    }
  }

 private:
  long pick(long least, long most) {
    return std::uniform_int_distribution<long>(least, most)(random_);
  }

  void append(const TopicPartition& to, std::vector<Record> batch, std::string line) {
    in_flight_.acquire();
    appender_->append(to, std::move(batch), [this, line](const base::Result<Offset>& last) {
      if (last) print_line(line);
      in_flight_.release();
    });
  }

  void append_events() {
    const auto partition = static_cast<Partition>(pick(0, kPartitions - 1));
    long& next = contents_.next[partition];
    std::vector<Record> batch;
    for (long left = pick(1, 50); left > 0; --left) {
      batch.push_back({"key", std::to_string(next++) + " " + std::string(pick(0, 1000), 'v'), {}});
    }
    append({numbered::kEvents.name, partition}, std::move(batch),
           "events " + std::to_string(partition) + " " + std::to_string(next - 1));
  }

  void append_latest() {
    const auto partition = static_cast<Partition>(pick(0, kPartitions - 1));
    const std::string key = "key-" + std::to_string(pick(0, 20));
    const long number = ++contents_.latest[partition][key];
    append({numbered::kLatest.name, partition}, {{key, std::to_string(number), {}}},
           "latest " + std::to_string(partition) + " " + key + " " + std::to_string(number));
  }

  std::mt19937 random_;
  numbered::Contents contents_;
  std::counting_semaphore<kInFlight> in_flight_{kInFlight};
  std::unique_ptr<Appender> appender_;
};

int run(const char* folder, const char* seed) {
  const base::SystemClock clock;
  auto log = embedded::open_embedded_log({.directory = folder,
                                          .clock = clock,
                                          .write_buffer_bytes = 1u << 20,
                                          .trim_interval = std::chrono::milliseconds(10)});
  for (const TopicSpec& spec : {numbered::kEvents, numbered::kLatest}) {
    if (!log || !(*log)->ensure_topic(spec)) {
      std::fprintf(stderr, "%s\n", log ? "no topic" : log.error().message.c_str());
      return 1;
    }
  }
  print_line("ready");
  if (seed != nullptr) Appending(**log, static_cast<unsigned>(std::stoul(seed))).run();
  while (true) ::pause();
}

}  // namespace
}  // namespace armada_cache::eventlog

int main(int count, char** arguments) {
  if (count < 2) return 2;
  return armada_cache::eventlog::run(arguments[1], count > 2 ? arguments[2] : nullptr);
}
